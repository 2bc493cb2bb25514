"""The layout of the repository is a promise: who may include whom, what never enters a folder, and
that what the documents name exists. The arrows are data here and nowhere else."""
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))

# folder → folders whose headers it may include
MAY_INCLUDE = {
    "ledger": {"ledger"},
    "audit": {"ledger", "audit"},
    "reports": {"ledger", "reports"},
    "api": {"ledger", "audit", "reports", "api"},
}
# Inside the engine: the lower may not know the upper.
LEDGER_MAY_INCLUDE = {
    "core": {"core"},
    "chain": {"core", "chain"},
    "store": {"core", "chain", "store"},
    "rules": {"core", "chain", "store", "rules"},
    "planning": {"core", "chain", "store", "rules", "planning", "ledger.h", "vault.h",
                 "engine/ages.h"},
}
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)


def sources(folder):
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in (".h", ".cpp"):
            yield path


class Structure(unittest.TestCase):
    def test_includes_follow_the_arrows(self):
        seen = 0
        for folder, allowed in MAY_INCLUDE.items():
            for path in sources(folder):
                for target in INCLUDE.findall(path.read_text(encoding="utf-8")):
                    seen += 1
                    where = f"{path.relative_to(ROOT)} includes {target}"
                    self.assertTrue((ROOT / target).exists(), where + ", which is not rooted here")
                    self.assertIn(target.split("/")[0], allowed, where)
                    part = path.relative_to(ROOT).parts
                    if folder == "ledger" and part[1] in LEDGER_MAY_INCLUDE:
                        below = LEDGER_MAY_INCLUDE[part[1]]
                        if target.removeprefix("ledger/") not in below:
                            self.assertIn(target.split("/")[1], below, where)
                    if folder == "audit":
                        self.assertFalse(target.startswith("ledger/rules/"), where)
        self.assertGreater(seen, 100)

    def test_each_kind_of_row_has_a_letter_of_its_own(self):
        """Two kinds of rows under one first byte would overwrite each other (ledger/rules/rows.h)."""
        files = {}
        for path in sources("ledger/rules"):
            for letter in re.findall(r"(?:key_of|HotKey)\('(.)'", path.read_text(encoding="utf-8")):
                files.setdefault(letter, set()).add(path.name)
        self.assertGreater(len(files), 20)
        self.assertEqual({k: sorted(v) for k, v in files.items() if len(v) > 1}, {})

    def test_each_kind_of_row_has_a_name(self):
        """fundtrail verify --state says what differs (ledger/engine/state_names.cpp)."""
        used = set()
        for path in sources("ledger/rules"):
            used.update(re.findall(r"(?:key_of|HotKey)\('(.)'", path.read_text(encoding="utf-8")))
        table = (ROOT / "ledger/engine/state_names.cpp").read_text(encoding="utf-8")
        named = re.findall(r"\{'(.)', \{", table)
        self.assertEqual(sorted(used - set(named)), [])

    def test_no_floating_point_in_the_engine(self):
        for path in sources("ledger"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                code = line.split("//")[0]
                self.assertIsNone(re.search(r"\b(double|float)\b", code), f"{path}:{number}")

    def test_nothing_is_left_undone(self):
        marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|not impl" r"emented")
        for folder in [*MAY_INCLUDE, "tests", "docs", "fixtures", "script"]:
            for path in (ROOT / folder).rglob("*"):
                if "node_modules" in path.parts:  # not ours
                    continue
                if path.is_file() and path.suffix in (".h", ".cpp", ".py", ".md", ".yaml", ""):
                    found = marks.search(path.read_text(encoding="utf-8", errors="replace"))
                    self.assertIsNone(found, f"{path}: {found}")

    def test_files_stay_readable(self):
        for folder in MAY_INCLUDE:
            for path in sources(folder):
                lines = path.read_text(encoding="utf-8").count("\n")
                limit = 450
                self.assertLessEqual(lines, limit, f"{path.relative_to(ROOT)} lacks a second name")

    def test_the_commands_of_the_readme_may_be_run(self):
        for path in [*(ROOT / "script").iterdir(), ROOT / ".ci" / "run"]:
            self.assertTrue(os.access(path, os.X_OK), path)

    def test_links_between_documents_lead_somewhere(self):
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
                self.assertTrue((path.parent / target).exists(), f"{path.name} → {target}")


if __name__ == "__main__":
    unittest.main()
