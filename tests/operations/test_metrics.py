"""/metrics: the text format of Prometheus, with numbers that follow what happens."""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "http"))
from world import BASE, World, region  # noqa: E402

LINE = re.compile(r'^([a-z_]+)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? ([0-9.e+-]+|\+Inf)$')


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(threads=4).start()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def read(self):
        answer = self.world.get("/metrics")
        self.assertEqual(answer.status, 200)
        self.assertIn("version=0.0.4", answer.headers["content-type"])
        values, described = {}, set()
        for line in answer.bytes.decode().splitlines():
            if line.startswith("# "):
                described.add(line.split()[2])
                continue
            found = LINE.match(line)
            self.assertTrue(found, line)
            base = re.sub("_(bucket|sum|count)$", "", found[1])
            self.assertTrue(found[1] in described or base in described, line)
            self.assertNotIn(found[1] + (found[2] or ""), values, "twice")
            values[found[1] + (found[2] or "")] = float(found[3])
        return values

    def test_numbers_follow_what_happens(self):
        before = self.read()
        self.assertEqual(before["fundtrail_writable"], 1)
        for n in range(1, 6):
            self.assertEqual(self.world.post(region(f"32{n:010d}"), f"r{n}", "registrar").status, 201)
        self.assertEqual(self.world.post(region("320000000001"), "r1", "registrar").status, 200)
        self.assertEqual(self.world.post(region("320000000001"), "again", "registrar").status, 409)
        self.assertEqual(self.world.post(region("320000000009"), "other", "preparer").status, 403)
        # Who may record nothing at all is turned away before the ledger: a refused request, no refused command.
        self.assertEqual(self.world.post(region("320000000009"), "nobody", "inspector").status, 403)
        after = self.read()

        def grown(name):
            return after.get(name, 0) - before.get(name, 0)

        self.assertEqual(grown("fundtrail_entries"), 5)
        self.assertEqual(grown("fundtrail_recorded_entries_total"), 5)
        self.assertEqual(grown("fundtrail_repeated_commands_total"), 1)
        self.assertEqual(grown('fundtrail_refused_commands_total{reason="already-registered"}'), 1)
        self.assertEqual(grown('fundtrail_refused_commands_total{reason="role-not-permitted"}'), 1)
        self.assertEqual(grown("fundtrail_group_commands_sum"), 5)  # a repeated or refused one is synced with nothing
        self.assertEqual(grown("fundtrail_group_commands_count"), 5)
        self.assertEqual(grown("fundtrail_commit_seconds_count"), 5)
        self.assertGreater(grown("fundtrail_commit_seconds_sum"), 0)
        self.assertEqual(grown("fundtrail_checkpoint_lag_entries"), 5)
        self.assertEqual(after["fundtrail_anchor_lag_entries"], 0)
        self.assertEqual(after["fundtrail_queue_length"], 0)
        self.assertGreater(after["fundtrail_resident_memory_bytes"], 1_000_000)
        route = 'method="POST",route="/v1/ledgers/{ledger}/entries",status="201"'
        self.assertEqual(grown("fundtrail_request_seconds_count{" + route + "}"), 5)
        self.assertEqual(grown("fundtrail_request_seconds_bucket{" + route + ',le="+Inf"}'), 5)
        self.assertEqual(grown("fundtrail_request_seconds_count{" + route.replace("201", "403") + "}"), 2)
        self.assertEqual(self.world.get(f"{BASE}/checkpoint").status, 200)
        signed = self.read()
        self.assertEqual(signed["fundtrail_checkpoint_lag_entries"], 0)
        self.assertEqual(signed["fundtrail_checkpoint_age_seconds"], 0)

    def test_connections_are_counted_while_they_are_open(self):
        with _Open(self.world):
            self.assertGreaterEqual(self.read()["fundtrail_connections"], 2)

    def test_nothing_personal_and_who_may_read(self):
        text = self.world.get("/metrics").bytes.decode()
        for name in ("zhou.jing", "jian.cha", "test-2008"):
            self.assertNotIn(name, text)
        self.assertEqual(self.world.get("/metrics", role=None).status, 401)
        self.assertEqual(self.world.get("/metrics", role="p-01").status, 403)
        self.assertEqual(self.world.get("/metrics", role="administrator").status, 200)


class _Open:
    """A connection that has made one request and stays open."""

    def __init__(self, world):
        self.connection = world.connect()
        world.request("GET", "/healthz", connection=self.connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()


if __name__ == "__main__":
    unittest.main()
