"""Idempotency, batches, the bytes of an entry, pages."""
import hashlib
import re
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, World, region  # noqa: E402


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

    def test_the_body_of_an_entry_is_its_bytes(self):
        made = self.post(region("320412215", "牛塘镇"), "bytes").json
        answer = self.world.get(f"{BASE}/entries/{made['index']}",
                                headers={"Accept-Encoding": "gzip, br", "Range": "bytes=0-3"})
        self.assertEqual(answer.status, 200)
        leaf = hashlib.sha256(b"\0" + answer.bytes).hexdigest()
        self.assertEqual(leaf, made["leaf"])
        self.assertEqual(answer.headers["etag"], f'"{leaf}"')
        self.assertNotIn("content-encoding", answer.headers)


class Pages(unittest.TestCase):
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
