"""Stores that released versions wrote are opened, verified, reported from and written to (see
fixtures/stores/README.md)."""
import json
import os
import pathlib
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
        # Its state may hold other rows than ours: nobody compares them before it is made again.
        self.run_cli(ledger, "verify", "--state", code=4)
        verified = self.run_cli(ledger, "verify", "--key", facts["verify"]["key"])
        self.assertTrue(verified["ok"])
        for key, value in facts["verify"].items():
            self.assertEqual(verified[key], value, key)
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
        self.assertEqual(verified["checkpoints"], facts["verify"]["checkpoints"] + [size + 1])

        # Opened for writing, so the state is this program's now.
        state = self.run_cli(ledger, "verify", "--state")["state"]
        self.assertEqual((state["ok"], state["different"]), (True, 0), state)
        return state["root"]

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
