"""What somebody else wrote (names of files, titles of policies, manifests of bundles) reaches a terminal as text: nothing
that a terminal obeys is printed for people."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
FUNDTRAIL = os.environ.get("FUNDTRAIL", str(SOURCE / "build" / "fundtrail"))
# Sets the title of the window, clears the screen, rings; the second as one character of C1, and DEL.
EVIL = "\x1b]0;pwned\x07\x1b[2J\u009b31m\x7f"


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-terminal-"))
        cls.ledger = cls.dir / "ledger"
        for words in (("init", "--id", "x", "--name", "测试", "--region", "320412", "--actor", "liu.yang", "--date",
                       "2008-04-01"), ("checkpoint",), ("export", "--bundle", cls.dir / "bundle")):
            subprocess.run([FUNDTRAIL, "--ledger", cls.ledger, *words], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def harmless(self, *words, expect, cwd=None, shown=True):
        done = subprocess.run([str(w) for w in words], capture_output=True, cwd=cwd, timeout=60)
        said = (done.stdout + done.stderr).decode("utf-8")
        self.assertEqual(done.returncode, expect, said)
        obeyed = {c for c in said if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160}
        self.assertEqual(obeyed, set(), said)
        if shown:
            self.assertIn("\ufffd", said)
        return said

    def cli(self, *words, expect, **more):
        for language in ("zh", "en"):
            said = self.harmless(FUNDTRAIL, "--ledger", self.ledger, "--lang", language, *words, expect=expect, **more)
        return said

    def test_policies(self):
        policy = json.loads(next(iter(sorted((SOURCE / "fixtures/wujin-2008/policies").glob("*.json")))).read_text("utf-8"))
        policy["title" + EVIL] = 1
        file = self.dir / "p.json"
        for ascii_only in (True, False):
            file.write_text(json.dumps({**policy, "title": EVIL}, ensure_ascii=ascii_only), encoding="utf-8")
            self.cli("policy", "check", file, expect=1, shown=ascii_only)

    def test_commands(self):
        file = self.dir / "s.json"
        for doc in ({"id": "x", "kind": EVIL, "date": "2008-04-01", "doc": {}},
                    {"id": "x", "kind": "region_registration", "date": EVIL, "doc": {}},
                    {"id": "x", "kind": "region_registration", "date": "2008-04-01",
                     "doc": {"region": "320412901", "name": "n", "x" + EVIL: 1}}):
            file.write_text(json.dumps(doc), encoding="utf-8")
            self.cli("submit", file, "--actor", "zhou.jing", "--role", "registrar", expect=3)
        self.cli("submit", self.dir / EVIL.replace("/", ""), "--actor", "zhou.jing", "--role", "registrar", expect=3)

    def test_names_of_files(self):
        folder = self.dir / "import"
        folder.mkdir()
        (folder / (EVIL + ".csv")).write_text("x\n", encoding="utf-8")
        (folder / "funds.csv").write_text(f"资金编号,资金名称,{EVIL}\n{EVIL},名,1\n", encoding="utf-8")
        self.cli("import", folder, "--operator", "zhou.jing", "--dry-run", expect=1)
        self.cli("import", folder, "--operator", "zhou.jing", "--dry-run", "--past", expect=1)
        self.cli("import", self.dir / ("none" + EVIL), "--operator", "zhou.jing", expect=3)

    def altered(self, name, change):
        """A copy of the bundle whose manifest fits, but for what `change` adds to it."""
        bundle = self.dir / name
        shutil.copytree(self.dir / "bundle", bundle)
        added = change(bundle) or b""
        lines = (bundle / "manifest.sha256").read_bytes().splitlines(keepends=True)
        fresh = [b"%s  %s" % (hashlib.sha256((bundle / os.fsdecode(line[66:-1])).read_bytes()).hexdigest().encode(), line[66:])
                 for line in lines]
        (bundle / "manifest.sha256").write_bytes(b"".join(fresh) + added)
        return bundle

    def test_bundles(self):
        def told(bundle):
            return json.dumps({**json.loads((bundle / "bundle.json").read_bytes()), "ledger": EVIL})

        def kind(bundle):
            lines = (bundle / "entries.jsonl").read_bytes()
            (bundle / "entries.jsonl").write_bytes(lines.replace(b'"kind":"', b'"kind":"\\u001b[2J'))
        cases = [
            self.altered("manifest", lambda b: b"0" * 64 + b"  x" + EVIL.encode() + b"\n"),
            self.altered("manifest of bytes", lambda b: b"0" * 64 + b"  x\xff\x9b\n"),
            self.altered("file", lambda b: (b / ("x" + EVIL)).write_text("x") and None),
            self.altered("pipe", lambda b: os.mkfifo(b / ("p" + EVIL))),
            self.altered("description", lambda b: (b / "bundle.json").write_text(told(b)) and None),
            self.altered("kind", kind),
        ]
        for bundle in cases:
            shown = bundle.name not in ("description", "kind")
            self.cli("verify", "--bundle", bundle, expect=1, shown=shown)
            self.harmless("/usr/bin/python3", bundle / "verify.py", bundle, expect=1, shown=shown)
            for words in ((FUNDTRAIL, "--json", "verify", "--bundle", bundle), ("/usr/bin/python3", bundle / "verify.py", bundle, "--json")):
                done = subprocess.run(words, capture_output=True, timeout=60)
                self.assertFalse(json.loads(done.stdout)["ok"], done.stderr)


if __name__ == "__main__":
    unittest.main()
