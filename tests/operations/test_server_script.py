"""script/server: what it shows is true when it is shown. Its copy serves the program under test."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

BINARY = pathlib.Path(os.environ["FUNDTRAIL"]).resolve()
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])


class Script(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-script-"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        (cls.root / "script").mkdir()
        (cls.root / "build").mkdir()
        shutil.copy(SOURCE / "script" / "server", cls.root / "script")
        (cls.root / "script" / "build").write_text("#!/bin/sh\n", encoding="utf-8")  # it is built
        (cls.root / "script" / "build").chmod(0o755)
        (cls.root / "build" / "fundtrail").symlink_to(BINARY)
        (cls.root / "fixtures").symlink_to(SOURCE / "fixtures")

    def start(self, *arguments):
        server = subprocess.Popen([self.root / "script" / "server", *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, encoding="utf-8")
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.stdout.close)
        return server

    def shown(self, *arguments):
        """What it shows until it has shown all, while it serves."""
        server = self.start(*arguments)
        lines = []
        for line in server.stdout:
            lines.append(line)
            if "verify.py" in line:
                break
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=60)
        self.assertEqual(server.returncode, 0, log)
        return "".join(lines)

    def test_it_shows_the_address_that_is_served(self):
        for form in (["--port", "0"], ["--port=0"]):
            shown = self.shown(*form)
            self.assertRegex(shown, r"http://127\.0\.0\.1:[1-9]\d*/sign-in")
            self.assertNotIn(":8080", shown)
            self.assertNotIn(":0/", shown)
        self.assertEqual([path.name for path in (self.root / "var").iterdir()], ["demo"])

    def test_it_shows_nothing_before_it_listens(self):
        self.shown("--port", "0")  # the demo is there
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            for arguments in (["--port", str(other.getsockname()[1])], ["--nonsense"], ["--port", "99999"]):
                server = self.start(*arguments)
                shown, said = server.communicate(timeout=60)
                self.assertNotEqual(server.returncode, 0)
                self.assertEqual(shown, "")
                self.assertTrue(said)

    def test_a_password_that_was_changed_is_not_shown(self):
        first = self.shown("--port", "0")
        users = self.root / "var" / "demo" / "users.json"
        self.assertEqual(users.read_text("utf-8").count('"must_change": true'), 2)
        whole = users.read_text("utf-8")
        passwords = dict(line.split() for line in (self.root / "var" / "demo" / "demo-passwords").read_text("utf-8").splitlines())
        for password in passwords.values():
            self.assertIn(password, first)
        at = whole.index('"guan.li"')
        users.write_text(whole[:at] + whole[at:].replace('"must_change": true', '"must_change": false', 1), encoding="utf-8")
        then = self.shown("--port", "0")
        users.write_text(whole, encoding="utf-8")
        self.assertNotIn(passwords["guan.li"], then)
        self.assertIn(passwords["jian.cha"], then)


if __name__ == "__main__":
    unittest.main()
