"""Who may see and record what; a provider's claim from its upload to the payment."""
import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, STAFF, World, region  # noqa: E402


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start().fill()
        w = cls.world
        vouchers = w.issue(1)
        cls.claims = {}
        for provider, voucher in zip(("p-01", "p-02"), vouchers):
            made = w.post(World.claim(provider, f"HX-{provider}", [voucher]), f"c-{provider}", provider)
            assert made.status == 201, made.bytes
            cls.claims[provider] = made.json["index"]

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_matrix_of_reads(self):
        everywhere = ["", "/entries", "/entries/1", "/entries/1/lines", "/proofs/1", "/consistency?old=1",
                      "/checkpoint", "/reports", "/reports/fund-flow", "/providers/p-01/payments"]
        for role in STAFF:
            for path in everywhere:
                self.assertEqual(self.world.get(BASE + path, role=role).status, 200, (role, path))
        own = {f"/proofs/{self.claims['p-01']}", "/checkpoint", "/providers/p-01/payments"}
        others = [f"/proofs/{self.claims['p-02']}", "/providers/p-02/payments", "/proofs/99999",
                  "/providers/p-99/payments", f"/entries/{self.claims['p-01']}"]
        for path in [*everywhere, *own, *others]:
            expected = 200 if path in own else 403
            self.assertEqual(self.world.get(BASE + path, role="p-01").status, expected, path)

    def test_matrix_of_writes(self):
        size = self.world.get(BASE).json["size"]
        for who in [*STAFF, "p-01"]:
            if who != "registrar":
                answer = self.world.post(region("320412301"), f"w-{who}", who)
                self.assertEqual((answer.status, answer.code), (403, "role-not-permitted"), who)
        answer = self.world.post(World.claim("p-02", "X", ["T-00000001"]), "w", "p-01")
        self.assertEqual((answer.status, answer.code), (403, "not-own-provider"))
        # Also inside a batch, and nothing about other people's vouchers is said.
        batch = {"mode": "independent", "commands": [World.claim("p-02", "X", ["T-00000001"])]}
        answer = self.world.post(batch, "wb", "p-01")
        self.assertEqual((answer.status, [r["status"] for r in answer.json["results"]]), (207, [403]))
        self.assertNotIn(b"T-00000001", answer.bytes)
        self.assertEqual(self.world.post({**batch, "mode": "atomic"}, "wb", "p-01").status, 403)
        self.assertEqual(self.world.get(BASE).json["size"], size)

    def test_wrong_tokens(self):
        good = self.world.tokens["inspector"]
        for header in ("", "Bearer", "Bearer ", "Bearer " + good[:-1], "Bearer " + good + "0",
                       "Basic " + good, good, "Bearer " + "x" * 4000, "Bearer \xff\xfe"):
            answer = self.world.request("GET", BASE, headers={"Authorization": header})
            self.assertEqual((answer.status, answer.code), (401, "unauthenticated"), header[:20])
            self.assertEqual(answer.headers["www-authenticate"], "Bearer")
        answer = self.world.request("GET", BASE, headers={"Authorization": "bearer " + good})
        self.assertEqual(answer.status, 200)

    def test_payments_follow_a_claim_to_the_end(self):
        w = self.world
        claim = self.claims["p-01"]

        def stage():
            payments = w.get(BASE + "/providers/p-01/payments", role="p-01").json
            self.assertEqual(len(payments["claims"]), 1)
            self.assertNotIn("p-02", json.dumps(payments))
            return payments["claims"][0]["stage"]["code"], payments
        self.assertEqual(stage()[0], "received")

        def settle(name, date):
            w.record(f"{name}-1", "preparer", "settlement_preparation", date,
                     {"basis": "redemptions", "provider": "p-01", "redemptions": [claim],
                      "settlement": name, "total": "100.00"}, policy="wujin-2008@1")
        settle("S1", "2008-05-05")
        self.assertEqual(stage()[0], "settling")
        w.record("S1-2", "reviewer", "settlement_return", "2008-05-06",
                 {"settlement": "S1", "reason": "缺少签字"})
        code, payments = stage()
        self.assertEqual((code, payments["claims"][0]["reason"]), ("returned", "缺少签字"))
        settle("S2", "2008-05-06")
        w.record("S2-2", "reviewer", "settlement_review", "2008-05-07", {"settlement": "S2"})
        w.record("S2-3", "approver", "settlement_approval", "2008-05-08", {"settlement": "S2"})
        code, payments = stage()
        self.assertEqual((code, payments["due_now"]), ("payable", "100.00"))

        def pay(name, day):
            w.record(f"{name}-1", "preparer", "disbursement_preparation", f"2008-05-{day}",
                     {"account": "za", "amount": "100.00", "disbursement": name, "method": "transfer",
                      "payee": w.bank("p-01"), "settlement": "S2"})
            w.record(f"{name}-2", "approver", "disbursement_approval", f"2008-05-{day}",
                     {"disbursement": name})
            w.record(f"{name}-3", "cashier", "disbursement_payment", f"2008-05-{day}",
                     {"disbursement": name, "bank_reference": f"B-{name}"})
        pay("D1", "12")
        self.assertEqual(stage()[0], "paid")
        w.record("D1-4", "cashier", "disbursement_bounce", "2008-05-14",
                 {"disbursement": "D1", "bank_reference": "B-back", "reason": "户名不符"})
        code, payments = stage()
        self.assertEqual((code, payments["claims"][0]["reason"]), ("bounced", "户名不符"))
        self.assertEqual(payments["due_now"], "100.00")
        pay("D2", "20")
        code, payments = stage()
        self.assertEqual((code, payments["balances"]["paid"]), ("paid", "100.00"))
        self.assertEqual([d["disbursement"] for d in payments["disbursements"]], ["D1", "D2"])
        steps = [payments["settlements"][1][s]["entry"] for s in ("prepared", "reviewed", "approved")]
        for index in steps:  # steps that name only the settlement are the provider's own too
            self.assertEqual(w.get(f"{BASE}/proofs/{index}", role="p-01").status, 200)
        # The other provider's page knows nothing of it, and the report agrees with both.
        other = w.get(BASE + "/providers/p-02/payments", role="p-02").json
        self.assertEqual((len(other["claims"]), other["balances"]["accrued"]), (1, "100.00"))
        for report in (payments, other):
            name = report["provider"]
            statement = w.get(f"{BASE}/reports/provider-statement?provider={name}").json
            self.assertIn(report["claims"][0]["amount"], json.dumps(statement))

    def test_no_secrets_and_no_people_in_the_log(self):
        w = self.world
        w.get(BASE + "/entries?kind=redemption&provider=p-01")
        w.get("/v1/ledgers/320412194107309666/entries")
        text = w.read_log()
        for line in text.splitlines():
            json.loads(line)
        for secret in [*w.tokens.values(), "320412194107309666", "合成老人", "kind=redemption"]:
            self.assertNotIn(secret, text)
        stored = (w.ledger / "users.json").read_text()
        for token in w.tokens.values():
            self.assertNotIn(token, stored)
        self.assertEqual(os.stat(w.ledger / "users.json").st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
