"""A ledger of the real engine: verified as a store while it is open or not, exported, and checked
with the commands of the bundle's own README, word for word. Then with a damaged store."""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
FUNDTRAIL = os.environ.get("FUNDTRAIL", str(SOURCE / "build" / "fundtrail"))
PYTHON = os.path.dirname(sys.executable)

COMMANDS = [
    {"kind": "fund_registration", "date": "2008-04-01", "id": "fund",
     "doc": {"fiscal_year": 2008, "functional_code": "2081001", "fund": "care", "name": "养老服务"}},
    {"kind": "region_registration", "date": "2008-04-01", "id": "region",
     "doc": {"name": "湖塘镇", "region": "320412100"}},
    {"kind": "designated_account_registration", "date": "2008-04-01", "id": "account",
     "doc": {"account": "main", "approval_no": "武财〔2008〕1号", "mode": "treasury_single_account",
             "bank": {"bank": "农行", "holder": "民政局", "number": "10602001040012345"}}},
]
STATEMENT = [
    {"kind": "bank_statement", "date": "2008-04-30", "id": "statement",
     "doc": {"account": "main", "closing": "30.00", "opening": "0.00", "period": "2008-04"},
     "lines": [{"amount": "10.00", "date": "2008-04-%02d" % day, "direction": "in",
                "reference": "R%d" % day} for day in (3, 4, 5)]},
]


def run(*words, cwd=None, expect=0):
    done = subprocess.run([str(w) for w in words], cwd=cwd, capture_output=True, text=True,
                          check=False)
    if done.returncode != expect:
        raise AssertionError("%s: %d\n%s%s" % (words, done.returncode, done.stdout, done.stderr))
    return done.stdout


class BundleCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.ledgers = {}
        for suite in ("sha256-ed25519", "sm3-sm2"):
            ledger = cls.folder / suite
            run(FUNDTRAIL, "init", "--ledger", ledger, "--id", "wj", "--name", "台账", "--region",
                "320412", "--actor", "U1", "--suite", suite, "--date", "2008-04-01", "--clock",
                "2008-04-01T09:00:00+08:00")
            for number, (role, commands) in enumerate((("registrar", COMMANDS),
                                                       ("preparer", STATEMENT))):
                file = cls.folder / ("commands-%d.json" % number)
                file.write_text(json.dumps(commands, ensure_ascii=False), encoding="utf-8")
                run(FUNDTRAIL, "submit", "--ledger", ledger, "--actor", "U2", "--role", role,
                    "--clock", "2008-05-01T09:00:00+08:00", file)
                run(FUNDTRAIL, "checkpoint", "--ledger", ledger)
            bundle = cls.folder / (suite + "-bundle")
            run(FUNDTRAIL, "export", "--ledger", ledger, "--bundle", bundle)
            cls.ledgers[suite] = (ledger, bundle)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def verify(self, *words, expect=0):
        return json.loads(run(FUNDTRAIL, "verify", "--json", *words, expect=expect))

    def test_store_and_bundle_hold(self):
        for suite, (ledger, bundle) in self.ledgers.items():
            store = self.verify("--ledger", ledger)
            taken = self.verify("--bundle", bundle)
            self.assertTrue(store["ok"])
            self.assertEqual((store["entries"], store["lines"], store["suite"]), (5, 3, suite))
            self.assertEqual(store["checkpoints"], [4, 5])
            for same in ("entries", "root", "key", "fingerprint", "checkpoints", "states"):
                self.assertEqual(store[same], taken[same], same)

    def test_commands_of_the_readme(self):
        for suite, (_, bundle) in self.ledgers.items():
            fingerprint = (bundle / "keys/fingerprint.txt").read_text().strip()
            for name in ("README.md", "README.zh-CN.md"):
                text = (bundle / name).read_text(encoding="utf-8")
                self.assertNotRegex(text, r"\{[A-Z_]+\}")
                blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
                self.assertEqual(len(blocks), 4)
                answers = [subprocess.run(["sh", "-ec", block], cwd=bundle, capture_output=True,
                                          text=True, check=False,
                                          env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
                           for block in blocks]
                for block, answer in zip(blocks, answers):
                    self.assertEqual(answer.returncode, 0, block + answer.stdout + answer.stderr)
                self.assertIn(fingerprint, answers[1].stdout)
                self.assertRegex(answers[2].stdout, "Signature Verified Successfully|Verified OK")
                self.assertIn("全部成立", answers[3].stdout)
                self.assertIn(suite, answers[3].stdout)

    def test_commands_of_the_readme_notice(self):
        """The same commands on a bundle whose checkpoint was changed."""
        for suite, (_, bundle) in self.ledgers.items():
            changed = self.folder / (suite + "-changed")
            shutil.copytree(bundle, changed)
            note = (changed / "checkpoint").read_text(encoding="utf-8")
            (changed / "checkpoint").write_text(note.replace("\n5\n", "\n6\n"), encoding="utf-8")
            blocks = re.findall(r"```sh\n(.*?)```", (changed / "README.md").read_text(), re.S)
            for place in (0, 2, 3):
                answer = subprocess.run(["sh", "-ec", blocks[place]], cwd=changed, check=False,
                                        capture_output=True)
                self.assertNotEqual(answer.returncode, 0, blocks[place])

    def test_keys_from_outside(self):
        (_, bundle), (_, other) = self.ledgers["sha256-ed25519"], self.ledgers["sm3-sm2"]
        script = bundle / "verify.py"
        for name in ("ledger.vkey", "ledger.pub.pem"):
            run(sys.executable, "-B", script, "--key", bundle / "keys" / name, bundle)
            wrong = json.loads(run(sys.executable, "-B", script, "--json", "--key",
                                   other / "keys" / name, bundle, expect=1))
            self.assertEqual(wrong["finding"]["reason"], "wrong_key")
        self.assertTrue(self.verify("--bundle", bundle, "--key", bundle / "keys/ledger.vkey")["ok"])
        found = self.verify("--bundle", bundle, "--key", other / "keys/ledger.vkey", expect=1)
        self.assertEqual(found["finding"]["reason"], "wrong_key")
        run(sys.executable, "-B", script, "--key", bundle / "README.md", bundle, expect=2)
        run(FUNDTRAIL, "verify", "--bundle", bundle, "--key", "nonsense", expect=2)

    def test_export_refuses_to_overwrite(self):
        ledger, bundle = self.ledgers["sha256-ed25519"]
        run(FUNDTRAIL, "export", "--ledger", ledger, "--bundle", bundle, expect=3)

    def test_anchor(self):
        ledger, _ = self.ledgers["sha256-ed25519"]
        copy = self.folder / "anchored"
        shutil.copytree(ledger, copy, symlinks=True)
        anchor = bytearray((copy / "ANCHOR").read_bytes())
        for at in (50, 4096 + 50):  # a root: the signatures no longer fit
            if at < len(anchor):
                anchor[at] ^= 1
        (copy / "ANCHOR").write_bytes(anchor)
        found = self.verify("--ledger", copy, expect=1)
        self.assertEqual(found["finding"]["reason"], "anchor_mismatch")
        (copy / "ANCHOR").unlink()
        found = self.verify("--ledger", copy, expect=1)
        self.assertEqual(found["finding"]["reason"], "anchor_missing")

    def test_anchor_by_hand(self):
        """As docs/FORMAT.md says: a slot is a checkpoint that stock tools can check."""
        for suite, (ledger, bundle) in self.ledgers.items():
            slots = (ledger / "ANCHOR").read_bytes()
            notes = [slot.rstrip(b"\0") for slot in (slots[:4096], slots[4096:]) if slot]
            newest = lambda n: (int(n.split(b"\n")[1]), int(n.split(b"\n")[4].split()[1]))
            text, _, signature = max(notes, key=newest).partition(b"\n\n")
            raw = base64.b64decode(signature.split()[-1])[4:]
            folder = self.folder / ("by-hand-" + suite)
            folder.mkdir()
            (folder / "body").write_bytes(text + b"\n")
            (folder / "signature").write_bytes(raw)
            key = bundle / "keys" / "ledger.pub.pem"
            command = (["openssl", "dgst", "-sm3", "-verify", key, "-sigopt",
                        "distid:1234567812345678", "-signature", folder / "signature",
                        folder / "body"] if suite == "sm3-sm2" else
                       ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in",
                        folder / "body", "-sigfile", folder / "signature"])
            run(*command)
            origin, size, root, leaf, checkpoints = text.decode().split("\n")
            self.assertTrue(origin.startswith("fundtrail/"))
            self.assertEqual(int(size), self.verify("--ledger", ledger)["entries"])
            self.assertEqual(base64.b64decode(root).hex(), self.verify("--ledger", ledger)["root"])
            self.assertRegex(leaf, "^last-leaf [0-9a-f]{64}$")
            self.assertRegex(checkpoints, "^checkpoints [0-9]+$")

    def test_store_that_lost_its_end(self):
        """An older store under a newer anchor, as a restored backup would be: truncated."""
        ledger = self.folder / "lost"
        shutil.copytree(self.ledgers["sha256-ed25519"][0], ledger, symlinks=True)
        older = self.folder / "older"
        shutil.copytree(ledger, older, symlinks=True)
        file = self.folder / "more.json"
        more = dict(COMMANDS[1], id="region-2", doc={"name": "横林镇", "region": "320412101"})
        file.write_text(json.dumps(more, ensure_ascii=False), encoding="utf-8")
        run(FUNDTRAIL, "submit", "--ledger", ledger, "--actor", "U2", "--role", "registrar",
            "--clock", "2008-05-02T09:00:00+08:00", file)
        shutil.copy(ledger / "ANCHOR", older / "ANCHOR")
        found = self.verify("--ledger", older, expect=1)["finding"]
        self.assertEqual((found["reason"], found["entry"]), ("truncated", 5))

    def test_a_finding_is_said_in_one_language(self):
        """To each reader in their own, by the program; in both, one below the other, by verify.py."""
        _, bundle = self.ledgers["sha256-ed25519"]
        chinese = "[\u3000-\u9fff\uff00-\uffef]"

        def changed(name, file, change):
            copy = self.folder / ("words-" + name)
            shutil.copytree(bundle, copy)
            (copy / file).write_bytes(change((copy / file).read_bytes()))
            return copy

        damaged = [
            changed("spelling", "entries.jsonl", lambda data: data.replace(b',"', b', "', 1)),
            changed("json", "entries.jsonl", lambda data: data.replace(b"{", b"[", 1)),
            changed("version", "entries.jsonl", lambda data: data.replace(b',"v":1}', b"}", 1)),
            changed("content", "entries.jsonl", lambda data: data.replace(b"wj", b"wk")),
            changed("note", "checkpoint", lambda data: data.replace(b"\n\n", b"\n", 1)),
            changed("signature", "checkpoint", lambda data: data.replace(b"\n5\n", b"\n6\n")),
            changed("key", "keys/fingerprint.txt", lambda data: b"0" * 64 + b"\n"),
            changed("text", "README.md", lambda data: data + b"\n"),
            changed("manifest", "manifest.sha256", lambda data: data[1:]),
        ]
        for copy in damaged:
            with self.subTest(copy.name):
                said = {language: run(FUNDTRAIL, "verify", "--lang", language, "--bundle", copy, expect=1)
                        .splitlines()[:2] for language in ("zh", "en")}
                self.assertTrue(said["zh"][1].startswith("　细节："), said)
                self.assertTrue(said["en"][1].startswith("  detail: "), said)
                for line in said["zh"]:
                    self.assertRegex(line.removeprefix("　细节："), chinese)
                    self.assertNotRegex(line, "[A-Za-z]{2,} [a-z]{2,}")
                for line in said["en"]:
                    self.assertNotRegex(line, chinese)
                found = self.verify("--bundle", copy, expect=1)["finding"]
                self.assertEqual((found["detail_zh"], found["detail"]),
                                 (said["zh"][1].removeprefix("　细节："), said["en"][1].removeprefix("  detail: ")))
                python = run(sys.executable, "-B", bundle / "verify.py", copy, expect=1).splitlines()
                if python[2].startswith("　细节："):
                    self.assertRegex(python[2].removeprefix("　细节："), chinese)
                    self.assertNotRegex(python[2], "[A-Za-z]{2,} [a-z]{2,}")
                    self.assertRegex(python[3], "^  detail: ")
                    self.assertNotRegex(python[3], chinese)

    def test_no_ledger_and_no_bundle(self):
        run(FUNDTRAIL, "verify", "--ledger", self.folder / "nowhere", expect=3)
        run(FUNDTRAIL, "verify", "--bundle", self.folder / "nowhere", expect=3)


if __name__ == "__main__":
    unittest.main()
