"""What is packed in an import has people's numbers in it: while its rows are recorded, and after kill -9, no file
of rows lies on the disk any more. And what is packed to take all memory or all time takes neither."""
import io
import os
import re
import signal
import sys
import time
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ROOT, World  # noqa: E402


MIB = 1 << 20
TABLES = ("funds", "regions", "accounts", "providers", "provider_changes", "assessments", "fund_receipts", "allotments",
          "corrections", "settlements", "disbursements", "recoveries", "bank_statement", "period_closes")


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in files.items():
            z.writestr(name, content)
    return out.getvalue()


def heavy(sheets):
    """A workbook of some KiB: sheets with nothing in them, each nearly as large as one may be."""
    rows = "<worksheet><sheetData>" + "<r/>" * (6 * MIB) + "</sheetData></worksheet>"
    numbers = range(1, sheets + 1)
    return packed({
        "xl/_rels/workbook.xml.rels": "<Relationships>" + "".join(
            f'<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/{n}.xml"/>' for n in numbers) + "</Relationships>",
        "xl/workbook.xml": "<workbook><sheets>" + "".join(f'<sheet id="r{n}"/>' for n in numbers) + "</sheets></workbook>",
        **{f"xl/worksheets/{n}.xml": rows for n in numbers}})


class Heavy(unittest.TestCase):
    @staticmethod
    def memory(w):
        status = Path(f"/proc/{w.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10

    def ask(self, w, key):
        answer = w.post(self.archive, key, "registrar", {"Content-Type": "application/zip"}, BASE + "/imports")
        self.assertEqual(answer.status, 201, answer.bytes)

    def test_several_at_once_take_what_one_takes_and_can_be_called_off(self):
        book = heavy(5)  # 120 MiB when unpacked
        self.archive = packed({f"{table}.xlsx": book for table in TABLES})
        w = World().start()
        try:
            before = peak = self.memory(w)
            for key in ("a", "b", "c"):
                self.ask(w, key)
            until = time.monotonic() + 4
            while time.monotonic() < until:
                peak = max(peak, self.memory(w))
                time.sleep(0.02)
            states = {key: w.get(f"{BASE}/jobs/{key}").json["state"] for key in "abc"}
            self.assertEqual(states, {"a": "running", "b": "running", "c": "queued"})
            self.assertGreater(peak - before, 300 * MIB)
            self.assertLess(peak - before, 700 * MIB)
            begun = time.monotonic()
            for key in "ab":
                w.request("DELETE", f"{BASE}/jobs/{key}", role="registrar")
            self.assertEqual([w.ended(key)["state"] for key in "ab"], ["cancelled", "cancelled"])
            self.assertLess(time.monotonic() - begun, 5)
            begun = time.monotonic()
            self.assertEqual(w.stop(), 0)
            self.assertLess(time.monotonic() - begun, 5)
        finally:
            w.close()


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
