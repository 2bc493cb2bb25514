"""What is packed in an import has people's numbers in it: while its rows are recorded, and after kill -9, no file
of rows lies on the disk any more."""
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ROOT, World  # noqa: E402


class ImportFiles(unittest.TestCase):
    def test_rows_lie_on_no_disk(self):
        w = World().start()
        try:
            for query in ("", "?past=true"):
                key = "import" + query[1:5]
                self.assertEqual(w.import_folder(ROOT / "fixtures" / "wujin-2008", key, query=query).status, 201)
                seen = self.seen_while_recording(w, key)
                self.assertLessEqual(len(seen), 0 if not query else 20)
                self.assertEqual(w.ended(key)["state"], "done")
                self.assertEqual(self.rows(w), [])
            w.import_folder(ROOT / "fixtures" / "wujin-2008", "killed")
            self.seen_while_recording(w, "killed")
            w.stop(signal.SIGKILL)
            self.assertEqual([p.name for p in self.rows(w)], [])
        finally:
            w.close()

    @staticmethod
    def rows(w):
        # Folders of the import go while one looks: os.walk passes over them.
        found = [Path(place) / name for place, _, names in os.walk(w.ledger) for name in names]
        return sorted(p for p in found if p.suffix in (".csv", ".xlsx"))

    def seen_while_recording(self, w, key):
        """The files of rows that are there when the first rows have been recorded."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            job = w.get(f"{BASE}/jobs/{key}").json
            if job["state"] not in ("queued", "running") or job.get("progress", {}).get("done"):
                found = self.rows(w)
                for path in found:
                    try:
                        self.assertEqual(path.stat().st_mode & 0o077, 0)
                    except FileNotFoundError:  # removed meanwhile
                        pass
                return found
        self.fail("nothing was recorded")


if __name__ == "__main__":
    unittest.main()
