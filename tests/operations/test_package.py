"""The Debian package, the completion and the manual pages: made by the program, complete, and usable."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = os.environ.get("FUNDTRAIL", str(ROOT / "build" / "fundtrail"))
PACKAGING = ROOT / "api" / "packaging"


def run(*arguments, check=True, **more):
    return subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=check, **more)


def commands():
    """The commands that the help text lists."""
    text = run(BINARY, "--help").stdout
    return re.findall(r"^  ([a-z]+) +", text[text.index("命令 Commands"):], re.M)


def complete(*words):
    script = (f"source <({BINARY} completion bash); COMP_WORDS=(fundtrail {' '.join(words)} ''); "
              f"COMP_CWORD={len(words) + 1}; _fundtrail; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    return run("bash", "-c", script).stdout.split()


class Described(unittest.TestCase):
    def test_completion_follows_the_commands(self):
        all_commands = commands()
        self.assertGreater(len(all_commands), 15)
        offered = complete()
        for command in all_commands:
            self.assertIn(command, offered)
        self.assertIn("--ledger", offered)
        self.assertIn("new", complete("token"))
        self.assertNotIn("serve", complete("token"))
        self.assertIn("--role", complete("token", "new"))
        self.assertIn("--log-level", complete("--json", "serve"))
        self.assertIn("--ledger", complete("serve"))
        self.assertEqual(complete("serve", "--log-level"), ["info", "warning", "error"])
        self.assertEqual(complete("serve", "--ledger"), [])  # a path: bash completes it
        self.assertIn("fund-flow", complete("report"))
        self.assertIn("inspector", complete("user", "add", "x", "--role"))
        self.assertEqual(complete("report", "--format"), ["text", "json", "csv", "xlsx"])
        self.assertIn("consent_withdrawn", complete("erase", "--ground"))
        for words in ((), ("token",), ("serve",)):
            offered = complete(*words)
            self.assertEqual(len(set(offered)), len(offered))  # nothing twice

    def test_the_manual_names_everything_in_both_languages(self):
        settings = json.loads(run(BINARY, "--json", "config", "show").stdout)["settings"]
        for language in ("zh", "en"):
            page = run(BINARY, "--lang", language, "man").stdout
            plain = page.replace("\\-", "-").replace("\\:", "")
            for command in commands():
                self.assertIn(f'.SS "fundtrail {command}"', plain)
            for setting in settings:
                self.assertIn(setting["variable"], plain)
                self.assertIn(setting[language], plain)
            self.assertNotIn("--clock\n", plain)  # hidden
            self.assertTrue(all(not line.startswith(".") or re.match(r"\.(TH|ad|SH|SS|TP|B)\b", line)
                                for line in page.splitlines()))

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_manual_is_good_roff(self):
        for language in ("zh", "en"):
            page = run(BINARY, "--lang", language, "man").stdout
            done = run("groff", "-k", "-man", "-Tutf8", "-ww", "-z", input=page)
            self.assertEqual(done.stderr, "")

    def test_a_damaged_ledger_is_not_tried_for_ever(self):
        """It ends with exit code 4, which is tried again: the limit must be reached by the pace of trying."""
        unit = (PACKAGING / "fundtrail.service").read_text()
        value = {k: int(v) for k, v in re.findall(r"^(StartLimit\w+|RestartSec)=(\d+)$", unit, re.M)}
        self.assertGreater(value["StartLimitIntervalSec"], 10 * value["StartLimitBurst"] * value["RestartSec"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_the_unit_is_sound_and_locked_down(self):
        done = run("systemd-analyze", "security", "--offline=true", "--threshold=15",
                   PACKAGING / "fundtrail.service", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="fundtrail-deb-")
        build = pathlib.Path(BINARY).parent
        run("cpack", "-G", "DEB", "-B", cls.directory, cwd=build)
        (cls.deb,) = pathlib.Path(cls.directory).glob("*.deb")
        cls.root = pathlib.Path(cls.directory) / "root"
        run("dpkg-deb", "-x", cls.deb, cls.root)
        cls.control = pathlib.Path(cls.directory) / "control"
        run("dpkg-deb", "-e", cls.deb, cls.control)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def test_asking_for_a_backup_starts_no_server(self):
        """Requisite= fails where the server does not run; whatever else names it would start it."""
        unit = next(self.root.rglob("fundtrail-backup.service")).read_text(encoding="utf-8")
        names = {line.split("=")[0] for line in unit.splitlines() if line.endswith("=fundtrail.service")}
        self.assertEqual(names, {"Requisite", "After"})
        self.assertIn("User=fundtrail", unit)
        self.assertIn("backup --ask", unit)
        self.assertIn("--ask", run(BINARY, "backup", "--help").stdout)

    def test_contents(self):
        for path in ("usr/bin/fundtrail", "lib/systemd/system/fundtrail.service",
                     "lib/systemd/system/fundtrail-backup.timer", "etc/fundtrail/fundtrail.toml",
                     "usr/share/man/man1/fundtrail.1.gz", "usr/share/man/zh_CN/man1/fundtrail.1.gz",
                     "usr/share/bash-completion/completions/fundtrail",
                     "usr/share/doc/fundtrail/OPERATIONS.md", "usr/share/doc/fundtrail/openapi.yaml",
                     "usr/share/doc/fundtrail/copyright"):
            self.assertTrue((self.root / path).is_file(), path)
        listed = run("dpkg-deb", "-c", self.deb).stdout
        for line in listed.splitlines():
            self.assertIn("root/root", line)
            self.assertNotIn("/home/", line)
        self.assertEqual((self.control / "conffiles").read_text(), "/etc/fundtrail/fundtrail.toml\n")

    def test_control(self):
        control = (self.control / "control").read_text(encoding="utf-8")
        for words in ("Package: fundtrail\n", "adduser", "librocksdb", "libssl3", "libtomlplusplus"):
            self.assertIn(words, control)
        version = re.search(r"project\(fundtrail VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertIn(f"Version: {version}", control)
        for script in ("postinst", "prerm", "postrm"):
            self.assertEqual(run("sh", "-n", self.control / script).stderr, "")
            self.assertEqual((self.control / script).stat().st_mode & 0o777, 0o755)
        # Nothing removes what people recorded.
        for script in ("prerm", "postrm"):
            self.assertNotRegex((self.control / script).read_text(), r"\brm\b|deluser|userdel")

    def test_the_installed_program_and_its_configuration(self):
        program = self.root / "usr/bin/fundtrail"
        file = self.root / "etc/fundtrail/fundtrail.toml"
        done = run(program, "--json", "config", "check", "--file", file)
        values = {s["name"]: s["value"] for s in json.loads(done.stdout)["settings"]}
        self.assertEqual(values["ledger"], "/var/lib/fundtrail/ledger")
        self.assertEqual(values["keys"], "/etc/fundtrail/keys")
        unit = (self.root / "lib/systemd/system/fundtrail.service").read_text()
        self.assertIn("ExecStart=/usr/bin/fundtrail --config /etc/fundtrail/fundtrail.toml serve", unit)

    def test_installed_for_good_with_its_user(self):
        """dpkg in a copy-on-write view of this system, which goes with the process."""
        layers = tempfile.mkdtemp(dir="/dev/shm", prefix="fundtrail-")
        self.addCleanup(shutil.rmtree, layers, ignore_errors=True)
        script = f"""
