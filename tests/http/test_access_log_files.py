"""What crashes and people do to the files of the access log: unfinished months, whole logs that are gone."""
import json
import shutil
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_access_log import lines_of, log_of, records_of, verify  # noqa: E402
from world import BASE, World, run  # noqa: E402


class Months(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def live(self, month, *more):
        w = self.world.start(more=["--clock", f"{month}-15T09:00:00+08:00", *more])
        self.assertEqual(w.get(BASE + "/access-log").status, 200)
        self.assertEqual(w.stop(), 0)
        report = verify(w)
        self.assertTrue(report["ok"], report)
        return report

    def test_a_month_in_which_no_record_was_finished(self):
        """A crash, or a full disk, between the new file and its first whole record."""
        w = self.world
        before = self.live("2026-01")["next"]
        for month, torn in (("2026-02", b""), ("2026-03", b'{"action":"refu')):
            (log_of(w) / f"{month}.jsonl").write_bytes(torn)
            report = verify(w)
            self.assertEqual((report["ok"], report["next"], report["unfinished"]), (True, before, len(torn)))
        (log_of(w) / "2026-04.jsonl").write_bytes(b"")  # and once more
        report = self.live("2026-05")
        self.assertGreater(report["next"], before)
        self.assertEqual((log_of(w) / "2026-03.jsonl").read_bytes(), b"")
        self.assertEqual([r["n"] for r in records_of(w)], list(range(report["next"])))
        # Nor do they keep what is old from being removed.
        self.assertEqual(self.live("2027-03", "--access-log-months", 6)["first"], report["next"])

    def test_the_newest_records_may_not_be_missing_all_the_same(self):
        w = self.world
        self.live("2026-01")
        self.live("2026-02")
        (log_of(w) / "2026-02.jsonl").write_bytes(b"")
        self.assertEqual(verify(w)["finding"]["reason"], "cut-end")
        self.assertEqual(run("--ledger", w.ledger, "serve", "--port", 0, check=False).returncode, 1)


class Gone(unittest.TestCase):
    def setUp(self):
        self.world = World().start()
        self.addCleanup(self.world.close)
        self.assertEqual(self.world.get(BASE + "/entries/0").status, 200)

    def states(self):
        answer = self.world.get("/readyz", role=None)
        self.assertEqual(answer.status, 200)
        return [state["code"] for state in answer.json["states"]]

    def test_a_log_that_is_gone_is_missed(self):
        w = self.world
        self.assertNotIn("access-log-new", self.states())
        self.assertEqual(w.stop(), 0)
        former = verify(w)
        shutil.rmtree(log_of(w))
        w.start()
        first = records_of(w)[0]
        self.assertEqual({k: first[k] for k in ("action", "outcome", "count", "subject", "n")},
                         {"action": "opened", "outcome": "new-log", "count": former["next"],
                          "subject": "after " + former["last"], "n": 0})
        self.assertIn("access-log-new", self.states())
        self.assertIn("new access log", w.read_log())
        self.assertEqual(w.stop(), 0)
        report = verify(w)
        self.assertEqual((report["ok"], report["former_records"]), (True, former["next"]))
        self.assertIn(str(former["next"]),
                      run("--ledger", w.ledger, "--lang", "zh", "access-log", "verify").stdout)
        w.start()
        self.assertNotIn("access-log-new", self.states())  # told once; the record stays

    def test_an_older_log_is_not_put_back(self):
        """With its HEAD: only what stands elsewhere tells."""
        w = self.world
        self.assertEqual(w.stop(), 0)
        kept = w.directory / "kept"
        shutil.copytree(log_of(w), kept)
        w.start()
        w.get(BASE + "/entries/0")
        self.assertEqual(w.stop(), 0)
        shutil.rmtree(log_of(w))
        shutil.copytree(kept, log_of(w))
        done = run("--ledger", w.ledger, "--json", "access-log", "verify", check=False)
        self.assertEqual(json.loads(done.stdout)["finding"]["reason"], "cut-end")
        self.assertTrue(verify(w)["ok"])  # a copy, by itself, does not show it
        done = run("--ledger", w.ledger, "--lang", "en", "serve", "--port", 0, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ACCESS-LOG", done.stderr)

    def test_a_kill_loses_nothing(self):
        w = self.world
        w.get(BASE + "/entries/0")
        w.stop(signal.SIGKILL)
        before = len(lines_of(w))
        w.start()
        self.assertEqual(records_of(w)[before]["action"], "opened")
        self.assertNotIn("outcome", records_of(w)[before])


if __name__ == "__main__":
    unittest.main()
