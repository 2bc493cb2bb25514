"""Numbers of people are kept out of ids, names, keys and purposes, however they are written: they would stay in
entries, logs and addresses for ever. What passes and what does not is a table in tests/core and tests/engine."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, Browser, World, run  # noqa: E402

IDS = ("13800138000", "8613800138000", "138-0013-8000", "320412191812099664", "320412-19410730-9666", "32041219410730966")
TEXTS = IDS[:-1] + ("+8613800138000", "138 0013 8000", "320412 194107309666", "１３８００１３８０００")


class PersonalNumbers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        first = w.new_user("admin", "administrator")
        w.start().fill()
        cls.admin = Browser(w).arrive("admin", first, "Right-Horse-7")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)
        for number in ("13800138000", "320412194107309666", "320412191812099664"):
            self.assertNotIn(number, answer.bytes.decode())

    def test_users(self):
        for number in IDS:
            self.refused(self.admin.ask("POST", "/v1/users", {"user": number, "roles": ["preparer"]}), 422,
                         "personal-number")
        for number in TEXTS:
            self.refused(self.admin.ask("POST", "/v1/users", {"user": "li.na", "name": number, "roles": ["preparer"]}),
                         422, "personal-number")
            self.refused(self.admin.ask("POST", "/v1/users/admin", {"name": "李娜 " + number}), 422, "personal-number")
        for number in IDS:
            for command in (["token", "new", "--actor", number, "--role", "registrar"],
                            ["user", "add", number, "--role", "preparer"],
                            ["token", "new", "--actor", "zhou.jing", "--role", "registrar", "--label", number]):
                done = run("--ledger", self.world.ledger, "--json", *command, check=False)
                self.assertNotEqual(done.returncode, 0, command)
                self.assertEqual(json.loads(done.stdout)["error"]["code"], "personal-number")
        self.assertNotIn("1380013", (self.world.ledger / "users.json").read_text(encoding="utf-8"))

    def test_a_user_with_a_region_that_is_not_known(self):
        made = self.admin.ask("POST", "/v1/users", {"user": "far.away", "roles": ["inspector"],
                                                    "regions": ["320412901", "999999", "320412"]})
        self.assertEqual((made.status, made.json["unknown_regions"]), (201, ["999999"]))
        self.assertEqual(self.admin.ask("GET", "/v1/users/far.away").json["unknown_regions"], ["999999"])
        self.admin.ask("POST", "/v1/users/far.away", {"ledgers": ["another"]})
        self.assertNotIn("unknown_regions", self.admin.ask("GET", "/v1/users/far.away").json)
        self.assertNotIn("unknown_regions", self.admin.ask("GET", "/v1/users/admin").json)

    def test_documents(self):
        for n, number in enumerate(TEXTS):
            for field in ("fund", "name"):
                if field == "fund" and number not in IDS:
                    continue
                doc = {"fund": f"f{n}", "name": "专项资金", "fiscal_year": 2008, "functional_code": "2081002", field: number}
                self.refused(self.world.post({"kind": "fund_registration", "date": "2008-04-01", "doc": doc}, f"n-{n}",
                                             "registrar"), 400, "malformed-field")
        for fund in ("2008-0001-0002", "20080401-001"):
            self.world.record(fund, "registrar", "fund_registration", "2008-04-01",
                              {"fund": fund, "name": "专项资金", "fiscal_year": 2008, "functional_code": "2081002"})

    def test_keys_and_purposes(self):
        who = f"{BASE}/beneficiaries/{self.world.elders[0]}/identity"
        for number in IDS:
            self.refused(self.world.post({}, number, "registrar"), 400, "bad-idempotency-key")
        for number in TEXTS[:-1]:
            self.refused(self.world.get(who, role="registrar", headers={"Access-Purpose": "phone " + number}), 400,
                         "bad-parameter")

    def test_who_recorded_at_the_command_line(self):
        done = run("--ledger", self.world.ledger, "--json", "submit", "/dev/null", "--actor", "13800138000", "--role",
                   "registrar", check=False)
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
