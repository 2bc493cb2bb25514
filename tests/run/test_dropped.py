"""What was due under a programme that a later version of its policy has no more: services, bills, an advance and an
allowance of the older period are recorded, run, settled, paid and set right after that version is in force."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from test_run import band, id_number, uscc

BINARY = os.environ["FUNDTRAIL"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
TOWN = "320412001"
SHARES = [{"parts": [{"level": "district", "weight": 6}, {"level": "street", "weight": 4}]}]
FUNDS = ["--fund", "district=FD", "--fund", "street=FS"]


def programme(name, instrument, **terms):
    return {"id": name, "instrument": instrument, "name": name, "purpose": name, "entitlement": {
        "basis": "delivered", "cycle": "quarter", "payee": "serving_provider", "proration": "days",
        "start": "same_day", "stop": "same_day", "cost_shares": SHARES, **terms}}


def policy(version):
    p = json.loads((SOURCE / "fixtures/wujin-2008/policies/wujin-2008.json").read_text(encoding="utf-8"))
    for part in ("in_force_to", "voucher"):
        p.pop(part, None)
    p.update(name="county", version=version, in_force_from=["2025-01-01", "2025-07-01"][version - 1], settings=[],
             attachments=[])
    p["programmes"] = [programme("kept", "allowance", basis="approved", payee="paying_agent",
                                 tariff=[band("all", "10.00")])]
    if version == 1:
        p["approval"] = {"effective": "same_day", "programmes": ["advance"],
                         "steps": [{"id": "yes", "kind": "approval", "title": "核准"}]}
        p["programmes"] += [
            programme("hours", "service_hours", tariff=[band("all", "15.00", per_day="2.00")]),
            programme("bills", "bill_share", cycle="month", proration="months", start="same_month",
                      stop="same_month", tariff=[band("all", percent=50, cap="800.00")]),
            programme("advance", "service_hours", basis="approved_then_delivered", payee="assigned_provider",
                      tariff=[band("all", "15.00", per_day="1.00")]),
            programme("gift", "allowance", basis="approved", payee="paying_agent", tariff=[band("all", "100.00")])]
    return p


class Ended(unittest.TestCase):
    maxDiff = None
    # What ends the programmes with June: no other version, but an end of the policy.
    VERSIONS = [{**policy(1), "in_force_to": "2025-06-30"}]

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-dropped-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.today, self.serial = "2025-06-30", 0
        self.scene()

    def cli(self, *arguments, code=0):
        done = subprocess.run(
            [BINARY, "--json", "--ledger", str(self.dir / "ledger"), "--clock", self.today + "T17:00:00+08:00",
             *arguments], text=True, capture_output=True, stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return json.loads(done.stdout)

    def submit(self, kind, doc, date, who="zhou.jing/registrar", code=0, **more):
        self.serial += 1
        path = self.dir / "command.json"
        path.write_text(json.dumps([{"id": f"c{self.serial}", "kind": kind, "date": date, "doc": doc, **more}]),
                        encoding="utf-8")
        actor, role = who.split("/")
        return self.cli("submit", str(path), "--actor", actor, "--role", role, code=code)

    def prepared(self, kind, doc, date, **more):
        return self.submit(kind, doc, date, "wang.fang/preparer", **more)

    def allot(self, programme, amount, date):
        for fund in ("FD", "FS"):
            self.prepared("allotment", {"amount": amount, "document_no": "2", "from_counterpart": False, "fund": fund,
                                        "programme": programme, "region": TOWN}, date, policy="county@1")

    def scene(self):
        day = "2025-01-01"
        self.cli("init", "--id", "c", "--name", "测试", "--region", "320412", "--actor", "zhou.jing", "--date", day)
        for fund in ("FD", "FS"):
            self.submit("fund_registration", {"fiscal_year": 2025, "functional_code": "2081002", "fund": fund,
                                              "name": fund}, day)
        self.submit("designated_account_registration",
                    {"account": "a1", "approval_no": "1", "mode": "treasury_single_account",
                     "bank": {"bank": "b", "holder": "h", "number": "3204120000000099"}}, day)
        for version in self.VERSIONS:
            self.submit("policy_registration", {"policy": version}, day)
        self.submit("region_registration", {"name": "镇", "region": TOWN}, day)
        for i, provider in enumerate(("bank", "care"), 1):
            self.submit("provider_registration",
                        {"provider": provider, "name": provider, "uscc": uscc(i), "bank": self.bank(provider),
                         "contract": {"from": day, "to": "2026-12-31", "number": "1"}}, day)
        self.people = []
        for i in range(2):
            answer = self.submit("beneficiary_registration",
                                 {"category": "dibao", "channel": "home", "entitled_from": day, "region": TOWN}, day,
                                 policy="county@1", identity={"id_number": id_number("19400501", i), "name": "合成"})
            self.people.append(answer["answers"][0]["beneficiary"])
        for fund in ("FD", "FS"):
            self.prepared("fund_receipt", {"account": "a1", "amount": "90000.00", "bank_reference": "r" + fund,
                                           "document_no": "1", "fund": fund, "source": "provincial"}, day)
        for name in ("hours", "bills", "advance", "gift"):
            self.allot(name, "10000.00", day)
        self.prepared("entitlement_application",
                      {"application": "A1", "beneficiary": self.people[0], "category": "dibao", "channel": "home",
                       "documents": [], "programme": "advance", "provider": "care"}, day, policy="county@1")
        self.submit("application_step", {"application": "A1", "outcome": "passed", "step": "yes"}, day,
                    "cora/approver")
        # From here on the programmes are gone.
        self.today = "2025-07-10"

    @staticmethod
    def bank(provider):
        return {"bank": "b", "holder": provider, "number": "6200000000000001" if provider == "bank" else
                "6200000000000002"}

    def serve(self, programme, lines, date="2025-07-05"):
        self.prepared("service_records", {"claim_no": "F", "programme": programme, "provider": "care"}, date,
                      policy="county@1", lines=[{"beneficiary": self.people[who], "date": day, "item": "care", **more}
                                                for who, day, more in lines])

    def section(self, answer, key):
        return next((s["rows"] for s in answer["picture"]["sections"] if s["key"] == key), [])

    def run_both(self, programme, period, *more):
        """As a trial and for good, on the day after the versions changed: the same."""
        words = ["run", programme, period, "--actor", "wang.fang", *FUNDS, *more]
        trial = self.cli(*words, "--dry-run")
        answer = self.cli(*words, "--settle", "--yes")
        self.assertEqual(trial["picture"]["sections"], answer["picture"]["sections"])
        return answer

    def pay(self, settlement, amount, provider, date="2025-07-10"):
        self.submit("settlement_review", {"settlement": settlement}, date, "wu.min/reviewer")
        self.submit("settlement_approval", {"settlement": settlement}, date, "chen.hua/approver")
        payment = {"disbursement": "P-" + settlement}
        self.prepared("disbursement_preparation",
                      {**payment, "account": "a1", "amount": amount, "method": "transfer", "settlement": settlement,
                       "payee": self.bank(provider)}, date)
        self.submit("disbursement_approval", payment, date, "gao.yun/approver")
        self.submit("disbursement_payment", {**payment, "bank_reference": "T-" + settlement}, date, "lin/cashier")

    def test_what_is_calculated_after_the_end_is_settled_and_paid_and_recovered(self):
        for fund in ("FD", "FS"):
            self.prepared("allotment", {"amount": "1.00", "document_no": "3", "from_counterpart": False, "fund": fund,
                                        "programme": "gift", "region": TOWN}, "2025-06-30", policy="county@1")
        answer = self.run_both("gift", "2025Q2", "--payee", "bank")
        self.assertEqual((answer["amount"], answer["settled"], answer["refused"]), ("1200.00", 1, []))
        self.pay("gift-2025-04-bank", "1200.00", "bank")
        self.prepared("recovery_decision",
                      {"amount": "1.00", "fund": "FD", "programme": "gift", "provider": "bank", "reason": "r",
                       "recovery": "R1", "region": TOWN}, "2025-07-10", policy="county@1")
        # And nothing new.
        for command, code in (
                (("allotment", {"amount": "1.00", "document_no": "4", "from_counterpart": False, "fund": "FD",
                                "programme": "gift", "region": TOWN}), "policy-not-in-force"),
                (("entitlement_application", {"application": "A2", "beneficiary": self.people[1], "category": "dibao",
                                              "channel": "home", "documents": [], "programme": "advance",
                                              "provider": "care"}), "policy-not-in-force")):
            answers = self.prepared(*command, "2025-07-10", policy="county@1", code=3)["answers"]
            self.assertEqual(answers[0]["reason"]["code"], code, command)
        self.cli("verify", "--state")


class Dropped(Ended):
    VERSIONS = [policy(1), policy(2)]

    test_what_is_calculated_after_the_end_is_settled_and_paid_and_recovered = None

    def test_a_delivered_service_of_the_older_quarter_is_paid_and_set_right(self):
        self.serve("hours", [(0, "2025-06-28", {"hours": "3.00"}), (1, "2025-06-30", {"hours": "2.00"})])
        answer = self.run_both("hours", "2025Q2")
        self.assertEqual((answer["recorded"], answer["amount"]), (1, "60.00"))
        self.pay("hours-2025-04-care", "60.00", "care")
        # Nothing of it is due in the next quarter, and nothing is taken back.
        self.today = "2025-10-08"
        answer = self.cli("run", "hours", "2025Q3", "--actor", "wang.fang", *FUNDS)
        self.assertEqual((answer["recorded"], answer["amount"], self.section(answer, "recoveries")), (0, "0.00", []))
        # A wrong record is withdrawn, the older quarter run again, and what was paid is recovered.
        self.prepared("service_withdrawal", {"programme": "hours", "provider": "care", "reason": "r"}, "2025-10-08",
                      policy="county@1", lines=[{"beneficiary": self.people[1], "date": "2025-06-30", "item": "care"}])
        answer = self.cli("run", "hours", "2025Q2", "--actor", "wang.fang", *FUNDS)
        self.assertEqual([(r["amount"], r["treatment"]) for r in self.section(answer, "recoveries")],
                         [("18.00", "recover"), ("12.00", "recover")])
        for level, fund, amount in (("district", "FD", "18.00"), ("street", "FS", "12.00")):
            self.prepared("recovery_decision",
                          {"amount": amount, "entitlement": {"beneficiary": self.people[1], "level": level,
                                                             "period": "2025-04"}, "fund": fund, "programme": "hours",
                           "provider": "care", "reason": "r", "recovery": "R" + level, "region": TOWN},
                          "2025-10-08")
        answer = self.cli("run", "hours", "2025Q2", "--actor", "wang.fang", *FUNDS)
        self.assertEqual((answer["recorded"], self.section(answer, "recoveries")), (0, []))
        self.cli("verify", "--state")
        self.assertEqual(self.cli("audit")["indicators"], [])

    def test_bills_of_the_last_month_come_later(self):
        self.serve("bills", [(0, "2025-06-30", {"hours": "1.00", "bill": "1000.00", "bill_no": "B1"})])
        answer = self.run_both("bills", "2025-06")
        self.assertEqual((answer["recorded"], answer["amount"]), (1, "500.00"))
        # One that is not settled yet is lowered.
        self.prepared("settlement_preparation", {
            "basis": "entitlements", "calculations": [answer["size"] - 2], "provider": "care", "redemptions": [],
            "settlement": "again", "total": "500.00"}, "2025-07-10", code=3)
        self.submit("settlement_return", {"reason": "r", "settlement": "bills-2025-06-care"}, "2025-07-10",
                    "wu.min/reviewer")
        self.prepared("service_withdrawal", {"programme": "bills", "provider": "care", "reason": "r"}, "2025-07-10",
                      policy="county@1", lines=[{"beneficiary": self.people[0], "date": "2025-06-30", "item": "care"}])
        answer = self.cli("run", "bills", "2025-06", "--actor", "wang.fang", *FUNDS)
        self.assertEqual([(r["amount"], r["treatment"]) for r in self.section(answer, "recoveries")],
                         [("300.00", "lowered"), ("200.00", "lowered")])
        # July is not served by it any more.
        self.submit("service_records", {"claim_no": "F", "programme": "bills", "provider": "care"}, "2025-07-10",
                    "wang.fang/preparer", policy="county@1", code=3,
                    lines=[{"beneficiary": self.people[0], "date": "2025-07-01", "item": "care", "hours": "1.00",
                            "bill": "1.00"}])
        answer = self.cli("run", "bills", "2025-07", "--actor", "wang.fang", *FUNDS)
        self.assertEqual((answer["recorded"], answer["amount"]), (0, "0.00"))

    def test_an_advance_is_trued_up_after_the_end(self):
        # 91 days of one hour; the first quarter is over and nothing was delivered in it.
        self.assertEqual(self.run_both("advance", "2025Q2")["amount"], "1365.00")
        self.pay("advance-2025-04-care", "1365.00", "care")
        self.serve("advance", [(0, "2025-06-30", {"hours": "1.00"})])
        # The quarter after the end brings nothing of its own, and compares the last one with what was delivered.
        answer = self.cli("run", "advance", "2025Q3", "--actor", "wang.fang", *FUNDS)
        self.assertEqual([(r["subject"], r["period"], r["amount"], r["treatment"])
                          for r in self.section(answer, "recoveries")],
                         [(self.people[0], "2025-04", "810.00", "recover"),
                          (self.people[0], "2025-04", "540.00", "recover")])

    def test_an_allowance_and_an_allotment_that_came_late(self):
        # 600.00 a quarter for two people, of which 6/4: the allotment does not suffice.
        for fund, amount in (("FD", "9999.00"), ("FS", "9999.00")):
            self.prepared("allotment", {"amount": "1.00", "document_no": "3", "from_counterpart": False, "fund": fund,
                                        "programme": "gift", "region": TOWN}, "2025-06-30", policy="county@1")
        answer = self.run_both("gift", "2025Q2", "--payee", "bank")
        self.assertEqual(answer["amount"], "1200.00")
        self.pay("gift-2025-04-bank", "1200.00", "bank")
        self.cli("verify", "--state")


if __name__ == "__main__":
    unittest.main()
