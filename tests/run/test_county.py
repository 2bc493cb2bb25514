"""A county's scheme that nobody had when the language was made, written from docs/POLICY.md alone and run from
its first quarter to the end of its transition: age bands with a rate that changes in the middle of a month,
hours by care level with a cap a month, 6:4 to the fen, limits shifted by holidays, expiry. Every amount below
was worked out by hand."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["FUNDTRAIL"]
SHARES = [{"parts": [{"level": "county", "weight": 6}, {"level": "street", "weight": 4}]}]
SCHEME = {
    "name": "qingchuan", "version": 1, "title": "清川县高龄和居家养老补助办法（合成）",
    "document_no": "清政办发（合成）〔2026〕8号", "issuer": "清川县人民政府办公室（合成）",
    "in_force_from": "2026-01-01", "in_force_to": "2026-12-31", "attachments": [],
    "banned_economic_codes": [], "counterpart": {"required": True, "ratio_percent": 50},
    "death_day_payable": True, "recovery_disposition": "reuse", "settings": [],
    "eligibility": {"categories": [], "min_age": 60, "conditions": ["register"]},
    "definitions": [{"id": "alone", "title": "独居", "any_of": ["no_children", "elsewhere"]}],
    "transition": {"serves_until": "2027-06-30", "note_zh": "原有对象再服务半年",
                   "note_en": "those served before are served for half a year"},
    "approval": {
        "programmes": ["homecare"], "effective": "next_month",
        "documents": [{"category": "dibao", "documents": ["form", "id_copy"]}],
        "steps": [{"id": "visit", "kind": "visit", "title": "入户", "working_days": 3},
                  {"id": "notice", "kind": "notice", "title": "公示", "min_days": 5},
                  {"id": "street", "kind": "review", "title": "街道", "working_days": 10},
                  {"id": "bureau", "kind": "approval", "title": "民政局", "working_days": 10}]},
    "calendar": {"from": "2026-01-01", "to": "2027-06-30",
                 "holidays": ["2026-05-01", "2026-05-04", "2026-05-05"], "workdays": ["2026-05-09"]},
    "programmes": [
        {"id": "old_age", "instrument": "allowance", "name": "高龄津贴", "purpose": "高龄津贴",
         "entitlement": {
             "basis": "approved", "cycle": "quarter", "payee": "paying_agent", "proration": "days",
             "start": "same_day", "stop": "same_day", "cost_shares": SHARES,
             "tariff": [
                 {"id": "a-old", "title": "80-89", "age_from": 80, "age_to": 89, "amount": "60.00",
                  "to": "2026-05-14"},
                 {"id": "a-new", "title": "80-89", "age_from": 80, "age_to": 89, "amount": "66.60",
                  "from": "2026-05-15"},
                 {"id": "b", "title": "90+", "age_from": 90, "amount": "150.00"}]}},
        {"id": "homecare", "instrument": "service_hours", "name": "居家服务", "purpose": "居家服务",
         "entitlement": {
             "basis": "approved_then_delivered", "cycle": "quarter", "payee": "assigned_provider",
             "proration": "days", "start": "same_day", "stop": "same_day", "items": ["cleaning"],
             "eligibility": {"categories": ["dibao"], "min_age": 0, "conditions": ["alone"]},
             "cost_shares": SHARES,
             "tariff": [
                 {"id": "half", "title": "半失能", "care_levels": ["half"], "per_day": "1.50",
                  "per_month": "45.00", "amount": "20.00"},
                 {"id": "full", "title": "失能", "care_levels": ["full"], "per_day": "2.00",
                  "per_month": "45.00", "amount": "20.00"}]}}]}
TOWN = "320412001"


def id_number(birth, number):
    digits = f"320412{birth}{number:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


def uscc(number):
    alphabet, text = "0123456789ABCDEFGHJKLMNPQRTUWXY", f"52320412MJ{number:07}"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(text))
    return text + alphabet[(31 - total % 31) % 31]


class County(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-county-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.today, self.serial, self.people = "2026-12-30", 0, {}

    def cli(self, *arguments, code=0):
        done = subprocess.run(
            [BINARY, "--json", "--ledger", str(self.dir / "ledger"), "--clock", self.today + "T17:00:00+08:00",
             *arguments], text=True, capture_output=True, stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return json.loads(done.stdout)

    def submit(self, kind, doc, date, actor="zhou.jing", role="registrar", code=0, **more):
        self.serial += 1
        path = self.dir / "command.json"
        path.write_text(json.dumps([{"id": f"c{self.serial}", "kind": kind, "date": date, "doc": doc, **more}]),
                        encoding="utf-8")
        return self.cli("submit", str(path), "--actor", actor, "--role", role, code=code)

    def elder(self, name, birth, date="2026-04-01", code=0, **more):
        answer = self.submit("beneficiary_registration",
                             {"category": "other", "channel": "home", "entitled_from": date,
                              "region": TOWN, "facts": ["register"], **more}, date, policy="qingchuan@1",
                             identity={"id_number": id_number(birth, len(self.people)), "name": "合成"}, code=code)
        if code == 0:
            last = int(self.cli("checkpoint")["size"]) - 1
            entry = self.cli("entry", str(last))
            self.people[name] = entry.get("entry", entry)["doc"]["beneficiary"]
        return answer

    def scene(self):
        day = "2026-01-01"
        self.cli("init", "--id", "qc", "--name", "测试", "--region", "320412", "--actor", "zhou.jing", "--date", day)
        for fund in ("FC", "FS"):
            self.submit("fund_registration", {"fiscal_year": 2026, "functional_code": "2081002", "fund": fund,
                                              "name": fund}, day)
        self.submit("designated_account_registration",
                    {"account": "a1", "approval_no": "批1", "mode": "treasury_single_account",
                     "bank": {"bank": "b", "holder": "h", "number": "3204120000000099"}}, day)
        self.submit("policy_registration", {"policy": SCHEME}, day)
        self.submit("region_registration", {"name": "镇", "region": TOWN}, day)
        for i, provider in enumerate(("bank", "care"), 1):
            self.submit("provider_registration",
                        {"provider": provider, "name": provider, "uscc": uscc(i),
                         "bank": {"bank": "b", "holder": provider, "number": f"32041200000000{i:02}"},
                         "contract": {"from": day, "to": "2027-12-31", "number": "1"}}, day)
        for fund in ("FC", "FS"):
            self.submit("fund_receipt", {"account": "a1", "amount": "100000.00", "bank_reference": "r" + fund,
                                         "document_no": "1", "fund": fund, "source": "provincial"}, day,
                        "wang.fang", "preparer")
            for programme in ("old_age", "homecare"):
                self.submit("allotment", {"amount": "40000.00", "document_no": "2", "from_counterpart": False,
                                          "fund": fund, "programme": programme, "region": TOWN}, day,
                            "wang.fang", "preparer", policy="qingchuan@1")

    def run_it(self, *words, code=0):
        return self.cli("run", *words, "--actor", "zhi.dan", "--fund", "county=FC", "--fund", "street=FS", code=code)

    def lines(self, answer):
        entry = self.cli("entry", str(int(answer["size"]) - 1), "--lines")
        names = {pseudonym: name for name, pseudonym in self.people.items()}
        return {(names[line["beneficiary"]], line.get("period", "")): (line["amount"], *line["shares"])
                for line in entry["lines"]}

    def outside(self, answer):
        """Of those who were not named: how many, by reason."""
        return {r["reason"]: r["subjects"] for r in self.section(answer, "outside")}

    def section(self, answer, key):
        return next((s["rows"] for s in answer["picture"]["sections"] if s["key"] == key), [])

    def test_allowances_through_a_change_of_rate_a_death_birthdays_and_the_end(self):
        self.scene()
        self.elder("A", "19360520")  # 90 on 20 May
        self.elder("B", "19450101")  # 81
        self.elder("C", "19400303")  # dies on 15 May, told in June
        self.elder("D", "19460610")  # 80 on 10 June
        self.elder("E", "19500101")  # 76
        self.submit("entitlement_end", {"beneficiary": self.people["C"], "ended_on": "2026-05-15", "evidence": "e",
                                        "reason": "death"}, "2026-06-20")
        second = ["old_age", "2026Q2", "--payee", "bank", "--date", "2026-07-01"]
        answer = self.run_it(*second)
        self.assertEqual(self.lines(answer), {
            # April 60.00; May 14/31 of 60.00 (27.10), 5/31 of 66.60 (10.74), 12/31 of 150.00 (58.06); June 150.00
            ("A", ""): ("305.90", "183.54", "122.36"),
            # 60.00; 27.10 + 17/31 of 66.60 (36.52); 66.60. 114.132 and 76.088: the fen left over is the street's
            ("B", ""): ("190.22", "114.13", "76.09"),
            # 60.00; 27.10 + 1/31 of 66.60 (2.15): the day of death counts
            ("C", ""): ("89.25", "53.55", "35.70"),
            # 21 of 30 days of 66.60
            ("D", ""): ("46.62", "27.97", "18.65")})
        self.assertEqual(answer["amount"], "631.99")
        self.assertEqual([(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")],
                         sorted([(self.people["C"], "entitlement-ended"), (self.people["D"], "under-age")]))
        self.assertEqual(self.outside(answer), {"under-age": 1})
        self.assertEqual(self.run_it(*second)["recorded"], 0)

        # After the end nobody new is taken; those who were there are served until the transition ends.
        self.today = "2027-10-05"
        refused = self.elder("X", "19400101", date="2027-01-05", code=3)
        self.assertIn("policy-closed", json.dumps(refused))
        # Nobody ran the quarters between: A has 450.00 for each of four, B and D 199.80 = 119.88 + 79.92.
        answer = self.run_it("old_age", "2027Q2", "--payee", "bank", "--date", "2027-07-02")
        self.assertEqual(answer["amount"], "3398.40")
        lines = self.lines(answer)
        self.assertEqual({name for name, _ in lines}, {"A", "B", "D"})
        self.assertEqual(lines[("A", "")], ("450.00", "270.00", "180.00"))
        self.assertEqual(lines[("B", "2026-10")], ("199.80", "119.88", "79.92"))
        answer = self.run_it("old_age", "2027Q3", "--payee", "bank", "--date", "2027-10-02")
        self.assertEqual((answer["recorded"], answer["amount"]), (0, "0.00"))

    def test_hours_from_the_application_to_the_true_up(self):
        self.scene()
        self.elder("E", "19500101", category="dibao", care_level="full", facts=["register", "elsewhere"])
        self.elder("F", "19500101", category="dibao", care_level="full", facts=["register", "elsewhere"])
        for name in ("E", "F"):
            self.submit("entitlement_application",
                        {"application": "A" + name, "beneficiary": self.people[name], "category": "dibao",
                         "care_level": "full", "channel": "home", "documents": ["form", "id_copy"],
                         "facts": ["register", "elsewhere"], "programme": "homecare", "provider": "care"},
                        "2026-04-29", "lin.x", policy="qingchuan@1")
        steps = [("visit", "2026-05-08", "vera", "preparer", {}),
                 ("notice", "2026-05-13", "nora", "preparer", {"from": "2026-05-09", "to": "2026-05-13"}),
                 ("street", "2026-05-26", "sam", "reviewer", {}),
                 ("bureau", "2026-06-01", "cora", "approver", {})]
        for step, date, actor, role, more in steps:
            self.submit("application_step", {"application": "AE", "outcome": "passed", "step": step, **more}, date,
                        actor, role)
        report = self.cli("report", "applications")
        rows = next(s["rows"] for s in report["sections"] if s["key"] == "steps")
        # 1, 4 and 5 May are holidays: the visit is due on the 7th and came a working day late.
        self.assertEqual([(r["step"], r.get("due"), r.get("over"), r.get("effective")) for r in rows
                          if r["application"] == "AE" and r["step"] != "application"],
                         [("visit", "2026-05-07", 1, None), ("notice", None, None, None),
                          ("street", "2026-05-27", 0, None), ("bureau", "2026-06-09", 0, "2026-07-01")])

        # Approved for July: nothing in the second quarter. F applied and waits: named.
        answer = self.run_it("homecare", "2026Q2", "--date", "2026-07-01")
        self.assertEqual(answer["recorded"], 0)
        self.assertEqual([(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")],
                         [(self.people["F"], "not-granted")])
        # 62 hours of July are 45; three times 45 hours of 20.00.
        answer = self.run_it("homecare", "2026Q3", "--date", "2026-10-08")
        self.assertEqual(self.lines(answer), {("E", ""): ("2700.00", "1620.00", "1080.00")})
        # July: 20 days of 2.50 hours, 2.00 each count: 40. August: 31 days of 1.75 hours, 54.25, of which 45.
        served = [{"beneficiary": self.people["E"], "date": f"2026-07-{day:02}", "hours": "2.50", "item": "cleaning"}
                  for day in range(1, 21)]
        served += [{"beneficiary": self.people["E"], "date": f"2026-08-{day:02}", "hours": "1.75",
                    "item": "cleaning"} for day in range(1, 32)]
        self.submit("service_records", {"claim_no": "F1", "programme": "homecare", "provider": "care"}, "2026-10-09",
                    "care", "provider", policy="qingchuan@1", lines=served)
        answer = self.run_it("homecare", "2026Q4", "--date", "2026-12-30")
        self.assertEqual(self.lines(answer), {("E", ""): ("2700.00", "1620.00", "1080.00"),
                                              ("E", "2026-07"): ("-1000.00", "-600.00", "-400.00")})
        self.assertEqual(answer["amount"], "1700.00")
        self.cli("verify")

    def test_whoever_is_recorded_for_more_than_was_approved_is_named(self):
        self.scene()
        steps = [("visit", "2026-05-08", "vera", "preparer", {}),
                 ("notice", "2026-05-13", "nora", "preparer", {"from": "2026-05-09", "to": "2026-05-13"}),
                 ("street", "2026-05-26", "sam", "reviewer", {}), ("bureau", "2026-06-01", "cora", "approver", {})]
        for name in ("E", "F", "G"):
            self.elder(name, "19500101", category="dibao", care_level="half", facts=["register", "elsewhere"])
            self.submit("entitlement_application",
                        {"application": "A" + name, "beneficiary": self.people[name], "category": "dibao",
                         "care_level": "half", "channel": "home", "documents": ["form", "id_copy"],
                         "facts": ["register", "elsewhere"], "programme": "homecare", "provider": "care"},
                        "2026-04-29", "lin.x", policy="qingchuan@1")
            for step, date, actor, role, more in steps:
                self.submit("application_step", {"application": "A" + name, "outcome": "passed", "step": step, **more},
                            date, actor, role)
        # On the day of the application, which counts for nothing, and in the middle of the quarter.
        for name, date in (("E", "2026-04-29"), ("F", "2026-08-10")):
            self.submit("beneficiary_amendment", {"beneficiary": self.people[name], "care_level": "full",
                                                  "evidence": "评估"}, date, policy="qingchuan@1")
        answer = self.run_it("homecare", "2026Q3", "--date", "2026-10-08")
        self.assertEqual({amount for amount, *_ in self.lines(answer).values()}, {"2700.00"})  # 45 hours of 20.00
        self.assertEqual({(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")},
                         {(self.people[name], "more-than-approved") for name in "EF"})
        self.assertIn("2026-04-29", json.dumps(self.section(answer, "exceptions")))

    def test_the_check_of_the_scheme_and_its_audit(self):
        path = self.dir / "scheme.json"
        path.write_text(json.dumps(SCHEME), encoding="utf-8")
        found = self.cli("policy", "check", str(path))
        self.assertEqual((found["ok"], found["warnings"]), (True, []))
        self.scene()
        self.today = "2027-01-05"
        self.submit("region_registration", {"name": "另一镇", "region": "320412002"}, "2026-12-31")
        missing = self.cli("audit", code=1)["indicators"]
        # Half of 100,000.00 in either fund, and nothing came.
        self.assertEqual([(i["rule"], i["subject"], i["amount"]) for i in missing],
                         [("R-FND-03", "FC", "50000.00"), ("R-FND-03", "FS", "50000.00")])


if __name__ == "__main__":
    unittest.main()
