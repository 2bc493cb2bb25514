"""The fixtures' years, imported by the program, replay to the state that is stored, byte for byte."""
import os
import pathlib
import subprocess
import tempfile
import unittest

BINARY = pathlib.Path(os.environ["FUNDTRAIL"])
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
REPLAYS = BINARY.parent / "tests" / "test_model"


class Replay(unittest.TestCase):
    def check(self, year, *how):
        with tempfile.TemporaryDirectory() as home:
            run = [BINARY, "--ledger", home]
            opening = ["init", "--id", year, "--name", "账套", "--region", "320412", "--actor", "liu",
                       "--date", "2008-01-01"]
            for step in opening, ["import", *how, SOURCE / "fixtures" / year, "--operator", "liu"]:
                subprocess.run([*run, *step], check=True, capture_output=True)
            done = subprocess.run([REPLAYS, "[replay-given]"], capture_output=True, text=True,
                                  env={**os.environ, "FUNDTRAIL_REPLAY": home})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("assertions in 1 test case", done.stdout)

    def test_year(self):
        self.check("wujin-2008")

    def test_worked_year(self):
        self.check("worked-year")

    def test_past(self):
        self.check("misuse-2008", "--past")


if __name__ == "__main__":
    unittest.main()
