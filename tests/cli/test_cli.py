"""The command line through the real binary: exit codes, --json shapes, both languages."""
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["FUNDTRAIL"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
CLOCK = "2009-12-31T17:00:00+08:00"
PROVIDER = {"provider": "p-01", "name": "养老服务中心", "uscc": "52320412MJ100001XN",
            "bank": {"bank": "示例银行", "holder": "养老服务中心", "number": "9988919470461090"},
            "contract": {"from": "2009-01-02", "to": "2009-12-31", "number": "XY-1"}}


class Cli(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-cli-"))
        self.ledger = self.dir / "ledger"

    def tearDown(self):
        shutil.rmtree(self.dir)

    def run_cli(self, *arguments, stdin="", env=None, ledger=True):
        environment = {"PATH": os.environ["PATH"], "LANG": "en_US.UTF-8", **(env or {})}
        shared = ["--clock", CLOCK]
        if ledger:
            shared += ["--ledger", str(self.ledger)]
        return subprocess.run([BINARY, *shared, *arguments], input=stdin, text=True,
                              capture_output=True, env=environment, timeout=120, encoding="utf-8")

    def json(self, *arguments, code=0, **options):
        done = self.run_cli("--json", *arguments, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
        return json.loads(done.stdout)

    def init(self, *more):
        return self.json("init", "--id", "test", "--name", "测试账套", "--region", "320412",
                         "--actor", "zhou.jing", "--date", "2009-01-01", *more)

    FUND = {"kind": "fund_registration", "date": "2009-01-02", "id": "fund-1",
            "doc": {"fiscal_year": 2009, "functional_code": "2081002", "fund": "F1",
                    "name": "养老服务专项资金"}}

    def submit(self, commands, *more, code=0, actor="zhou.jing", role="registrar"):
        return self.json("submit", "-", "--actor", actor, "--role", role, *more, code=code,
                         stdin=json.dumps(commands))


class Usage(Cli):
    def test_no_command_unknown_command_and_bad_option_are_usage(self):
        for arguments in ([], ["nonsense"], ["entry"], ["entry", "x"], ["entry", "0", "--nonsense"],
                          ["proof"], ["proof", "0", "--consistency", "1"], ["--lang", "fr", "entry", "0"],
                          ["--clock", "today", "entry", "0"]):
            with self.subTest(arguments=arguments):
                done = self.run_cli(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr.startswith("fundtrail: "), done.stderr)

    def test_usage_errors_name_what_is_wrong_in_the_language_asked_for(self):
        for language, words in (("zh", ["没有命令“nonsense”", "fundtrail config --help", "缺少 index", "不认识的参数：--nonsense",
                                        "选项 --port 缺少值", "缺少命令", "不认识的参数：--nonsense",
                                        "不认识的参数：evidence"]),
                                ("en", ['no command "nonsense"', "fundtrail config --help", "index is missing",
                                        "Unknown arguments: --nonsense", "The option --port lacks a value",
                                        "A command is missing", "Unknown arguments: --nonsense",
                                        "Unknown arguments: evidence"])):
            for arguments, expected in zip((["nonsense"], ["config", "wrong"], ["entry"], ["entry", "--nonsense"],
                                            ["serve", "--port"], [], ["audit", "--nonsense"],
                                            ["verify", "evidence"]), words):
                for place in (["--lang", language, *arguments], [f"--lang={language}", *arguments]):
                    said = self.run_cli(*place).stderr
                    self.assertIn(expected, said, place)
                    both = arguments[:1] == ["serve"]  # whoever reads the log of a service may read either
                    self.assertEqual("用法错误" in said, language == "zh" or both, said)
                    self.assertNotRegex(said, "is required|subcommand")

    def test_headings_of_help_are_in_both_languages_and_stand_once(self):
        for command in (["user"], ["user", "add"], ["user", "certificate"], ["access-log"], ["token", "new"]):
            said = self.run_cli(*command, "--help").stdout
            headings = [line for line in said.splitlines() if line.endswith(":") and not line.startswith(" ")]
            self.assertEqual(len(set(headings)), len(headings), said)
            for heading in headings:
                self.assertRegex(heading, "[\u4e00-\u9fff]", said)

    def test_help_is_in_both_languages(self):
        done = self.run_cli("--help")
        self.assertEqual(done.returncode, 0)
        for name in ("init", "import", "submit", "entry", "checkpoint", "proof"):
            self.assertIn(name, done.stdout)
            one = self.run_cli(name, "--help")
            self.assertEqual(one.returncode, 0)
            self.assertRegex(one.stdout, "[\u4e00-\u9fff]")
        self.assertIn("append-only", done.stdout)
        self.assertIn("台账", done.stdout)

    def test_the_exit_codes_are_those_of_the_document(self):
        document = (SOURCE / "docs" / "OPERATIONS.md").read_text(encoding="utf-8").split("## Exit codes")[1].split("\n## ")[0]
        rows = re.findall(r"^\| (\d) \| ([^|]+) \|", document, re.M)
        self.assertEqual([code for code, _ in rows], list("01234"))
        page = self.run_cli("--lang", "en", "man").stdout.split('"EXIT STATUS"')[1]
        said = self.run_cli("--help").stdout
        for code, words in rows:
            self.assertIn(f".B {code}\n{words}\n", page)
            self.assertIn(f"{code} {words}", " ".join(said.split()))

    def test_what_is_there_already_and_what_is_not_there_are_refused(self):
        self.init()
        target = self.dir / "there"
        target.mkdir()
        (target / "a").write_text("a", encoding="utf-8")
        for command in (["backup", str(target)], ["export", "--bundle", str(target)], ["init", "--id", "x", "--name", "x",
                        "--region", "320412", "--actor", "a"], ["restore", str(self.dir / "none")],
                        ["verify", "--bundle", str(self.dir / "none")], ["key", "new", str(target / "a")],
                        ["policy", "check", str(self.dir / "none")], ["import", str(self.dir / "none")],
                        ["access-log", "verify", "--head", str(self.dir / "none")]):
            self.json(*command, code=3)

    def test_serve_says_in_both_languages_why_it_does_not(self):
        self.init()
        self.json("user", "add", "a", "--role", "administrator", "--no-password")
        (self.ledger / "keys" / "signing.pem").rename(self.dir / "aside")
        for language in ("zh", "en"):
            done = self.run_cli("--lang", language, "serve", "--port", "0")
            self.assertEqual(done.returncode, 3)
            self.assertIn("没有密钥文件", done.stderr)
            self.assertIn("there is no key file", done.stderr)

    def test_a_bundle_and_a_backup_are_made_where_somebody_has_made_a_place(self):
        self.init()
        missing = self.dir / "not-mounted"
        for command in (["export", "--bundle", str(missing / "b")], ["export", "--bundle", str(missing / "b") + "/"],
                        ["backup", str(missing / "b")]):
            error = self.json(*command, code=3)["error"]
            self.assertEqual(error["code"], "not-found")
            self.assertIn(str(missing), error["zh"])
        self.assertFalse(missing.exists())
        missing.mkdir()
        self.json("export", "--bundle", str(missing / "b"))

    def test_faults_of_the_machinery_have_a_chinese_sentence(self):
        self.init()
        table = next((self.ledger / "db.1").glob("*.sst"), None) or next((self.ledger / "db.1").glob("MANIFEST*"))
        content = table.read_bytes()
        table.write_bytes(content[:len(content) // 2] + b"\0" * 8 + content[len(content) // 2 + 8:])
        told = [["report", "trial-balance"], ["verify", "--bundle", str(self.dir / "none")],
                ["access-log", "verify"], ["access-log", "verify", "--directory", str(self.dir / "none")]]
        for command in told:
            said = self.run_cli("--lang", "zh", *command)
            self.assertNotEqual(said.returncode, 0, command)
            self.assertRegex(said.stderr.split("：", 1)[1], "[\u4e00-\u9fff]", command)

    def test_version(self):
        self.assertRegex(self.run_cli("--version").stdout, r"^fundtrail \d+\.\d+\.\d+\n$")

    def test_usage_error_as_json(self):
        error = self.json("entry", code=2)["error"]
        self.assertEqual(error["code"], "usage")
        self.assertTrue(error["zh"] and error["en"])
        self.init()
        for language in ("zh", "en"):
            for arguments in (["init", "--id", "a b", "--name", "n", "--region", "320412", "--actor", "a"],
                              ["user", "add", "x", "--role", "boss"],
                              ["restore", "b", "--accept-behind", "--actor", "a b"],
                              ["submit", "-", "--actor", "a", "--role", "boss"],
                              ["submit", "-", "--actor", "a", "--role", "registrar", "--id", "13800138000"],
                              ["erase", "--beneficiary", "0", "--ground", "g", "--ordered-by", "a", "--reference", "r", "--actor", "a",
                               "--yes"]):
                error = self.json("--lang", language, *arguments, code=2)["error"]
                self.assertRegex(error["zh"], "[\u4e00-\u9fff]", arguments)
                self.assertNotRegex(error["en"], "[\u4e00-\u9fff]", arguments)

    def test_language(self):
        for environment, text in (({"LANG": "zh_CN.UTF-8"}, "没有账套|里没有账套"),
                                  ({"LANG": "en_GB.UTF-8"}, "There is no ledger"),
                                  ({"LANG": ""}, "里没有账套")):
            done = self.run_cli("entry", "0", env=environment)
            self.assertEqual(done.returncode, 3)
            self.assertRegex(done.stderr, text)
        self.assertIn("There is no ledger",
                      self.run_cli("--lang", "en", "entry", "0", env={"LANG": "zh_CN"}).stderr)

    def test_ledger_by_flag_before_environment(self):
        self.init()
        other = str(self.dir / "other")
        self.assertEqual(self.run_cli("entry", "0", ledger=False).returncode, 2)
        self.assertEqual(
            self.run_cli("entry", "0", ledger=False,
                         env={"FUNDTRAIL_LEDGER": str(self.ledger)}).returncode, 0)
        self.assertEqual(self.run_cli("entry", "0", env={"FUNDTRAIL_LEDGER": other}).returncode, 0)


    def test_a_ledger_that_may_not_be_read_is_not_said_to_be_missing(self):
        self.init()
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        binary = shutil.copy(BINARY, self.dir)  # nobody else may come to where it was built
        self.dir.chmod(0o755)
        loop = self.dir / "loop"
        loop.symlink_to(loop)
        self.ledger.chmod(0)
        try:
            for ledger, why, options in ((self.ledger, "Permission denied", nobody), (loop, "symbolic links", {})):
                for command in (["verify"], ["report", "trial-balance"]):
                    done = subprocess.run([binary, "--lang", "en", "--ledger", ledger, *command],
                                          capture_output=True, text=True, timeout=60, **options)
                    self.assertEqual(done.returncode, 4, done.stderr)
                    self.assertIn(why, done.stderr)
        finally:
            self.ledger.chmod(0o700)


class Init(Cli):
    def test_one_is_not_told_as_many(self):
        self.init()
        self.assertIn("Everything holds: 1 entry, 0 lines.", self.run_cli("verify").stdout)
        self.assertIn("over 1 entry: no indicators.", self.run_cli("audit").stdout)
        self.submit(self.FUND)
        self.assertIn("2 entries, 0 lines.", self.run_cli("verify").stdout)

    def test_a_directory_of_other_files_is_no_place_for_a_ledger(self):
        self.ledger.mkdir()
        for name in (".profile", "lost+found"):
            (self.ledger / name).mkdir()
        (self.ledger / "letters.txt").write_text("a", encoding="utf-8")
        refused = self.json("init", "--id", "x", "--name", "x", "--region", "320412", "--actor", "a", code=3)["error"]
        self.assertEqual(refused["code"], "exists")
        for language in ("zh", "en"):
            self.assertIn("letters.txt", refused[language])
        self.assertEqual(len(list(self.ledger.iterdir())), 3)
        (self.ledger / "letters.txt").unlink()
        self.init()

    def test_shape(self):
        made = self.init()
        self.assertEqual(set(made), {"ledger", "directory", "suite", "size", "root", "verifier_key"})
        self.assertEqual((made["ledger"], made["suite"], made["size"]), ("test", "sha256-ed25519", 1))
        self.assertTrue(made["verifier_key"].startswith("test+") or "+" in made["verifier_key"])

    def test_a_second_one_is_refused_and_changes_nothing(self):
        self.init()
        before = self.json("entry", "0")
        error = self.json("init", "--id", "x", "--name", "x", "--region", "320412", "--actor", "a",
                          code=3)["error"]
        self.assertEqual(error["code"], "already-there")
        self.assertEqual(self.json("entry", "0"), before)

    def test_bad_values_are_usage(self):
        for option, value in (("--id", "账套"), ("--region", "32"), ("--suite", "md5"),
                              ("--book", "secret"), ("--date", "2009-02-30"), ("--mode", "cash")):
            arguments = {"--id": "test", "--name": "n", "--region": "320412", "--actor": "a"}
            arguments[option] = value
            flat = [x for pair in arguments.items() for x in pair]
            with self.subTest(option=option):
                self.assertEqual(self.json("init", *flat, code=2)["error"]["code"], "usage")
                self.assertFalse((self.ledger / "ledger.json").exists())

    def test_national_suite(self):
        self.assertEqual(self.init("--suite", "sm3-sm2")["suite"], "sm3-sm2")


class LostStore(Cli):
    """The link `db` is what says which store is the ledger's; it got lost, as with a copy made without links."""

    COMMANDS = (["verify"], ["report", "trial-balance"], ["serve", "--port", "0"], ["export", "--bundle", "b"],
                ["user", "list"], ["backup", "b"])

    def expect_told(self, *words):
        for language in ("zh", "en"):
            for command in self.COMMANDS:
                done = self.run_cli("--lang", language, *command)
                self.assertEqual(done.returncode, 1, (command, done.stdout + done.stderr))
                for word in words:
                    self.assertIn(word, done.stderr, command)
                both = command[0] == "serve"  # whoever reads the log of a service may read either
                self.assertEqual(bool(re.search("[\u4e00-\u9fff]", done.stderr)), language == "zh" or both, done.stderr)
            error = self.json("--lang", language, "init", "--id", "x", "--name", "x", "--region", "320412", "--actor", "a",
                              code=3)["error"]
            self.assertEqual(error["code"], "already-there")
            for word in words:
                self.assertIn(word, error[language])

    def test_what_is_there_is_named_and_the_way_back_works(self):
        self.init()
        link = self.ledger / "db"
        link.unlink()
        before = sorted(p.name for p in self.ledger.iterdir())
        self.expect_told(f"ln -sfn db.1 {link}", "verify")
        self.assertEqual(sorted(p.name for p in self.ledger.iterdir()), before)
        subprocess.run(["ln", "-sfn", "db.1", link], check=True)
        self.assertEqual(self.json("verify")["entries"], 1)

    def test_a_link_that_leads_nowhere(self):
        self.init()
        link = self.ledger / "db"
        (self.ledger / "db.1").rename(self.ledger / "db.2")
        self.expect_told("db.1", f"ln -sfn db.2 {link}")
        (self.ledger / "db.2").rename(self.dir / "away")
        self.expect_told("db.1", "Restoring")

    def test_of_several_stores_the_first_that_verifies_is_the_one(self):
        """An adopted import makes the next store; what it was made of may still lie there, older than the anchor."""
        self.init()
        link = self.ledger / "db"
        shutil.copytree(self.ledger / "db.1", self.ledger / "db.3")
        self.submit(self.FUND)
        link.unlink()
        (self.ledger / "db.1").rename(self.ledger / "db.12")
        self.expect_told("db.12", f"ln -sfn db.3 {link}")
        link.symlink_to("db.3")
        self.json("verify", code=1)  # older than the anchor
        subprocess.run(["ln", "-sfn", "db.12", link], check=True)
        self.assertEqual(self.json("verify")["entries"], 2)

    def test_a_directory_without_signs_of_a_ledger_has_none(self):
        self.ledger.mkdir()
        (self.ledger / "users.json").write_text("{}", encoding="utf-8")
        self.assertEqual(self.json("verify", code=3)["error"]["code"], "not-found")


class FullDisk(Cli):
    def test_it_says_so_and_what_to_do(self):
        self.init()
        self.json("import", str(SOURCE / "fixtures" / "worked-year"))
        disk = self.dir / "disk"
        disk.mkdir()
        on_it = f'mount -t tmpfs -o size=200k tmpfs {disk} && {{ cat /dev/zero > {disk}/other 2>/dev/null; exec "$@"; }}'
        if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "sh", "-c", on_it, "sh", "true"]).returncode != 0:
            self.skipTest("mounting takes root")
        for language, words in (("zh", ["磁盘已满，请腾出空间后重试"]), ("en", ["No space left on device", "make room"])):
            for command in (["backup", disk / "b"], ["export", "--bundle", disk / "b"],
                            ["report", "trial-balance", "--out", disk / "r"], ["key", "new", disk / "k"],
                            ["--users", disk / "u", "user", "add", "a", "--role", "administrator", "--no-password"]):
                done = subprocess.run(["unshare", "-m", "sh", "-c", on_it, "sh", BINARY, "--lang", language, "--ledger",
                                       self.ledger, *command], capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 4, (command, done.stdout + done.stderr))
                for word in words:
                    self.assertIn(word, done.stderr, command)


class Submit(Cli):
    def setUp(self):
        super().setUp()
        self.init()

    def test_recorded_repeated_and_reused(self):
        first = self.submit(self.FUND)["answers"][0]
        self.assertEqual((first["recorded"], first["repeated"], first["index"]), (True, False, 1))
        again = self.submit(self.FUND)["answers"][0]
        self.assertEqual((again["repeated"], again["index"], again["leaf"]),
                         (True, 1, first["leaf"]))
        other = json.loads(json.dumps(self.FUND))
        other["doc"]["name"] = "别的"
        refused = self.submit(other, code=3)["answers"][0]
        self.assertEqual(refused["reason"]["code"], "command-id-reused")

    def test_atomic_and_line_by_line(self):
        second = json.loads(json.dumps(self.FUND))
        second.update(id="fund-2")  # the same fund again
        answers = self.submit([self.FUND, second], code=3)["answers"]
        # One answer for the whole batch: that of the command that is wrong.
        self.assertEqual([(a["command"], a["recorded"]) for a in answers], [("fund-2", False)])
        answers = self.submit([self.FUND, second], "--line-by-line", code=3)["answers"]
        self.assertEqual([a["recorded"] for a in answers], [True, False])
        self.assertEqual(answers[1]["reason"]["code"], "already-registered")

    def test_a_day_that_is_too_late_is_compared_with_a_day(self):
        late = {**self.FUND, "date": "2010-01-01"}
        reason = self.submit(late, code=3)["answers"][0]["reason"]
        self.assertEqual(reason["zh"], "日期 2010-01-01 过晚，此处最晚为 2009-12-31。")

    def test_line_by_line_goes_on_behind_a_command_that_cannot_be_read(self):
        unread = {**self.FUND, "id": "fund-0", "doc": {**self.FUND["doc"], "fiscal_year": "2009"}}
        answers = self.submit([unread, self.FUND, unread], "--line-by-line", code=3)["answers"]
        self.assertEqual([a["recorded"] for a in answers], [False, True, False])
        self.assertEqual([a["reason"]["field"] for a in answers if not a["recorded"]],
                         ["[0].doc.fiscal_year", "[2].doc.fiscal_year"])
        self.assertEqual([a["recorded"] for a in self.submit([unread, unread], "--line-by-line", code=3)["answers"]],
                         [False, False])
        self.assertIn("error", self.submit([self.FUND, unread], code=3))  # all or nothing
        text = self.run_cli("submit", "-", "--line-by-line", "--actor", "zhou.jing", "--role", "registrar",
                            stdin=json.dumps([self.FUND, unread])).stdout
        self.assertIn("Command 2: Field doc.fiscal_year: ", text)

    def test_a_report_about_nobody_names_what_is_not_there(self):
        for arguments, what in ((["provider-statement", "--provider", "nobody"], 'provider "nobody"'),
                                (["fund-flow", "--fund", "none"], 'fund "none"')):
            error = self.json("report", *arguments, code=3)["error"]
            self.assertEqual(error["code"], "not-found")
            self.assertEqual(error["en"], "The ledger has no " + what)

    def test_what_cannot_be_read(self):
        for text, code in (("{", "malformed-command"), ("7", "malformed-command"),
                           ('{"kind":"nonsense","date":"2009-01-01","id":"a","doc":{}}',
                            "unknown-kind")):
            done = self.json("submit", "--actor", "a", "--role", "registrar", stdin=text, code=3)
            self.assertEqual(done["error"]["code"], code, done)
        without_id = {k: v for k, v in self.FUND.items() if k != "id"}
        error = self.submit([self.FUND, without_id], code=3)["error"]
        self.assertEqual((error["code"], error["field"]), ("missing-field", "[1].id"))
        self.assertEqual(self.submit(without_id, "--id", "given")["answers"][0]["command"], "given")

    def test_a_text_error_names_command_line_and_field(self):
        bad = json.loads(json.dumps(self.FUND))
        bad["doc"]["fiscal_year"] = "2009"
        for language, text in (("zh", "第 2 条命令：字段 doc.fiscal_year："),
                               ("en", "Command 2: Field doc.fiscal_year: ")):
            done = self.run_cli("--lang", language, "submit", "-", "--actor", "a", "--role",
                                "registrar", stdin=json.dumps([self.FUND, bad]))
            self.assertEqual(done.returncode, 3)
            self.assertIn(text, done.stderr)
        chinese = self.run_cli("--lang", "zh", "submit", "-", "--actor", "a", "--role", "registrar",
                               stdin=json.dumps([self.FUND, bad])).stderr
        self.assertIn("不加引号", chinese)
        for text in ("{", "7", "[{]", '{"a": tru}'):
            done = self.run_cli("--lang", "zh", "submit", "-", "--actor", "a", "--role",
                                "registrar", stdin=text)
            self.assertNotRegex(done.stderr.replace("fundtrail", "").replace("JSON", ""),
                                "[A-Za-z]{6}", done.stderr)

    def test_no_identity_number_comes_back(self):
        number = "11010519491231002X"
        for command in (dict(self.FUND, id=number + "!"), dict(self.FUND, kind=number),
                        dict(self.FUND, doc=dict(self.FUND["doc"], name="老人" + number)),
                        dict(self.FUND, **{number: 1}), dict(self.FUND, identity={"x": number}),
                        dict(self.FUND, doc=dict(self.FUND["doc"], fund=number + "!"))):
            for arguments in (("--json",), ("--lang", "zh"), ("--lang", "en")):
                done = self.run_cli(*arguments, "submit", "-", "--actor", "a", "--role", "registrar",
                                    stdin=json.dumps(command))
                self.assertEqual(done.returncode, 3)
                self.assertNotIn(number[:17], done.stdout + done.stderr)

    def test_role_and_missing_file(self):
        refused = self.submit(self.FUND, code=3, role="cashier")["answers"][0]
        self.assertEqual(refused["reason"]["code"], "role-not-permitted")
        self.json("submit", "--actor", "a", "--role", "king", code=2)
        self.json("submit", str(self.dir / "nothing.json"), "--actor", "a", "--role", "registrar",
                  code=3)


@unittest.skipIf(os.geteuid() != 0, "only root meets ledgers of others")
class Owner(Cli):
    """Root in the ledger of a service's user: what it wrote, the service could not read."""

    def owners(self):
        return {path.relative_to(self.ledger): (path.lstat().st_uid, path.lstat().st_mtime_ns)
                for path in self.ledger.rglob("*")}

    def test_root_writes_nothing_in_a_ledger_of_somebody_else(self):
        self.json("init", "--id", "test", "--name", "n", "--region", "320412", "--actor", "zhou.jing", "--date", "2009-01-01")
        self.json("token", "new", "--actor", "a", "--role", "inspector")
        for path in [self.ledger, *self.ledger.rglob("*")]:
            os.chown(path, 65534, 65534, follow_symlinks=False)
        before = self.owners()
        for command in (["token", "new", "--actor", "b", "--role", "inspector"], ["checkpoint"], ["report", "vouchers"],
                        ["user", "add", "c", "--role", "inspector"], ["serve"], ["key", "rotate-vault"],
                        ["submit", "-", "--actor", "a", "--role", "registrar"]):
            error = self.json(*command, code=3, stdin=json.dumps(self.FUND))["error"]
            self.assertEqual(error["code"], "not-owner", command)
            self.assertIn("sudo -u nobody", error["en"])
            self.assertIn("属于用户 nobody", error["zh"])
        self.assertEqual(self.owners(), before)
        self.assertEqual(self.json("verify")["entries"], 1)


class Clock(Cli):
    """The system's clock is a day behind the newest entry, as after it was set back."""

    def setUp(self):
        super().setUp()
        ahead = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) + datetime.timedelta(days=1)
        self.newest = ahead.isoformat(timespec="seconds")
        self.by_system("--clock", self.newest, "init", "--id", "test", "--name", "n", "--region", "320412", "--actor",
                       "zhou.jing", "--date", "2009-01-01")

    def by_system(self, *arguments, code=0, stdin="", env=None):
        done = subprocess.run([BINARY, "--json", "--ledger", str(self.ledger), *arguments], input=stdin, text=True,
                              capture_output=True, timeout=120, env={"PATH": os.environ["PATH"], **(env or {})})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_nothing_is_recorded_and_nothing_tried(self):
        folder = SOURCE / "fixtures" / "worked-year"
        policy = SOURCE / "fixtures" / "schemes" / "wujin-2008.json"
        for command in (["submit", "-", "--actor", "zhou.jing", "--role", "registrar"],
                        ["import", str(folder)], ["import", str(folder), "--dry-run"],
                        ["run", "allowance", "2025Q2", "--actor", "a"], ["run", "allowance", "2025Q2", "--dry-run"],
                        ["erase", "--beneficiary", "00ff00ff00ff00ff", "--ground", "ordered", "--ordered-by", "b",
                         "--reference", "1", "--actor", "a", "--yes"],
                        ["policy", "add", str(policy), "--actor", "zhou.jing"]):
            error = self.by_system(*command, stdin=json.dumps(self.FUND), code=4)["error"]
            self.assertEqual(error["code"], "clock-behind", command)
            self.assertIn("时钟", error["zh"])
            self.assertIn("clock_tolerance_seconds", error["en"])
        self.assertEqual(self.by_system("verify")["entries"], 1)

    def test_whoever_has_looked_goes_on(self):
        submit = ["submit", "-", "--actor", "zhou.jing", "--role", "registrar"]
        second = json.loads(json.dumps(self.FUND).replace("F1", "F2").replace("fund-1", "fund-2"))
        first = self.by_system(*submit, "--clock-tolerance-seconds", "100000", stdin=json.dumps(self.FUND))
        self.assertEqual(first["answers"][0]["time"], self.newest)  # it stands still
        self.by_system(*submit, stdin=json.dumps(second), env={"FUNDTRAIL_CLOCK_TOLERANCE_SECONDS": "100000"})
        # What only shows something goes on in any case.
        self.by_system(*submit, "--statement", stdin=json.dumps(self.FUND))
        self.assertEqual(self.by_system("report", "trial-balance")["report"], "trial-balance")

    def test_a_restoration_is_recorded_by_a_clock_that_is_right(self):
        self.by_system("backup", str(self.dir / "b"))
        self.by_system("--clock", self.newest, "submit", "-", "--actor", "zhou.jing", "--role", "registrar",
                       stdin=json.dumps(self.FUND))
        known = self.dir / "checkpoint"
        known.write_text(self.by_system("checkpoint")["note"], encoding="utf-8")
        restore = ["--ledger", str(self.dir / "new"), "--keys", str(self.ledger / "keys"), "restore", str(self.dir / "b"),
                   "--checkpoint", str(known), "--accept-behind", "--actor", "a", "--ordered-by", "c", "--reason", "磁盘损坏"]

        def ask(*more):
            return subprocess.run([BINARY, "--json", *more, *restore], text=True, capture_output=True, timeout=120)
        refused = ask()
        self.assertEqual(refused.returncode, 4, refused.stdout)
        error = json.loads(refused.stdout)["error"]
        self.assertEqual(error["code"], "clock-behind")  # as of every other command
        self.assertIn("时钟", error["zh"])
        self.assertNotIn("unavailable", error["en"])
        self.assertFalse((self.dir / "new").exists())
        self.assertFalse((self.dir / "new.restoring").exists())
        self.assertEqual(ask("--clock", self.newest).returncode, 0)

    def test_a_time_that_was_given_is_taken_as_it_is(self):
        self.submit(self.FUND)


class Reading(Cli):
    def setUp(self):
        super().setUp()
        self.init()
        self.submit(self.FUND)

    def test_entry(self):
        shown = self.json("entry", "1", "--lines")
        self.assertEqual(set(shown), {"index", "leaf", "entry", "lines"})
        self.assertEqual(shown["entry"]["doc"], self.FUND["doc"])
        self.assertEqual(shown["entry"]["time"], CLOCK)
        self.assertEqual(self.json("entry", "2", code=3)["error"]["code"], "not-found")
        for arguments in (["entry", "-1"], ["proof", "-1"], ["proof", "0", "--size", "-1"], ["proof", "--consistency", "-1"]):
            self.assertIn(" -1", self.json(*arguments, code=3)["error"]["en"])
        for language, text in (("zh", "登记专项资金"), ("en", "Fund registration")):
            self.assertIn(text, self.run_cli("--lang", language, "entry", "1").stdout)

    def test_raw_entry_hashes_to_its_leaf(self):
        import hashlib
        raw = self.run_cli("entry", "1", "--raw").stdout
        self.assertTrue(raw.endswith("\n"))
        leaf = hashlib.sha256(b"\0" + raw[:-1].encode()).hexdigest()
        self.assertEqual(self.json("entry", "1")["leaf"], leaf)

    def test_proofs_fold_to_the_roots(self):
        import hashlib
        node = lambda a, b: hashlib.sha256(b"\1" + a + b).digest()
        proof = self.json("proof", "1")
        self.assertEqual((proof["index"], proof["size"]), (1, 2))
        folded = node(bytes.fromhex(proof["proof"][0]), bytes.fromhex(proof["leaf"]))
        self.assertEqual(folded.hex(), proof["root"])
        grown = self.json("proof", "--consistency", "1")
        self.assertEqual((grown["old_size"], grown["size"]), (1, 2))
        folded = node(bytes.fromhex(grown["old_root"]), bytes.fromhex(grown["proof"][0]))
        self.assertEqual(folded.hex(), grown["root"])
        for arguments in (["proof", "2"], ["proof", "1", "--size", "3"], ["proof", "1", "--size", "1"],
                          ["proof", "--consistency", "3"], ["proof", "1", "--line", "0"]):
            self.assertEqual(self.json(*arguments, code=3)["error"]["code"], "not-found", arguments)

    def test_a_bundle_of_a_provider_that_is_not_there_is_refused(self):
        bundle = self.dir / "bundle"
        error = self.json("export", "--provider", "nobody", "--bundle", str(bundle), code=3)["error"]
        self.assertEqual((error["code"], 'no provider "nobody"' in error["en"]), ("not-found", True))
        self.assertFalse(bundle.exists())
        self.submit({"kind": "provider_registration", "date": "2009-01-02", "id": "p-1", "doc": PROVIDER})
        self.json("export", "--provider", "p-01", "--bundle", str(bundle))

    def test_checkpoint(self):
        signed = self.json("checkpoint")
        self.assertEqual(signed["size"], 2)
        self.assertEqual(signed["root"], self.json("proof", "0")["root"])
        note = self.run_cli("checkpoint").stdout
        self.assertEqual(note.splitlines()[1], "2")
        self.assertIn("\n\n\u2014 ", note)
        sizes = [c["size"] for c in self.json("checkpoint", "--list")["checkpoints"]]
        self.assertEqual(sizes, sorted(set(sizes)))
        self.assertIn(2, sizes)


class Keys(Cli):
    def test_a_key_that_does_not_fit_is_refused_as_one_that_is_missing(self):
        self.init()
        keys = self.ledger / "keys"
        other = self.dir / "other"
        self.json("--ledger", str(other), "init", "--id", "other", "--name", "n", "--region", "320412", "--actor", "a",
                  ledger=False)
        own = (keys / "signing.pem").read_bytes()
        self.json("backup", str(self.dir / "backup"))
        (keys / "signing.pem").write_bytes((other / "keys" / "signing.pem").read_bytes())
        for arguments in (["checkpoint"], ["export", "--bundle", str(self.dir / "b")], ["key", "rotate-vault"]):
            self.assertIn("is not the key of this ledger", self.json(*arguments, code=3)["error"]["en"])
        done = self.json("--ledger", str(self.dir / "new"), "--keys", str(keys), "restore", str(self.dir / "backup"), ledger=False,
                         code=3)
        self.assertIn("is not the key of this ledger", done["error"]["en"])
        (keys / "signing.pem").write_bytes(own)
        (keys / "signing.pem").chmod(0o644)
        error = self.json("checkpoint", code=3)["error"]
        self.assertIn("chmod 600", error["zh"])
        self.assertIn("mode 0600", error["en"])
        self.assertEqual(error["en"].count("signing.pem"), 1)
        (keys / "signing.pem").unlink()
        error = self.json("checkpoint", code=3)["error"]
        self.assertIn("没有密钥文件", error["zh"])
        self.assertEqual(error["en"].count("signing.pem"), 1)
        self.json("verify")

    def test_an_anchor_that_cannot_be_read_is_no_missing_one(self):
        self.init()
        anchor = self.ledger / "ANCHOR"
        anchor.unlink()
        self.assertEqual(self.json("verify", code=1)["finding"]["reason"], "anchor_missing")
        anchor.mkdir()  # whoever runs the tests may read every file
        self.assertIn("ANCHOR", self.json("verify", code=4)["error"]["zh"])

    def test_a_place_with_marks_of_a_plural_in_its_name(self):
        self.init()
        place = self.dir / "a ‹b|c› {0}"
        said = self.run_cli("--lang", "en", "backup", str(place)).stdout
        self.assertIn("Backed up and verified: %s\n1 entry, root" % place, said)

    def test_keys_elsewhere(self):
        keys = str(self.dir / "keys")
        self.init("--keys", keys)
        self.assertFalse((self.ledger / "keys").exists())
        self.assertNotEqual(self.run_cli("checkpoint").returncode, 0)
        self.assertEqual(self.json("checkpoint", "--keys", keys)["size"], 1)
        self.assertEqual(self.json("checkpoint", env={"FUNDTRAIL_KEYS": keys})["size"], 1)

    def test_missing_anchor(self):
        self.init()
        (self.ledger / "ANCHOR").unlink()
        self.assertEqual(self.json("checkpoint", code=1)["error"]["code"], "truncated")
        self.assertEqual(self.json("checkpoint", "--accept-missing-anchor")["size"], 1)
        self.assertEqual(self.json("checkpoint")["size"], 1)

    def test_erase(self):
        self.init()
        self.json("import", str(SOURCE / "fixtures" / "worked-year"))
        size = self.json("verify")["entries"]
        person = next(entry["doc"]["beneficiary"]
                      for entry in (self.json("entry", str(i))["entry"] for i in range(size))
                      if entry["kind"] == "beneficiary_registration")
        order = ["--ground", "consent_withdrawn", "--ordered-by", "wang.head", "--reference", "no 7",
                 "--actor", "zhou.jing"]
        erase = lambda who, *more, **options: self.json("erase", "--beneficiary", who, *order, *more,
                                                        **options)
        self.assertEqual(erase(person, code=2)["error"]["code"], "not-confirmed")
        self.json("erase", "--beneficiary", person, "--yes", code=2)  # on whose order?
        erase("x", "--yes", code=2)
        chinese = ["民发〔2026〕7号" if word == "no 7" else word for word in order]
        self.assertIn("ASCII", self.json("erase", "--beneficiary", person, *chinese, "--yes", code=2)["error"]["zh"])
        self.assertEqual(erase("0" * 16, "--yes", code=3)["error"]["code"], "unknown-beneficiary")
        refused = erase(person, "--yes", code=3)["error"]
        self.assertEqual(refused["code"], "wrong-step")
        self.assertIn("entitled", refused["en"])
        end = {"kind": "entitlement_end", "date": "2009-12-31", "id": "end-1",
               "doc": {"beneficiary": person, "ended_on": "2009-12-31", "evidence": "证明", "reason": "moved"}}
        self.submit([end], actor="sun.qi")
        size += 1
        self.assertEqual(self.json("erase", "--beneficiary", person, *order[:-1], "sun.qi", "--yes",
                                   code=3)["error"]["code"], "same-person")
        done = erase(person, "--yes")
        self.assertEqual((done["erased"], done["index"], done["repeated"]), (person, size, False))
        entry = self.json("entry", str(size))["entry"]
        self.assertEqual(entry["doc"], {"beneficiary": person, "ground": "consent_withdrawn",
                                        "ordered_by": "wang.head", "reference": "no 7"})
        again = erase(person, "--yes")
        self.assertEqual((again["index"], again["repeated"]), (size, True))
        done = self.json("verify", "--state")
        self.assertEqual((done["ok"], done["entries"]), (True, size + 1))
        state = done["state"]
        self.assertEqual((state["ok"], state["different"], state["commands"]), (True, 0, size + 1))
        self.assertGreater(state["rows"], 100)
        self.json("verify", "--state", "--bundle", str(self.dir), code=2)

    def test_vault_key(self):
        self.init()
        self.json("import", str(SOURCE / "fixtures" / "worked-year"))
        key = self.ledger / "keys" / "vault.key"
        people = self.json("key", "rotate-vault")["rewrapped"]
        self.assertGreater(people, 0)
        self.assertEqual(self.json("key", "rotate-vault")["file"], str(key))
        elsewhere = self.dir / "vault.key"
        key.rename(elsewhere)
        # Without it, the rest goes on; an import needs it.
        self.assertTrue(self.json("verify")["ok"])
        self.json("checkpoint")
        answer = self.json("import", str(SOURCE / "fixtures" / "worked-year"), "--dry-run", code=4)
        self.assertEqual(answer["error"]["code"], "unavailable")
        self.assertIn("vault.key", answer["error"]["en"])
        for env in ({"FUNDTRAIL_VAULT_KEY_FILE": str(elsewhere)},
                    {"FUNDTRAIL_VAULT_KEY": elsewhere.read_bytes().hex()}):
            self.json("import", str(SOURCE / "fixtures" / "worked-year"), "--dry-run", env=env)
        self.json("key", "rotate-vault", code=3,
                  env={"FUNDTRAIL_VAULT_KEY": elsewhere.read_bytes().hex()})
        self.json("checkpoint", code=2, env={"FUNDTRAIL_VAULT_KEY_FILE": str(elsewhere),
                                             "FUNDTRAIL_VAULT_KEY": "00"})


class Lookup(Cli):
    NUMBER = "320412191812099664"  # of fixtures/worked-year, synthetic as all of them
    WHY = ["--purpose", "核对来电申请"]

    def setUp(self):
        super().setUp()
        self.init()
        self.json("import", str(SOURCE / "fixtures" / "worked-year"))

    def look(self, *more, actor="zhou.jing", role="registrar", code=0, number=NUMBER + "\n"):
        return self.json("lookup", "--actor", actor, "--role", role, *self.WHY, *more, stdin=number, code=code)

    def records(self):
        return [r for r in self.json("access-log", "search")["records"] if r["action"] != "opened"]

    def test_the_pseudonym_is_told_and_the_access_log_has_it(self):
        people = {entry["doc"]["beneficiary"] for entry in
                  (self.json("entry", str(i))["entry"] for i in range(self.json("verify")["entries"]))
                  if entry["kind"] == "beneficiary_registration"}
        person = self.look()["beneficiary"]
        self.assertIn(person, people)
        file = self.dir / "number"
        file.write_text(self.NUMBER, encoding="utf-8")
        self.assertEqual(self.look(str(file), role="inspector", number="")["beneficiary"], person)
        first, second = self.records()
        self.assertEqual({k: first[k] for k in ("action", "actor", "role", "route", "subject", "purpose", "person")},
                         {"action": "read", "actor": "zhou.jing", "role": "registrar", "route": "fundtrail lookup",
                          "subject": "lookup", "purpose": self.WHY[1], "person": person})
        self.assertEqual(second["role"], "inspector")
        self.json("access-log", "verify")
        for log in (self.ledger / "access-log").iterdir():
            self.assertNotIn(self.NUMBER.encode(), log.read_bytes())

    def test_the_log_is_shown_as_a_table(self):
        person = self.look()["beneficiary"]
        self.look(role="cashier", code=3)
        for language, words in (("zh", ("动作", "查阅", "拒绝", "登记", self.WHY[1])), ("en", ("Did", "read", "refused", "registrar"))):
            text = self.run_cli("--lang", language, "access-log", "search").stdout
            self.assertNotIn("{", text)
            for word in (*words, person, "forbidden"):
                self.assertIn(word, text)
            self.assertRegex(text.splitlines()[-1], "4")  # and that the log was opened, twice
        self.assertIn("1 record.", self.run_cli("--lang", "en", "access-log", "search", "--text", person).stdout)

    def test_who_is_refused_and_who_is_nobody(self):
        for role in ("cashier", "administrator", "provider"):
            self.assertEqual(self.look(role=role, code=3)["error"]["code"], "forbidden")
        self.assertEqual(self.look(number="11010519491231002X", code=3)["error"]["code"], "not-found")
        self.assertEqual([(r["action"], r["outcome"]) for r in self.records()],
                         [("refused", "forbidden")] * 3 + [("read", "not-found")])
        # What is no number, or stands where everybody reads it, is not said again.
        for more, number in (([], "320412191812099665"), ([self.NUMBER], ""), (["320412191812099665"], "")):
            error = self.look(*more, number=number, code=2)["error"]
            self.assertNotIn("3204", error["zh"] + error["en"])
        self.json("lookup", "--actor", "a", "--role", "registrar", "--purpose", "电话 13800138000", stdin=self.NUMBER, code=2)
        self.assertEqual(len(self.records()), 4)

    def test_a_book_of_users_that_was_named_and_is_not_there_is_none_to_do_without(self):
        self.look("--users", str(self.dir / "none.json"), code=3)
        self.assertEqual(self.records(), [])

    def test_the_book_of_users_says_who_is_in_service(self):
        self.json("user", "add", "zhou.jing", "--role", "registrar", "--no-password")
        self.json("user", "add", "away", "--role", "registrar", "--region", "320413", "--no-password")
        person = self.look()["beneficiary"]
        self.assertEqual(self.look(role="reviewer", code=3)["error"]["code"], "role-not-held")
        self.assertEqual(self.look(actor="nobody", code=3)["error"]["code"], "unknown-user")
        # Of another region's people they learn no more than of nobody.
        self.assertEqual(self.look(actor="away", code=3)["error"]["code"], "not-found")
        self.json("user", "disable", "zhou.jing")
        self.assertEqual(self.look(code=3)["error"]["code"], "unknown-user")
        self.assertEqual([r.get("person") for r in self.records()], [person] + [None] * 4)

    def test_somebody_whose_identity_was_destroyed(self):
        person = self.look()["beneficiary"]
        self.submit([{"kind": "entitlement_end", "date": "2009-12-31", "id": "end-1",
                      "doc": {"beneficiary": person, "ended_on": "2009-12-31", "evidence": "证明", "reason": "moved"}}],
                    actor="sun.qi")
        self.json("erase", "--beneficiary", person, "--ground", "consent_withdrawn", "--ordered-by", "wang.head",
                  "--reference", "no 7", "--actor", "zhou.jing", "--yes")
        self.assertEqual(self.look(code=3)["error"]["code"], "person-erased")


class Import(Cli):
    def setUp(self):
        super().setUp()
        self.init()
        self.folder = SOURCE / "fixtures" / "worked-year"

    def test_worked_year(self):
        dry = self.json("import", str(self.folder), "--dry-run")
        self.assertEqual((dry["ok"], dry["changed"], dry["size"], dry["bad"]), (True, False, 1, []))
        done = self.json("import", str(self.folder))
        self.assertTrue(done["changed"])
        self.assertEqual(done["size"], 1 + done["recorded"] + 1)  # the opening and the manifest
        self.assertEqual(done["recorded"], dry["recorded"])
        again = self.json("import", str(self.folder))
        self.assertEqual((again["changed"], again["recorded"], again["repeated"], again["root"]),
                         (False, 0, done["recorded"], done["root"]))

    def test_bad_row(self):
        bad = self.dir / "bad"
        shutil.copytree(self.folder, bad)
        path = bad / "fund_receipts.csv"
        path.write_text(path.read_text(encoding="utf-8-sig").replace("1200.00", "12x", 1),
                        encoding="utf-8")
        before = self.json("proof", "0")["root"]
        for arguments, code in ((["--dry-run"], 1), ([], 3)):
            done = self.json("import", str(bad), *arguments, code=code)
            self.assertEqual((done["ok"], done["changed"], done["recorded"]), (False, False, 0))
            first = done["bad"][0]
            self.assertEqual(set(first), {"file", "row", "column", "key", "code", "zh", "en",
                                          "consequence"})
            self.assertEqual((first["file"], first["row"], first["column"], first["key"],
                              first["code"]),
                             ("fund_receipts.csv", 2, "金额", "amount", "cell-amount"))
            text = self.run_cli("--lang", "zh", "import", str(bad), *arguments)
            self.assertEqual(text.returncode, code)
            self.assertIn("fund_receipts.csv 第 2 行“金额”：", text.stdout)
        self.assertEqual(self.json("proof", "0")["root"], before)

    def test_no_folder(self):
        self.json("import", str(self.dir / "nothing"), code=3)


if __name__ == "__main__":
    unittest.main()
