"""Vouchers of a month by a run on any day: the version, the way of service and the town of the month, what was given
back, the last day, and settling without issuing."""
import csv
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from test_run import id_number, uscc

BINARY = os.environ["FUNDTRAIL"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
TOWNS = ["320412001", "320412002"]


def policy(version, first, face, programmes=("tik",)):
    p = json.loads((SOURCE / "fixtures/wujin-2008/policies/wujin-2008.json").read_text(encoding="utf-8"))
    p.pop("in_force_to", None)
    p.update(name="tik", version=version, in_force_from=first, settings=[], attachments=[])
    p["programmes"] = [{"id": one, "instrument": "voucher", "name": one, "purpose": "居家服务"} for one in programmes]
    p["voucher"] = {"channel": "home", "face": face, "max_per_month": 1, "validity_months": 2}
    return p


class Vouchers(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-vouchers-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.today, self.serial = "2025-12-31", 0
        self.scene()

    def cli(self, *arguments, code=0):
        done = subprocess.run(
            [BINARY, "--json", "--ledger", str(self.dir / "ledger"), "--clock", self.today + "T17:00:00+08:00",
             *arguments], text=True, capture_output=True, stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return json.loads(done.stdout if code in (0, 3) else done.stderr or done.stdout)

    def submit(self, kind, doc, date, who="zhou.jing/registrar", **more):
        self.serial += 1
        path = self.dir / "command.json"
        path.write_text(json.dumps([{"id": f"c{self.serial}", "kind": kind, "date": date, "doc": doc, **more}]),
                        encoding="utf-8")
        actor, role = who.split("/")
        return self.cli("submit", str(path), "--actor", actor, "--role", role)

    def prepared(self, kind, doc, date, **more):
        return self.submit(kind, doc, date, "wang.fang/preparer", **more)

    def scene(self):
        day = "2025-01-01"
        self.cli("init", "--id", "c", "--name", "测试", "--region", "320412", "--actor", "zhou.jing", "--date", day)
        self.submit("fund_registration", {"fiscal_year": 2025, "functional_code": "2081002", "fund": "F1",
                                          "name": "F1"}, day)
        self.submit("designated_account_registration",
                    {"account": "a1", "approval_no": "1", "mode": "treasury_single_account",
                     "bank": {"bank": "b", "holder": "h", "number": "3204120000000099"}}, day)
        self.submit("policy_registration", {"policy": policy(1, day, "200.00")}, day)
        self.submit("policy_registration", {"policy": policy(2, "2025-05-15", "260.00", ("tik", "more"))}, day)
        for town in TOWNS:
            self.submit("region_registration", {"name": town, "region": town}, day)
        self.submit("provider_registration",
                    {"provider": "care", "name": "care", "uscc": uscc(1),
                     "bank": {"bank": "b", "holder": "care", "number": "6200000000000002"},
                     "contract": {"from": day, "to": "2026-12-31", "number": "1"}}, day)
        self.people = [self.elder(i, channel) for i, channel in enumerate(("home", "home", "institution"))]
        self.prepared("fund_receipt", {"account": "a1", "amount": "90000.00", "bank_reference": "r",
                                       "document_no": "1", "fund": "F1", "source": "provincial"}, day)
        for town in TOWNS:
            self.allot("tik", town, day, "tik@1")

    def elder(self, number, channel, day="2025-01-01", version="tik@1"):
        answer = self.submit("beneficiary_registration",
                             {"category": "dibao", "channel": channel, "entitled_from": "2025-01-01", "region": TOWNS[0]},
                             day, policy=version,
                             identity={"id_number": id_number("19400501", number), "name": "合成"})
        return answer["answers"][0]["beneficiary"]

    def allot(self, programme, town, day, version):
        self.prepared("allotment", {"amount": "10000.00", "document_no": "2", "from_counterpart": False, "fund": "F1",
                                    "programme": programme, "region": town}, day, policy=version)

    def amend(self, who, day, **what):
        self.submit("beneficiary_amendment", {"beneficiary": self.people[who], "evidence": "e", **what}, day)

    def run_for(self, period, date, *more, programme="tik", code=0):
        return self.cli("run", programme, period, "--date", date, "--actor", "wang.fang", *more, code=code)

    def trial(self, period, date, **more):
        """What would be issued: (month, town, person, face)."""
        path = self.dir / "lines.csv"
        answer = self.run_for(period, date, "--dry-run", "--lines", str(path), **more)
        with open(path, encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))[1:]
        return answer, [(row[3], row[0].split()[0], self.people.index(row[2]), row[5]) for row in rows]

    @staticmethod
    def rows(answer, key):
        return next((s["rows"] for s in answer["picture"]["sections"] if s["key"] == key), [])

    def reasons(self, answer):
        return [(row["period"], row["reason"], row["subject"]) for row in self.rows(answer, "exceptions")]

    @staticmethod
    def versions(answer):
        return answer["picture"]["parameters"]["policy"]

    def test_a_month_has_the_version_of_its_first_day_on_whatever_day_it_is_run(self):
        answer = self.run_for("2025-05", "2025-05-02")
        self.assertEqual((answer["recorded"], answer["amount"], self.versions(answer)), (1, "400.00", "tik@1"))
        self.people.append(self.elder(9, "home", "2025-06-09", "tik@2"))
        for day in ("2025-06-09", "2025-05-15", "2025-05-14"):
            answer, lines = self.trial("2025-05", day)
            self.assertEqual((lines, self.versions(answer)), ([("2025-05", TOWNS[0], 3, "200.00")], "tik@1"))
        answer = self.run_for("2025-05", "2025-06-10")
        self.assertEqual((answer["recorded"], answer["amount"], answer["refused"]), (1, "200.00", []))
        # Of a quarter each month by itself; April's could not be used any more.
        answer, lines = self.trial("2025Q2", "2025-06-10")
        self.assertEqual(lines, [("2025-06", TOWNS[0], who, "260.00") for who in
                                 sorted((0, 1, 3), key=lambda who: self.people[who])])
        self.assertEqual((self.versions(answer), self.reasons(answer)),
                         ("tik@1, tik@2", [("2025-04", "invalid-value", "")]))
        self.assertIn("发券日期 2025-06-10", self.rows(answer, "exceptions")[0]["text_name"]["zh"])
        # Ahead of the version's day.
        answer, lines = self.trial("2025-06", "2025-05-10")
        self.assertEqual(({line[3] for line in lines}, self.versions(answer)), ({"260.00"}, "tik@2"))

    def test_a_version_that_is_named_is_that_of_the_month(self):
        asked = self.run_for("2025-05", "2025-06-10", "--policy", "tik@2", code=2)
        self.assertIn("tik@1", asked["error"]["en"])
        self.assertIn("tik@1", asked["error"]["zh"])
        self.assertEqual(self.run_for("2025-05", "2025-06-10", "--policy", "tik@1")["amount"], "400.00")

    def test_what_a_version_adds_in_a_month_begins_with_the_next_one(self):
        self.allot("more", TOWNS[0], "2025-05-15", "tik@2")
        self.assertEqual(self.run_for("2025-05", "2025-05-20", programme="more", code=3)["error"]["code"], "not-found")
        # A quarter in which it begins is that of the months that have it.
        quarter, lines = self.trial("2025Q2", "2025-06-01", programme="more")
        self.assertEqual({line[0] for line in lines}, {"2025-06"})
        self.assertEqual([month for month, *_ in self.reasons(quarter)], ["2025-04", "2025-05"])
        self.assertEqual(self.run_for("2025-06", "2025-06-01", programme="more")["amount"], "520.00")

    def test_the_channel_and_the_town_are_those_of_the_month(self):
        self.amend(0, "2025-05-13", channel="institution")
        self.amend(2, "2025-05-13", channel="home")
        self.amend(1, "2025-05-31", region=TOWNS[1])
        day = "2025-05-31"
        self.assertEqual({line[2] for line in self.trial("2025-04", "2025-05-20")[1]}, {0, 1})
        self.assertEqual({line[1:3] for line in self.trial("2025-05", day)[1]}, {(TOWNS[0], who) for who in (0, 1, 2)})
        self.assertEqual({line[1:3] for line in self.trial("2025-06", day)[1]}, {(TOWNS[0], 2), (TOWNS[1], 1)})

    def test_what_was_given_back_for_a_month_past_is_not_issued_anew(self):
        self.run_for("2025-05", "2025-05-02")
        holders = sorted((0, 1), key=lambda who: self.people[who])
        self.prepared("voucher_return", {"reason": "r"}, "2025-05-28", lines=[{"voucher": "TIK202505-00000001"}])
        self.assertEqual([line[2] for line in self.trial("2025-05", "2025-05-31")[1]], [holders[0]])
        answer, lines = self.trial("2025-05", "2025-06-02")
        self.assertEqual((lines, self.reasons(answer)),
                         ([], [("2025-05", "voucher-returned", self.people[holders[0]])]))
        self.assertEqual(self.run_for("2025-05", "2025-06-02")["recorded"], 0)
        by_hand = self.prepared(
            "voucher_issue", {"fund": "F1", "month": "2025-05", "programme": "tik", "region": TOWNS[0],
                              "valid_from": "2025-05-01", "valid_to": "2025-06-30"}, "2025-06-02", policy="tik@1",
            lines=[{"beneficiary": self.people[holders[0]], "face": "200.00", "voucher": "TIK202505-00000003"}])
        self.assertNotIn("reason", by_hand["answers"][0])

    def test_a_run_issues_nothing_that_ends_on_its_day(self):
        self.assertEqual(len(self.trial("2025-05", "2025-06-29")[1]), 2)
        answer, lines = self.trial("2025-05", "2025-06-30", code=1)
        self.assertEqual((lines, self.reasons(answer)), ([], [("2025-05", "invalid-value", "")]))
        self.assertIn("2025-04-01 to 2025-06-29", self.rows(answer, "exceptions")[0]["text_name"]["en"])
        done = subprocess.run([BINARY, "--lang", "en", "--ledger", str(self.dir / "ledger"), "run", "tik", "2025-05",
                               "--date", "2025-06-30", "--dry-run"], text=True, capture_output=True, timeout=120)
        self.assertIn("Nothing can be recorded as things stand", done.stdout)
        self.assertNotIn("Nothing is due to anybody", done.stdout)
        self.assertEqual(done.returncode, 1)
        # A month that is refused as a whole is a refusal; nobody left to give any to is none.
        self.assertEqual(self.run_for("2025-05", "2025-06-30", code=3)["recorded"], 0)
        self.run_for("2025-05", "2025-06-29")
        self.assertEqual(self.run_for("2025-05", "2025-06-30")["recorded"], 0)

    def test_settling_alone_issues_nothing(self):
        self.run_for("2025-05", "2025-05-02")
        self.prepared("redemption", {"claim_no": "n", "provider": "care"}, "2025-05-20",
                      lines=[{"hours": "2.00", "item": "clean", "service_date": "2025-05-20",
                              "voucher": "TIK202505-00000002"}])
        self.prepared("voucher_return", {"reason": "r"}, "2025-05-28", lines=[{"voucher": "TIK202505-00000001"}])
        wanted = [{"settlement": "tik-2025-05-care", "payee": "care", "documents": 1, "amount": "200.00"}]
        for more in (("--dry-run",), ()):
            answer = self.run_for("2025-05", "2025-05-31", "--settle-only", *more)
            self.assertEqual((answer["settlements"], answer["recorded"]), (wanted, 0))
            self.assertNotIn("picture", answer)
        self.assertEqual(answer["settled"], 1)
        self.assertEqual(self.run_for("2025-05", "2025-05-31", "--settle-only")["settlements"], [])
        for other in ("--settle", "--csv=x", "--lines=x"):
            self.run_for("2025-05", "2025-05-31", "--settle-only", other, code=2)

    def test_a_settlement_names_a_policy_that_has_begun(self):
        self.run_for("2025-05", "2025-05-02")
        self.prepared("redemption", {"claim_no": "n", "provider": "care"}, "2025-05-08",
                      lines=[{"hours": "2.00", "item": "clean", "service_date": "2025-05-08",
                              "voucher": "TIK202505-00000002"}])
        answer = self.run_for("2025-06", "2025-05-10", "--settle")
        self.assertEqual((answer["amount"], answer["settled"], answer["refused"]), ("520.00", 1, []))


if __name__ == "__main__":
    unittest.main()
