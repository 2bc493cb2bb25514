"""What a refusal or a trial tells somebody who sees a part of the ledger, and that nobody asks faster than the access
log can tell it."""
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_access_log import PURPOSE, records_of, wait_for  # noqa: E402
from world import BASE, ELDERS, World, region, run  # noqa: E402

TRIAL = BASE + "/entries?dry_run=true"


def grant(amount):
    return {"kind": "allotment", "date": "2008-04-12", "policy": "wujin-2008@1",
            "doc": {"amount": amount, "document_no": "武财〔2008〕9号", "from_counterpart": False, "fund": "care",
                    "programme": "services", "region": "320412901"}}


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        run("--ledger", w.ledger, "user", "add", "limited", "--role", "preparer", "--region", "320412902", "--no-password")
        w.tokens["limited"] = w.new_token("limited", "preparer")
        run("--ledger", w.ledger, "user", "add", "here", "--role", "preparer", "--region", "320412901", "--no-password")
        w.tokens["here"] = w.new_token("here", "preparer")
        w.start().fill()
        cls.vouchers = w.issue(1)
        w.record("end", "registrar", "entitlement_end", "2008-04-25",
                 {"beneficiary": w.elders[1], "evidence": "死亡证明", "ended_on": "2008-04-15", "reason": "death"})
        w.record("r902", "registrar", "region_registration", "2008-04-01", {"region": "320412902", "name": "牛塘镇"})

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_whose_voucher_it_is_no_provider_learns(self):
        w = self.world
        claim = w.claim("p-02", "z9", self.vouchers, mode="line_by_line")
        before = len(records_of(w))
        tried = w.post(claim, "try", "p-02", path=TRIAL)
        self.assertEqual(tried.status, 200, tried.bytes)
        line, = tried.json["refused_lines"]
        self.assertEqual(line["type"], "urn:fundtrail:problem:entitlement-ended")
        for person in w.elders:
            self.assertNotIn(person.encode(), tried.bytes)
        self.assertIn("***", line["detail_zh"])
        # Who tries is in the log before it is answered.
        trial = next(r for r in records_of(w)[before:] if r["action"] == "read")
        self.assertEqual((trial["actor"], trial["subject"], trial["route"]),
                         ("p-02", "trial", "POST /v1/ledgers/{ledger}/entries"))
        refused = w.post({**claim, "mode": "atomic"}, "try-2", "p-02")
        self.assertEqual((refused.status, refused.code), (422, "entitlement-ended"))
        for person in w.elders:
            self.assertNotIn(person.encode(), refused.bytes)
        # An officer is told.
        same = w.post({**grant("1.00"), "kind": "voucher_issue",
                       "doc": {"fund": "care", "month": "2008-04", "programme": "services", "region": "320412901",
                               "valid_from": "2008-04-28", "valid_to": "2008-04-30"}, "date": "2008-04-28",
                       "lines": [{"beneficiary": w.elders[1], "face": "100.00", "voucher": "T-00000099"}]},
                      "officer", "preparer")
        self.assertEqual(same.code, "entitlement-ended")
        self.assertIn(w.elders[1].encode(), same.bytes)

    def test_a_balance_of_all_is_told_to_whoever_sees_all(self):
        for who, short in (("preparer", "99990000.00"), ("here", "***")):
            answer = self.world.post(grant("100000000.00"), "much-" + who, who)
            self.assertEqual((answer.status, answer.code), (409, "insufficient-balance"), answer.bytes)
            self.assertIn(short, answer.json["detail"])
            self.assertIn(short, answer.json["detail_zh"])

    def test_which_entry_of_others_has_an_id(self):
        claim = self.world.claim("p-02", "z1", self.vouchers[:1])
        for who, body, told in (("p-02", claim, "entry ***"), ("registrar", region("320412907"), "entry ")):
            answer = self.world.post(body, "elder-0", who)
            self.assertEqual((answer.status, answer.code), (422, "command-id-reused"))
            self.assertIn(told, answer.json["detail"])
            self.assertEqual("***" in answer.json["detail_zh"], who == "p-02")

    def test_somebody_of_another_region_is_nobody(self):
        answers = [self.world.get(f"{BASE}/beneficiaries/{who}/identity", role="limited", headers=PURPOSE)
                   for who in (self.world.elders[0], "0123456789abcdef")]
        self.assertEqual([(a.status, a.code) for a in answers], [(403, "out-of-scope")] * 2)
        self.assertEqual(*[{k: v for k, v in a.json.items() if k != "instance"} for a in answers])


class Flood(unittest.TestCase):
    def test_who_asks_much_that_is_refused_waits_and_nobody_else_does(self):
        w = World().start().fill()
        self.addCleanup(w.close)
        connection = w.connect()
        body = {"mode": "independent", "commands": [region("320412901")] * 1000}
        before = len(records_of(w))
        sent = 0
        while True:
            answer = w.post(body, f"flood-{sent}", "registrar", connection=connection)
            if answer.status == 429:
                break
            self.assertEqual(answer.status, 207)
            sent += 1
            self.assertLess(sent, 20)
        self.assertEqual(answer.code, "too-many-requests")
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        # What is refused of others meanwhile is told in full.
        who = w.elders[0]
        path = f"{BASE}/beneficiaries/{who}/identity?view=full"
        self.assertEqual(w.get(path, role="preparer", headers=PURPOSE).status, 403)
        wait_for(lambda: any(r.get("actor") == "wang.fang" and r.get("person") == who and r["address"] == "127.0.0.1"
                             for r in records_of(w)[before:]), "the preparer's refusal")
        # Signing out and looking around go on; after the wait they are served, and what they ask about somebody is told.
        self.assertEqual(w.get(BASE + "/regions", role="registrar").status, 200)
        deadline = time.monotonic() + 60
        probe = {"kind": "beneficiary_registration", "date": "2008-04-10", "policy": "wujin-2008@1",
                 "doc": {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01", "region": "320412901"},
                 "identity": {"name": "合成老人", "id_number": ELDERS[0]}}
        while (answer := w.post(probe, "probe", "registrar", connection=connection)).status == 429:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)
        self.assertEqual((answer.status, answer.code), (409, "already-registered"))
        wait_for(lambda: any(r["outcome"] == "already-registered" and r.get("person") == who
                             for r in records_of(w)[before:] if "outcome" in r), "the probe")
        connection.close()


if __name__ == "__main__":
    unittest.main()
