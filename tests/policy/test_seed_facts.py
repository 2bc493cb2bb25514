"""Every rule and figure of the source documents (fixtures/seed-facts.csv) is answered for by a test that
exists and runs, or stands with a reason in docs/COMPLIANCE.md; nothing is silently left out."""
import csv
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = pathlib.Path(os.environ.get("FUNDTRAIL", "fundtrail"))
FACTS = list(csv.DictReader((ROOT / "fixtures" / "seed-facts.csv").open(encoding="utf-8")))


def written_tests():
    """Names of Catch2 cases that are not hidden, and of Python tests."""
    names = set()
    for path in (ROOT / "tests").rglob("*.cpp"):
        for name, tags in re.findall(r'TEST_CASE\("((?:[^"\\]|\\.)*)"\s*(?:,\s*"([^"]*)")?',
                                     path.read_text(encoding="utf-8")):
            if "[." not in (tags or ""):
                names.add(name)
    for path in (ROOT / "tests").rglob("test_*.py"):
        names.update(re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")))
    return names


def run_tests():
    """What the built test binaries would run, where they are built."""
    names = set()
    for binary in sorted((BINARY.parent / "tests").glob("test_*")):
        if binary.is_file() and os.access(binary, os.X_OK):
            done = subprocess.run([binary, "--list-test-names-only"], capture_output=True, text=True,
                                  encoding="utf-8", timeout=60)
            names.update(line.strip() for line in done.stdout.splitlines())
    return names


class SeedFacts(unittest.TestCase):
    def test_the_list_is_whole(self):
        ids = [fact["id"] for fact in FACTS]
        self.assertEqual(len(set(ids)), 69)
        for prefix, count in {"WJ": 8, "YZ": 14, "ZX": 7, "YQ": 8, "HC": 24, "YA": 4}.items():
            self.assertEqual([i for i in ids if i.startswith(prefix + "-")],
                             [f"{prefix}-{n:02}" for n in range(1, count + 1)])

    def test_each_fact_has_a_test_or_a_reason(self):
        page = (ROOT / "docs" / "COMPLIANCE.md").read_text(encoding="utf-8")
        reasons = dict(re.findall(r"^\| ([A-Z][A-Z0-9]-\d\d) \| (.+) \|$", page, re.M))
        written, built = written_tests(), run_tests()
        for fact in FACTS:
            with self.subTest(fact=fact["id"]):
                if not fact["test"]:
                    self.assertGreater(len(reasons.get(fact["id"], "")), 10, "neither test nor reason")
                    continue
                self.assertNotIn(fact["id"], reasons)
                named = [name for name in written if fact["test"] in name]
                self.assertTrue(named, fact["test"])
                if built and not fact["test"].startswith("test_"):
                    self.assertTrue([name for name in built if fact["test"] in name],
                                    fact["test"] + ": in no binary")
        self.assertEqual(set(reasons) - {fact["id"] for fact in FACTS}, set())


if __name__ == "__main__":
    unittest.main()
