"""What is granted, served, calculated and settled, through HTTP as a county would: applications with their
steps, certificates, service records of a provider, a calculation, its settlement and payment; and what
the provider sees of it, its own and nothing about people."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import ACCOUNTS, BASE, ELDERS, USCC, World  # noqa: E402

SCHEME = {
    "approval": {
        "documents": [{"category": "dibao", "documents": ["form"]}], "effective": "same_day",
        "steps": [{"id": "visit", "kind": "visit", "title": "入户"},
                  {"id": "notice", "kind": "notice", "title": "公示", "min_days": 5},
                  {"id": "street", "kind": "review", "title": "街道审核"},
                  {"id": "bureau", "kind": "approval", "title": "区级批准"}]},
    "attachments": [], "banned_economic_codes": [], "counterpart": {"required": False},
    "death_day_payable": True, "document_no": "无文号",
    "eligibility": {"categories": ["dibao"], "min_age": 60}, "in_force_from": "2008-04-01",
    "issuer": "某区", "name": "care", "recovery_disposition": "reuse", "settings": [],
    "title": "居家养老服务办法", "version": 1,
    "programmes": [{
        "id": "homecare", "instrument": "service_hours", "name": "居家服务", "purpose": "居家服务",
        "entitlement": {
            "basis": "delivered", "cycle": "month", "payee": "serving_provider", "proration": "days",
            "start": "same_day", "stop": "same_day", "items": ["cleaning"],
            "worker_certificates": ["health"],
            "cost_shares": [{"parts": [{"level": "district", "weight": 6}, {"level": "street", "weight": 4}]}],
            "tariff": [{"id": "all", "title": "标准", "per_day": "1.50", "per_month": "5.00",
                        "amount": "15.03"}]}}]}


class Entitlements(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        # The steps of an application, and a settlement and its payment, are different people's.
        for name, role in (("preparer2", "preparer"), ("approver2", "approver")):
            cls.world.tokens[name] = cls.world.new_token(name, role)
        cls.prepare(cls.world.start())

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @staticmethod
    def prepare(w):
        def registrar(key, kind, doc, **more):
            return w.record(key, "registrar", kind, "2008-04-01", doc, **more)
        for fund in ("fd", "fs"):
            registrar(fund, "fund_registration",
                      {"fund": fund, "name": "专项资金" + fund, "fiscal_year": 2008, "functional_code": "2081002"})
        registrar("policy", "policy_registration", {"policy": SCHEME})
        registrar("region", "region_registration", {"region": "320412901", "name": "湖塘镇"})
        registrar("account", "designated_account_registration",
                  {"account": "za", "approval_no": "批1号", "mode": "treasury_single_account",
                   "bank": {"bank": "国库", "holder": "财政局", "number": "888800000002"}})
        for provider in ACCOUNTS:
            registrar(provider, "provider_registration",
                      {"provider": provider, "name": f"养老服务中心 {provider}", "uscc": USCC[provider],
                       "bank": w.bank(provider),
                       "contract": {"from": "2008-04-01", "to": "2008-12-31", "number": f"XY-{provider}"}})
        for fund in ("fd", "fs"):
            w.record("in-" + fund, "preparer", "fund_receipt", "2008-04-02",
                     {"account": "za", "amount": "1000.00", "bank_reference": "B" + fund, "document_no": "1号",
                      "fund": fund, "source": "district"})
            w.record("down-" + fund, "preparer", "allotment", "2008-04-02",
                     {"amount": "1000.00", "document_no": "2号", "from_counterpart": False, "fund": fund,
                      "programme": "homecare", "region": "320412901"}, policy="care@1")
        index = registrar("elder", "beneficiary_registration",
                          {"category": "dibao", "channel": "home", "entitled_from": "2008-04-01",
                           "region": "320412901"},
                          identity={"name": "合成老人", "id_number": ELDERS[0]}, policy="care@1")
        w.elder = w.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"]

    def step(self, key, role, step, date, **more):
        return self.world.post({"kind": "application_step", "date": date,
                                "doc": {"application": "A1", "outcome": "passed", "step": step, **more}},
                               key, role)

    def test_from_the_application_to_the_payment(self):
        w = self.world
        elder, apply = w.elder, {"application": "A1", "beneficiary": w.elder, "category": "dibao",
                                 "channel": "home", "documents": [], "programme": "homecare"}

        def post(key, role, kind, date, doc, **more):
            return w.post({"kind": kind, "date": date, "doc": doc, **more}, key, role)
        refused = post("apply-0", "registrar", "entitlement_application", "2008-04-03", apply, policy="care@1")
        self.assertEqual((refused.status, refused.code, refused.json["field"]),
                         (422, "documents-missing", "doc.documents"))
        w.record("apply", "registrar", "entitlement_application", "2008-04-03",
                 {**apply, "documents": ["form"]}, policy="care@1")

        # Nobody is served before the approval.
        record = {"beneficiary": elder, "date": "2008-04-10", "hours": "2.00", "item": "cleaning", "worker": "w1"}

        def serve(key, lines, claim="FW-1", date="2008-04-30"):
            return post(key, "p-01", "service_records", date,
                        {"claim_no": claim, "programme": "homecare", "provider": "p-01"}, lines=lines, policy="care@1")
        early = serve("serve-0", [record])
        self.assertEqual(early.status, 422, early.bytes)
        w.record("cert", "registrar", "worker_certificate", "2008-04-03",
                 {"certificate": "health", "from": "2008-01-01", "number": "JK1", "provider": "p-01",
                  "to": "2008-12-31", "worker": "w1"})

        skipped = self.step("s-0", "reviewer", "street", "2008-04-04")
        self.assertEqual((skipped.status, skipped.code), (409, "wrong-step"))
        self.assertEqual(self.step("s-1", "preparer", "visit", "2008-04-04").status, 201)
        same = self.step("s-2", "preparer", "notice", "2008-04-09", **{"from": "2008-04-04", "to": "2008-04-08"})
        self.assertEqual((same.status, same.code), (403, "same-person"))
        short = self.step("s-3", "preparer2", "notice", "2008-04-09", **{"from": "2008-04-04", "to": "2008-04-07"})
        self.assertEqual((short.status, short.code), (422, "notice-too-short"))
        self.assertEqual(self.step("s-4", "preparer2", "notice", "2008-04-09",
                                   **{"from": "2008-04-04", "to": "2008-04-08"}).status, 201)
        self.assertEqual(self.step("s-5", "reviewer", "street", "2008-04-09").status, 201)
        approved = self.step("s-6", "approver", "bureau", "2008-04-10")
        self.assertEqual(approved.status, 201, approved.bytes)

        # 1.50 of 2.00 hours a day; of 5.00 a month 21 of 30 days: 3.50 of the 4.50, 52.61 = 31.57 + 21.04.
        days = ["2008-04-10", "2008-04-11", "2008-04-12"]
        wrong = serve("serve-1", [{**record, "item": "gold"}])
        self.assertEqual((wrong.status, wrong.code, wrong.json["line"]), (422, "item-out-of-scope", 0))
        other = post("serve-2", "p-02", "service_records", "2008-04-30",
                     {"claim_no": "FW-1", "programme": "homecare", "provider": "p-01"}, lines=[record], policy="care@1")
        self.assertEqual((other.status, other.code), (403, "not-own-provider"))
        self.assertEqual(serve("serve-3", [{**record, "date": day} for day in days]).status, 201)

        def calculate(key, amount, shares):
            return post(key, "preparer", "entitlement_calculation", "2008-05-05",
                        {"funds": [{"fund": "fd", "level": "district"}, {"fund": "fs", "level": "street"}],
                         "payee": "p-01", "period": "2008-04", "programme": "homecare", "region": "320412901"},
                        lines=[{"amount": amount, "beneficiary": elder, "shares": shares, "units": "3.50"}],
                        policy="care@1")
        more = calculate("calc-0", "67.64", ["40.58", "27.06"])
        self.assertEqual((more.status, more.code, more.json["field"]), (422, "amount-mismatch", "lines[0].amount"))
        self.assertIn("52.61", more.json["detail"])
        done = calculate("calc-1", "52.61", ["31.57", "21.04"])
        self.assertEqual(done.status, 201, done.bytes)
        calculation = done.json["index"]
        self.assertEqual(calculate("calc-2", "52.61", ["31.57", "21.04"]).status, 422)

        page = self.page("p-01")
        self.assertEqual([(c["entry"], c["claim_no"], c["vouchers"], c["amount"], c["stage"]["code"])
                          for c in page["claims"]], [(calculation, "homecare/2008-04", 0, "52.61", "received")])
        self.assertEqual([(s["claim_no"], s["programme"], s["records"]) for s in page["services"]],
                         [("FW-1", "homecare", 3)])
        self.assertEqual(page["balances"]["accrued"], "52.61")

        # Lowered before it is settled: the claim says by how much, and counts what is left; nothing is allotted or
        # accrued once more.
        w.record("reduce", "preparer", "calculation_reduction", "2008-05-05",
                 {"calculation": calculation, "period": "2008-04", "reason": "重复登记"}, policy="care@1",
                 lines=[{"amount": "1.57", "beneficiary": elder, "fund": "fd", "level": "district",
                         "period": "2008-04"}])
        page = self.page("p-01")
        claim = page["claims"][0]
        self.assertEqual((claim["amount"], claim["reduced"], claim["stage"]["code"]), ("51.04", "1.57", "received"))
        self.assertEqual(page["balances"]["accrued"], "51.04")
        self.check_statement("51.04", "1.57")
        flow = w.get(f"{BASE}/reports/fund-flow?fund=fd").json
        row = [r for r in flow["sections"][0]["rows"] if r["region"] == "320412901"]
        self.assertEqual([(r["allotted"], r["accrued"]) for r in row], [("1000.00", "30.00")])
        now = [r for r in flow["sections"][1]["rows"] if r["region"] == "320412901"]
        self.assertEqual([(r["allotted"], r["accrued"]) for r in now], [("970.00", "30.00")])
        w.record("set-1", "preparer", "settlement_preparation", "2008-05-06",
                 {"basis": "entitlements", "calculations": [calculation], "provider": "p-01", "redemptions": [],
                  "settlement": "S1", "total": "51.04"}, policy="care@1")
        w.record("set-2", "reviewer", "settlement_review", "2008-05-07", {"settlement": "S1"})
        w.record("set-3", "approver", "settlement_approval", "2008-05-08", {"settlement": "S1"})
        page = self.page("p-01")
        settled = page["settlements"][0]
        self.assertEqual((page["due_now"], settled["basis"], settled["redemptions"], settled["calculations"]),
                         ("51.04", "entitlements", [], [calculation]))
        w.record("pay-1", "preparer", "disbursement_preparation", "2008-05-09",
                 {"account": "za", "amount": "51.04", "disbursement": "D1", "method": "transfer",
                  "payee": w.bank("p-01"), "settlement": "S1"})
        w.record("pay-2", "approver2", "disbursement_approval", "2008-05-09", {"disbursement": "D1"})
        w.record("pay-3", "cashier", "disbursement_payment", "2008-05-09",
                 {"bank_reference": "B-D1", "disbursement": "D1"})
        page = self.page("p-01")
        self.assertEqual((page["claims"][0]["stage"]["code"], page["claims"][0]["bank_reference"]), ("paid", "B-D1"))
        self.assertEqual((page["balances"]["accrued"], page["balances"]["paid"]), ("0.00", "51.04"))

        # The provider proves its own entries; nobody else's page knows of them, none of people.
        self.assertEqual(w.get(f"{BASE}/proofs/{calculation}", role="p-01").status, 200)
        self.assertEqual(w.get(f"{BASE}/proofs/{calculation}", role="p-02").status, 403)
        self.assertEqual(self.page("p-02")["claims"], [])
        self.assertNotIn(elder, json.dumps(page))
        self.assertEqual((page["claims"][0]["amount"], page["claims"][0]["reduced"], page["settlements"][0]["total"]),
                         ("51.04", "1.57", "51.04"))
        self.check_statement("51.04", "1.57")

    def check_statement(self, amount, reduced):
        statement = self.world.get(f"{BASE}/reports/provider-statement?provider=p-01").json
        claims = next(s for s in statement["sections"] if s["key"] == "claims")
        for rows in (claims["rows"], claims["totals"]):
            self.assertEqual([(r["amount"], r["reduced"]) for r in rows], [(amount, reduced)])
        self.assertEqual({c["key"]: c["holds"] for c in statement["checks"]},
                         {"open_claims_equal_accrued": True, "payments_equal_paid": True,
                          "open_recoveries_equal_in_recovery": True})

    def page(self, provider):
        answer = self.world.get(f"{BASE}/providers/{provider}/payments", role=provider)
        self.assertEqual(answer.status, 200, answer.bytes)
        return answer.json


if __name__ == "__main__":
    unittest.main()
