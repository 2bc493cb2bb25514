"""Keys and ids that hold a person's number are refused: they would stay in the chain, in addresses, file names
and logs for ever."""
import json
import sys
import unittest
import uuid
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ELDERS, World, region, run  # noqa: E402

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
                 "1795854750123", "WJ2008-00000001", "redemptions.HX-1", "run.2008-06.8f14e45fceea167a8f14"]
        for number, key in enumerate(keys):
            answer = w.post(region(f"3205{number:05d}"), key, "registrar")
            self.assertEqual(answer.status, 201, (key, answer.bytes))

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
