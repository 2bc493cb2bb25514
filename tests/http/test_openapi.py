"""api/openapi.yaml itself: examples, order, languages, the same routes and codes as the program. Each of its
subjects is driven by a test of its own, test_openapi_*.py.

After a change of the codes:  python3 tests/http/test_openapi.py --write"""
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import DOCUMENT, RULES, operations, problems_of, resolve, validator  # noqa: E402
from world import ROOT, run  # noqa: E402

FILE = ROOT / "api" / "openapi.yaml"
BEGIN, END = "        | code | status | meaning | 含义 |\n        |---|---|---|---|\n", "    ProblemPart:\n"
TEXT = r'"(?:[^"\\]|\\.)*"'
# Where the codes stand, and which of the texts behind the status are the sentences in English and Chinese.
SOURCES = {("ledger", "core", "rejection.cpp"): (1, 0), ("api", "http", "problem.cpp"): (2, 3),
           ("api", "identity", "refusal.cpp"): (0, 1)}


def table_of_codes():
    """Each problem's code, status and sentences, as the sources have them."""
    rows = {}
    for parts, (en, zh) in SOURCES.items():
        source = ROOT.joinpath(*parts).read_text(encoding="utf-8")
        for code, status, texts in re.findall(
                rf'\{{\w+::\w+, "([a-z-]+)", (\d{{3}}),((?:\s*{TEXT},?)+)(?:\s*true)?\s*\}}', source):
            said = ["".join(json.loads(part) for part in re.findall(TEXT, one))
                    for one in re.findall(rf"(?:\s*{TEXT})+", texts)]
            rows[code] = (status, said[en], said[zh])
    return "".join(f"        | {code} | {status} | {re.sub('{.}', '…', en)} | {re.sub('{.}', '…', zh)} |\n"
                   for code, (status, en, zh) in sorted(rows.items(), key=lambda row: (row[1][0], row[0])))


def split_file():
    text = FILE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    table, after = rest.split(END, 1)
    return before + BEGIN, table, END + after


class OpenApi(unittest.TestCase):
    def test_1_codes_are_those_of_the_program(self):
        self.assertGreater(table_of_codes().count("\n"), 150)
        self.assertEqual(split_file()[1], table_of_codes())

    def test_1_examples_fit_their_schemas(self):
        count = 0
        for _, _, operation in operations():
            places = [resolve(r) for r in operation["responses"].values()]
            places += [operation["requestBody"]] if "requestBody" in operation else []
            for place in places:
                for media, content in place.get("content", {}).items():
                    examples = [e["value"] for e in content.get("examples", {}).values()]
                    examples += [content["example"]] if "example" in content else []
                    for example in examples:
                        validator(content["schema"]).validate(example)
                        count += 1
        self.assertGreater(count, 25)

    def test_1_a_problem_that_is_shown_is_of_the_status_it_is_shown_for(self):
        statuses = dict(re.findall(r"\| ([a-z-]+) \| (\d{3}) \|", table_of_codes()))
        shown = 0
        for method, path, operation in operations():
            for status, response in operation["responses"].items():
                content = resolve(response).get("content", {}).get("application/problem+json", {})
                if "example" in content:
                    example = content["example"]
                    of_code = statuses[example["type"].rsplit(":", 1)[1]]
                    self.assertEqual([str(example["status"]), of_code],
                                     [of_code if status == "default" else status] * 2, f"{method} {path}")
                    shown += 1
        self.assertGreater(shown, 300)

    def test_1_problems_are_listed_once_and_with_their_status(self):
        """That an operation answers no other ones, its test sees (openapi.py)."""
        statuses = dict(re.findall(r"\| ([a-z-]+) \| (\d{3}) \|", table_of_codes()))
        listed = set()
        for method, path, operation in operations():
            codes, _ = problems_of(method, operation)
            own = {k: v for k, v in operation.get("x-problems", {}).items() if k != "rules"}
            common, _ = problems_of(method, {**operation, "x-problems": {}})
            for status, some in codes.items():
                self.assertEqual({statuses.get(code) for code in some}, {status}, f"{method} {path}: {some}")
                listed |= some
            for status, some in own.items():
                self.assertEqual(set(some) & common.get(status, set()), set(), f"{method} {path}: stands at the top")
                self.assertEqual(len(some), len(set(some)), f"{method} {path}")
                self.assertIn(status, operation["responses"], f"{method} {path}")
        # Of a job that was interrupted one learns from the job.
        self.assertEqual(set(statuses) - listed - RULES, {"job-interrupted"})

    def test_1_no_text_falls_apart(self):
        """A comma in a text without quotation marks ends it, and the rest becomes a member without a value."""
        def empty(node, where):
            if isinstance(node, (dict, list)):
                items = node.items() if isinstance(node, dict) else enumerate(node)
                return [found for key, value in items for found in empty(value, f"{where}/{key}")]
            return [where] if node is None else []
        self.assertEqual(empty(DOCUMENT, ""), [])

    def test_1_everything_is_said_in_both_languages_and_shown(self):
        for method, path, operation in operations():
            where = f"{method} {path}"
            self.assertRegex(operation["summary"], "[A-Za-z]", where)
            if operation.get("security") != []:
                self.assertRegex(operation["summary"], "[\u4e00-\u9fff]", where)
            shown = [content for status, r in operation["responses"].items() if status < "300"
                     for media, content in resolve(r).get("content", {}).items() if "json" in media]
            for content in shown[-1:]:
                self.assertTrue("example" in content or "examples" in content, where)
            for p in operation.get("parameters", []):
                self.assertTrue("example" in resolve(p) or resolve(p)["name"] == "cursor", where)

    def test_1_path_items_stand_in_order(self):
        self.assertEqual(list(DOCUMENT["paths"]), sorted(DOCUMENT["paths"]))

    def test_1_routes_are_the_same(self):
        listed = json.loads(run("--json", "serve", "--list-routes").stdout)["routes"]
        ours = {(m, p) for m, p, _ in operations()}
        self.assertEqual({(r["method"], r["path"]) for r in listed}, ours)


if __name__ == "__main__":
    if "--write" in sys.argv:
        head, _, tail = split_file()
        FILE.write_text(head + table_of_codes() + tail, encoding="utf-8")
    else:
        unittest.main()
