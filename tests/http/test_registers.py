"""The registers of what was recorded: settlements, disbursements, recoveries, applications, beneficiaries. What each shows against
the entries, who is shown what, and pages that neither miss nor repeat while others write."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_entitlements import SCHEME  # noqa: E402
from world import ACCOUNTS, BASE, ELDERS, USCC, World, run  # noqa: E402

TOWN, OTHER, COUNTY = "320412901", "320412902", "320412"
GRANT = {"economic_code": "50999", "fund": "fd", "invoice_no": "FP-1", "programme": "rooms", "region": OTHER}
# 12 to 15 April 2008 are a weekend with a working day put before it (调休).
CALENDAR = {"from": "2008-01-01", "to": "2008-12-31", "holidays": ["2008-04-04"], "workdays": ["2008-04-12"]}


def scheme():
    policy = json.loads(json.dumps(SCHEME))
    policy["calendar"] = CALENDAR
    policy["approval"]["steps"][0]["working_days"] = 5
    policy["programmes"][0]["entitlement"]["cost_shares"] = [{"parts": [{"level": "district", "weight": 1}]}]
    policy["eligibility"] = {"categories": ["dibao"], "min_age": 0}
    return policy


def number(n):
    """An identity number that nobody has, with its check digit."""
    text = f"320412194001{n // 1000 + 1:02d}{n % 1000:03d}"
    total = sum(int(d) * w for d, w in zip(text, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)))
    return text + "10X98765432"[total % 11]


class Registers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        for name, role in (("preparer2", "preparer"), ("approver2", "approver")):
            w.tokens[name] = w.new_token(name, role)
        for user, code in (("town", TOWN), ("other", OTHER), ("county", COUNTY), ("elsewhere", "110000")):
            w.new_user(user, "inspector", region=code)
            w.tokens[user] = w.new_token(user, "inspector")
        w.new_user("p01.clerk", "provider", provider="p-01", region=OTHER)
        w.tokens["p01.clerk"] = w.new_token("p01.clerk", "provider")
        cls.fill(w.start())

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def fill(cls, w):
        def registrar(key, kind, doc, **more):
            return w.record(key, "registrar", kind, "2008-04-01", doc, **more)
        registrar("fund", "fund_registration",
                  {"fund": "fd", "name": "专项资金", "fiscal_year": 2008, "functional_code": "2081002"})
        registrar("policy", "policy_registration", {"policy": scheme()})
        registrar("grants", "policy_registration", {"policy": {
            **scheme(), "name": "grants",
            "programmes": [{"id": "rooms", "instrument": "grant", "name": "站点补助", "purpose": "建设"}]}})
        for code in (TOWN, OTHER):
            registrar(code, "region_registration", {"region": code, "name": "镇"})
        registrar("account", "designated_account_registration",
                  {"account": "za", "approval_no": "批1号", "mode": "treasury_single_account",
                   "bank": {"bank": "国库", "holder": "财政局", "number": "888800000002"}})
        for provider in ACCOUNTS:
            registrar(provider, "provider_registration",
                      {"provider": provider, "name": f"中心 {provider}", "uscc": USCC[provider],
                       "bank": w.bank(provider),
                       "contract": {"from": "2008-04-01", "to": "2008-12-31", "number": f"XY-{provider}"}})
        w.record("in", "preparer", "fund_receipt", "2008-04-02",
                 {"account": "za", "amount": "100000.00", "bank_reference": "B0", "document_no": "1号", "fund": "fd",
                  "source": "district"})
        cls.people = {}
        for n, code in enumerate((TOWN, OTHER, TOWN, OTHER, TOWN, TOWN, OTHER)):
            index = w.record(f"e-{n}", "registrar", "beneficiary_registration", "2008-04-01",
                             {"category": "dibao", "channel": "home", "entitled_from": "2008-04-01", "region": code,
                              "care_level": "L1", "facts": []},
                             identity={"name": "合成老人", "id_number": number(n)}, policy="care@1")
            cls.people[w.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"]] = code
        cls.moved = list(cls.people)[-1]  # from OTHER to TOWN, in between
        cls.ours = sorted(p for p, code in cls.people.items() if code == TOWN)
        cls.theirs = sorted(p for p, code in cls.people.items() if code == OTHER and p != cls.moved)
        cls.apply(w)
        cls.pay(w)

    @classmethod
    def apply(cls, w):
        """A0 granted to one of ours, A1 open for one of theirs, A2 rejected, A3 with a proposal to take it back, A5 taken
        back, A6 granted to somebody who moves here, is away from July to August, and dies."""
        def application(key, person, **more):
            w.record(key, "registrar", "entitlement_application", "2008-04-03",
                     {"application": key, "beneficiary": person, "category": "dibao", "channel": "home",
                      "documents": ["form"], "programme": "homecare", **more}, policy="care@1")

        def step(application, role, name, date, **more):
            answer = w.post({"kind": "application_step", "date": date,
                             "doc": {"application": application, "outcome": "passed", "step": name, **more}},
                            f"{application}-{name}-{role}", role)
            assert answer.status == 201, answer.bytes

        def grant(application):
            step(application, "preparer", "visit", "2008-04-07")
            step(application, "preparer2", "notice", "2008-04-14", **{"from": "2008-04-07", "to": "2008-04-12"})
            step(application, "reviewer", "street", "2008-04-14")
            step(application, "approver", "bureau", "2008-04-15")
        application("A0", cls.ours[0], care_level="L1", provider="p-01")
        application("A1", cls.theirs[0], provider="p-02")
        application("A2", cls.ours[1])
        application("A3", cls.theirs[1])
        application("A4", cls.ours[2])
        application("A5", cls.ours[3])
        application("A6", cls.moved)
        for granted in ("A5", "A6"):
            grant(granted)
        step("A5", "reviewer", "bureau", "2008-04-20", outcome="rejected", reason="有误", to="2008-05-31")
        step("A5", "approver2", "bureau", "2008-04-21", outcome="rejected", reason="有误", to="2008-05-31")

        def person(key, kind, date, **more):
            w.record(key, "registrar", kind, date, {"beneficiary": cls.moved, "evidence": "证明", **more})
        person("move", "beneficiary_amendment", "2008-05-01", region=TOWN)
        person("leave", "entitlement_end", "2008-07-01", ended_on="2008-06-30", reason="moved")
        person("return", "entitlement_reinstatement", "2008-09-02", reason="returned", **{"from": "2008-09-01"})
        person("die", "entitlement_end", "2009-01-05", ended_on="2008-12-31", reason="death")
        grant("A0")
        grant("A3")
        step("A2", "preparer", "visit", "2008-04-08", outcome="rejected", reason="不符合条件")
        step("A3", "reviewer", "bureau", "2008-04-20", outcome="rejected", reason="有误", to="2008-04-30")
        step("A4", "preparer", "visit", "2008-04-07")
        w.record("end", "registrar", "entitlement_end", "2008-04-25",
                 {"beneficiary": cls.ours[1], "ended_on": "2008-04-24", "evidence": "证明", "reason": "moved"})
        w.record("amend", "registrar", "beneficiary_amendment", "2008-06-01",
                 {"beneficiary": cls.ours[0], "evidence": "评估", "care_level": "L2"})

    @classmethod
    def pay(cls, w):
        """A grant to p-01 in TOWN, paid; one to p-02 in OTHER, bounced and prepared again; one of both regions by
        p-01, cancelled; and a recovery of each provider, the one partly received."""
        for n, code in enumerate((TOWN, OTHER)):
            w.record(f"down-{n}", "preparer", "allotment", "2008-04-02",
                     {"amount": "9000.00", "document_no": f"2号{n}", "from_counterpart": False, "fund": "fd",
                      "programme": "homecare", "region": code}, policy="care@1")
        cls.claims = {}
        for provider in ACCOUNTS:
            w.record(f"cert-{provider}", "registrar", "worker_certificate", "2008-04-03",
                     {"certificate": "health", "from": "2008-01-01", "number": "JK1", "provider": provider,
                      "to": "2008-12-31", "worker": "w1"})
        for key, provider, person, code, month, calculated in (
                ("P1", "p-01", cls.ours[0], TOWN, "2008-04", "2008-05-05"),
                ("P2", "p-02", cls.theirs[1], OTHER, "2008-04", "2008-05-05"),
                ("P3", "p-01", cls.ours[0], TOWN, "2008-05", "2008-06-02"),
                ("P4", "p-01", cls.theirs[1], OTHER, "2008-05", "2008-06-02"),
                ("P5", "p-02", cls.theirs[1], OTHER, "2008-06", "2008-07-02")):
            w.record(f"serve-{key}", provider, "service_records", month + "-30",
                     {"claim_no": f"FW-{key}", "programme": "homecare", "provider": provider},
                     lines=[{"beneficiary": person, "date": month + "-16", "hours": "1.50", "item": "cleaning",
                             "worker": "w1"}], policy="care@1")
            cls.claims[key] = w.record(
                f"calc-{key}", "preparer", "entitlement_calculation", calculated,
                {"funds": [{"fund": "fd", "level": "district"}],
                 "payee": provider, "period": month, "programme": "homecare", "region": code},
                lines=[{"amount": "22.55", "beneficiary": person, "shares": ["22.55"], "units": "1.50"}],
                policy="care@1")
        cls.settle(w, "S1", "p-01", [cls.claims["P1"]], "22.55")
        cls.settle(w, "S2", "p-02", [cls.claims["P2"]], "22.55")
        cls.disburse(w, "D1", "S1", "p-01", "22.55", "2008-05-10", "paid")
        cls.disburse(w, "D2", "S2", "p-02", "22.55", "2008-05-10", "bounced")
        cls.disburse(w, "D3", "S2", "p-02", "22.55", "2008-05-12", "prepared")
        cls.settle(w, "S3", "p-01", [cls.claims["P3"], cls.claims["P4"]], "45.10", "2008-06")
        cls.disburse(w, "D4", "S3", "p-01", "45.10", "2008-06-10", "prepared")
        # S4 is returned as a draft, S5 of the same claim when it was approved.
        cls.settle(w, "S4", "p-02", [cls.claims["P5"]], "22.55", "2008-07", to="prepared")
        w.record("S4-b", "reviewer", "settlement_return", "2008-07-06", {"settlement": "S4", "reason": "票据不清"})
        cls.settle(w, "S5", "p-02", [cls.claims["P5"]], "22.55", "2008-07")
        w.record("S5-b", "approver2", "settlement_return", "2008-07-10", {"settlement": "S5", "reason": "重核"})
        w.record("D4-c", "approver", "disbursement_cancellation", "2008-06-11", {"disbursement": "D4", "reason": "重办"})
        w.record("down-grant", "preparer", "allotment", "2008-07-11",
                 {"amount": "800.00", "document_no": "3号", "from_counterpart": False, "fund": "fd",
                  "programme": "rooms", "region": OTHER}, policy="grants@1")
        w.record("S6", "preparer", "settlement_preparation", "2008-07-12",
                 {"basis": "grant", "grant": GRANT, "provider": "p-02", "redemptions": [], "settlement": "S6",
                  "total": "700.00"}, policy="grants@1")
        w.record("R1", "preparer", "recovery_decision", "2008-05-20",
                 {"amount": "22.55", "fund": "fd", "programme": "homecare", "provider": "p-01", "reason": "多付",
                  "recovery": "R1", "region": TOWN}, policy="care@1")
        for n, amount in enumerate(("10.00", "2.55")):
            w.record(f"R1-{n}", "preparer", "recovery_receipt", f"2008-05-2{n + 1}",
                     {"account": "za", "amount": amount, "bank_reference": f"BR1-{n}", "recovery": "R1"})

    @staticmethod
    def settle(w, settlement, provider, calculations, total, month="2008-05", to="approved"):
        w.record(settlement, "preparer", "settlement_preparation", month + "-06",
                 {"basis": "entitlements", "calculations": calculations, "provider": provider, "redemptions": [],
                  "settlement": settlement, "total": total}, policy="care@1")
        if to == "prepared":
            return
        w.record(settlement + "-r", "reviewer", "settlement_review", month + "-07", {"settlement": settlement})
        w.record(settlement + "-a", "approver", "settlement_approval", month + "-08", {"settlement": settlement})

    @staticmethod
    def disburse(w, disbursement, settlement, provider, amount, date, to):
        # Whoever paid a settlement that bounced is the cashier of the next one, too.
        w.record(disbursement, "preparer", "disbursement_preparation", date,
                 {"account": "za", "amount": amount, "disbursement": disbursement, "method": "transfer",
                  "payee": w.bank(provider), "settlement": settlement})
        if to == "prepared":
            return
        w.record(disbursement + "-a", "approver2", "disbursement_approval", date, {"disbursement": disbursement})
        w.record(disbursement + "-p", "cashier", "disbursement_payment", date,
                 {"disbursement": disbursement, "bank_reference": "B-" + disbursement})
        if to == "bounced":
            w.record(disbursement + "-b", "cashier", "disbursement_bounce", "2008-05-11",
                     {"disbursement": disbursement, "bank_reference": "T-" + disbursement, "reason": "户名不符"})

    # --- reading

    def ids(self, path, role="inspector", limit=None):
        """The ids of a list, all pages of it."""
        name = path.split("?")[0].strip("/")
        key = {"recoveries": "recovery", "beneficiaries": "beneficiary"}.get(name, name[:-1])
        found, cursor = [], ""
        joint = "&" if "?" in path else "?"
        while True:
            answer = self.world.get(f"{BASE}{path}{joint}limit={limit or 500}{cursor}", role=role)
            self.assertEqual(answer.status, 200, answer.bytes)
            found += [one[key] for one in answer.json[name]]
            if "next" not in answer.json:
                return found
            cursor = "&cursor=" + answer.json["next"]

    def one(self, path, role="inspector"):
        answer = self.world.get(BASE + path, role=role)
        self.assertEqual(answer.status, 200, answer.bytes)
        return answer.json["registered"]

    def refused(self, path, role, status, code):
        answer = self.world.get(BASE + path, role=role)
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)

    def test_a_disbursement_tells_amount_payee_and_every_step(self):
        paid = self.one("/disbursements/D1")
        self.assertEqual({k: v for k, v in paid.items() if k != "steps"},
                         {"disbursement": "D1", "step": "paid", "settlement": "S1", "provider": "p-01",
                          "amount": "22.55", "regions": [TOWN], "account": "za", "payee": self.world.bank("p-01"),
                          "stepped_on": "2008-05-10", "preparer": "wang.fang", "approver": "approver2",
                          "bank_reference": "B-D1"})
        self.assertEqual([(s["step"], s["date"], s["by"], s.get("bank_reference")) for s in paid["steps"]],
                         [("prepared", "2008-05-10", "wang.fang", None), ("approved", "2008-05-10", "approver2", None),
                          ("paid", "2008-05-10", "xu.li", "B-D1")])
        bounced = self.one("/disbursements/D2")
        self.assertEqual([(s["step"], s.get("bank_reference"), s.get("reason")) for s in bounced["steps"]],
                         [("prepared", None, None), ("approved", None, None), ("paid", "B-D2", None),
                          ("bounced", "T-D2", "户名不符")])
        spanning = self.one("/disbursements/D4")
        self.assertEqual((spanning["regions"], spanning["amount"], spanning["step"]), ([TOWN, OTHER], "45.10", "cancelled"))
        self.assertNotIn("bank_reference", spanning)
        for who in ("inspector", "p-01"):
            self.assertEqual([(s["step"], s.get("reason")) for s in self.one("/disbursements/D4", who)["steps"]],
                             [("prepared", None), ("cancelled", "重办")], who)
        settled = self.one("/settlements/S3")
        self.assertEqual((settled["regions"], settled["total"], settled["step"]), ([TOWN, OTHER], "45.10", "approved"))
        self.assertEqual([(s["step"], s["date"], s["by"]) for s in settled["steps"]],
                         [("prepared", "2008-06-06", "wang.fang"), ("reviewed", "2008-06-07", "chen.guo"),
                          ("approved", "2008-06-08", "lu.ming")])
        self.assertEqual([self.world.get(f"{BASE}/entries/{s['entry']}").json["kind"] for s in settled["steps"]],
                         ["settlement_preparation", "settlement_review", "settlement_approval"])
        kinds = {"prepared": "preparation", "approved": "approval", "paid": "payment", "bounced": "bounce",
                 "cancelled": "cancellation"}
        for one in self.world.get(BASE + "/disbursements").json["disbursements"]:
            for step in one["steps"]:
                entry = self.world.get(f"{BASE}/entries/{step['entry']}").json
                self.assertEqual((entry["kind"], entry["date"], entry["actor"]["id"], entry["doc"]["disbursement"]),
                                 ("disbursement_" + kinds[step["step"]], step["date"], step["by"], one["disbursement"]))

    def test_a_settlement_tells_what_was_sent(self):
        for one in self.world.get(BASE + "/settlements").json["settlements"]:
            sent = self.world.get(f"{BASE}/entries/{one['steps'][0]['entry']}").json["doc"]
            self.assertEqual({k: one.get(k) for k in ("settlement", "provider", "total", "basis", "redemptions",
                                                      "calculations", "grant")},
                             {"calculations": None, "grant": None, **sent}, one["settlement"])
        self.assertEqual(self.one("/settlements/S6", "p-02")["grant"], GRANT)

    def test_a_recovery_tells_what_was_decided_received_and_is_open(self):
        found = self.one("/recoveries/R1")
        receipts = found.pop("receipts")
        decision = self.world.get(f"{BASE}/entries/{found.pop('entry')}").json
        self.assertEqual((decision["kind"], decision["doc"]["recovery"]), ("recovery_decision", "R1"))
        self.assertEqual(found, {"recovery": "R1", "provider": "p-01", "fund": "fd", "programme": "homecare",
                                 "region": TOWN, "disposition": "reuse", "decided_on": "2008-05-20", "reason": "多付",
                                 "decided": "22.55", "received": "12.55", "open": "10.00"})
        self.assertEqual([(r["date"], r["amount"], r["account"], r["bank_reference"]) for r in receipts],
                         [("2008-05-21", "10.00", "za", "BR1-0"), ("2008-05-22", "2.55", "za", "BR1-1")])

    def test_an_application_tells_its_step_and_limit(self):
        w = self.world
        granted = self.one("/applications/A0")
        self.assertEqual((granted["state"], granted["counts_from"], granted["applied_on"], granted["region"]),
                         ("approved", "2008-04-15", "2008-04-03", TOWN))
        self.assertEqual([(s["step"], s["date"], s.get("ended"), s["by"]) for s in granted["steps"]],
                         [("visit", "2008-04-07", None, "wang.fang"), ("notice", "2008-04-14", "2008-04-12", "preparer2"),
                          ("street", "2008-04-14", None, "chen.guo"), ("bureau", "2008-04-15", None, "lu.ming")])
        self.assertNotIn("due", granted)
        # Five working days after 3 April: the 4th is a holiday, the 12th a Saturday that is worked.
        waiting = self.one("/applications/A1")
        self.assertEqual(waiting["due"], {"step": "visit", "kind": "visit", "title": "入户", "since": "2008-04-03",
                                          "working_days": 5, "by": "2008-04-11"})
        self.assertEqual(self.one("/applications/A4")["due"],
                         {"step": "notice", "kind": "notice", "title": "公示", "since": "2008-04-07"})
        self.assertEqual([self.one(f"/applications/{a}")["state"] for a in ("A2", "A3")],
                         ["rejected", "withdrawal_proposed"])
        self.assertEqual(self.one("/applications/A3")["proposal"],
                         {"by": "chen.guo", "date": "2008-04-20", "to": "2008-04-30", "reason": "有误",
                          "entry": self.one("/applications/A3")["proposal"]["entry"]})
        self.assertEqual(self.one("/applications/A2")["steps"][-1]["reason"], "不符合条件")
        taken = self.one("/applications/A5")
        entry = w.get(f"{BASE}/entries/{taken['withdrawal'].pop('entry')}").json
        self.assertEqual((taken["state"], taken["withdrawal"]),
                         ("withdrawn", {"by": "approver2", "date": "2008-04-21", "to": "2008-05-31", "reason": "有误"}))
        self.assertEqual((entry["kind"], entry["actor"]["id"], entry["doc"]["application"]),
                         ("application_step", "approver2", "A5"))
        for one in w.get(BASE + "/applications").json["applications"]:
            self.assertEqual(("proposal" in one, "withdrawal" in one),
                             (one["state"] == "withdrawal_proposed", one["state"] == "withdrawn"), one)
            self.assertEqual([s["outcome"] for s in one["steps"]],
                             ["passed"] * len(one["steps"]) if one["state"] != "rejected" else ["rejected"], one)
            for step in (*one["steps"], *filter(None, [one.get("proposal")])):
                entry = w.get(f"{BASE}/entries/{step['entry']}").json
                self.assertEqual((entry["kind"], entry["date"], entry["actor"]["id"], entry["doc"]["application"],
                                  entry["doc"].get("reason")),
                                 ("application_step", step["date"], step["by"], one["application"], step.get("reason")))
            entry = w.get(f"{BASE}/entries/{one['entry']}").json
            self.assertEqual((entry["kind"], entry["doc"]["application"]), ("entitlement_application", one["application"]))
        # The same limit as in the report.
        report = w.get(BASE + "/reports/applications?as_of=2008-04-20").json
        rows = next(s for s in report["sections"] if s["key"] == "open")["rows"]
        self.assertEqual({r["application"]: r.get("due") for r in rows if r.get("due")}, {"A1": "2008-04-11"})

    def test_a_beneficiary_is_told_as_of_a_day(self):
        person = self.ours[0]
        told = {day: self.one(f"/beneficiaries/{person}?as_of={day}") for day in ("2008-04-14", "2008-04-15", "2008-06-01")}
        self.assertEqual([t["care_level"] for t in told.values()], ["L1", "L1", "L2"])
        self.assertEqual([[p["programme"] for p in t["programmes"]] for t in told.values()],
                         [[], ["homecare"], ["homecare"]])
        self.assertEqual(told["2008-04-15"]["programmes"][0],
                         {"programme": "homecare", "policy": "care@1", "application": "A0", "from": "2008-04-15",
                          "care_level": "L1", "provider": "p-01"})
        self.assertEqual(self.one(f"/beneficiaries/{person}")["care_level"], "L2")  # today
        ended = self.one(f"/beneficiaries/{self.ours[1]}")
        self.assertEqual((ended["ended_on"], ended["end_reason"], ended["programmes"]), ("2008-04-24", "moved", []))
        names = {key for one in self.world.get(BASE + "/beneficiaries").json["beneficiaries"] for key in one}
        self.assertLessEqual(names, {"beneficiary", "region", "channel", "category", "care_level", "entitled_from",
                                     "ended_on", "end_reason", "programmes"})

    def test_nobody_has_a_programme_on_days_without_entitlement(self):
        """The day decides on the region, the end and the programmes; the gap between an end and the return, too."""
        told = {day: self.one(f"/beneficiaries/{self.moved}?as_of={day}") for day in
                ("2008-04-14", "2008-04-15", "2008-05-01", "2008-06-30", "2008-07-01", "2008-08-31", "2008-09-01",
                 "2008-12-31", "2009-01-01")}
        self.assertEqual([(t["region"], [p["programme"] for p in t["programmes"]], t.get("ended_on"), t.get("end_reason"))
                          for t in told.values()],
                         [(OTHER, [], None, None), (OTHER, ["homecare"], None, None), (TOWN, ["homecare"], None, None),
                          (TOWN, ["homecare"], None, None), (TOWN, [], "2008-06-30", None),
                          (TOWN, [], "2008-06-30", None), (TOWN, ["homecare"], None, None),
                          (TOWN, ["homecare"], None, None), (TOWN, [], "2008-12-31", "death")])
        for day, one in told.items():
            for query, there in ((f"programme=homecare&as_of={day}", bool(one["programmes"])),
                                 (f"ended=true&as_of={day}", "ended_on" in one),
                                 (f"ended=false&as_of={day}", "ended_on" not in one),
                                 (f"region={TOWN}&as_of={day}", one["region"] == TOWN),
                                 (f"region={OTHER}&as_of={day}", one["region"] == OTHER)):
                self.assertEqual(self.moved in self.ids(f"/beneficiaries?{query}"), there, query)
            # Whoever answers for the present town sees the days on which it was theirs.
            self.assertEqual(self.moved in self.ids(f"/beneficiaries?as_of={day}", "town"), one["region"] == TOWN, day)
            self.assertNotIn(self.moved, self.ids(f"/beneficiaries?as_of={day}", "other"))
        self.refused(f"/beneficiaries/{self.moved}?as_of=2008-04-20", "town", 403, "out-of-scope")

    def test_a_settlement_that_was_returned(self):
        steps = {"S4": [("prepared", "2008-07-06", "wang.fang"), ("returned", "2008-07-06", "chen.guo")],
                 "S5": [("prepared", "2008-07-06", "wang.fang"), ("reviewed", "2008-07-07", "chen.guo"),
                        ("approved", "2008-07-08", "lu.ming"), ("returned", "2008-07-10", "approver2")]}
        for who in ("registrar", "preparer", "reviewer", "approver", "cashier", "inspector", "administrator", "p-02", "other",
                    "county"):
            self.assertEqual(self.ids("/settlements?step=returned", who), ["S4", "S5"], who)
            for settlement, done in steps.items():
                one = self.one("/settlements/" + settlement, who)
                self.assertEqual((one["step"], one["total"], one["calculations"], one["stepped_on"]),
                                 ("returned", "22.55", [self.claims["P5"]], done[-1][1]), who)
                self.assertEqual([(s["step"], s["date"], s["by"]) for s in one["steps"]], done)
                self.assertEqual([s.get("reason") for s in one["steps"]],
                                 [None] * (len(done) - 1) + [{"S4": "票据不清", "S5": "重核"}[settlement]], who)
        for who, code in (("p-01", "forbidden"), ("town", "out-of-scope"), ("elsewhere", "out-of-scope")):
            self.assertEqual(self.ids("/settlements?step=returned", who), [])
            for settlement in steps:
                self.refused("/settlements/" + settlement, who, 403, code)

    def test_whoever_acts_for_a_provider_is_not_told_what_there_is(self):
        for path in ("/recoveries?fund=zzz", "/recoveries?region=999999", "/settlements?region=999999",
                     "/disbursements?region=999999", f"/settlements?region={OTHER}&step=reviewed", "/recoveries?fund=zzz&open=true"):
            self.assertEqual(self.ids(path, "p-01"), [], path)
        self.assertEqual(self.ids("/recoveries?fund=fd", "p-01"), ["R1"])

    def test_regions_of_a_providers_user_limit_nothing(self):
        for path in ("/settlements", "/disbursements", "/recoveries", f"/settlements?region={TOWN}", f"/recoveries?region={TOWN}",
                     f"/disbursements?region={OTHER}", "/recoveries?region=999999", "/settlements/S1", "/disbursements/D1",
                     "/recoveries/R1", "/providers/p-01/payments"):
            mine, whole = (self.world.get(BASE + path, role=who) for who in ("p01.clerk", "p-01"))
            self.assertEqual((mine.status, mine.json), (200, whole.json), path)
        self.refused("/settlements/S2", "p01.clerk", 403, "forbidden")
        entry = self.one("/recoveries/R1", "p01.clerk")["entry"]
        self.assertEqual(self.world.get(f"{BASE}/proofs/{entry}", role="p01.clerk").status, 200)

    def test_filters(self):
        ours, theirs, moved = self.ours, self.theirs, self.moved
        for path, expected in (
                ("/disbursements", ["D1", "D2", "D3", "D4"]), ("/disbursements?step=bounced", ["D2"]),
                ("/disbursements?settlement=S2", ["D2", "D3"]), ("/disbursements?provider=p-01", ["D1", "D4"]),
                (f"/disbursements?region={OTHER}&step=prepared", ["D3"]),
                (f"/disbursements?region={OTHER}", ["D2", "D3", "D4"]), ("/disbursements?step=cancelled", ["D4"]),
                (f"/disbursements?region={COUNTY}&provider=p-02", ["D2", "D3"]),
                ("/settlements?step=approved", ["S1", "S2", "S3"]), ("/settlements?step=returned", ["S4", "S5"]),
                ("/settlements?provider=p-01", ["S1", "S3"]), (f"/settlements?region={OTHER}", ["S2", "S3", "S4", "S5", "S6"]),
                ("/recoveries?open=true", ["R1"]), ("/recoveries?open=false", []), ("/recoveries?provider=p-02", []),
                (f"/recoveries?fund=fd&programme=homecare&region={TOWN}", ["R1"]), (f"/recoveries?region={OTHER}", []),
                ("/applications?state=open", ["A1", "A4"]), ("/applications?step=notice", ["A4"]),
                ("/applications?due_before=2008-04-12", ["A1"]), ("/applications?due_before=2008-04-11", []),
                ("/applications?provider=p-01", ["A0"]), (f"/applications?region={OTHER}", ["A1", "A3"]),
                (f"/applications?beneficiary={ours[2]}", ["A4"]), ("/applications?programme=nothing", []),
                ("/applications?state=withdrawn", ["A5"]), ("/applications?state=withdrawal_proposed", ["A3"]),
                ("/beneficiaries", sorted([*ours, *theirs, moved])), (f"/beneficiaries?region={TOWN}", sorted([*ours, moved])),
                ("/beneficiaries?ended=true", sorted([ours[1], moved])),
                ("/beneficiaries?ended=true&as_of=2008-04-24", []), ("/beneficiaries?ended=true&as_of=2008-04-25", [ours[1]]),
                (f"/beneficiaries?ended=false&region={TOWN}", [ours[0], ours[2], ours[3]]),
                ("/beneficiaries?programme=homecare&as_of=2008-04-20", sorted([ours[0], ours[3], theirs[1], moved])),
                ("/beneficiaries?programme=homecare", sorted([ours[0], theirs[1]])),
                ("/beneficiaries?programme=homecare&as_of=2008-04-14", []), ("/beneficiaries?category=other", [])):
            with self.subTest(path):
                self.assertEqual(self.ids(path), expected)
                self.assertEqual(self.ids(path, limit=1), expected)
        for path, field in (("/disbursements?step=sent", "step"), ("/settlements?step=paid", "step"), ("/disbursements?provider=p-99", "provider"),
                            ("/recoveries?fund=none", "fund"), ("/recoveries?open=perhaps", "open"),
                            ("/applications?state=done", "state"), ("/applications?due_before=soon", "due_before"),
                            ("/applications?beneficiary=x", "beneficiary"), ("/beneficiaries?region=999999", "region"),
                            ("/beneficiaries?as_of=now", "as_of"), ("/beneficiaries?limit=501", "limit")):
            answer = self.world.get(BASE + path)
            self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "bad-parameter", field), path)

    def test_a_cursor_serves_its_list_and_filter(self):
        first = self.world.get(BASE + "/disbursements?limit=1").json["next"]
        for path in ("/disbursements?step=paid", "/applications?limit=1", "/recoveries?limit=1"):
            answer = self.world.get(f"{BASE}{path}&cursor={first}")
            self.assertEqual((answer.status, answer.json["field"]), (400, "cursor"), path)
        for cursor in ("D1", "", first[:-1], first + "0", "9" + first):
            self.assertEqual(self.world.get(f"{BASE}/disbursements?cursor={cursor}").status, 400, cursor)
        self.assertEqual(self.world.get(f"{BASE}/disbursements?limit=7&cursor={first}").status, 200)
        # Somebody else's, sealed, serves nobody who reads plain ones, and the other way round.
        sealed = self.world.get(BASE + "/applications?limit=1", role="town").json["next"]
        self.assertNotIn("-", sealed)
        self.assertEqual(self.world.get(f"{BASE}/applications?cursor={sealed}").status, 400)
        self.assertEqual(self.world.get(f"{BASE}/disbursements?cursor={first}", role="county").status, 400)

    # --- scopes

    def test_a_provider_sees_its_own(self):
        for who, paid, recovered in (("p-01", ["D1", "D4"], ["R1"]), ("p-02", ["D2", "D3"], [])):
            self.assertEqual(self.ids("/disbursements", who, 1), paid)
            # No "next" for the sake of what others have behind it; nobody goes on with another one's.
            full = self.world.get(f"{BASE}/disbursements?limit={len(paid)}", role=who).json
            self.assertEqual(len(full["disbursements"]), len(paid))
            self.assertNotIn("next", full)
            first = self.world.get(f"{BASE}/disbursements?limit=1", role=who).json["next"]
            other = {"p-01": "p-02", "p-02": "p-01"}[who]
            self.assertEqual(self.world.get(f"{BASE}/disbursements?limit=1&cursor={first}", role=other).status, 400)
            self.assertEqual(self.ids("/recoveries", who), recovered)
            self.assertEqual(self.ids("/settlements", who, 1), ["S1", "S3"] if who == "p-01" else ["S2", "S4", "S5", "S6"])
            self.assertEqual(self.ids(f"/disbursements?provider={who}", who), paid)
            for path in ("/applications", "/applications/A0", "/beneficiaries", f"/beneficiaries/{self.ours[0]}",
                         "/disbursements/D9", "/recoveries/R9"):
                self.refused(path, who, 403, "forbidden")
        self.assertEqual(self.one("/disbursements/D1", "p-01"), self.one("/disbursements/D1"))
        self.assertEqual(self.one("/recoveries/R1", "p-01"), self.one("/recoveries/R1"))
        for path in ("/disbursements/D1", "/recoveries/R1", "/settlements/S1", "/settlements/S9", "/disbursements?provider=p-01", "/recoveries?provider=p-01"):
            self.refused(path, "p-02", 403, "forbidden")
        for step in self.one("/disbursements/D2", "p-02")["steps"]:
            self.assertEqual(self.world.get(f"{BASE}/proofs/{step['entry']}", role="p-02").status, 200)

    def test_somebody_limited_sees_their_region(self):
        seen = {"/settlements": ("S1", "S2", "S3", "S4", "S5", "S6"), "/disbursements": ("D1", "D2", "D3", "D4"),
                "/applications": ("A0", "A1", "A2", "A3", "A4", "A5", "A6"), "/recoveries": ("R1",),
                "/beneficiaries": tuple(sorted(self.people))}
        # S3 and D4 are of both towns, so they are not shown to whoever answers for one.
        towns = {"town": {"S1", "D1", "A0", "A2", "A4", "A5", "A6", "R1", *self.ours, self.moved},
                 "other": {"S2", "S4", "S5", "S6", "D2", "D3", "A1", "A3", *self.theirs},
                 "county": {x for all_ in seen.values() for x in all_}, "elsewhere": set()}
        for who, theirs in towns.items():
            for path, every in seen.items():
                expected = [one for one in every if one in theirs]
                for limit in (1, 500):
                    self.assertEqual(self.ids(path, who, limit), expected, (who, path))
                for one in every:
                    answer = self.world.get(f"{BASE}{path}/{one}", role=who)
                    self.assertEqual(answer.status, 200 if one in theirs else 403, (who, one))
                    if one not in theirs:
                        self.assertEqual(answer.code, "out-of-scope")
                self.refused(path + "/nothing", who, 403, "out-of-scope")
        for path in seen:
            self.refused(f"{path}?region={OTHER}", "town", 403, "out-of-scope")
            self.refused(f"{path}?region={COUNTY}", "town", 403, "out-of-scope")

    def test_no_page_names_a_region_that_is_none_of_theirs(self):
        for who, code in (("town", TOWN), ("other", OTHER)):
            cursor, found = "", []
            while True:
                page = self.world.get(f"{BASE}/regions?limit=1{cursor}", role=who)
                self.assertEqual(page.status, 200)
                self.assertFalse([r for r in (TOWN, OTHER) if r != code and r.encode() in page.bytes], page.bytes)
                found += [r["region"] for r in page.json["regions"]]
                if "next" not in page.json:
                    break
                cursor = "&cursor=" + page.json["next"]
            self.assertEqual(found, [code])

    def test_what_is_not_there_has_no_tag(self):
        tag = self.world.get(BASE + "/disbursements").headers["etag"]
        for path, status in (("/disbursements/D9", 404), ("/funds/none", 404), ("/disbursements?cursor=x", 400),
                             ("/regions?cursor=x", 400), ("/disbursements/D1", 304), ("/funds", 304)):
            answer = self.world.get(BASE + path, headers={"If-None-Match": tag})
            self.assertEqual((answer.status, "etag" in answer.headers), (status, status == 304), path)

    def test_tags_tell_who_is_answered(self):
        tags = {self.world.get(BASE + "/disbursements", role=who).headers["etag"]
                for who in ("inspector", "town", "other", "p-01", "p-02")}
        self.assertEqual(len(tags), 5)

    def test_reads_about_people_are_in_the_access_log(self):
        w = self.world
        person = self.ours[0]

        def read(path, purpose):
            self.assertEqual(w.get(BASE + path, role="reviewer", headers={"Access-Purpose": purpose}).status, 200)
            found = w.get(f"{BASE}/access-log?text={purpose}&limit=10").json["records"]
            return [(r["action"], r["actor"], r.get("person"), r.get("subject")) for r in found if r.get("purpose") == purpose]
        self.assertEqual(read("/beneficiaries", "p-one"), [("read", "chen.guo", None, None)])
        self.assertEqual(read(f"/beneficiaries/{person}", "p-two"), [("read", "chen.guo", person, None)])
        self.assertEqual(read("/applications", "p-three"), [("read", "chen.guo", None, None)])
        self.assertEqual(read(f"/applications?beneficiary={person}", "p-four"), [("read", "chen.guo", person, None)])
        self.assertEqual(read("/applications/A0", "p-five"), [("read", "chen.guo", None, "application A0")])
        for path in ("/beneficiaries", "/applications"):
            self.assertEqual(w.get(BASE + path).headers["cache-control"], "no-store")

    # --- pages while others write

    def test_z_pages_neither_miss_nor_repeat_while_others_write(self):
        """Of what was there from the first page to the last."""
        w = self.world

        def register(n):
            index = w.record(f"more-{n}", "registrar", "beneficiary_registration", "2008-04-01",
                             {"category": "dibao", "channel": "home", "entitled_from": "2008-04-01",
                              "region": (TOWN, OTHER)[n % 2]},
                             identity={"name": "合成老人", "id_number": number(100 + n)}, policy="care@1")
            return w.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"]
        n = 0
        for who in ("inspector", "town"):
            before, new, found, cursor = set(self.ids("/beneficiaries", who)), set(), [], ""
            while True:
                page = w.get(f"{BASE}/beneficiaries?limit=1{cursor}", role=who)
                self.assertEqual(page.status, 200, page.bytes)
                found += [(b["beneficiary"], b["region"]) for b in page.json["beneficiaries"]]
                if "next" not in page.json:
                    break
                cursor = "&cursor=" + page.json["next"]
                if len(new) < 12:
                    new.add(register(n))
                    n += 1
            names = [person for person, _ in found]
            self.assertEqual(len(names), len(set(names)))
            self.assertLessEqual(before, set(names))
            self.assertLessEqual(set(names) - before, new)
            if who == "town":
                self.assertEqual({region for _, region in found}, {TOWN})

    # --- cases of thousands of entries

    def test_zz_large_cases_end_a_page(self):
        """What a page looks at is bounded, the entries of its cases with it: three recoveries of 7,000 receipts each."""
        w = self.world
        for n, month in enumerate(("2008-06", "2008-07", "2008-08")):
            later = f"2008-{7 + n:02d}"
            w.record(f"serve-L{n}", "p-01", "service_records", month + "-28",
                     {"claim_no": f"FW-L{n}", "programme": "homecare", "provider": "p-01"},
                     lines=[{"beneficiary": self.ours[0], "date": f"{month}-{day}", "hours": hours, "item": "cleaning",
                             "worker": "w1"} for day, hours in ((16, "1.50"), (17, "1.50"), (18, "1.50"), (19, "0.50"))],
                     policy="care@1")
            claim = w.record(f"calc-L{n}", "preparer", "entitlement_calculation", later + "-02",
                             {"funds": [{"fund": "fd", "level": "district"}], "payee": "p-01", "period": month,
                              "programme": "homecare", "region": TOWN},
                             lines=[{"amount": "75.15", "beneficiary": self.ours[0], "shares": ["75.15"], "units": "5.00"}],
                             policy="care@1")
            self.settle(w, f"SL{n}", "p-01", [claim], "75.15", later)
            self.disburse(w, f"DL{n}", f"SL{n}", "p-01", "75.15", later + "-10", "paid")

        def decide(recovery, amount):
            w.record(recovery, "preparer", "recovery_decision", "2008-09-20",
                     {"amount": amount, "fund": "fd", "programme": "homecare", "provider": "p-01", "reason": "多付",
                      "recovery": recovery, "region": TOWN}, policy="care@1")
        for recovery in ("RL0", "RL1", "RL2"):
            decide(recovery, "70.00")
            for batch in range(7):
                commands = [{"kind": "recovery_receipt", "date": "2008-09-21",
                             "doc": {"account": "za", "amount": "0.01", "bank_reference": f"{recovery}-{batch}-{n}",
                                     "recovery": recovery}} for n in range(1000)]
                answer = w.post({"mode": "independent", "commands": commands}, f"{recovery}-{batch}", "preparer")
                self.assertEqual(answer.status, 201, answer.bytes[:300])
        decide("RZ", "1.00")
        for role in ("inspector", "p-01"):
            page = w.get(BASE + "/recoveries", role=role)
            self.assertEqual([(r["recovery"], len(r["receipts"])) for r in page.json["recoveries"]],
                             [("R1", 2), ("RL0", 7000), ("RL1", 7000), ("RL2", 7000)])
            rest = w.get(f"{BASE}/recoveries?cursor={page.json['next']}", role=role)
            self.assertEqual([r["recovery"] for r in rest.json["recoveries"]], ["RZ"])
            self.assertNotIn("next", rest.json)


if __name__ == "__main__":
    unittest.main()
