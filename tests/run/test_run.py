"""fundtrail run through the real binary: a small county's quarters, from the picture to the settlement,
repeated, cut off by kill -9, with arrears, a late death, vouchers and beds. What people see stands in
tests/run/golden; FUNDTRAIL_GOLDEN=write makes it anew."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ["FUNDTRAIL"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
GOLDEN = SOURCE / "tests" / "run" / "golden"
TOWNS = ["320412001", "320412002"]
SHARES = [{"parts": [{"level": "district", "weight": 6}, {"level": "street", "weight": 4}]}]
FUNDS = ["--fund", "district=FD", "--fund", "street=FS"]


def id_number(birth, number):
    digits = f"320412{birth}{number:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


def uscc(number):
    alphabet, text = "0123456789ABCDEFGHJKLMNPQRTUWXY", f"52320412MJ{number:07}"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(text))
    return text + alphabet[(31 - total % 31) % 31]


def band(name, amount=None, **more):
    return {"id": name, "title": name, **({"amount": amount} if amount else {}), **more}


def policy(version=1, first="2025-01-01", old="200.00", high="100.00"):
    """An allowance by age, vouchers, and a subsidy by the bed."""
    p = json.loads((SOURCE / "fixtures/wujin-2008/policies/wujin-2008.json").read_text(encoding="utf-8"))
    p.pop("in_force_to", None)
    p.update(name="county", version=version, in_force_from=first, settings=[], attachments=[])
    p["programmes"] = [
        {"id": "allowance", "instrument": "allowance", "name": "高龄津贴", "purpose": "高龄津贴",
         "entitlement": {
             "basis": "approved", "cycle": "quarter", "payee": "paying_agent", "proration": "months",
             "start": "same_month", "stop": "same_month", "cost_shares": SHARES,
             "tariff": [band("90", old, age_from=90), band("80", high, age_from=80, age_to=89)]}},
        {"id": "beds", "instrument": "bed_subsidy", "name": "床位补助", "purpose": "床位补助",
         "entitlement": {
             "basis": "approved", "cycle": "year", "payee": "claimant", "proration": "months",
             "start": "same_month", "stop": "same_month", "assessment": "verified_beds",
             "tariff": [band("bed", "1000.00")]}},
        {"id": "newbeds", "instrument": "bed_subsidy", "name": "新增床位补助", "purpose": "机构建设",
         "entitlement": {
             "basis": "approved", "cycle": "once", "payee": "claimant", "proration": "months",
             "start": "same_month", "stop": "same_month", "assessment": "new_beds",
             "tariff": [band("bed", "3000.00")]}},
        {"id": "centres", "instrument": "award", "name": "服务中心奖补", "purpose": "奖补",
         "entitlement": {
             "basis": "approved", "cycle": "once", "payee": "claimant", "proration": "months",
             "start": "same_month", "stop": "same_month", "assessment": "rating", "planned_count": 1,
             "tariff": [band("three", "30000.00", rating="3")]}},
        {"id": "services", "instrument": "voucher", "name": "服务券", "purpose": "服务项目"},
        {"id": "meals", "instrument": "voucher", "name": "助餐券", "purpose": "服务项目",
         "entitlement": {
             "basis": "approved", "cycle": "month", "payee": "paying_agent", "proration": "months",
             "start": "same_month", "stop": "same_month", "tariff": [],
             "eligibility": {"categories": ["dibao"], "min_age": 80}}},
    ]
    return p


class Run(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-run-"))
        self.ledger = self.dir / "ledger"
        self.serial = 0

    def tearDown(self):
        shutil.rmtree(self.dir)

    def arguments(self, *arguments, clock="2025-12-30"):
        if "run" in arguments and "--dry-run" not in arguments and "--actor" not in arguments:
            arguments += ("--actor", "zhi.dan")
        return [BINARY, "--clock", clock + "T17:00:00+08:00", "--ledger", str(self.ledger), *arguments]

    def call(self, *arguments, code=0, **options):
        done = subprocess.run(self.arguments(*arguments, **options), text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=300, encoding="utf-8",
                              env={"PATH": os.environ["PATH"], "LANG": "en_US.UTF-8"})
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return done.stdout

    def json(self, *arguments, **options):
        return json.loads(self.call("--json", *arguments, **options))

    def submit(self, commands, actor="zhou.jing", role="registrar"):
        for command in commands:
            self.serial += 1
            command.setdefault("id", f"c{self.serial}")
        path = self.dir / "commands.json"
        path.write_text(json.dumps(commands), encoding="utf-8")
        return self.json("submit", str(path), "--actor", actor, "--role", role)

    def scene(self, people, allotted="100000.00", towns=TOWNS):
        """A ledger with the policy, two funds, a bank as paying agent, a home, and people:
        (birth, town number)."""
        self.json("init", "--id", "county", "--name", "测试账套", "--region", "320412", "--actor",
                  "zhou.jing", "--date", "2025-01-01")
        day = "2025-01-01"

        def one(kind, doc, **more):
            return {"kind": kind, "date": day, "doc": doc, **more}

        def provider(name, title, number):
            return one("provider_registration", {
                "provider": name, "name": title, "uscc": uscc(number),
                "bank": {"bank": "某银行", "holder": title, "number": f"32041200000000{number:02}"},
                "contract": {"from": day, "number": "合同1", "to": "2026-12-31"}})

        setting = [one("fund_registration", {"fiscal_year": 2025, "functional_code": "2081002", "fund": f,
                                             "name": "专项资金" + f}) for f in ("FD", "FS")]
        setting += [one("designated_account_registration", {
            "account": "a1", "approval_no": "批1号", "mode": "treasury_single_account",
            "bank": {"bank": "某银行", "holder": "某财政局", "number": "3204120000000099"}})]
        setting += [one("policy_registration", {"policy": policy()})]
        setting += [one("region_registration", {"name": f"某镇{i}", "parent": "320412", "region": town})
                    for i, town in enumerate(towns)]
        setting += [provider("bank", "某农商银行", 1), provider("home", "某养老院", 2)]
        self.submit(setting)
        self.submit([one("beneficiary_registration",
                         {"category": "dibao", "channel": "home", "entitled_from": day,
                          "region": towns[town]}, policy="county@1",
                         identity={"id_number": id_number(birth, i), "name": f"老人{i}"})
                     for i, (birth, town) in enumerate(people)])
        money = [one("fund_receipt", {"account": "a1", "amount": "90000000.00", "bank_reference": "r" + f,
                                      "document_no": "指1号", "fund": f, "source": "district"})
                 for f in ("FD", "FS")]
        self.submit(money, "wang.fang", "preparer")
        self.allot([("FD", "allowance"), ("FS", "allowance"), ("FD", "beds"), ("FS", "services")],
                   allotted, towns)

    def allot(self, what, amount, towns, day="2025-01-01"):
        self.submit([{"kind": "allotment", "date": day, "policy": "county@1",
                      "doc": {"amount": amount, "document_no": "指2号", "from_counterpart": False,
                              "fund": fund, "programme": programme, "region": town}}
                     for fund, programme in what for town in towns], "wang.fang", "preparer")

    def new_policy(self, first, day, **rates):
        self.submit([{"kind": "policy_registration", "date": day,
                      "doc": {"policy": policy(2, first, **rates)}}])

    def pseudonyms(self):
        """By number of registration."""
        found = {}
        for index in range(int(self.json("checkpoint")["size"])):
            entry = self.json("entry", str(index))
            entry = entry.get("entry", entry)
            if entry["kind"] == "beneficiary_registration":
                found[len(found)] = entry["doc"]["beneficiary"]
        return found

    def accrued(self):
        report = self.json("report", "trial-balance")
        for section in report["sections"]:
            for row in section["rows"]:
                if row["account"] == "accrued":
                    return row["closing"]
        return "0.00"

    def golden(self, name, text):
        # Pseudonyms and hashes depend on the ledger's own keys; two spaces keep the columns.
        text = re.sub(r"\b[0-9a-f]{64}\b", "<root>", text)
        text = re.sub(r"\b[0-9a-f]{16}\b", "<pseudonym>     ", text)
        path = GOLDEN / name
        if os.environ.get("FUNDTRAIL_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8")
        self.assertEqual(text, path.read_text(encoding="utf-8"))

    PEOPLE = [("19300501", 0), ("19400501", 0), ("19600501", 0), ("19400601", 1), ("19360301", 1)]

    def outside(self, answer):
        """Of those who were not named: how many, by reason."""
        return {r["reason"]: r["subjects"] for r in self.section(answer, "outside")}

    def section(self, answer, key):
        for section in answer["picture"]["sections"]:
            if section["key"] == key:
                return section["rows"]
        return []

    def test_a_quarter_is_shown_recorded_and_not_recorded_again(self):
        self.scene(self.PEOPLE)
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        size = self.json("checkpoint")["size"]
        lines = self.dir / "lines.csv"
        self.golden("dry_run.zh.txt", self.call("--lang", "zh", *run, "--dry-run", "--lines", str(lines)))
        heading, *rows = lines.read_bytes().decode("utf-8-sig").splitlines()
        self.golden("lines.zh.csv", "\n".join([heading, *sorted(rows, key=lambda r: re.sub("[0-9a-f]{16}", "", r))]))
        self.call("--lang", "en", *run, "--dry-run", "--lines", str(self.dir / "no" / "lines.csv"), code=4)
        # A list is there as a whole, or as it was: the new one takes the old one's place when it is written.
        old = self.dir / "old.csv"
        old.hardlink_to(lines)
        before = old.read_bytes()
        self.call(*run, "--dry-run", "--lines", str(lines))
        self.assertNotEqual(old.stat().st_ino, lines.stat().st_ino)
        self.assertEqual((old.read_bytes(), list(self.dir.glob("*.new"))), (before, []))
        self.call(*run, "--dry-run", "--lines", "/dev/null")
        self.call(*run, "--dry-run", "--lines", "/dev/full", code=4)
        self.assertEqual(self.json("checkpoint")["size"], size)
        self.golden("run.en.txt", self.call("--lang", "en", *run))
        # 600 for the one of 94, thrice 300 for those over 80
        self.assertEqual(self.accrued(), "1500.00")
        again = self.json(*run)
        self.assertEqual((again["recorded"], again["repeated"], again["size"]), (0, 0, size + 2))
        self.golden("repeated.zh.txt", self.call("--lang", "zh", *run))
        self.call("verify")

    def test_without_a_word_the_answer_is_a_question(self):
        self.scene(self.PEOPLE)
        asked = self.json("run", "allowance", "2025Q1", "--payee", "bank", code=2)["error"]
        self.assertIn("district, street", asked["en"])
        asked = self.json("run", "allowance", "2025Q1", *FUNDS, code=2)["error"]
        self.assertIn("--payee", asked["zh"])
        asked = self.json("run", "allowance", "2025-01", "--payee", "bank", *FUNDS, code=2)["error"]
        self.assertIn("2025Q2", asked["en"])
        asked = self.json("run", "nothing", "2025Q1", code=3)["error"]
        self.assertEqual(asked["code"], "not-found")
        self.assertEqual(self.json("run", "allowance", "2025Q5", code=2)["error"]["code"], "usage")
        # What is said and would not count is refused: nobody who names a region is given the money of all.
        allowance = ["run", "allowance", "2025Q1", "--date", "2025-04-01", *FUNDS]
        for more, code, said in ((["--payee", "bank", "--region", TOWNS[0]], 2, "--region"),
                                 (["--payee", "bank", "--series", "A1"], 2, "--series"),
                                 (["--payee", "nobody"], 3, "nobody"),
                                 (["--payee", "bank", "--fund", "district=nothing"], 3, "nothing")):
            error = self.json(*allowance, *more, code=code)["error"]
            self.assertIn(said, error["zh"])
            self.assertIn(said, error["en"])
        asked = self.json("run", "allowance", "2025Q3", "--date", "2025-06-30", "--payee", "bank", *FUNDS, code=2)["error"]
        self.assertIn("The period 2025Q3 has not begun on the business date 2025-06-30", asked["en"])

    def test_a_new_rate_and_a_late_death_come_with_the_next_quarter(self):
        self.scene(self.PEOPLE)
        run = ["--payee", "bank", *FUNDS]
        self.json("run", "allowance", "2025Q1", "--date", "2025-04-01", *run)
        people = self.pseudonyms()
        self.new_policy("2025-03-01", "2025-04-10", old="220.00", high="110.00")
        self.submit([{"kind": "entitlement_end", "date": "2025-06-20",
                      "doc": {"beneficiary": people[4], "ended_on": "2025-01-15", "evidence": "证明",
                              "reason": "death"}}])
        answer = self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", *run)
        back = self.section(answer, "recoveries")
        self.assertEqual([(r["subject"], r["level"], r["fund"], r["amount"], r["treatment"]) for r in back],
                         [(people[4], "district", "FD", "120.00", "offset"), (people[4], "street", "FS", "80.00", "offset")])
        changes = {r["change"]: (r["subjects"], r["before"], r["now"])
                   for r in self.section(answer, "comparison")}
        self.assertEqual(changes["left"], (1, "300.00", "0.00"))
        self.assertEqual(changes["changed"], (3, "1200.00", "1320.00"))
        # arrears of March: 20 + 10 + 10, minus February and March of the dead
        self.assertEqual(answer["amount"], "1160.00")
        self.assertEqual(self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", *run)["recorded"], 0)
        settled = self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", "--settle", *run)
        self.assertEqual([(s["payee"], s["amount"]) for s in settled["settlements"]], [("bank", "2660.00")])
        self.assertEqual(settled["settled"], 1)
        again = self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", "--settle", *run)
        self.assertEqual(again["settlements"], [])

    def test_what_stands_in_a_settlement_is_lowered_once_that_is_returned(self):
        self.scene([("19360301", 0)])
        run = ["--payee", "bank", *FUNDS]
        self.json("run", "allowance", "2025Q1", "--date", "2025-04-01", "--settle", *run)
        self.submit([{"kind": "entitlement_end", "date": "2025-06-20",
                      "doc": {"beneficiary": self.pseudonyms()[0], "ended_on": "2025-01-15",
                              "evidence": "证明", "reason": "death"}}])
        answer = self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", *run)
        self.assertEqual([(r["subject"], r["period"], r["region"], r["payee"], r["level"], r["fund"], r["amount"],
                           r["treatment"]) for r in self.section(answer, "recoveries")],
                         [(self.pseudonyms()[0], "2025-01", TOWNS[0], "bank", "district", "FD", "120.00", "unpaid"),
                          (self.pseudonyms()[0], "2025-01", TOWNS[0], "bank", "street", "FS", "80.00", "unpaid")])
        self.assertEqual(answer["recorded"], 0)
        words = self.call("--lang", "en", "run", "allowance", "2025Q2", "--date", "2025-07-01", *run)
        self.assertIn("what was calculated too much still waits", words)
        self.assertIn("have it returned and run again", words)
        self.assertNotIn("to be recovered", words)
        self.assertNotIn("are calculated already", words)
        self.submit([{"kind": "settlement_return", "date": "2025-07-01",
                      "doc": {"reason": "死亡", "settlement": "allowance-2025-01-bank"}}], "wu.min", "reviewer")
        answer = self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", *run)
        self.assertEqual([(r["amount"], r["treatment"]) for r in self.section(answer, "recoveries")],
                         [("120.00", "lowered"), ("80.00", "lowered")])
        self.assertEqual(answer["recorded"], 1)

    def test_what_is_not_settled_is_lowered_before_it_is_paid(self):
        """The death is told after the quarter was calculated and before it was settled."""
        self.scene([("19360301", 0), ("19300501", 0)])
        run = ["--payee", "bank", *FUNDS]
        first = self.json("run", "allowance", "2025Q1", "--date", "2025-04-01", *run)
        self.assertEqual(self.accrued(), "900.00")
        self.submit([{"kind": "entitlement_end", "date": "2025-04-05",
                      "doc": {"beneficiary": self.pseudonyms()[0], "ended_on": "2025-01-15",
                              "evidence": "证明", "reason": "death"}}])
        answer = self.json("run", "allowance", "2025Q1", "--date", "2025-04-06", *run)
        self.assertEqual([(r["level"], r["fund"], r["amount"], r["treatment"])
                          for r in self.section(answer, "recoveries")],
                         [("district", "FD", "120.00", "lowered"), ("street", "FS", "80.00", "lowered")])
        self.assertEqual((answer["recorded"], answer["amount"]), (1, "-200.00"))
        entry = self.json("entry", str(answer["size"] - 1))
        entry = entry.get("entry", entry)
        self.assertEqual((entry["kind"], entry["doc"]["calculation"]),
                         ("calculation_reduction", first["size"] - 1))
        self.assertEqual(self.accrued(), "700.00")
        again = self.json("run", "allowance", "2025Q1", "--date", "2025-04-06", "--settle", *run)
        self.assertEqual((again["recorded"], [s["amount"] for s in again["settlements"]]),
                         (0, ["700.00"]))
        self.call("verify")

    def test_who_bears_it_changes_after_the_quarter_was_calculated(self):
        """What one level is relieved of and another one bears is recorded by the same run."""
        self.scene([("19360301", 0), ("19300501", 0)])
        run = ["run", "allowance", "2025Q1", "--payee", "bank", *FUNDS]
        self.json(*run, "--date", "2025-04-01")
        changed = policy(2, "2025-03-01")
        changed["programmes"][0]["entitlement"]["cost_shares"] = [
            {"parts": [{"level": "district", "weight": 5}, {"level": "street", "weight": 5}]}]
        self.submit([{"kind": "policy_registration", "date": "2025-04-02", "doc": {"policy": changed}}])
        answer = self.json(*run, "--date", "2025-04-03")
        self.assertEqual({(r["level"], r["fund"], r["amount"], r["treatment"]) for r in self.section(answer, "recoveries")},
                         {("district", "FD", "10.00", "lowered"), ("district", "FD", "20.00", "lowered")})
        self.assertIn("30.00 yuan are borne by other levels or funds now", json.dumps(answer))
        self.assertEqual((answer["recorded"], answer["amount"]), (2, "0.00"))
        report = self.json("report", "trial-balance", "--by", "fund")
        self.assertEqual({row["fund"]: row["closing"] for section in report["sections"] for row in section["rows"]
                          if row["account"] == "accrued"}, {"FD": "510.00", "FS": "390.00"})
        self.assertEqual(self.json(*run, "--date", "2025-04-04")["recorded"], 0)
        self.call("verify", "--state")

    def test_money_of_another_year_goes_back_to_its_fund(self):
        self.scene([("19360301", 0), ("19300501", 0)])
        self.submit([{"kind": "fund_registration", "date": "2025-04-01",
                      "doc": {"fiscal_year": 2026, "functional_code": "2081002", "fund": f,
                              "name": "次年资金" + f}} for f in ("GD", "GS")])
        self.submit([{"kind": "fund_receipt", "date": "2025-04-01",
                      "doc": {"account": "a1", "amount": "5000.00", "bank_reference": "r" + f,
                              "document_no": "指3号", "fund": f, "source": "district"}}
                     for f in ("GD", "GS")], "wang.fang", "preparer")
        self.allot([("GD", "allowance"), ("GS", "allowance")], "2000.00", TOWNS[:1], "2025-04-01")
        self.json("run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS)
        self.submit([{"kind": "entitlement_end", "date": "2025-04-05",
                      "doc": {"beneficiary": self.pseudonyms()[0], "ended_on": "2025-01-15",
                              "evidence": "证明", "reason": "death"}}])
        run = ["run", "allowance", "2025Q2", "--payee", "bank", "--date", "2025-07-01", "--fund",
               "district=GD", "--fund", "street=GS"]
        answer = self.json(*run)
        # The new funds pay the quarter; what was too much is taken off the old ones.
        self.assertEqual([(r["level"], r["fund"], r["amount"], r["treatment"])
                          for r in self.section(answer, "recoveries")],
                         [("district", "FD", "120.00", "lowered"), ("street", "FS", "80.00", "lowered")])
        shares = [(r["level"], r["fund"], r["amount"]) for r in self.section(answer, "shares")]
        self.assertEqual(shares, [("district", "FD", "-120.00"), ("district", "GD", "360.00"),
                                  ("street", "FS", "-80.00"), ("street", "GS", "240.00")])
        self.assertEqual(self.json(*run)["recorded"], 0)
        asked = self.json("run", "allowance", "2025Q2", "--payee", "bank", "--fund", "district=GD",
                          "--fund", "street=GD", code=2)["error"]
        self.assertIn("GD", asked["zh"])
        self.call("verify")

    def test_arrears_begin_after_what_was_paid_before(self):
        self.scene(self.PEOPLE)
        people = self.pseudonyms()
        self.submit([{"kind": "programme_cutover", "date": "2025-04-01", "policy": "county@1",
                      "doc": {"evidence": "旧系统发放表", "paid": "1500.00", "paid_through": "2025-03-31",
                              "programme": "allowance"}},
                     {"kind": "beneficiary_cutover", "date": "2025-04-01", "policy": "county@1",
                      "doc": {"evidence": "停发名单", "programme": "allowance"},
                      "lines": [{"beneficiary": people[0], "paid_through": "2025-02-28"}]}])
        run = ["run", "allowance", "2025Q2", "--payee", "bank", "--date", "2025-07-01", *FUNDS]
        answer = self.json(*run)
        # Of the first quarter only March of the one of 94: 200.00
        self.assertEqual(answer["amount"], "1700.00")
        self.assertEqual(self.json(*run)["recorded"], 0)
        before = self.json("run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-07-01", *FUNDS)
        self.assertEqual(before["recorded"], 0)
        # Only whoever got something is named; of the others nothing is owed for the time before.
        for section, number in [("exception_counts", 1), ("outside", 4)]:
            reasons = {r["reason"]: r["subjects"] for r in self.section(before, section)}
            self.assertEqual(reasons["paid-before"], number)

    def test_somebody_who_came_back_is_not_paid_for_the_days_away(self):
        self.scene([("19300501", 0)])
        person = self.pseudonyms()[0]
        self.submit([{"kind": "entitlement_end", "date": "2025-05-01",
                      "doc": {"beneficiary": person, "ended_on": "2025-01-15", "evidence": "迁出证明",
                              "reason": "moved"}},
                     {"kind": "entitlement_reinstatement", "date": "2025-05-01",
                      "doc": {"beneficiary": person, "evidence": "迁回证明", "from": "2025-03-10",
                              "reason": "returned"}}])
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-05-02", *FUNDS]
        self.assertEqual(self.json(*run)["amount"], "400.00")  # January and March

    def test_who_prepares_is_named_unless_nothing_is_recorded(self):
        self.scene(self.PEOPLE)
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        done = subprocess.run(self.arguments("--json", *run)[:-2], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 2, done.stdout)
        for words in json.loads(done.stdout)["error"].values():
            self.assertTrue(words == "usage" or "--actor" in words, words)
        self.call(*run, "--dry-run")
        answer = self.json(*run)
        entry = self.json("entry", str(answer["size"] - 1))["entry"]
        self.assertEqual(entry["actor"]["id"], "zhi.dan")

    def test_a_region_without_a_share_rule_waits_and_says_what_is_missing(self):
        whole = SHARES[0]
        SHARES[0] = {**whole, "regions": [TOWNS[0]]}
        try:
            self.scene(self.PEOPLE)
        finally:
            SHARES[0] = whole
        answer = self.json("run", "allowance", "2025Q2", "--payee", "bank", "--fund", "district=FD", "--fund",
                           "street=FS", "--date", "2025-04-01")
        regions = [r["region"] for r in self.section(answer, "exceptions")]
        self.assertTrue(any(TOWNS[1] in region for region in regions), regions)
        # The two towns' people: 600 and 300 in the one, twice 300 in the other, each for two quarters.
        self.assertEqual((answer["recorded"], answer["amount"]), (1, "1800.00"))
        # Somebody decides which fund bears it all; then nothing is left out.
        named = ["run", "allowance", "2025Q2", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        answer = self.json(*named, "--fund", "all=FS")
        self.assertEqual((answer["recorded"], answer["amount"]), (1, "1200.00"))
        self.assertEqual([(s["level"], s["fund"], s["amount"]) for s in self.section(answer, "shares")],
                         [("all", "FS", "1200.00")])
        self.assertEqual(self.json(*named, "--fund", "all=FS")["recorded"], 0)

    def test_a_region_without_money_waits_and_the_others_do_not(self):
        self.scene(self.PEOPLE, allotted="500.00")
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        answer = self.json(*run, "--dry-run", code=1)
        self.assertEqual([(r["region"], r["fund"], r["short_by"])
                          for r in self.section(answer, "shortfalls")], [(TOWNS[0], "FD", "40.00")])
        answer = self.json(*run, code=3)
        self.assertEqual((answer["recorded"], answer["waiting"]), (1, 1))
        self.allot([("FD", "allowance")], "40.00", TOWNS[:1], "2025-03-01")
        answer = self.json(*run)
        self.assertEqual((answer["recorded"], answer["waiting"], answer["amount"]), (1, 0, "900.00"))

    def test_vouchers_of_a_month_continue_their_series(self):
        self.scene(self.PEOPLE)
        run = ["run", "services", "2025-04", "--date", "2025-04-01"]
        first = self.json(*run)
        self.assertEqual((first["recorded"], first["lines"], first["amount"]), (2, 5, "500.00"))
        self.assertEqual(self.json(*run)["recorded"], 0)
        entry = self.json("entry", str(first["size"] - 1), "--lines")
        self.assertIn("SERVICES202504-00000005", json.dumps(entry))
        self.submit([{"kind": "beneficiary_registration", "date": "2025-04-02", "policy": "county@1",
                      "doc": {"category": "dibao", "channel": "home", "entitled_from": "2025-04-01",
                              "region": TOWNS[0]},
                      "identity": {"id_number": id_number("19300101", 900), "name": "新人"}},
                     {"kind": "beneficiary_registration", "date": "2025-04-02", "policy": "county@1",
                      "doc": {"category": "dibao", "channel": "institution", "entitled_from": "2025-04-01",
                              "region": TOWNS[0]},
                      "identity": {"id_number": id_number("19300101", 901), "name": "院里人"}}])
        more = self.json("run", "services", "2025-04", "--date", "2025-04-03")
        self.assertEqual(more["lines"], 1)
        self.assertIn("SERVICES202504-00000006", json.dumps(self.json("entry", str(more["size"] - 1), "--lines")))
        # Who lives in a home is none of the programme's people: counted, not named.
        self.assertEqual(self.section(more, "exception_counts"), [])
        self.assertEqual(self.outside(more), {"channel-not-voucher": 1})

    def test_vouchers_go_to_those_whom_the_programme_is_for(self):
        self.scene(self.PEOPLE)
        self.allot([("FS", "meals")], "1000.00", TOWNS)
        answer = self.json("run", "meals", "2025-04", "--date", "2025-04-01")
        # One of the five is 64.
        self.assertEqual((answer["lines"], answer["amount"]), (4, "400.00"))
        self.assertEqual(self.section(answer, "exceptions"), [])
        self.assertEqual(self.outside(answer), {"under-age": 1})

    def test_a_programme_for_providers(self):
        self.scene(self.PEOPLE)
        self.submit([{"kind": "provider_assessment", "date": "2025-02-01",
                      "doc": {"assessment": "verified_beds", "document_no": "核1号",
                              "effective": "2025-01-01", "provider": "home", "value": "12.00"}}])
        run = ["run", "beds", "2025", "--date", "2025-12-20", "--fund", "FD"]
        asked = self.json(*run, code=2)["error"]
        self.assertIn("--region", asked["zh"])
        answer = self.json(*run, "--region", TOWNS[0], "--settle")
        self.assertEqual((answer["amount"], answer["settled"]), ("12000.00", 1))
        # The bank has no beds that somebody assessed; it is no exception.
        self.assertEqual(self.section(answer, "exceptions"), [])
        self.assertEqual(self.outside(answer), {"assessment-missing": 1})
        self.assertEqual(self.json(*run, "--region", TOWNS[0])["recorded"], 0)

    def test_what_a_transition_does_not_take_is_named_though_something_is_due(self):
        self.scene(self.PEOPLE)
        self.allot([("FD", name) for name in ("newbeds", "centres")], "300000.00", TOWNS[:1])
        ending = policy(2, "2025-01-01")
        ending.update(in_force_to="2025-05-15", transition={"note_en": "n", "note_zh": "注", "serves_until": "2025-08-20"})
        ending["programmes"][3]["entitlement"]["tariff"].append(band("five", "50000.00", rating="5"))
        ending["programmes"] = ending["programmes"][2:]
        self.submit([{"kind": "policy_registration", "date": "2025-01-02", "doc": {"policy": ending}}])
        for kind, effective, value in (("new_beds", "2025-03-01", {"value": "10.00"}), ("rating", "2025-03-01", {"rating": "3"}),
                                       ("new_beds", "2025-06-01", {"value": "15.00"}), ("rating", "2025-06-01", {"rating": "5"})):
            self.submit([{"kind": "provider_assessment", "date": "2025-07-01",
                          "doc": {"assessment": kind, "document_no": "核1号", "effective": effective, "provider": "home", **value}}])
        for programme in ("newbeds", "centres"):
            with self.subTest(programme=programme):
                for recorded in (1, 0):
                    answer = self.json("run", programme, "2025-07", "--date", "2025-07-31", "--fund", "FD", "--region", TOWNS[0])
                    self.assertEqual((answer["recorded"], answer["amount"]), (recorded, "30000.00" if recorded else "0.00"))
                    self.assertEqual([(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")],
                                     [("home", "policy-closed")])
                # When it is over, it is over for everybody.
                answer = self.json("run", programme, "2025-09", "--date", "2025-09-30", "--fund", "FD", "--region", TOWNS[0])
                self.assertEqual([(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")],
                                 [("home", "policy-not-in-force")])

    def test_beds_that_are_given_once_are_given_as_they_come(self):
        self.scene(self.PEOPLE)
        self.allot([("FD", "newbeds")], "200000.00", TOWNS[:1])

        def assess(effective, beds, date):
            self.submit([{"kind": "provider_assessment", "date": date,
                          "doc": {"assessment": "new_beds", "document_no": "核1号", "effective": effective,
                                  "provider": "home", "value": beds}}])

        def run(period, date, *more, **options):
            return self.json("run", "newbeds", period, "--date", date, "--fund", "FD", "--region", TOWNS[0],
                             *more, **options)

        def compared(answer):
            return {r["change"]: (r["before"], r["now"]) for r in self.section(answer, "comparison") if r["subjects"]}
        words = self.call("run", "newbeds", "2025-04", "--date", "2025-04-02", "--fund", "FD", "--region", TOWNS[0])
        self.assertIn("Nothing is due to anybody", words)  # and not that it was calculated already
        assess("2025-04-10", "37.00", "2025-04-11")
        answer = run("2025-04", "2025-05-02")
        self.assertEqual((answer["amount"], compared(answer)), ("111000.00", {"joined": ("0.00", "111000.00")}))
        answer = run("2025-05", "2025-06-02")
        self.assertEqual((answer["recorded"], compared(answer)), (0, {"unchanged": ("111000.00", "111000.00")}))
        # The second batch.
        assess("2025-06-20", "47.00", "2025-06-21")
        answer = run("2025-06", "2025-07-02")
        self.assertEqual((answer["amount"], compared(answer)), ("30000.00", {"changed": ("111000.00", "141000.00")}))
        self.assertEqual(run("2025-06", "2025-07-03")["recorded"], 0)
        self.assertEqual(run("2025-04", "2025-07-03")["recorded"], 0)
        self.assertEqual(self.accrued(), "141000.00")
        # There were 46 after all.
        assess("2025-06-20", "46.00", "2025-07-21")
        answer = run("2025-08", "2025-09-02")
        self.assertEqual([(r["amount"], r["period"], r["treatment"]) for r in self.section(answer, "recoveries")],
                         [("3000.00", "2025-06", "lowered")])
        self.assertEqual(self.accrued(), "138000.00")

    def test_what_would_be_refused_is_not_promised(self):
        self.scene(self.PEOPLE)
        run = ["run", "allowance", "2025Q1", "--payee", "bank", *FUNDS]
        self.json(*run, "--date", "2025-04-01")
        second = ["run", "allowance", "2025Q2", "--payee", "bank", "--date"]
        swapped = ["--fund", "district=FS", "--fund", "street=FD"]
        for arguments, reason in ((second + ["2025-07-01"] + swapped, "fund-of-other-level"),
                                  (second + ["2025-12-31"] + FUNDS, "date-in-future")):
            answer = self.json(*arguments, "--dry-run", code=1)
            refused = self.section(answer, "refusals")
            self.assertEqual({r["reason"] for r in refused}, {reason})
            self.assertEqual(len(refused), 2)
            self.assertEqual([r["amount"] for r in self.section(answer, "regions")], [])
            self.assertIn("2 documents would be refused", self.call(*arguments, "--dry-run", code=1))
            # The real run says the same.
            answer = self.json(*arguments, code=3)
            self.assertEqual({r["code"] for r in answer["refused"]}, {reason})
        self.assertEqual(self.section(self.json(*second, "2025-07-01", *FUNDS, "--dry-run"), "refusals"), [])

    def test_a_dry_run_tells_what_the_limit_of_the_programme_leaves(self):
        self.scene(self.PEOPLE)
        limited = policy(2, "2025-04-01")
        limited["programmes"][0]["entitlement"]["max_total"] = "1000.00"
        self.submit([{"kind": "policy_registration", "date": "2025-03-01", "doc": {"policy": limited}}])
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        answer = self.json(*run, "--dry-run", code=1)  # 900.00 and 600.00
        refused = self.section(answer, "refusals")
        self.assertEqual([(r["region"], r["amount"], r["reason"]) for r in refused],
                         [(TOWNS[1], "600.00", "programme-limit")])
        self.assertEqual([r["amount"] for r in self.section(answer, "regions")], ["900.00"])
        self.assertIn("by 500.00 yuan", self.call(*run, "--dry-run", code=1))
        answer = self.json(*run, code=3)
        self.assertEqual((answer["recorded"], answer["amount"]), (1, "900.00"))
        self.assertEqual([r["code"] for r in answer["refused"]], ["programme-limit"])
        self.assertIn("by 500.00 yuan", self.call(*run, "--dry-run", code=1))

    def limit(self, amount):
        limited = policy(2, "2025-04-01")
        limited["programmes"][0]["entitlement"]["max_total"] = amount
        self.submit([{"kind": "policy_registration", "date": "2025-03-01", "doc": {"policy": limited}}])

    def test_the_limit_is_of_what_a_document_brings_after_what_it_takes_back(self):
        for limit, over in (("1400.00", None), ("1200.00", "100.00")):
            with self.subTest(limit):
                self.tearDown()
                self.setUp()
                self.scene(self.PEOPLE[:2])
                self.limit(limit)
                run = ["--payee", "bank", *FUNDS]
                self.json("run", "allowance", "2025Q1", "--date", "2025-04-01", *run)  # 900.00
                self.submit([{"kind": "entitlement_end", "date": "2025-06-20",
                              "doc": {"beneficiary": self.pseudonyms()[1], "ended_on": "2025-01-15",
                                      "evidence": "证明", "reason": "death"}}])
                run = ["run", "allowance", "2025Q2", "--date", "2025-07-01", *run]  # 600.00 less 200.00
                answer = self.json(*run, "--dry-run", code=1 if over else 0)
                self.assertEqual([(r["amount"], r["reason"]) for r in self.section(answer, "refusals")],
                                 [("400.00", "programme-limit")] if over else [])
                if over:
                    self.assertIn(f"by {over} yuan", self.call(*run, "--dry-run", code=1))
                answer = self.json(*run, code=3 if over else 0)
                self.assertEqual(answer["amount"], "0.00" if over else "400.00")

    def test_what_the_limit_refuses_needs_no_money_and_what_has_none_takes_nothing_of_the_limit(self):
        for rich, limited, short in ((0, [TOWNS[1]], []), (1, [], [TOWNS[0]])):
            with self.subTest(rich):
                self.tearDown()
                self.setUp()
                self.scene(self.PEOPLE, allotted="0.01")
                self.allot([("FD", "allowance"), ("FS", "allowance")], "600.00", [TOWNS[rich]])
                self.limit("1000.00")  # 900.00 and 600.00
                answer = self.json("run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS,
                                   "--dry-run", code=1)
                self.assertEqual([r["region"] for r in self.section(answer, "refusals")], limited)
                self.assertEqual(sorted({r["region"] for r in self.section(answer, "shortfalls")}), short)

    def test_a_run_that_comes_too_late_names_the_whole_document(self):
        self.scene(self.PEOPLE)
        words = self.call("run", "services", "2025-04", "--date", "2025-07-01", code=3)
        self.assertIn("(the whole document)", words)

    def test_an_award_beyond_the_plan_is_an_exception_and_an_indicator(self):
        self.scene(self.PEOPLE)
        self.allot([("FD", "centres")], "100000.00", TOWNS[:1])

        def rate(provider, rating="3"):
            self.submit([{"kind": "provider_assessment", "date": "2025-06-01",
                          "doc": {"assessment": "rating", "document_no": "评1号", "effective": "2025-06-01",
                                  "provider": provider, "rating": rating}}])
        rate("home")
        run = ["run", "centres", "2025-06", "--date", "2025-07-01", "--fund", "FD", "--region", TOWNS[0]]
        answer = self.json(*run)
        self.assertEqual((answer["amount"], self.section(answer, "exceptions")), ("30000.00", []))
        self.assertEqual(self.json("audit")["indicators"], [])
        # Rated, but not so that anything is given for it: somebody should know.
        rate("bank", "1")
        answer = self.json(*run)
        self.assertEqual([(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")],
                         [("bank", "condition-not-met")])
        rate("bank")
        answer = self.json(*run)
        self.assertEqual([(e["subject"], e["reason"], e["text"]) for e in self.section(answer, "exceptions")],
                         [("bank", "beyond-plan", "beyond-plan")])
        self.assertEqual(answer["recorded"], 1)
        found = self.json("audit", code=1)["indicators"]
        self.assertEqual([(i["rule"], i["subject"]) for i in found], [("R-FND-16", "bank")])
        shown = self.call("--lang", "zh", *run, "--dry-run")
        self.assertNotIn("beyond-plan", shown)  # told when it was calculated

    def test_an_award_that_was_taken_back_over_several_periods_counts_no_more(self):
        self.scene(self.PEOPLE)
        self.allot([("FD", "centres")], "200000.00", TOWNS[:1])
        changed = policy(2, "2025-01-01")
        changed["programmes"][3]["entitlement"]["tariff"].append(band("five", "100000.00", rating="5"))
        self.submit([{"kind": "policy_registration", "date": "2025-01-02", "doc": {"policy": changed}}])

        def rate(effective, rating, provider="home"):
            self.submit([{"kind": "provider_assessment", "date": "2025-08-01",
                          "doc": {"assessment": "rating", "document_no": "评1号", "effective": effective,
                                  "provider": provider, "rating": rating}}])

        def run(period):
            return self.json("run", "centres", period, "--date", "2025-09-01", "--fund", "FD", "--region", TOWNS[0])
        rate("2025-03-01", "3")
        self.assertEqual(run("2025-03")["amount"], "30000.00")
        rate("2025-06-01", "5")
        self.assertEqual(run("2025-06")["amount"], "70000.00")
        rate("2025-03-01", "none")
        rate("2025-06-01", "none")
        self.assertEqual(run("2025-08")["amount"], "-100000.00")
        self.assertEqual(self.accrued(), "0.00")
        # One is planned, and none is given.
        rate("2025-07-01", "3", "bank")
        answer = run("2025-08")
        self.assertEqual(answer["amount"], "30000.00")
        self.assertNotIn("beyond-plan", [e["reason"] for e in self.section(answer, "exceptions")])
        rate("2025-07-01", "3")
        self.assertIn(("home", "beyond-plan"),
                      [(e["subject"], e["reason"]) for e in self.section(run("2025-08"), "exceptions")])

    def test_a_run_within_its_own_period_says_that_services_may_come(self):
        self.scene(self.PEOPLE)
        helped = policy(2, "2025-01-01")
        helped["programmes"].append(
            {"id": "bills", "instrument": "bill_share", "name": "消费补贴", "purpose": "服务项目",
             "entitlement": {"basis": "delivered", "cycle": "month", "payee": "serving_provider",
                             "proration": "months", "start": "same_month", "stop": "same_month",
                             "tariff": [band("all", percent=50, cap="800.00")]}})
        self.submit([{"kind": "policy_registration", "date": "2025-01-02", "doc": {"policy": helped}}])
        self.submit([{"kind": "allotment", "date": "2025-01-02", "policy": "county@2",
                      "doc": {"amount": "1000.00", "document_no": "指2号", "from_counterpart": False,
                              "fund": "FD", "programme": "bills", "region": TOWNS[0]}}], "wang.fang", "preparer")

        def told(programme, date, period="2025-04", *more):
            answer = self.json("run", programme, period, "--date", date, *more, "--dry-run")
            return [(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")
                    if e["reason"] == "period-not-over"]
        self.assertEqual(told("bills", "2025-04-30", "2025-04", "--fund", "FD"), [("", "period-not-over")])
        self.assertEqual(told("bills", "2025-05-01", "2025-04", "--fund", "FD"), [])
        self.assertEqual(told("allowance", "2025-04-30", "2025Q2", "--payee", "bank", *FUNDS), [])
        run = ["run", "bills", "2025-04", "--date", "2025-04-30", "--fund", "FD", "--dry-run"]
        self.assertIn("the period is not over on the business date 2025-04-30", self.call(*run))
        self.assertIn("期间在业务日期 2025-04-30 尚未结束", self.call("--lang", "zh", *run))

    def test_nobody_s_age_or_condition_is_told(self):
        self.scene(self.PEOPLE)
        self.allot([("FS", "meals")], "1000.00", TOWNS)
        self.new_policy("2025-02-01", "2025-04-10", old="220.00", high="110.00")
        told = [self.call("--lang", lang, "run", *what, "--csv", str(self.dir / "all.csv"), "--dry-run")
                + (self.dir / "all.csv").read_text("utf-8-sig")
                for lang in ("zh", "en")
                for what in (["allowance", "2025Q2", "--payee", "bank", "--date", "2025-06-01", *FUNDS],
                             ["meals", "2025-04", "--date", "2025-04-15"])]
        people = self.pseudonyms()
        for text in told:
            for age in (64, 65, 84, 85, 94, 95):
                self.assertNotRegex(text, rf"(?<![0-9A-Za-z.,]){age}(?![0-9A-Za-z.,])")
            # The one of 64 never had to do with either programme.
            self.assertNotIn(people[2], text)

    def test_who_was_paid_before_and_is_not_any_more_is_named(self):
        self.scene(self.PEOPLE)
        run = ["--payee", "bank", *FUNDS]
        self.json("run", "allowance", "2025Q1", "--date", "2025-04-01", *run)
        people = self.pseudonyms()
        self.submit([{"kind": "entitlement_end", "date": "2025-03-31",
                      "doc": {"beneficiary": people[i], "ended_on": "2025-03-31", "evidence": "证明",
                              "reason": "moved"}} for i in (1, 2)])
        answer = self.json("run", "allowance", "2025Q2", "--date", "2025-07-01", *run)
        self.assertEqual([(e["subject"], e["reason"]) for e in self.section(answer, "exceptions")],
                         [(people[1], "entitlement-ended")])
        self.assertEqual(self.outside(answer), {"entitlement-ended": 1})
        answer = self.json("run", "allowance", "2025Q3", "--date", "2025-10-01", *run)
        self.assertEqual(self.section(answer, "exceptions"), [])

    def test_settlements_of_calculations_are_imported_with_their_steps(self):
        self.scene(self.PEOPLE)
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        size = self.json(*run)["size"]
        entry = self.json("entry", str(size - 1))
        command = entry.get("entry", entry)["command"]
        folder = self.dir / "files"
        folder.mkdir()
        head = ("结算单号,机构编号,结算依据,核定记录号,金额,政策,制单人,制单日期,审核人,审核日期,批准人,批准日期\n")
        row = "JS-1,bank,待遇,{0},{1},county@1,wang.fang,2025-04-02,chen.guo,2025-04-03,lu.ming,2025-04-04\n"

        def given(claims, total):
            (folder / "settlements.csv").write_text(head + row.format(claims, total), "utf-8")
            return self.arguments("--json", "import", str(folder))
        bad = subprocess.run(given(f"{size - 2};{command}", "1500.01"), text=True, capture_output=True)
        self.assertIn("amount-mismatch", bad.stdout)
        self.assertEqual(self.json("checkpoint")["size"], size)
        bad = subprocess.run(given("17;nobody", "1500.00"), text=True, capture_output=True)
        self.assertNotEqual(bad.returncode, 0)
        # Another one was approved before, and taken back.
        head = head.replace("\n", ",退回人,退回日期,退回原因\n")
        row = (row.replace("JS-1", "JS-0").replace("\n", ",gao.yun,2025-04-05,收款方有误\n")
               + row.replace("04-0", "04-1").replace("\n", ",,,\n"))
        done = subprocess.run(given(f"{size - 2};{command}", "1500.00"), text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        statement = self.json("report", "provider-statement", "--provider", "bank")
        self.assertEqual([(s["settlement"], s["amount"]) for s in self.section({"picture": statement}, "settlements")],
                         [("JS-0", "1500.00"), ("JS-1", "1500.00")])
        self.assertTrue(all(c["holds"] for c in statement["checks"]))
        self.assertEqual({c["settlement"] for c in self.section({"picture": statement}, "claims")}, {"JS-1"})

    def on_a_terminal(self, answer, *arguments):
        """What the program says to somebody at a terminal who types `answer` when asked."""
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(LANG="zh_CN.UTF-8", TERM="xterm")
            os.execv(BINARY, self.arguments("--lang", "zh", *arguments))
        said, deadline = b"", time.monotonic() + 120
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break  # the other side is closed
            if not part:
                break
            asked_before = said.count(b"[y/N]")
            said += part
            if answer is not None and said.count(b"[y/N]") > asked_before:
                os.write(terminal, answer)
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), said.decode("utf-8")

    def test_somebody_at_a_terminal_sees_the_bar_and_is_asked(self):
        self.scene(self.PEOPLE)
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        size = self.json("checkpoint")["size"]
        for no in (b"\n", b"n\n", "不\n".encode(), b"\x04"):  # the last: end of input
            code, said = self.on_a_terminal(no, *run)
            self.assertEqual((code, self.json("checkpoint")["size"]), (0, size), said)
            self.assertIn("未入账。", said)
        code, said = self.on_a_terminal("是\n".encode(), *run)
        self.assertEqual((code, self.json("checkpoint")["size"]), (0, size + 2), said)
        self.assertRegex(said, r"\r核算 \[#*\.*\] \d+%")
        self.assertRegex(said, r"\r入账 \[#{40}\] 100%")
        # Each bar is wiped before the words that follow it.
        self.assertRegex(said, "100%\r\x1b\\[K")
        self.assertIn("入账 2 张单据、4 行，共 1,500.00 元？[y/N]", said)
        self.assertIn("已入账 2 张单据", said)
        # Nothing to ask: nothing is new, or nothing is to be recorded.
        for more in ([], ["--dry-run"]):
            code, said = self.on_a_terminal(None, *run, *more)
            self.assertEqual(code, 0)
            self.assertNotIn("[y/N]", said)
        code, said = self.on_a_terminal(None, "run", "allowance", "2025Q2", "--payee", "bank", "--date",
                                        "2025-07-01", "--yes", *FUNDS)
        self.assertEqual(code, 0)
        self.assertNotIn("[y/N]", said)

    def test_killed_in_the_middle_and_run_again_everything_is_there_once(self):
        towns = [f"320412{i:03}" for i in range(1, 61)]
        self.scene([("19400501", i) for i in range(60)], towns=towns)
        run = ["run", "allowance", "2025Q1", "--payee", "bank", "--date", "2025-04-01", *FUNDS]
        size = self.json("checkpoint")["size"]
        fresh = self.dir / "fresh"
        shutil.copytree(self.ledger, fresh)
        partial = 0
        for after in range(6):
            shutil.rmtree(self.ledger)
            shutil.copytree(fresh, self.ledger)
            with subprocess.Popen(self.arguments("--lang", "en", *run), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as child:
                # The picture is there before anything is recorded; its sections tell how far it came.
                for _ in range(70 + after):
                    child.stdout.readline()
                child.send_signal(signal.SIGKILL)
            before = self.json("checkpoint")["size"] - size
            answer = self.json(*run)
            self.assertEqual(before + answer["recorded"], 60)
            self.assertEqual(self.accrued(), "18000.00")
            self.assertEqual(self.json(*run)["recorded"], 0)
            partial += 0 < before < 60
        self.call("verify")


if __name__ == "__main__":
    unittest.main()
