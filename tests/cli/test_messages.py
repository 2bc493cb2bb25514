"""What the command line says when something is wrong: in the reader's language throughout, with the place of it."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

BINARY = os.environ["FUNDTRAIL"]
CLOCK = "2009-12-31T17:00:00+08:00"


class Messages(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.dir = pathlib.Path(place.name)
        self.ledger = self.dir / "ledger"

    def run_cli(self, *arguments, language="zh", stdin="", **more):
        return subprocess.run([BINARY, "--clock", CLOCK, "--lang", language, *map(str, arguments)], input=stdin, text=True,
                              capture_output=True, timeout=120, encoding="utf-8", cwd=self.dir, **more)

    def init(self):
        done = self.run_cli("--ledger", self.ledger, "init", "--id", "t", "--name", "测试", "--region", "320412", "--actor",
                            "zhou.jing", "--date", "2009-01-01")
        self.assertEqual(done.returncode, 0, done.stderr)

    def submit(self, text, code, language="zh"):
        done = self.run_cli("--ledger", self.ledger, "submit", "-", "--actor", "zhou.jing", "--role", "registrar",
                            language=language, stdin=text)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_each_usage_error_in_both_languages(self):
        self.init()
        run = ["--ledger", self.ledger, "run", "p", "2009-01", "--actor", "a"]
        for arguments, zh, en in (
                ([*run, "--settle-only", "--lines", "x"], "--settle-only 与 --lines 不能同用",
                 "--settle-only and --lines exclude each other"),
                (["submit", "--actor", "a", "--role", "registrar", "--key", "k"], "用 --key 时须同时给出 --sign",
                 "--key needs --sign beside it"),
                (["token", "new", "--actor", "a", "--role", "inspector", "--days", "soon"],
                 "--days 的值“soon”不对，应为：1 – 36", 'The value "soon" of --days is not valid; expected: 1 – 36'),
                (["import", "f", "--encoding", "latin1"], "--encoding 的值“latin1”不对，应为：utf-8 | gb18030",
                 'The value "latin1" of --encoding is not valid; expected: utf-8 | gb18030'),
                (["entry", "x"], "index 的值“x”不对，应为：整数", 'The value "x" of index is not valid; expected: a whole number'),
                (["init", "--id", "x", "--name", "n", "--region", "12", "--actor", "a"],
                 "--region 的值“12”不对，应为：6、9 或 12 位数字", "expected: 6, 9 or 12 digits"),
                (["init", "--id", "x", "--name", " n", "--region", "320412", "--actor", "a"],
                 "--name 的值“ n”不对，应为：1 至 500 字节的文字", "expected: text of 1 to 500 bytes"),
                (["--ledger", self.ledger, "report", "vouchers", "--region", "x"], "应为：6、9 或 12 位数字", "6, 9 or 12 digits"),
                (["--ledger", self.ledger, "user", "add", "a", "--role", "inspector", "--region", "x"],
                 "应为：6、9 或 12 位数字，或 all", "6, 9 or 12 digits, or all"),
                (["bench", "--dir", "/nowhere"], "--dir 的值“/nowhere”不对，应为：已有的目录", "expected: a directory that is there"),
                (["--json=x", "entry", "0"], "选项 --json 不带值", "The option --json takes no value"),
                (["entry", "0", "--ledgr", "x"], "（是否应为 --ledger？）", "(did you mean --ledger?)"),
                (["submitt"], "没有命令“submitt”（是否应为 submit？）", 'There is no command "submitt" (did you mean submit?)')):
            for language, said in (("zh", zh), ("en", en)):
                done = self.run_cli(*arguments, language=language)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(said, done.stderr)
            self.assertNotRegex(self.run_cli(*arguments).stderr, "[a-z]{3,} [a-z]{3,} [a-z]{2,}")  # no English sentence

    def test_a_dash_is_no_file_to_write(self):
        self.init()
        for arguments in (["run", "p", "2009-01", "--dry-run", "--lines", "-"], ["run", "p", "2009-01", "--dry-run", "--csv", "-"],
                          ["report", "trial-balance", "--out", "-"], ["bench", "--out", "-"], ["key", "new", "-"]):
            done = self.run_cli("--ledger", self.ledger, *arguments)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("“-”不是", done.stderr)
        self.assertFalse((self.dir / "-").exists())
        listed = self.run_cli("--ledger", self.ledger, "report", "trial-balance", "--format", "csv", "--out", "/dev/stdout")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertTrue(listed.stdout)

    def test_a_day_too_late_for_a_new_ledger(self):
        done = self.run_cli("--ledger", self.ledger, "init", "--id", "t", "--name", "n", "--region", "320412", "--actor", "a",
                            "--date", "2099-01-01")
        self.assertEqual(done.returncode, 3)
        self.assertIn("日期 2099-01-01 过晚，此处最晚为 2009-12-31。", done.stderr)
        self.assertNotIn("too late", done.stderr)

    def test_a_configuration_file_that_is_not_there(self):
        for command in (["entry", "0"], ["config", "check"], ["config", "show"], ["serve"]):
            done = self.run_cli("--config", "none.toml", *command)
            self.assertEqual(done.returncode, 3, done)
            self.assertIn("没有文件“none.toml”", done.stderr)
        self.assertEqual(json.loads(self.run_cli("--json", "--config", "none.toml", "entry", "0").stdout)["error"]["code"],
                         "not-found")
        self.assertEqual(self.run_cli("--config", self.dir, "entry", "0").returncode, 4)  # a directory
        self.assertEqual(self.run_cli("--config", "none.toml", "config", "show", "--template").returncode, 0)

    def test_what_is_no_toml_has_its_place_and_its_kind(self):
        file = self.dir / "c.toml"
        for text, at, zh, en in (
                ("port 8080", "1:6", "等号", "equals sign"), ("port = ", "1:8", "没有值", "no value"),
                ("port = 8080 9", "1:13", "每行一项", "holds one setting"), ('host = "a', "1:10", "引号没有结束", "quotation mark is missing"),
                ("host = abc", "1:8", "英文引号", "quotation marks"), ("host = “127.0.0.1”", "1:8", "英文引号", "quotation marks"),
                ("port = 80\nport = 90", "2:8", "两次", "twice"), ("端口 = 80", "1:1", "名称 = 值", "name = value"),
                ("port ＝ 80", "1:6", "英文等号", "equals sign"), ("[serve", "1:7", "方括号", "square brackets"),
                ("port = 08", "1:10", "数字", "number"), ('ledger = "C:\\data"', "1:14", "反斜杠", "backslash"),
                ("x = [1, 2", "", "中断", "ends here"), ("x = 2026-13-01", "1:", "英文引号", "quotation marks"),
                ("x = {a=1", "1:", "花括号", "brace")):
            file.write_text(text + "\n", encoding="utf-8")
            (wrong,) = json.loads(self.run_cli("--json", "config", "check", "--file", file).stdout)["wrong"]
            self.assertIn(f"{file}:{at}", wrong["zh"], text)
            self.assertIn(f"{file}:{at}", wrong["en"], text)
            self.assertIn(zh, wrong["zh"], text)
            self.assertIn(en, wrong["en"], text)
            self.assertNotRegex(wrong["zh"], "Error|expected|saw")
        file.write_bytes("host = \"主机\"\n".encode("gbk"))
        (wrong,) = json.loads(self.run_cli("--json", "config", "check", "--file", file).stdout)["wrong"]
        self.assertIn("UTF-8", wrong["zh"])
        file.write_text("prot = 1\n")
        self.assertIn("是否应为“port”", self.run_cli("--config", file, "entry", "0").stderr)

    def test_the_book_of_users_has_the_place_of_a_fault(self):
        book = self.dir / "users.json"
        book.touch(mode=0o600)
        for text, zh in (('{"v": 1,\n "users": [}', "不是 JSON，第 2 行第 12 列附近"), ("[]", "应为一个 JSON 对象"), ("{}", "缺少版本"),
                         ('{"v": 1, "users": [{"id": "a", "roles": ["x"]}]}', "第 1 个用户的 roles 缺失或有误")):
            book.write_text(text, encoding="utf-8")
            done = self.run_cli("--users", book, "user", "list")
            self.assertIn(zh, done.stderr)
            self.assertNotRegex(done.stderr, "not JSON|expected|no version")

    def test_what_the_system_says_is_in_chinese(self):
        self.init()
        # Nothing can be made in /proc, whoever asks.
        for command in (["export", "--bundle", "/proc/bundle"], ["backup", "/proc/backup"],
                        ["report", "trial-balance", "--out", "/proc/report"], ["key", "new", "/proc/key"]):
            done = self.run_cli("--ledger", self.ledger, *command)
            self.assertEqual(done.returncode, 4, done)
            self.assertRegex(done.stderr, "无法(建立|写入)“/proc/[^”]*”：没有")
            self.assertNotIn("No such", done.stderr)
        done = self.run_cli("--ledger", self.ledger, "key", "new", "/proc/key", language="en")
        self.assertRegex(done.stderr, "cannot make /proc/key: (No such|Permission)")

    def test_commands_that_are_no_json_have_line_and_column(self):
        self.init()
        broken = '[\n {"kind": "fund_registration",}\n]'
        self.assertIn("JSON 语法错误：第 2 行第 31 列附近：多了一个逗号", self.submit(broken, 3))
        self.assertIn("JSON syntax error near line 2, column 31: a comma too many", self.submit(broken, 3, "en"))
        self.assertIn("数组为空：没有提交任何命令", self.submit("[]", 0))
        self.assertIn("nothing was submitted", self.submit("[]", 0, "en"))
        self.assertIn("已入账", self.submit("\ufeff" + json.dumps(self.FUND), 0))  # as Windows editors begin a file

    FUND = {"kind": "fund_registration", "date": "2009-01-02", "id": "fund-1",
            "doc": {"fiscal_year": 2009, "functional_code": "2081002", "fund": "F1", "name": "养老服务专项资金"}}

    def test_a_misspelt_field_is_told_with_the_one_that_was_meant(self):
        self.init()
        text = json.dumps(self.FUND)
        for right, wrong, zh in (("fiscal_year", "fiscal_yaer", "没有字段“fiscal_yaer”，是否应为“fiscal_year”？"),
                                 ('"kind"', '"knid"', "没有字段“knid”，是否应为“kind”？"),
                                 ('"doc"', '"dco"', "没有字段“dco”，是否应为“doc”？"),
                                 ('"name"', '"title"', "没有字段“title”。")):
            self.assertIn(zh, self.submit(text.replace(right, wrong), 3))
        self.assertIn("缺少字段“name”", self.submit(re.sub(', "name": "[^"]*"', "", text), 3))


if __name__ == "__main__":
    unittest.main()
