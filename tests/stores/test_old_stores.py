"""Stores that released versions wrote are opened, verified, reported from and written to (see
fixtures/stores/README.md)."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import unittest

FUNDTRAIL = os.environ["FUNDTRAIL"]
STORES = pathlib.Path(os.environ["SOURCE_DIR"]) / "fixtures" / "stores"
sys.path.insert(0, str(STORES))
sys.dont_write_bytecode = True
from make import figures  # noqa: E402

CLOCK = "2009-02-01T09:00:00+08:00"
# What the rows of the state are in each of these stores, with the layout as it is now.
ROOTS = json.loads((STORES / "state-roots.json").read_text())
OTHER_ROWS = ("the state has other rows than layout %s had. Then stores of that layout must be made anew: "
              "raise kLayout (ledger/store/layout.h), name the old one in kLayoutsOfOtherState, and put "
              "the new roots and layout into fixtures/stores/state-roots.json" % ROOTS["layout"])


class OldStores(unittest.TestCase):
    def run_cli(self, ledger, *arguments, stdin="", code=0):
        command = [FUNDTRAIL, "--json", "--clock", CLOCK, "--ledger", str(ledger), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def submit(self, ledger, command):
        answers = self.run_cli(ledger, "submit", "-", "--actor", "zhou.jing", "--role", "registrar",
                               stdin=json.dumps([command], ensure_ascii=False))
        return answers["answers"][0]

    def check(self, ledger, facts):
        verified = self.run_cli(ledger, "verify", "--key", facts["verify"]["key"])
        self.assertTrue(verified["ok"])
        for key, value in facts["verify"].items():
            self.assertEqual(verified[key], value, key)
        checkpoints = facts["verify"]["checkpoints"]
        if self.is_older(ledger):
            self.check_refused_as_it_lies(ledger)
            self.run_cli(ledger, "checkpoint")
            checkpoints = sorted({*checkpoints, facts["verify"]["entries"]})
        for name, report in facts["reports"].items():
            self.assertEqual(figures(self.run_cli(ledger, "report", *name.split())), report, name)

        size = facts["verify"]["entries"]
        town = {"kind": "region_registration", "date": "2009-01-05", "id": "old-town",
                "doc": {"name": "横林镇", "region": "320412199"}}
        again = self.submit(ledger, town)  # what the old version recorded is remembered
        self.assertTrue(again["repeated"])
        self.assertEqual(again["index"], size - 1)
        new = self.submit(ledger, dict(town, id="new-town", doc={"name": "湟里镇",
                                                                 "region": "320412198"}))
        self.assertEqual((new["index"], new["repeated"]), (size, False))
        self.run_cli(ledger, "checkpoint")
        self.run_cli(ledger, "proof", "--consistency", str(facts["verify"]["checkpoints"][0]))
        verified = self.run_cli(ledger, "verify", "--key", facts["verify"]["key"])
        self.assertTrue(verified["ok"])
        self.assertEqual(verified["entries"], size + 1)
        self.assertEqual(verified["checkpoints"], checkpoints + [size + 1])
        state = self.run_cli(ledger, "verify", "--state")["state"]
        self.assertEqual((state["ok"], state["different"]), (True, 0), state)
        return state["root"]

    def is_older(self, ledger):
        done = subprocess.run([FUNDTRAIL, "--ledger", str(ledger), "verify", "--state"], capture_output=True)
        return done.returncode != 0

    def check_refused_as_it_lies(self, ledger):
        """Nobody expects of a report or a backup that no older program opens the ledger afterwards."""
        def files():
            return {p: p.read_bytes() for p in ledger.rglob("*") if p.is_file() and p.name != "LOCK"}
        before = files()
        backup = ledger.parent / "backup"
        for command in (["verify", "--state"], ["report", "trial-balance"], ["entry", "0"], ["backup", backup]):
            error = self.run_cli(ledger, *map(str, command), code=4)["error"]
            self.assertEqual(error["code"], "unknown-version", command)
            for text in (error["zh"], error["en"]):
                self.assertIn("fundtrail checkpoint", text)
        self.assertEqual(files(), before)
        self.assertFalse(backup.exists())

    def test_the_server_makes_it_and_tells_the_supervisor(self):
        archive = sorted(STORES.glob("*.tar.xz"))[0]
        with tempfile.TemporaryDirectory() as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            with tarfile.open(archive) as tar:
                tar.extractall(place)
            ledger = pathlib.Path(place) / archive.name[:-len(".tar.xz")]
            self.run_cli(ledger, "user", "add", "zhou.jing", "--role", "registrar", "--no-password")
            supervisor.bind(place + "/notify")
            supervisor.settimeout(120)
            server = subprocess.Popen([FUNDTRAIL, "--ledger", str(ledger), "serve", "--port", "0"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      env={**os.environ, "NOTIFY_SOCKET": place + "/notify"})
            try:
                told = supervisor.recv(200).decode()
                self.assertRegex(told, r"^EXTEND_TIMEOUT_USEC=\d+\nSTATUS=making the state again .*%$")
                while told != "READY=1":
                    told = supervisor.recv(200).decode()
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait()
            self.assertEqual(self.run_cli(ledger, "verify", "--state")["state"]["different"], 0)

    def test_roots_are_of_this_layout(self):
        header = (pathlib.Path(os.environ["SOURCE_DIR"]) / "ledger/store/layout.h").read_text()
        self.assertIn('kLayout = "%s"' % ROOTS["layout"], header)

    def test_every_released_store(self):
        archives = sorted(STORES.glob("*.tar.xz"))
        self.assertGreaterEqual(len(archives), 2)
        for archive in archives:
            name = archive.name[:-len(".tar.xz")]
            facts = json.loads((STORES / (name + ".json")).read_text(encoding="utf-8"))
            with self.subTest(name), tempfile.TemporaryDirectory() as place:
                with tarfile.open(archive) as tar:
                    tar.extractall(place)
                root = self.check(pathlib.Path(place) / name, facts)
                self.assertEqual(root, ROOTS["roots"][name], OTHER_ROWS)


if __name__ == "__main__":
    unittest.main()
