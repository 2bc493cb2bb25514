"""The year of planted misuse, through the real program: every planted case is found with the right
rows, nothing else is flagged; and the ordinary year raises nothing."""
import csv
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

FUNDTRAIL = os.environ["FUNDTRAIL"]
FIXTURES = pathlib.Path(os.environ["SOURCE_DIR"]) / "fixtures"


def fundtrail(ledger, *arguments, expect):
    done = subprocess.run([FUNDTRAIL, "--ledger", ledger, "--json", *arguments],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def new_ledger(directory, ledger_id):
    ledger = os.path.join(directory, ledger_id)
    fundtrail(ledger, "init", "--id", ledger_id, "--name", "测试台账", "--region", "320412",
              "--actor", "zhou.jing", "--date", "2008-04-01", expect=0)
    return ledger


class Misuse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.ledger = new_ledger(cls.directory.name, "past-2008")
        fundtrail(cls.ledger, "import", "--past", str(FIXTURES / "misuse-2008"), expect=0)
        cls.answer = fundtrail(cls.ledger, "audit", expect=1)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def test_every_planted_case_is_found_and_nothing_else(self):
        with open(FIXTURES / "misuse-2008" / "truth.csv", encoding="utf-8-sig", newline="") as file:
            truth = list(csv.DictReader(file))
        self.assertEqual(len(truth), 20)
        left = list(self.answer["indicators"])
        for case in truth:
            rows = {(case["file"], int(row)) for row in case["rows"].split(";")}
            match = next((i for i in left if i["rule"] == case["rule"]
                          and case["subject"] in ("", i["subject"])
                          and rows <= {(e["file"], e["row"]) for e in i["evidence"]}), None)
            self.assertIsNotNone(match, f"not found: {case}")
            left.remove(match)
        self.assertEqual(left, [], "flagged without reason")

    def test_an_indicator_can_be_reproduced_from_its_entries(self):
        for indicator in self.answer["indicators"]:
            for key in ("name_zh", "name_en", "legal_basis_zh", "legal_basis_en", "zh", "en"):
                self.assertTrue(indicator[key])
        twice = next(i for i in self.answer["indicators"] if i["rule"] == "R-VCH-01")
        for place in twice["evidence"]:
            entry = fundtrail(self.ledger, "entry", str(place["entry"]), "--lines", expect=0)
            self.assertIn(twice["subject"], json.dumps(entry["lines"][place["line"]]))

    def test_no_name_or_number_of_a_person_is_told(self):
        told = json.dumps(self.answer, ensure_ascii=False)
        with open(FIXTURES / "misuse-2008" / "elders.csv", encoding="utf-8-sig", newline="") as file:
            for elder in csv.DictReader(file):
                self.assertNotIn(elder["身份证号"], told)
                self.assertNotIn(elder["姓名"], told)

    def test_one_rule_alone_and_an_unknown_rule(self):
        one = fundtrail(self.ledger, "audit", "--rule", "R-VCH-05", expect=1)
        self.assertEqual({i["rule"] for i in one["indicators"]}, {"R-VCH-05"})
        fundtrail(self.ledger, "audit", "--rule", "R-NIX-01", expect=2)

    def test_the_ordinary_year_raises_nothing(self):
        ledger = new_ledger(self.directory.name, "wujin-2008")
        fundtrail(ledger, "import", str(FIXTURES / "wujin-2008"), expect=0)
        self.assertEqual(fundtrail(ledger, "audit", expect=0)["indicators"], [])


if __name__ == "__main__":
    unittest.main()
