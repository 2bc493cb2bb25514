"""Workbooks of the files of an import, as spreadsheet programs write them (openpyxl)."""
import csv
import datetime
import html
import io
import re
import zipfile

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

AMOUNT_COLUMNS = {"金额", "余额", "面额", "服务时数"}


def typed_value(title, text):
    """The text as a person who uses the spreadsheet's own types has it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.date.fromisoformat(text)
    if title in AMOUNT_COLUMNS and text:
        return float(text)
    return text


def from_csv(path, typed=False, since_1904=False, blank_rows=0, second="", change=None):
    """`blank_rows` stand behind the header; `change` sets single cells; `second` fills another sheet."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    book = openpyxl.Workbook()
    if since_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text == "":
                continue
            value = typed_value(rows[0][column], text) if typed and number else text
            cell = sheet.cell(row=number + 1 + (blank_rows if number else 0), column=column + 1, value=value)
            if isinstance(value, str):
                cell.number_format = "@"
    for reference, value in (change or {}).items():
        sheet[reference] = value
    book.create_sheet("空表")
    if second:
        book.create_sheet("其他")["A1"] = second
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_shared_strings(content):
    """The same as Excel and WPS write it: texts in a part of their own, one of them in runs with a reading aid."""
    texts = []

    def shared(match):
        texts.append(match[2])
        return b'<c%s t="s"><v>%d</v></c>' % (match[1], len(texts) - 1)

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb'<c([^>]*) t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>', shared, part, flags=re.S)
            target.writestr(name, part)
        assert len(texts) > 3
        items = [b"<si><t>%s</t></si>" % text for text in texts]
        first = html.unescape(texts[0].decode())
        items[0] = ('<si><r><t>%s</t></r><r><t>%s</t></r><rPh sb="0" eb="1"><t>X</t></rPh></si>'
                    % (html.escape(first[:1]), html.escape(first[1:]))).encode()
        target.writestr("xl/sharedStrings.xml", b"<sst>" + b"".join(items) + b"</sst>")
    return out.getvalue()


def bomb(path):
    """The same with a sheet of 100 MB of blanks, packed to some 100 KB."""
    packed = io.BytesIO(from_csv(path))
    out = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<sheetData>", b"<sheetData>" + b" " * 100_000_000)
            target.writestr(name, content)
    return out.getvalue()


def replace(folder, name, content):
    """The workbook instead of the CSV file of that name."""
    (folder.path / f"{name}.csv").unlink()
    folder.write(f"{name}.xlsx", content)
