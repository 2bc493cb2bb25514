"""Idempotency, batches, the bytes of an entry, pages."""
import hashlib
import re
import shutil
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ELDERS, STAFF, World, region, run  # noqa: E402


class Writes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def post(self, body, key, role="registrar", **more):
        return self.world.post(body, key, role, **more)

    def test_same_key_same_content_is_a_hit(self):
        first = self.post(region("320412201"), "hit")
        self.assertEqual(first.status, 201)
        self.assertNotIn("idempotency-hit", first.headers)
        for key in ("hit", '"hit"'):  # the header's draft quotes it
            again = self.post(region("320412201"), key)
            self.assertEqual((again.status, again.headers.get("idempotency-hit")), (200, "true"))
            self.assertEqual(again.json["leaf"], first.json["leaf"])
            self.assertEqual(again.json["time"], first.json["time"])
            self.assertEqual(again.headers["location"], first.headers["location"])

    def test_same_key_other_content_is_refused(self):
        self.assertEqual(self.post(region("320412202"), "reuse").status, 201)
        answer = self.post(region("320412203"), "reuse")
        self.assertEqual((answer.status, answer.code), (422, "command-id-reused"))
        # The actor is part of the content.
        other = self.post(region("320412202"), "reuse", role="preparer")
        self.assertEqual(other.status, 403 if other.code == "role-not-permitted" else 422)

    def test_a_key_names_one_request_also_between_batches_and_single_commands(self):
        self.assertEqual(self.post(region("320412204"), "one").status, 201)
        self.assertEqual(self.post({"commands": [region("320412205")]}, "one").status, 422)
        batch = [region("320412206"), region("320412207")]
        self.assertEqual(self.post({"commands": batch}, "two").status, 201)
        self.assertEqual(self.post({"commands": batch}, "two").status, 200)
        self.assertEqual(self.post(batch[0], "two").status, 422)
        self.assertEqual(self.post({"commands": batch[:1]}, "two").status, 422)
        more = self.post({"commands": batch + [region("320412208")]}, "two")
        self.assertEqual((more.status, more.code), (422, "command-id-reused"))

    def test_commands_of_a_batch_may_have_ids_of_their_own(self):
        body = {"commands": [dict(region("320412209"), id="my-own"), region("320412210")]}
        results = self.post(body, "ids").json["results"]
        self.assertEqual([r["receipt"]["command"] for r in results], ["my-own", "ids.1"])
        single = self.post(dict(region("320412211"), id="other"), "not-other")
        self.assertEqual((single.status, single.code, single.json["field"]), (400, "malformed-field", "id"))

    def test_same_key_at_the_same_time_is_recorded_once(self):
        answers = []
        gate = threading.Barrier(16)

        def send():
            gate.wait()
            answers.append(self.post(region("320412212"), "race"))
        threads = [threading.Thread(target=send) for _ in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual([a.status for a in answers].count(201), 1)
        for a in answers:
            self.assertIn(a.status, (200, 201, 409))
            if a.status == 409:
                self.assertEqual(a.code, "in-flight")
                self.assertEqual(a.headers["retry-after"], "1")
        self.assertEqual(self.post(region("320412212"), "race").status, 200)

    def test_an_atomic_batch_is_all_or_nothing_and_says_which_command(self):
        size = self.world.get(BASE).json["size"]
        body = {"commands": [region("320412213"), dict(region("320412214"), date="2008-13-01")]}
        answer = self.post(body, "atomic-1")
        self.assertEqual((answer.status, answer.json["field"]), (400, "commands[1].date"))
        body = {"commands": [region("320412213"), region("320412213")]}
        answer = self.post(body, "atomic-2")
        self.assertEqual((answer.status, answer.json["command"]), (409, "atomic-2.1"))
        self.assertEqual(self.world.get(BASE).json["size"], size)

    def test_a_refused_batch_names_no_entry_that_is_not_there(self):
        """What would have been an entry of it is named by its command."""
        same = [dict(region("320412251"), id="same"), dict(region("320412252"), id="same")]
        answer = self.post({"commands": same}, "batch")
        self.assertEqual((answer.status, answer.code, answer.json["field"]), (422, "command-id-reused", "id"))
        self.assertEqual((answer.json["detail"], answer.json["detail_zh"]),
                         ('The command id "same" was used for other content (the command "same" of this batch).',
                          "命令编号“same”已用于另一内容（本批命令“same”）。"))
        index = self.post(same[0], "same").json["index"]
        again = self.post({"commands": [region("320412253"), same[1]]}, "batch-2")
        self.assertIn(f"(entry {index})", again.json["detail"])

    def test_the_body_of_an_entry_is_its_bytes(self):
        made = self.post(region("320412215", "牛塘镇"), "bytes").json
        answer = self.world.get(f"{BASE}/entries/{made['index']}",
                                headers={"Accept-Encoding": "gzip, br", "Range": "bytes=0-3"})
        self.assertEqual(answer.status, 200)
        leaf = hashlib.sha256(b"\0" + answer.bytes).hexdigest()
        self.assertEqual(leaf, made["leaf"])
        self.assertEqual(answer.headers["etag"], f'"{leaf}"')
        self.assertNotIn("content-encoding", answer.headers)
        for method in ("GET", "HEAD"):
            answer = self.world.request(method, f"{BASE}/entries/{made['index']}", role="inspector")
            self.assertEqual(answer.headers["accept-ranges"], "none")


class Withdrawal(unittest.TestCase):
    """A provider takes back what it redeemed by mistake, and nothing of another's."""

    def test_the_voucher_is_redeemed_by_who_served(self):
        w = World().start().fill()
        self.addCleanup(w.close)
        vouchers = w.issue(1)
        wrong = w.post(w.claim("p-01", "HX-1", vouchers), "claim", "p-01").json["index"]

        def withdraw(key, role, provider, redemption=wrong):
            return w.post({"kind": "redemption_withdrawal", "date": "2008-04-21",
                           "doc": {"provider": provider, "reason": "券号录错", "redemption": redemption},
                           "lines": [{"voucher": vouchers[0]}]}, key, role)
        for key, role, provider, status, code in (
                ("w1", "p-02", "p-01", 403, "not-own-provider"), ("w2", "p-02", "p-02", 404, "unknown-redemption"),
                ("w3", "chen.guo", "p-01", 403, "role-not-permitted")):
            answer = withdraw(key, {"chen.guo": "reviewer"}.get(role, role), provider)
            self.assertEqual((answer.status, answer.code), (status, code))
        self.assertEqual(withdraw("w4", "p-01", "p-01").status, 201)
        again = withdraw("w5", "p-01", "p-01")
        self.assertEqual((again.status, again.code, again.json["field"]), (409, "voucher-not-redeemed", "lines[0].voucher"))
        self.assertEqual(w.get(f"{BASE}/vouchers/{vouchers[0]}").json["voucher"]["status"], "outstanding")
        claim, = w.get(f"{BASE}/providers/p-01/payments", "p-01").json["claims"]
        self.assertEqual((claim["vouchers"], claim["amount"], claim["reduced"]), (1, "100.00", "100.00"))
        reduction, = claim["reductions"]
        self.assertEqual((reduction["date"], reduction["amount"], reduction["reason"]), ("2008-04-21", "100.00", "券号录错"))
        told = w.get(f"{BASE}/receipts/{reduction['entry']}?line=0", "p-01")
        self.assertIn(vouchers[0], told.bytes.decode())
        right = w.post(w.claim("p-02", "HX-2", vouchers[:1], date="2008-04-21"), "right", "p-02")
        self.assertEqual(right.status, 201, right.bytes)
        report = w.get(BASE + "/reports/vouchers?as_of=2008-04-30").json
        self.assertTrue(report["balanced"], report)
        settlement = {"kind": "settlement_preparation", "date": "2008-04-20",
                      "doc": {"basis": "redemptions", "provider": "p-01", "redemptions": [wrong], "settlement": "S",
                              "total": "100.00"}}
        early = w.post(settlement, "s1", "preparer")
        self.assertEqual((early.code, early.json["field"]), ("date-too-early", "doc.redemptions[0]"))
        self.assertNotIn("R-VCH-01", [i["rule"] for i in w.get(BASE + "/indicators").json["indicators"]])
        # What another provider redeemed is not in this one's bundle, though it held the same voucher once.
        w.stop()
        bundle = Path(tempfile.mkdtemp(prefix="fundtrail-bundle-")) / "b"
        self.addCleanup(shutil.rmtree, bundle.parent)
        run("--ledger", w.ledger, "export", "--bundle", bundle, "--provider", "p-01")
        told = "".join(path.read_text(encoding="utf-8") for path in bundle.rglob("*")
                       if path.is_file() and path.suffix in (".json", ".jsonl"))
        self.assertIn("HX-1", told)
        self.assertNotIn("HX-2", told)


class Trials(unittest.TestCase):
    """dry_run=true answers what the request would, and leaves no trace."""
    @classmethod
    def setUpClass(cls):
        cls.world = World().start().fill()
        cls.vouchers = cls.world.issue(1)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def tried(self, body, key, role, status, **more):
        """Twice with the same answer, and the ledger is as it was, to the byte."""
        root = self.world.get(BASE).json["root"]
        answers = [self.world.post(body, key, role, path=BASE + "/entries?dry_run=true", **more) for _ in range(2)]
        for answer in answers:
            self.assertEqual(answer.status, status, answer.bytes)
            self.assertNotIn("location", answer.headers)
        bodies = [{k: v for k, v in a.json.items() if k != "instance"} for a in answers]
        self.assertEqual(bodies[0], bodies[1])
        self.assertEqual(self.world.get(BASE).json["root"], root)
        return answers[0]

    def test_it_is_what_is_recorded_afterwards(self):
        claim = World.claim("p-01", "HX-T", [self.vouchers[0], "T-99999999"], mode="line_by_line")
        trial = self.tried(claim, "claim", "p-01", 200).json
        self.assertNotIn("index", trial)
        self.assertEqual((trial["dry_run"], trial["size"]), (True, self.world.get(BASE).json["size"]))
        made = self.world.post(claim, "claim", "p-01")
        self.assertEqual(made.status, 201, made.bytes)
        self.assertEqual(made.json["refused_lines"], trial["refused_lines"])
        entry = self.world.get(f"{BASE}/entries/{made.json['index']}").json
        self.assertTrue(trial["postings"])
        self.assertEqual(entry["postings"], trial["postings"])
        again = self.world.post(claim, "claim", "p-01", path=BASE + "/entries?dry_run=true")
        self.assertEqual((again.status, again.json["index"], again.headers["idempotency-hit"]),
                         (200, made.json["index"], "true"))
        self.tried(World.claim("p-01", "HX-U", [self.vouchers[1]]), "claim", "p-01", 422)

    def test_commands_of_a_batch_see_each_other(self):
        twice = {"commands": [region("320412301"), region("320412301")]}
        answer = self.tried(twice, "twice", "registrar", 409)
        self.assertEqual((answer.code, answer.json["command"]), ("already-registered", "twice.1"))
        results = self.tried({**twice, "mode": "independent"}, "twice", "registrar", 207).json["results"]
        self.assertEqual([r["status"] for r in results], [200, 409])
        self.assertEqual(results[0]["receipt"]["command"], "twice.0")
        self.assertEqual(self.world.post(region("320412301"), "twice", "registrar").status, 201)

    def test_nobody_is_registered_or_looked_up(self):
        person = {"kind": "beneficiary_registration", "date": "2008-04-20", "policy": "wujin-2008@1",
                  "identity": {"name": "试用人", "id_number": ELDERS[0]},
                  "doc": {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01",
                          "region": "320412901"}}
        known = self.tried(person, "person", "registrar", 409)
        self.assertEqual(known.code, "already-registered")
        person["identity"]["id_number"] = ELDERS[2]
        self.assertNotIn(b"beneficiary", self.tried(person, "person", "registrar", 200).bytes)
        found = self.world.post({"id_number": ELDERS[2]}, None, "registrar",
                                {"Access-Purpose": "test"}, path=BASE + "/beneficiaries/lookup")
        self.assertEqual(found.status, 404, found.bytes)

    def test_only_who_may_submit(self):
        self.assertEqual(self.tried(region("320412302"), "k", "inspector", 403).code, "role-not-permitted")
        self.assertEqual(self.tried(region("320412302"), "k", "preparer", 403).code, "role-not-permitted")
        answer = self.world.post(region("320412302"), "k", "registrar", path=BASE + "/entries?dry_run=yes")
        self.assertEqual((answer.status, answer.json["field"]), (400, "dry_run"))
        self.assertEqual(self.tried({"kind": "nothing"}, "k", "registrar", 400).code, "missing-field")


class Polling(unittest.TestCase):
    def test_a_client_goes_on_from_what_it_has(self):
        world = World().start()
        try:
            taken, size = [], 0
            for more in (3, 0, 4):
                for i in range(more):
                    n = len(taken) + i
                    world.record(f"r{n}", "registrar", "region_registration", "2008-04-01",
                                 {"name": "镇", "region": f"3204125{n:02d}"})
                after = f"&after={size - 1}" if size else ""
                page = world.get(f"{BASE}/entries?limit=2{after}").json
                taken += [e["index"] for e in page["entries"]]
                while "next" in page:
                    page = world.get(f"{BASE}/entries?limit=2{after}&cursor={page['next']}").json
                    taken += [e["index"] for e in page["entries"]]
                lines = world.get(f"{BASE}/journal?{after[1:]}").bytes.splitlines()
                self.assertEqual(len(lines), page["size"] - size)
                size = page["size"]
            self.assertEqual(taken, list(range(8)))
            page = world.get(f"{BASE}/entries?after=5&kind=region_registration").json
            self.assertEqual([e["index"] for e in page["entries"]], [6, 7])
            for bad in ("8", "-1", "x", ""):  # 8: somebody has more than there is
                for path in ("entries", "journal"):
                    answer = world.get(f"{BASE}/{path}?after={bad}")
                    self.assertEqual((answer.status, answer.json["field"]), (400, "after"), bad)
        finally:
            world.close()


class Pages(unittest.TestCase):
    def test_lists_that_lie_in_memory_come_in_pages(self):
        world = World()
        try:
            for _ in range(2):
                run("--ledger", world.ledger, "token", "new", "--actor", STAFF["inspector"], "--role", "inspector")
            world.start()
            for n in range(3):
                world.record(f"r{n}", "registrar", "region_registration", "2008-04-01",
                             {"name": "镇", "region": f"3204127{n:02d}"})
                self.assertEqual(world.get(BASE + "/checkpoint").status, 200)
            for path, name, role, least in ((BASE + "/checkpoints", "checkpoints", "inspector", 3),
                                            ("/v1/users", "users", "administrator", 5),
                                            ("/v1/tokens", "tokens", "inspector", 3)):
                def told(answer):  # but for what each request changes
                    return [item if isinstance(item, str) else {k: v for k, v in item.items() if k != "last_used"}
                            for item in answer[name]]
                whole = told(world.get(path, role=role).json)
                self.assertGreaterEqual(len(whole), least, name)
                seen, query = [], "?limit=2"
                while query:
                    page = world.get(path + query, role=role).json
                    self.assertLessEqual(len(page[name]), 2)
                    seen += told(page)
                    query = f"?limit=2&cursor={page['next']}" if "next" in page else ""
                self.assertEqual(seen, whole, name)
                for bad in ("limit=0", "limit=501", "cursor=%2F"):
                    self.assertEqual(world.get(f"{path}?{bad}", role=role).status, 400, bad)
        finally:
            world.close()

    def test_pages_never_shift(self):
        world = World().start()
        try:
            for i in range(12):
                world.record(f"r{i}", "registrar", "region_registration", "2008-04-01",
                             {"name": "镇", "region": f"3204125{i:02d}"})
            path = BASE + "/entries?kind=region_registration&limit=5"
            page = world.get(path).json
            seen = [e["index"] for e in page["entries"]]
            while "next" in page:
                # Somebody goes on writing between the pages.
                n = len(seen)
                world.record(f"later{n}", "registrar", "region_registration", "2008-04-01",
                             {"name": "镇", "region": f"3204126{n:02d}"})
                page = world.get(f"{path}&cursor={page['next']}").json
                seen += [e["index"] for e in page["entries"]]
            self.assertEqual(seen, list(range(1, 13)))
            first = world.get(path).json["next"]
            for bad in (first + "0", "1", "99-1-x", re.sub(r"^\d+", lambda m: str(int(m[0]) - 1), first), "",
                        "0-9-" + first.split("-")[-1]):
                self.assertEqual(world.get(f"{path}&cursor={bad}").status, 400, bad)
            other = world.get(f"{BASE}/entries?kind=redemption&cursor={first}")
            self.assertEqual((other.status, other.json["field"]), (400, "cursor"))
        finally:
            world.close()


if __name__ == "__main__":
    unittest.main()
