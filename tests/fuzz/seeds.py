"""Writes the seeds of the fuzz targets, one folder a target, from the vectors, the fixtures and a ledger
that the program makes of the worked year. Arguments: the folder to write, the fundtrail program."""
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "import"))
import workbooks as import_workbooks

SOURCE = pathlib.Path(__file__).resolve().parents[2]
VECTORS = SOURCE / "fixtures" / "vectors"
OUT = pathlib.Path(sys.argv[1])
FUNDTRAIL = sys.argv[2]


def write(target, seeds):
    folder = OUT / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for number, seed in enumerate(seeds):
        (folder / f"{number:04}").write_bytes(seed if isinstance(seed, bytes) else seed.encode())


def entries():
    """The entries of the worked year, each with its lines."""
    with tempfile.TemporaryDirectory() as home:
        run = [FUNDTRAIL, "--ledger", home + "/ledger"]
        for step in (["init", "--id", "seeds", "--name", "账套", "--region", "320412", "--actor", "li",
                      "--date", "2008-01-01"],
                     ["import", str(SOURCE / "fixtures" / "worked-year"), "--operator", "li"],
                     ["export", "--bundle", home + "/bundle"]):
            subprocess.run([*run, *step], check=True, capture_output=True)
        bundle = pathlib.Path(home) / "bundle"
        for index, line in enumerate((bundle / "entries.jsonl").read_text().splitlines()):
            lines = bundle / "lines" / f"{index:08}.jsonl"
            yield line + ("\n" + lines.read_text() if lines.exists() else "")


def commands(seeds):
    """What could have been submitted for those entries."""
    for seed in seeds:
        line, _, lines = seed.partition("\n")
        entry = json.loads(line)
        command = {key: entry[key] for key in ("date", "doc", "kind", "policy") if key in entry}
        if lines:
            command["lines"] = [json.loads(text) for text in lines.splitlines()]
        if entry["kind"] == "beneficiary_registration":
            command["identity"] = {"id_number": "320412193010010011", "name": "某人"}
        yield json.dumps(command, ensure_ascii=False)


def proofs():
    """Every size and place of a small tree, and some that are not said as they are."""
    for kind in 0, 1:
        for size in range(0, 9):
            for place in range(0, size + 1):
                yield bytes([kind, size, place, 0, 0, 0, 0])
                yield bytes([kind, size, place, size + 2, place, place, 1, 1, 0])
                yield bytes([kind, size, place, size, place, place + 1, 1])


def workbooks():
    """Workbooks of the worked year, in the parts that the target packs again, and one as it is."""
    for number, file in enumerate(sorted((SOURCE / "fixtures" / "worked-year").glob("*.csv"))):
        for typed in False, True:
            packed = import_workbooks.from_csv(file, typed=typed)
            with zipfile.ZipFile(io.BytesIO(packed)) as book:
                there = book.namelist()
                read = [book.read(part) if (part := f"xl/{name}.xml") in there else b""
                        for name in ("worksheets/sheet1", "sharedStrings", "workbook")]
            # The relation that the target writes is called "a".
            read[2] = re.sub(rb'r:id="rId1"', b'r:id="a"', read[2])
            yield bytes([number]) + b"\0".join(read)
    yield b"\0" + packed


def main():
    vectors = {name: json.loads((VECTORS / f"{name}.json").read_text()) for name in ("canonical", "notes")}
    book = list(entries())
    asked = list(commands(book))
    write("entry", book)
    write("command", asked + ["[" + ",".join(asked[:3]) + "]", "{}", "[]"])
    write("canonical", [bytes.fromhex(row["hex"]) if "hex" in row else row["line"].encode()
                        for row in vectors["canonical"]["lines"]] + [seed.partition("\n")[0] for seed in book])
    notes = vectors["notes"]
    write("note", [row["note"] for row in notes["notes"]] + notes["keys"] + notes["checkpoints"] +
          [row["note"].partition("\n\n")[0] + "\n" for row in notes["notes"]] +
          [text.partition("\n\n")[0] + "\n" for text in notes["checkpoints"]])
    write("proofs", proofs())
    sheets = []
    for file in sorted((SOURCE / "fixtures" / "worked-year").glob("*.csv")):
        text = file.read_text(encoding="utf-8-sig")
        head = "".join(text.splitlines(keepends=True)[:6])
        for choice in range(0, 256, 29):
            sheets.append(bytes([choice & ~3]) + head.encode())
        sheets.append(b"\x03" + head.encode("gb18030"))
    write("csv", sheets)
    write("workbook", workbooks())


main()
