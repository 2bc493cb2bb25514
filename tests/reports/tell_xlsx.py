"""Tells what stands in a workbook, with nothing but the standard library: each sheet with its page
set-up and its cells (n: a number with its format, s: text), so that a golden file can hold it."""
import re
import sys
import zipfile
from xml.etree import ElementTree as ET

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def main(path):
    book = zipfile.ZipFile(path)
    assert book.testzip() is None
    strings = ["".join(t.text or "" for t in si.iter(M + "t"))
               for si in ET.fromstring(book.read("xl/sharedStrings.xml"))]
    styles = ET.fromstring(book.read("xl/styles.xml"))
    codes = {int(f.get("numFmtId")): f.get("formatCode") for f in styles.iter(M + "numFmt")}
    codes.update({0: "General", 3: "#,##0", 4: "#,##0.00"})
    formats = [codes[int(xf.get("numFmtId"))] for xf in styles.find(M + "cellXfs")]
    workbook = ET.fromstring(book.read("xl/workbook.xml"))
    targets = {r.get("Id"): r.get("Target")
               for r in ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))}
    for name in workbook.iter(M + "definedName"):
        print("name:", name.get("name"), name.text)
    for sheet in workbook.iter(M + "sheet"):
        xml = ET.fromstring(book.read("xl/" + targets[sheet.get(R + "id")]))
        page, pane = xml.find(M + "pageSetup"), next(xml.iter(M + "pane"))
        print("sheet:", sheet.get("name"))
        print("page: paper", page.get("paperSize"), page.get("orientation"),
              "fit", page.get("fitToWidth", "1"), "x", page.get("fitToHeight"),
              "| frozen above", pane.get("topLeftCell"),
              "|", xml.find(M + "headerFooter").find(M + "oddHeader").text,
              "|", xml.find(M + "headerFooter").find(M + "oddFooter").text)
        assert next(xml.iter(M + "f"), None) is None, "a formula"
        for cell in xml.iter(M + "c"):
            value = cell.find(M + "v")
            if value is None:
                continue
            if cell.get("t") == "s":
                print(cell.get("r"), "s", strings[int(value.text)])
            else:
                assert re.fullmatch(r"-?[0-9.]+(E[+-]?\d+)?", value.text), value.text
                print(cell.get("r"), "n", value.text, formats[int(cell.get("s", "0"))])


main(sys.argv[1])
