"""Policies as their writers meet them: the published schema and the checker agree about every scheme
of fixtures/ and about what is wrong; the examples and field tables of docs/POLICY.md are true; check,
schema, add and show through the real binary.

After a change of docs/policy.schema.json:  python3 tests/policy/test_policy.py --write"""
import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import jsonschema

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = os.environ.get("FUNDTRAIL", "fundtrail")
SCHEMA = json.loads((ROOT / "docs" / "policy.schema.json").read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "POLICY.md"
SCHEMES = sorted((ROOT / "fixtures" / "schemes").glob("*.json"))
POLICIES = SCHEMES + sorted((ROOT / "fixtures").glob("*/policies/*.json"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
BEGIN, END = "<!-- fields: made from policy.schema.json -->\n", "<!-- end of fields -->"


def run(*arguments, stdin="", code=0, ledger=None):
    shared = ["--clock", "2026-11-22T09:00:00+08:00"] + (["--ledger", str(ledger)] if ledger else [])
    done = subprocess.run([BINARY, *shared, *arguments], input=stdin, capture_output=True, text=True,
                          encoding="utf-8", timeout=60, env={"LANG": "en_US.UTF-8"})
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def check(policy, code=None):
    """The answer of `policy check` about an object."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    done = subprocess.run([BINARY, "--json", "policy", "check", "-"], input=text, capture_output=True,
                          text=True, encoding="utf-8", timeout=60)
    answer = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1), done
    return answer


def merged(base, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def type_of(node):
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})" if SCHEMA["$defs"][name].get("type") != "string" else name
    if node.get("type") == "array":
        return f"list of {type_of(node['items'])}" + (", not empty" if node.get("minItems") else "")
    if "enum" in node:
        return ", ".join(map(str, node["enum"]))
    if node["type"] == "integer":
        return f"{node['minimum']} to {node['maximum']}"
    return {"string": "text" if "pattern" not in node else "digits"}.get(node["type"], node["type"])


def words(node, places=("zh", "en")):
    return " ".join(node["description"].split("\n", 1))


def tables():
    """The reference of docs/POLICY.md."""
    text = []

    def table(title, node):
        text.append(f"### {title}\n\n{words(node)}\n\n| field | value | what it says |\n|---|---|---|")
        for name, field in node["properties"].items():
            need = "" if name in node["required"] else "?"
            text.append(f"| `{name}`{need} | {type_of(field)} | {words(field)} |")
        text.append("")

    table("The file", SCHEMA)
    for name, node in SCHEMA["$defs"].items():
        if "properties" in node:
            table(name, node)
    for name, node in SCHEMA["$defs"].items():
        if "oneOf" in node:
            text.append(f"### {name}\n\n{words(node)}\n\n| value | what it means |\n|---|---|")
            text.extend(f"| `{item['const']}` | {words(item)} |" for item in node["oneOf"])
            text.append("")
    return "\n".join(text)


def examples():
    """[(title, block)] of the page; the first is the smallest policy."""
    text = PAGE.read_text(encoding="utf-8")
    found = []
    for match in re.finditer(r"```json\n(.*?)```", text, re.S):
        title = re.findall(r"^#+ (.*)$", text[:match.start()], re.M)[-1]
        found.append((title, json.loads(match.group(1))))
    return found


class Schemes(unittest.TestCase):
    def test_every_scheme_is_accepted_by_schema_and_checker(self):
        self.assertEqual([path.stem for path in SCHEMES],
                         ["beijing-2010", "homecare-district", "national-2026", "wujin-2008", "yanan-2020",
                          "yizhou-2021", "yueqing-2015", "zhongxiang"])
        for path in POLICIES:
            with self.subTest(path=path.name):
                policy = load(path)
                self.assertEqual(list(VALIDATOR.iter_errors(policy)), [])
                answer = check(policy)
                self.assertEqual(answer["faults"], [])
                self.assertEqual(answer["policy"], f"{policy['name']}@{policy['version']}")
                for setting in policy["settings"]:  # each open point: default and both notes
                    self.assertTrue(setting["default"] and setting["note_zh"] and setting["note_en"])

    def test_schema_and_checker_refuse_the_same_shapes(self):
        """Each member of a scheme in turn removed, misspelt and given a value of another type."""
        tried = 0
        for path in SCHEMES[:2]:
            for mutant, what in self.mutants(load(path)):
                with self.subTest(path=path.name, what=what):
                    tried += 1
                    by_schema = not VALIDATOR.is_valid(mutant)
                    faults = {f["code"] for f in check(mutant)["faults"]}
                    shape = {"malformed-field", "missing-field", "unknown-field"}
                    if by_schema:
                        self.assertTrue(faults)
                    if faults & shape and what[0] != "removed":
                        self.assertTrue(by_schema, faults)
        self.assertGreater(tried, 100)

    def mutants(self, policy):
        places = []

        def walk(node, at):
            if isinstance(node, dict):
                for key, value in node.items():
                    places.append(at + [key])
                    walk(value, at + [key])
            elif isinstance(node, list) and node:
                walk(node[0], at + [0])

        walk(policy, [])
        for at in places[::3]:
            for what in ("removed", "misspelt", "of another type"):
                mutant = copy.deepcopy(policy)
                parent = mutant
                for key in at[:-1]:
                    parent = parent[key]
                value = parent.pop(at[-1])
                if what == "misspelt":
                    parent[at[-1] + "x"] = value
                elif what == "of another type":
                    parent[at[-1]] = 1.5
                yield mutant, (what, at)


class Page(unittest.TestCase):
    def test_the_examples_are_good_policies(self):
        (title, smallest), *others = examples()
        self.assertEqual(check(smallest)["faults"], [], title)
        self.assertGreater(len(others), 10)
        for title, patch in others:
            with self.subTest(title=title):
                policy = merged(smallest, patch)
                self.assertEqual(check(policy)["faults"], [])
                self.assertEqual(list(VALIDATOR.iter_errors(policy)), [])

    def test_every_value_of_the_language_has_an_example_or_a_scheme(self):
        text = "".join(path.read_text(encoding="utf-8") for path in POLICIES)
        text += "".join(json.dumps(block) for _, block in examples())
        for name, node in SCHEMA["$defs"].items():
            for item in node.get("oneOf", []):
                self.assertIn('"' + item["const"] + '"', text, name)
            for field in node.get("properties", []):
                self.assertIn('"' + field + '"', text, name)

    def test_the_tables_are_those_of_the_schema(self):
        text = PAGE.read_text(encoding="utf-8")
        self.assertEqual(text[text.index(BEGIN) + len(BEGIN):text.index(END)], tables(),
                         "python3 tests/policy/test_policy.py --write")

    def test_the_places_named_exist(self):
        for name in re.findall(r"`((?:ledger|reports|api|audit|fixtures|tests)/[A-Za-z0-9_./-]+)`",
                               PAGE.read_text(encoding="utf-8")):
            self.assertTrue((ROOT / name).exists(), name)


class Commands(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-policy-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def test_syntax_errors_have_line_and_column(self):
        answer = check('{\n  "名": 1,\n  "b" 2\n}')
        self.assertEqual((answer["syntax"]["line"], answer["syntax"]["column"]), (3, 7))
        self.assertIn("line 3, column 7", run("policy", "check", "-", stdin='{\n  "名": 1,\n  "b" 2\n}', code=1))
        self.assertFalse(check("")["ok"])
        self.assertFalse(check("[]")["ok"])

    def test_syntax_errors_say_what_is_wrong(self):
        for text, line, column, word in (
                ('{"a": 1,\n}', 2, 1, "a comma too many"), ("[1,,2]", 1, 4, "a comma too many"), ('{"a": 1 // c\n}', 1, 9, "no comments"),
                ('{\n“name”: 1}', 2, 1, "not Chinese ones"), ('{"a"：1}', 1, 5, "not Chinese ones"),
                ('{"name”: "x", "b": 1}', 1, 11, "not Chinese ones"),
                ('{"a": 1 "b": 2}', 1, 9, "comma or colon is missing"), ('{"a": 1', 1, 8, "it ends here"),
                ('{"a": x}', 1, 7, "does not belong here"), ("", 1, 1, "it is empty"),
                ('{"version": 1e999}', 1, 13, "number")):
            with self.subTest(text=text):
                said = check(text)["syntax"]
                self.assertIn(word, said["en"])
                self.assertEqual((said["line"], said["column"]), (line, column))
                self.assertIn(said["en"], run("policy", "check", "-", stdin=text, code=1))
                self.assertIn(said["zh"], run("--lang", "zh", "policy", "check", "-", stdin=text, code=1))
        gbk = self.dir / "gbk.json"
        gbk.write_bytes('{\n"title": "办法"}'.encode("gbk"))
        self.assertIn("line 2, column 11: it is not UTF-8 (saved as GBK?", run("policy", "check", str(gbk), code=1))
        self.assertIn("The policy cannot be read: it is not a JSON object", run("policy", "check", "-", stdin="[]", code=1))
        self.assertIn("政策无法读取", run("--lang", "zh", "policy", "check", "-", stdin="[]", code=1))

    def test_text_names_path_and_reason_in_both_languages(self):
        policy = load(SCHEMES[1])
        policy["approval"]["steps"][1].pop("min_days")
        text = json.dumps(policy)
        self.assertIn("approval.steps[1].min_days (missing-field)",
                      run("policy", "check", "-", stdin=text, code=1))
        self.assertIn("缺少字段“min_days”", run("--lang", "zh", "policy", "check", "-", stdin=text, code=1))

    def test_a_file_that_is_not_there(self):
        run("policy", "check", str(self.dir / "none.json"), code=3)

    def test_schema_is_the_published_one(self):
        self.assertEqual(json.loads(run("policy", "schema")), SCHEMA)

    def test_add_and_show(self):
        ledger = self.dir / "ledger"
        run("init", "--id", "t", "--name", "试", "--region", "420881", "--actor", "zhou", "--date",
            "2026-01-01", ledger=ledger)
        for path in SCHEMES:
            done = run("policy", "add", str(path), "--actor", "zhou", ledger=ledger)
            self.assertIn(path.stem + "@1", done)
        # Again is the same; another of that version is not.
        self.assertIn("before", run("policy", "add", str(SCHEMES[0]), "--actor", "zhou", ledger=ledger))
        changed = load(SCHEMES[0])
        changed["title"] += "（改）"
        other = self.dir / "other.json"
        other.write_text(json.dumps(changed), encoding="utf-8")
        run("policy", "add", str(other), "--actor", "zhou", ledger=ledger, code=3)
        changed["version"] = 3
        other.write_text(json.dumps(changed), encoding="utf-8")
        run("policy", "add", str(other), "--actor", "zhou", ledger=ledger, code=3)  # no version 2
        changed["programmes"] = []
        other.write_text(json.dumps(changed), encoding="utf-8")
        run("policy", "add", str(other), "--actor", "zhou", ledger=ledger, code=1)
        listed = json.loads(run("--json", "policy", "show", ledger=ledger))["policies"]
        self.assertEqual([item["policy"] for item in listed], [p.stem + "@1" for p in SCHEMES])
        for path in SCHEMES:
            policy = load(path)
            self.assertEqual(json.loads(run("--json", "policy", "show", path.stem + "@1", ledger=ledger)), policy)
            for language in ("zh", "en"):
                page = run("--lang", language, "policy", "show", path.stem + "@1", ledger=ledger)
                for programme in policy["programmes"]:
                    self.assertIn(programme["name"], page)
                for setting in policy["settings"]:
                    self.assertIn(setting["note_" + language], page)
                    self.assertIn(setting["default"], page)
        run("policy", "show", "nobody@1", ledger=ledger, code=3)


class FieldsOfInstruments(unittest.TestCase):
    """The table of docs/POLICY.md against the program: what an instrument does not take is a fault at that field."""
    BAND = {"amount": "1.00", "percent": 50, "cap": "1.00", "per_day": "1.00", "per_month": "1.00", "rating": "3"}
    TERMS = {"assessment": "beds", "items": ["x"], "rates": "same_day", "max_total": "1.00", "exclusive_group": "g",
             "eligibility": {"categories": ["x"], "min_age": 60}, "tariff": [{"id": "all", "title": "t", "amount": "1.00"}],
             "cost_shares": [{"parts": [{"level": "county", "weight": 1}]}]}

    VOUCHER = {"basis": "approved", "cycle": "month", "payee": "serving_provider", "proration": "months", "tariff": [],
               "start": "same_month", "stop": "same_month"}

    def table(self):
        text = PAGE.read_text(encoding="utf-8")
        section = text.split("## Which fields an instrument takes")[1].split("\n## ")[0]
        for row in section.splitlines():
            cells = [c.strip() for c in row.strip("|").split("|")]
            if len(cells) == 3 and cells[0].startswith("`"):
                yield re.findall(r"`(\w+)`", cells[0]), re.findall(r"`(\w+)`", cells[2].split("decide nothing")[0].split(";")[0]
                                                                  if "decide" in cells[2] else cells[2])

    def test_each_is_refused_where_it_stands(self):
        policies = [p for p in map(load, sorted((ROOT / "fixtures").rglob("*.json"))) if isinstance(p, dict) and "programmes" in p]
        refused = 0
        for instruments, fields in self.table():
            for instrument in instruments if fields else []:
                policy, at = next((p, n) for p in policies for n, g in enumerate(p["programmes"])
                                  if g["instrument"] == instrument and ("entitlement" in g or instrument == "voucher"))
                for field in fields:
                    changed = copy.deepcopy(policy)
                    terms = changed["programmes"][at].setdefault("entitlement", dict(self.VOUCHER))
                    where = f"programmes[{at}].entitlement"
                    if field in self.BAND:
                        terms["tariff"][0][field] = self.BAND[field]
                        where += ".tariff[0]"
                    else:
                        terms[field] = self.TERMS[field]
                    with self.subTest(instrument=instrument, field=field):
                        faults = check(changed)["faults"]
                        self.assertIn(f"{where}.{field}", [f["field"] for f in faults], faults)
                        refused += 1
        self.assertGreater(refused, 25)


if __name__ == "__main__":
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
        PAGE.write_text(page[:begin] + tables() + page[end:], encoding="utf-8")
    else:
        unittest.main()
