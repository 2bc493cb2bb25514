"""Workbooks that are made to take all the memory or all the time there is: small files that hold large parts."""
import io
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time
import unittest
import zipfile

BINARY = os.environ["FUNDTRAIL"]
MIB = 1 << 20
FUND = ("资金编号", "资金名称", "会计年度", "功能科目", "登记日期", "经办人")


def workbook(sheet, shared=None, sheets='<sheet id="r1"/>', parts=1):
    """As few parts as there may be. `sheet`: the rows of each worksheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        z.writestr("xl/_rels/workbook.xml.rels", "<Relationships>" + "".join(
            f'<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, parts + 1)) + "</Relationships>")
        z.writestr("xl/workbook.xml", f"<workbook><sheets>{sheets}</sheets></workbook>")
        for n in range(1, parts + 1):
            z.writestr(f"xl/worksheets/sheet{n}.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
        if shared is not None:
            z.writestr("xl/sharedStrings.xml", f"<sst>{shared}</sst>")
    return out.getvalue()


def row(*cells):
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in cells) + "</row>"


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-workbook-"))
        subprocess.run([BINARY, "--ledger", cls.dir / "ledger", "init", "--id", "x", "--name", "测试", "--region", "320412",
                        "--actor", "liu.yang", "--date", "2008-04-01"], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def bad(self, content, name="funds.xlsx", memory=900 * MIB, seconds=20):
        """What a dry run finds, within so much memory (of its heap) and time."""
        folder = self.dir / "files"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / name).write_bytes(content)
        begun = time.monotonic()
        done = subprocess.run([BINARY, "--json", "--ledger", self.dir / "ledger", "import", "--dry-run", folder],
                              capture_output=True, timeout=300,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (memory, memory)))
        self.assertIn(done.returncode, (0, 1), done.stderr[-500:])
        self.assertLess(time.monotonic() - begun, seconds)
        return json.loads(done.stdout)["bad"]

    def codes(self, *arguments, **more):
        return [f["code"] for f in self.bad(*arguments, **more)]

    def test_a_sheet_that_is_named_often_is_read_once(self):
        rows = row(*FUND) + row("F1", "名", "2008", "2081002", "2008-04-01", "zhou.jing")
        self.assertEqual(self.codes(workbook(rows, sheets='<sheet id="r1"/>' * 100)), [])
        # Nothing in it, so that the next one is looked at: 2,000 times 60 MiB.
        empty = "<r/>" * (15 * MIB - 100)
        begun = time.monotonic()
        self.assertEqual(len(self.codes(workbook(empty, sheets='<sheet id="r1"/>' * 2000))), 1)
        self.assertLess(time.monotonic() - begun, 10)

    def test_what_all_parts_hold_is_bounded(self):
        blanks = " " * (40 * MIB)
        names = "".join(f'<sheet id="r{n}"/>' for n in range(1, 5))
        self.assertEqual(self.codes(workbook(blanks, sheets=names, parts=4)), ["file-too-large"])
        names = "".join(f'<sheet id="r{n}"/>' for n in range(1, 102))
        self.assertEqual(self.codes(workbook("", sheets=names, parts=101)), ["file-too-large"])

    def test_a_tree_is_bounded(self):
        for small in ("<c/>", "<r></r>", "<c a=''/>"):
            many = small * ((64 * MIB - 200) // len(small))
            self.assertEqual(self.codes(workbook(many)), ["file-too-large"], small)
        self.assertEqual(self.codes(workbook(row("x"), shared="<si/>" * (12 * MIB))), ["file-too-large"])

    def test_one_text_in_many_cells_is_counted_each_time(self):
        text = "<si><t>" + "x" * MIB + "</t></si>"
        cells = '<c t="s"><v>0</v></c>' * 16_000
        self.assertEqual(self.codes(workbook(f"<row>{cells}</row>", shared=text)), ["file-too-large"])
        rows = '<row><c t="s"><v>0</v></c></row>' * 100_000
        self.assertEqual(self.codes(workbook(rows, shared=text)), ["file-too-large"])

    def test_a_million_cells_are_read_and_ten_thousand_findings_are_enough(self):
        lines = [row(*FUND)]
        for n in range(2, 170_000):
            cells = ("F", "名称", "x", "2081002", "2008-04-01", "zhou.jing")
            lines.append(f'<row r="{n}" spans="1:6">' + "".join(
                f'<c r="{column}{n}" s="1" t="s"><v>{index}</v></c>'
                for index, (column, _) in enumerate(zip("ABCDEF", cells))) + "</row>")
        shared = "".join(f"<si><t>{text}</t></si>" for text in ("F", "名称", "x", "2081002", "2008-04-01", "zhou.jing"))
        found = self.bad(workbook("".join(lines), shared=shared), memory=1400 * MIB, seconds=60)
        self.assertEqual(len(found), 10_001)
        self.assertEqual({f["code"] for f in found}, {"cell-malformed", "file-too-many"})
        self.assertEqual([f["row"] for f in found if f["code"] == "cell-malformed"][-1], 10_001)

    def test_findings_of_csv_files_are_bounded_too(self):
        self.assertEqual(len(self.bad((",".join(FUND) + "\n" + "x\n" * (20 * MIB)).encode(), "funds.csv")), 10_001)
        header = ",".join(FUND) + "\n"
        self.assertEqual(self.codes((header + "x," * (30 * MIB) + "\n").encode(), "funds.csv"), ["file-csv-syntax"])
        past = self.dir / "past"
        past.mkdir()
        (past / "funds.csv").write_text(header + "F,n,2008,1,never,x\n" * 100_000, encoding="utf-8")
        done = subprocess.run([BINARY, "--json", "--ledger", self.dir / "ledger", "import", "--dry-run", "--past", past],
                              capture_output=True, timeout=60)
        self.assertEqual(len(json.loads(done.stdout)["bad"]), 10_001)


if __name__ == "__main__":
    unittest.main()
