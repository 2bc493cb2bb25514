"""Settings: option before environment before file before default; what is wrong is named with its place;
the template and the table of docs/OPERATIONS.md say what the program says."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = os.environ.get("FUNDTRAIL", str(ROOT / "build" / "fundtrail"))


def run(*arguments, **environment):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FUNDTRAIL_")}
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, env={**clean, **environment})


class Config(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.file = os.path.join(self.directory.name, "fundtrail.toml")

    def write(self, text):
        pathlib.Path(self.file).write_text(text, encoding="utf-8")

    def check(self, *arguments, **environment):
        done = run("--json", *arguments, "config", "check", "--file", self.file, **environment)
        answer = json.loads(done.stdout)
        answer["exit"] = done.returncode
        answer["by_name"] = {s["name"]: s for s in answer["settings"]}
        return answer

    def value(self, answer, name):
        setting = answer["by_name"][name]
        return setting["value"], setting["origin"], setting["where"]

    def test_the_nearer_source_counts(self):
        self.write('# Anmerkung 注释\nledger = "/file"\nport = 9001\nlog_level = "warning"\n')
        answer = self.check("--ledger", "/flag", FUNDTRAIL_LEDGER="/environment", FUNDTRAIL_PORT="9002")
        self.assertEqual(answer["exit"], 0, answer)
        self.assertEqual(self.value(answer, "ledger"), ("/flag", "flag", "--ledger"))
        self.assertEqual(self.value(answer, "port"), ("9002", "environment", "FUNDTRAIL_PORT"))
        self.assertEqual(self.value(answer, "log_level"), ("warning", "file", self.file + ":4"))
        self.assertEqual(self.value(answer, "threads"), ("16", "default", ""))

    def test_the_file_is_named_by_option_or_environment(self):
        self.write("port = 9001\n")
        for arguments, environment in ((["--config", self.file], {}), ([], {"FUNDTRAIL_CONFIG": self.file})):
            done = run("--json", *arguments, "config", "check", **environment)
            port = next(s for s in json.loads(done.stdout)["settings"] if s["name"] == "port")
            self.assertEqual(port["value"], "9001")

    def test_the_book_of_users_that_is_set_is_every_commands(self):
        """Whoever is disabled must be disabled in the book that is served."""
        book = pathlib.Path(self.directory.name, "book.json")
        self.write(f'users = "{book}"\n')
        for arguments, environment in ((["--config", self.file], {}), (["--users", str(book)], {}),
                                       ([], {"FUNDTRAIL_USERS": str(book)})):
            book.unlink(missing_ok=True)
            for command in (["user", "add", "wang.fang", "--role", "inspector"], ["user", "disable", "wang.fang"],
                            ["token", "new", "--actor", "third", "--role", "inspector"]):
                done = run("--json", *arguments, *command, **environment)
                self.assertEqual(done.returncode, 0, done)
            users = {u["id"]: u for u in json.loads(book.read_text(encoding="utf-8"))["users"]}
            self.assertTrue(users["wang.fang"]["disabled"])
            self.assertIn("expires", users["third"]["tokens"][0])  # as one that HTTP issues

    def test_what_a_server_refuses_together_is_wrong(self):
        for text, words in (('host = "0.0.0.0"\n', "0.0.0.0"), ('tls_certificate = "c.pem"\n', "--tls-key"),
                            ("access_log_months = 3\n", "6 months")):
            self.write(text)
            answer = self.check()
            self.assertEqual((answer["exit"], answer["ok"]), (1, False), text)
            self.assertIn(words, answer["wrong"][0]["en"])
            said = run("--config", self.file, "--lang", "en", "--ledger", self.directory.name, "serve")
            self.assertIn(answer["wrong"][0]["en"], said.stderr)  # by the same words
        self.write("")
        answer = self.check(FUNDTRAIL_VAULT_KEY="abc")
        self.assertEqual(answer["exit"], 1)
        self.assertIn("FUNDTRAIL_VAULT_KEY", answer["wrong"][0]["zh"])
        self.assertNotIn("abc", json.dumps(answer["wrong"]))

    def test_what_is_named_and_not_there_is_said(self):
        gone = self.directory.name + "/gone"
        self.write(f'ledger = "{gone}"\nbackups = "{gone}"\nkeys = "{self.directory.name}"\n')
        answer = self.check()
        self.assertEqual((answer["exit"], answer["ok"]), (0, True))
        self.assertEqual([one["en"].split()[0] for one in answer["missing"]], ["ledger", "backups"])
        self.assertIn(gone, run("--lang", "en", "config", "check", "--file", self.file).stdout)

    def test_what_is_wrong_is_named_with_its_place(self):
        self.write('port = 9001\nprot = 1\nthreads = "many"\nlog_level = "loud"\nconnections = 1\n')
        answer = self.check(FUNDTRAIL_WRITE_SECONDS="0")
        self.assertEqual(answer["exit"], 1)
        for language in ("zh", "en"):
            said = [w[language] for w in answer["wrong"]]
            self.assertEqual(len(said), 5, said)
            for place in (":2", ":3", ":4", ":5"):
                self.assertTrue(any(self.file + place in s for s in said), (place, said))
            self.assertTrue(any("prot" in s for s in said))
            self.assertTrue(any("FUNDTRAIL_WRITE_SECONDS" in s for s in said))
        self.assertTrue(any("没有名为“prot”的设置" in w["zh"] for w in answer["wrong"]))

    def test_no_command_runs_with_a_wrong_setting(self):
        self.write("prot = 1\n")
        for command in (["entry", "0"], ["serve"]):
            done = run("--config", self.file, "--lang", "en", *command)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(self.file + ":1", done.stderr)
            self.assertIn("prot", done.stderr)

    def test_a_file_that_is_no_toml_or_not_there(self):
        self.write("port = 9001\nport = 9002\n")
        answer = self.check()
        self.assertEqual(answer["exit"], 1)
        self.assertIn(self.file + ":2", answer["wrong"][0]["en"])
        os.remove(self.file)
        done = run("--json", "config", "check", "--file", self.file)
        self.assertEqual(done.returncode, 3)  # as of every file that is not there
        self.assertIn(self.file, json.loads(done.stdout)["error"]["zh"])

    def test_the_template_is_a_file_of_all_defaults(self):
        template = run("config", "show", "--template").stdout
        self.write(template)
        self.assertEqual(self.check()["exit"], 0)
        self.write("\n".join(line[2:] if " = " in line and line.startswith("# ") and ":" not in line else line
                             for line in template.splitlines() if not line.endswith('= ""')))
        answer = self.check()
        self.assertEqual(answer["exit"], 0, answer["wrong"])
        for setting in answer["settings"]:
            if setting["default"]:
                self.assertEqual((setting["value"], setting["origin"]), (setting["default"], "file"))
            self.assertIn(setting["zh"], template)
            self.assertIn(setting["en"], template)

    def test_show_is_a_file_again(self):
        self.write("port = 9001\n")
        shown = run("--config", self.file, "config", "show")
        self.assertEqual(shown.returncode, 0)
        self.write(shown.stdout)
        self.assertEqual(self.value(self.check(), "port"), ("9001", "file", self.value(self.check(), "port")[2]))

    def test_the_table_of_the_documents(self):
        settings = json.loads(run("--json", "config", "show", "--template").stdout)["settings"]
        text = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
        for s in settings:
            default = f"`{s['default']}`" if s["default"] else "none"
            expected = s["expected"].replace(" | ", ", ")
            row = f"| `{s['name']}` | {expected} | {default} | {s['en']} |"
            self.assertIn(row, text)
        self.assertEqual(text.count("` | path |") + text.count("` | text |"),
                         sum(s["expected"] in ("path", "text") for s in settings))


if __name__ == "__main__":
    unittest.main()