set -e
mount -t tmpfs tmpfs {layers}
mkdir {layers}/up {layers}/work {layers}/root
mount -t overlay overlay -o lowerdir=/,upperdir={layers}/up,workdir={layers}/work {layers}/root
cp {self.deb} {layers}/root/tmp/fundtrail.deb
chroot {layers}/root dpkg --force-depends -i /tmp/fundtrail.deb >&2
chroot {layers}/root getent passwd fundtrail
chroot {layers}/root stat -c '%U %a %n' /var/lib/fundtrail /var/backups/fundtrail /etc/fundtrail/keys
chroot {layers}/root dpkg --purge --force-depends fundtrail >&2
chroot {layers}/root stat -c '%U %a %n' /var/lib/fundtrail
"""
        if os.geteuid() != 0:
            self.skipTest("dpkg takes root")
        done = run("unshare", "-m", "sh", "-c", script, check=False)
        if "overlay" in done.stderr and done.returncode != 0:
            self.skipTest("no overlay file system here: " + done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].startswith("fundtrail:"), lines)
        self.assertEqual(lines[1:], ["fundtrail 700 /var/lib/fundtrail", "fundtrail 700 /var/backups/fundtrail",
                                     "fundtrail 700 /etc/fundtrail/keys", "fundtrail 700 /var/lib/fundtrail"])


if __name__ == "__main__":
    unittest.main()
