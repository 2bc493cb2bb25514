"""The benchmark itself works: a run with tiny sizes ends well, says what it measured, and leaves
nothing behind. Its figures are not judged here: a test machine is no measuring machine."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

FUNDTRAIL = os.environ["FUNDTRAIL"]
TOOLS = pathlib.Path(FUNDTRAIL).parent
RUN = pathlib.Path(__file__).resolve().parents[2] / "api/bench/peers/run.py"
TINY = ["--elders", "200", "--lines", "1000", "--repetitions", "2", "--population", "300"]
EXPECTED = {
    "in_process.lines_1", "in_process.lines_100", "in_process.lines_1000",
    "in_process.lines_1.cpu", "in_process.lines_1000.cpu",
    "http.single", "http.single_p50", "http.single_p99", "http.batch",
    "http.single.server_cpu", "http.single.client_cpu",
    "disk.lines_1", "disk.lines_1000", "verify.lines_1.entries", "verify.lines_1.bytes",
    "verify.lines_1000.lines", "verify.lines_1000.bytes", "openssl.sha256_1024",
    "population_300.peak", "population_300.redeem", "population_300.open",
    "population_300.open_after_kill",
}


def bench(*arguments):
    return subprocess.run([FUNDTRAIL, *arguments], capture_output=True, text=True, timeout=120)


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.file = pathlib.Path(cls.directory.name) / "bench.json"
        cls.work = pathlib.Path(cls.directory.name) / "work"
        cls.work.mkdir()
        cls.done = bench("--lang", "en", "bench", "--dir", str(cls.work), "--out", str(cls.file),
                         *TINY)
        if "not a Release build" in cls.done.stderr:
            raise unittest.SkipTest("only a Release build measures anything")

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def test_every_figure_is_there_and_positive(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)
        report = json.loads(self.file.read_text())
        figures = {figure["name"]: figure for figure in report["figures"]}
        self.assertEqual(EXPECTED - figures.keys(), set())
        for name, figure in figures.items():
            if name.startswith("disk.") and name.count(".") > 1:
                continue  # of so few lines a compaction may also make a part smaller
            if name.endswith(".cpu"):
                self.assertGreaterEqual(figure["min"], 0, name)  # the kernel's clock is coarse
                continue
            self.assertGreater(figure["min"], 0, name)
            self.assertLessEqual(figure["min"], figure["median"], name)
            self.assertLessEqual(figure["median"], figure["max"], name)
            self.assertTrue(figure["unit"], name)
        self.assertEqual(len(figures["in_process.lines_1"]["samples"]), 2)
        self.assertEqual(report["build"], "Release")
        self.assertGreater(report["machine"]["cores"], 0)
        self.assertTrue(report["machine"]["cpu"])

    def test_the_table_is_aligned(self):
        rows = [row for row in self.done.stdout.splitlines()[1:] if row.strip()]
        self.assertGreater(len(rows), len(EXPECTED))
        self.assertEqual(len({len(row) for row in rows}), 1, self.done.stdout)

    def test_nothing_is_left_behind(self):
        self.assertEqual(list(self.work.iterdir()), [])

    def test_refuses_what_would_mean_nothing(self):
        self.assertEqual(bench("bench", "--dir", "/nowhere").returncode, 2)
        self.assertEqual(bench("bench", "--only", "weather").returncode, 2)
        self.assertEqual(bench("bench", "--suite", "md5", "--dir", str(self.work)).returncode, 2)
        if pathlib.Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):
            refused = bench("--json", "bench", "--dir", "/dev/shm")
            self.assertEqual(refused.returncode, 2)
            self.assertEqual(json.loads(refused.stdout)["error"]["code"], "in-memory")


class Peers(unittest.TestCase):
    """Figures of others stand beside ours; those that are not installed are rows without figures."""

    def measure(self, directory, *more, **environment):
        out = pathlib.Path(directory) / "peers.json"
        done = subprocess.run(
            ["/usr/bin/python3", str(RUN), "--dir", directory, "--out", str(out), "--tools", str(TOOLS),
             "--fundtrail", FUNDTRAIL, "--runs", "1", "--seconds", "1", "--transactions", "300", *more],
            capture_output=True, text=True, timeout=120, env=dict(os.environ, **environment))
        if "not a Release build" in done.stderr:
            raise unittest.SkipTest("only a Release build measures anything")
        self.assertEqual(done.returncode, 0, done.stderr)
        table = bench("--lang", "en", "bench", "--only", "peers", "--beside", str(out), "--dir", directory,
                      "--out", str(out) + ".all")
        self.assertEqual(table.returncode, 0, table.stderr)
        figures = json.loads(pathlib.Path(str(out) + ".all").read_text())["figures"]
        return {figure["name"]: figure for figure in figures}, table.stdout

    def test_those_that_are_installed_are_measured(self):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
            os.chmod(directory, 0o711)  # PostgreSQL runs as a user of its own
            figures, table = self.measure(directory)
            postgres = list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
            for name, installed in (("postgresql.chain_64", postgres), ("postgresql.batch", postgres),
                                    ("sqlite.batch", (TOOLS / "fundtrail_peer_sqlite").exists()),
                                    ("balances.hledger", shutil.which("hledger")),
                                    ("balances.ledger", shutil.which("ledger")),
                                    ("openssl.sm3", True), ("balances.report", True)):
                self.assertEqual(bool(figures[name]["samples"]), bool(installed), name)
                self.assertEqual("note" in figures[name], not installed, name)
            if shutil.which("ledger"):
                ours, theirs = figures["balances.recomputed"], figures["balances.ledger"]
                self.assertAlmostEqual(theirs["ours_times_as_fast"], theirs["median"] / ours["median"])
                self.assertIn("ours is times", table)
            self.assertFalse(subprocess.run(["pgrep", "-f", directory]).returncode == 0,
                             "a server was left behind")

    def test_those_that_are_not_are_rows_without_figures(self):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
            figures, table = self.measure(directory, "--postgres", "/nowhere", "--tools", directory,
                                          PATH="/nowhere")
            missing = [name for name, figure in figures.items() if not figure["samples"]]
            self.assertEqual(len(missing), 11, missing)
            self.assertEqual(table.count("not installed"), 11, table)

    def test_a_file_of_others_that_is_none(self):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
            file = pathlib.Path(directory) / "x"
            for text in ("", "[]", '{"sections":[{}]}'):
                file.write_text(text)
                done = bench("bench", "--only", "peers", "--beside", str(file), "--dir", directory)
                self.assertEqual(done.returncode, 4, text)


if __name__ == "__main__":
    unittest.main()
