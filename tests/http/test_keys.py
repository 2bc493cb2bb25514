"""Keys and ids that hold a person's number are refused: they would stay in the chain, in addresses, file names
and logs for ever."""
import json
import re
import sys
import unittest
import uuid
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ELDERS, ROOT, World, policy, region, run  # noqa: E402

PHONE = "13812345678"
CARD = "6222021234567890123"


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_a_number_is_no_key(self):
        w = self.world
        for number in (PHONE, ELDERS[0], CARD, ELDERS[0][:6] + ELDERS[0][8:17]):
            for key in (number, f"pay-{number}", f"{number}.1", f"tel{number}", f'"{number}"'):
                for path, body in ((BASE + "/entries", region("320412301")), (BASE + "/jobs", {"kind": "verify"})):
                    answer = w.post(body, key, "registrar", path=path)
                    self.assertEqual((answer.status, answer.code), (400, "bad-idempotency-key"), key)
                    self.assertIn("手机号", answer.json["detail_zh"])
                    self.assertIn("mobile number", answer.json["detail"])
                    self.assertNotIn(number.encode(), answer.bytes)
            batch = w.post({"commands": [{**region("320412301"), "id": f"r-{number}"}]}, "batch", "registrar")
            self.assertEqual((batch.status, batch.code, batch.json["field"]),
                             (400, "malformed-field", "commands[0].id"))
            self.assertNotIn(number.encode(), batch.bytes)
            purpose = w.get(f"{BASE}/beneficiaries/{'0' * 16}/identity", headers={"Access-Purpose": quote("核实" + number)})
            self.assertEqual(purpose.code, "bad-parameter", number)
            named = w.get("/healthz", headers={"X-Request-Id": "r." + number})
            self.assertNotIn(number, named.headers["x-request-id"])
        self.assertEqual(w.get(BASE).json["size"], 1)
        self.assertEqual(list((w.ledger / "jobs").iterdir()), [])

    def test_a_key_does_not_begin_with_a_point_or_dash(self):
        for key in (".k", "-k"):
            answer = self.world.post(region("320412301"), key, "registrar")
            self.assertEqual((answer.status, answer.code), (400, "bad-idempotency-key"), key)
            self.assertIn("not begin with . or -", answer.json["detail"])
            self.assertIn("不以 . 或 - 开头", answer.json["detail_zh"])

    def test_keys_of_machines_are_fine(self):
        w = self.world
        keys = [str(uuid.UUID(int=n * 0x123456789abcdef0123456789abcdef % (1 << 128))) for n in range(1, 40)]
        keys += [key.replace("-", "") for key in keys]
        keys += ["c0ffee00-1381-4234-9567-13812345678a", "2008-04-01.redemption.p-01.17", "20261128093000",
                 "1795854750123", "WJ2008-00000001", "redemption.HX-1", "run.2008-06.8f14e45fceea167a8f14"]
        for number, key in enumerate(keys):
            answer = w.post(region(f"3205{number:05d}"), key, "registrar")
            self.assertEqual(answer.status, 201, (key, answer.bytes))

    def test_ids_of_imports_and_runs_are_nobodys_keys(self):
        """Whoever sent a command under one would make the import fail that comes to it, and an import is all or nothing."""
        w = World()
        try:
            run("--ledger", w.ledger, "import", ROOT / "fixtures" / "worked-year", "--operator", "zhou.jing")
            run("--ledger", w.ledger, "import", "--past", ROOT / "fixtures" / "misuse-2008", "--operator", "zhou.jing")
            named = {**policy(), "name": "another", "version": 1}
            file = w.directory / "policy.json"
            file.write_text(json.dumps(named), encoding="utf-8")
            run("--ledger", w.ledger, "policy", "add", file, "--actor", "zhou.jing")
            w.start()
            made, path = [], BASE + "/entries?limit=500"
            while path:
                page = w.get(path).json
                made += [entry["entry"]["command"] for entry in page["entries"] if entry["index"] != 0]
                path = page.get("next") and f"{BASE}/entries?limit=500&cursor={page['next']}"
            one_of_each = {re.split("[.-]", command)[0]: command for command in made}
            self.assertGreater(len(one_of_each), 15)
            size = w.get(BASE).json["size"]
            # One that is recorded is answered like any other: whoever lost an answer learns what became of it.
            for command in one_of_each.values():
                said = w.post(region("320412903"), command, "registrar")
                self.assertEqual((said.status, said.code), (422, "command-id-reused"), (command, said.bytes))
            for command in ["regions.320412903", "settlements.X.prepare", "elders.0123456789abcdef",
                            "run-services-2008-06-8f14e45fceea167a8f14", "erase-0123456789abcdef-2008-04-01",
                            "restoration.7.9", "import.0", "voucher_lots.x"]:
                for query in ("", "?dry_run=true"):
                    said = w.post(region("320412903"), command, "registrar", path=BASE + "/entries" + query)
                    self.assertEqual((said.status, said.code), (400, "malformed-field"), (command, said.bytes))
                    self.assertEqual((said.json["field"], said.json["command"]), ("Idempotency-Key", command))
                    self.assertIn("which imports, runs and erasures make", said.json["detail"])
                    self.assertIn("由系统在导入", said.json["detail_zh"])
            batch = {"commands": [{**region("320412903"), "id": "regions.320412903"}]}
            said = w.post(batch, "batch", "registrar")
            self.assertEqual((said.status, said.code, said.json["field"]), (400, "malformed-field", "commands[0].id"))
            self.assertEqual(w.post({"commands": [region("320412903")]}, "funds", "registrar").status, 400)  # "funds.0"
            self.assertEqual(w.get(BASE).json["size"], size)
            # Nothing stands in the way of what is not.
            for n, key in enumerate(("regions", "regions-320412903", "Regions.320412903", "run", "erase", "runs.1")):
                self.assertEqual(w.post(region(f"32041390{n}"), key, "registrar").status, 201, key)
            w.stop()
            # An import that is repeated has the ids that it had.
            again = json.loads(run("--ledger", w.ledger, "--json", "import", ROOT / "fixtures" / "worked-year",
                                   "--operator", "zhou.jing").stdout)
            self.assertEqual((again["recorded"], again["changed"]), (0, False))
            file.write_text(json.dumps({**region("320412909"), "id": "regions.320412909"}), encoding="utf-8")
            for given in ([], ["--id", "regions.320412909"]):
                said = run("--ledger", w.ledger, "--lang", "en", "submit", file, "--actor", "zhou.jing", "--role",
                           "registrar", *given, check=False)
                self.assertEqual(said.returncode, 3, said.stdout + said.stderr)
                self.assertIn("which imports, runs and erasures make", said.stdout + said.stderr)
            # What a restored ledger has lost is recorded again under the ids that it had.
            file.write_text(json.dumps({**region("320413909"), "id": "regions.320413909"}), encoding="utf-8")
            run("--ledger", w.ledger, "submit", file, "--actor", "zhou.jing", "--role", "registrar", "--derived-ids")
            w.start()
            again = w.post(region("320413909"), "regions.320413909", "registrar")
            self.assertEqual((again.status, again.json["repeated"]), (200, True))
        finally:
            w.close()

    def test_the_command_line_says_the_same(self):
        w = World()
        try:
            file = w.directory / "command.json"
            for given, body in ((["--id", "r-" + PHONE], region("320412301")),
                                ([], {**region("320412301"), "id": "r-" + PHONE})):
                file.write_text(json.dumps(body), encoding="utf-8")
                done = run("--ledger", w.ledger, "submit", file, "--actor", "zhou.jing", "--role", "registrar",
                           *given, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertNotIn(PHONE, done.stdout + done.stderr)
        finally:
            w.close()


if __name__ == "__main__":
    unittest.main()
