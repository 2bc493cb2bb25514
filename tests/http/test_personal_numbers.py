"""Numbers of people are kept out of ids, names, keys and purposes, however they are written: they would stay in
entries, logs and addresses for ever. What passes and what does not is a table in tests/core and tests/engine."""
import json
import sys
import unittest
from pathlib import Path
from urllib.parse import quote

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

    def refused(self, answer, status, code, sent):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)
        for number in (sent, "13800138000", "320412194107309666", "320412191812099664"):
            self.assertNotIn(number, answer.bytes.decode())

    def test_users(self):
        for number in IDS:
            self.refused(self.admin.ask("POST", "/v1/users", {"user": number, "roles": ["preparer"]}), 422,
                         "personal-number", number)
        for number in TEXTS:
            self.refused(self.admin.ask("POST", "/v1/users", {"user": "li.na", "name": number, "roles": ["preparer"]}),
                         422, "personal-number", number)
            self.refused(self.admin.ask("POST", "/v1/users/admin", {"name": "李娜 " + number}), 422, "personal-number",
                         number)
        for number in IDS:
            for command in (["token", "new", "--actor", number, "--role", "registrar"],
                            ["user", "add", number, "--role", "preparer"],
                            ["token", "new", "--actor", "zhou.jing", "--role", "registrar", "--label", number]):
                done = run("--ledger", self.world.ledger, "--json", *command, check=False)
                self.assertNotEqual(done.returncode, 0, command)
                self.assertEqual(json.loads(done.stdout)["error"]["code"], "personal-number")
        # The code of an organisation is one, also without a letter: what is called by it, or by what was there before.
        run("--ledger", self.world.ledger, "user", "add", "911100007109250324", "--role", "provider", "--no-password")
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
                                             "registrar"), 400, "malformed-field", number)
        for fund in ("2008-0001-0002", "20080401-001"):
            self.world.record(fund, "registrar", "fund_registration", "2008-04-01",
                              {"fund": fund, "name": "专项资金", "fiscal_year": 2008, "functional_code": "2081002"})

    def test_keys_and_purposes(self):
        who = f"{BASE}/beneficiaries/{self.world.elders[0]}/identity"
        for number in IDS:
            self.refused(self.world.post({}, number, "registrar"), 400, "bad-idempotency-key", number)
        for number in TEXTS[:-1]:
            self.refused(self.world.get(who, role="registrar", headers={"Access-Purpose": "phone " + number}), 400,
                         "bad-parameter", number)

    def test_what_cannot_be_read_is_not_repeated(self):
        w = self.world
        for number in ("138-0013-8000", "320412 1941 0730 9666", "320412-19410730-9666", "138 0013 8000"):
            at = quote(number)
            self.refused(w.get(f"{BASE}/entries?limit={at}"), 400, "bad-parameter", number)
            self.refused(w.get(f"{BASE}/entries?fund=a,{at}"), 400, "bad-parameter", number)
            self.refused(w.post({"kind": "verify", "state": number}, "j", "inspector", path=BASE + "/jobs"), 400,
                         "malformed-field", number)
            self.refused(w.post({"commands": [{}], "mode": number}, "c", "registrar"), 400, "malformed-field", number)
            # Not a part of it either: what is too long is cut behind the first half of the number.
            for text in ("a" * 48 + "," + number, "a" * 52 + " " + number):
                for body, path in (({"kind": "audit", "rules": text}, BASE + "/jobs"), ({"kind": text}, BASE + "/jobs"),
                                   ({"kind": "region_registration", "date": text, "doc": {}}, BASE + "/entries")):
                    self.refused(w.post(body, "k", "registrar", path=path), 400, "malformed-field", number[:6])

    def test_who_recorded_at_the_command_line(self):
        town = {"kind": "region_registration", "date": "2008-04-01", "id": "town-by-number",
                "doc": {"name": "横林镇", "region": "320412199"}}
        file = self.world.directory / "town.json"
        file.write_text(json.dumps([town]), encoding="utf-8")
        self.world.stop()
        # Somebody who is called so already goes on; a new key is not made of a number.
        for options, code in ((["--actor", "13800138000"], 0), (["--actor", "zhou.jing", "--id", "13800138000"], 2)):
            done = run("--ledger", self.world.ledger, "--json", "submit", file, "--role", "registrar", *options,
                       check=False)
            self.assertEqual(done.returncode, code, done)
        self.world.start()


if __name__ == "__main__":
    unittest.main()
