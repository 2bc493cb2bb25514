"""Backups and restorations: of a stopped ledger and of one that is served, verified, without keys unless
asked; killed at any moment nothing half looks whole; a restoration does not go behind a checkpoint that
was kept elsewhere unless told to, and then the ledger says so."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "http"))
from world import BASE, BINARY, ROOT, World, region, run  # noqa: E402


class Backup(unittest.TestCase):
    def setUp(self):
        self.world = World(threads=4)
        self.addCleanup(self.world.close)
        self.place = self.world.directory / "backups"
        self.place.mkdir()

    def record(self, first, last):
        for n in range(first, last):
            answer = self.world.post(region(f"32{n:010d}"), f"r{n}", "registrar")
            self.assertEqual(answer.status, 201)

    def served(self, first, last):
        self.world.start()
        self.record(first, last)
        self.world.stop()

    def back_up(self, name="b", *options):
        done = run("--ledger", self.world.ledger, "--json", "backup", self.place / name, *options)
        return json.loads(done.stdout)

    def restore(self, target, *options, ledger_options=("--keys",), check=True):
        keys = [*ledger_options, self.world.ledger / "keys"] if ledger_options else []
        return run("--ledger", target, *keys, "--json", "restore", self.place / "b", *options, check=check)

    def checkpoint(self):
        note = self.world.directory / "checkpoint"
        note.write_text(run("--ledger", self.world.ledger, "checkpoint").stdout, encoding="utf-8")
        return note

    def test_of_a_stopped_ledger(self):
        self.served(1, 20)
        made = self.back_up()
        self.assertEqual((made["entries"], made["keys"]), (20, False))
        self.assertFalse(list((self.place / "b").rglob("*.key")) + list((self.place / "b").rglob("*.pem")))
        self.assertEqual(json.loads((self.place / "b" / "backup.json").read_text())["root"], made["root"])
        run("--ledger", self.place / "b", "verify")
        # Nothing in it is the same file as the ledger's: damage to one is not damage to the other.
        ours = {f.stat().st_ino for f in self.world.ledger.rglob("*") if f.is_file()}
        self.assertFalse(ours & {f.stat().st_ino for f in (self.place / "b").rglob("*") if f.is_file()})

        again = run("--ledger", self.world.ledger, "backup", self.place / "b", check=False)
        self.assertEqual(again.returncode, 2)
        inside = run("--ledger", self.world.ledger, "backup", self.world.ledger / "b", check=False)
        self.assertEqual(inside.returncode, 2)

        with_keys = self.back_up("k", "--with-keys")
        self.assertTrue(with_keys["keys"])
        for key in ("signing.pem", "vault.key"):
            self.assertEqual((self.place / "k" / "keys" / key).stat().st_mode & 0o077, 0)

    def wait_for_log(self, words):
        for _ in range(6000):
            log = self.world.read_log()
            if words in log:
                return log
            time.sleep(0.01)
        self.fail(log)

    def test_while_the_ledger_is_served_and_written(self):
        self.world.start(more=["--backups", self.place])
        self.record(1, 50)
        stop, told = threading.Event(), []

        def write():
            connection = self.world.connect()
            while not stop.is_set():
                n = 1000 + len(told)
                answer = self.world.post(region(f"32{n:010d}"), f"r{n}", "registrar", connection=connection)
                told.append(answer.status)

        writer = threading.Thread(target=write)
        writer.start()
        self.world.process.send_signal(signal.SIGUSR2)
        self.wait_for_log("backup made and verified")
        stop.set()
        writer.join()
        self.assertEqual(set(told), {201})
        metrics = self.world.get("/metrics").bytes.decode()
        self.assertIn("fundtrail_backups_failed_total 0", metrics)
        self.assertNotIn("fundtrail_backup_time_seconds 0\n", metrics)
        (made,) = self.place.iterdir()
        self.assertGreaterEqual(json.loads((made / "backup.json").read_text())["entries"], 50)
        run("--ledger", made, "verify")
        self.assertEqual(self.world.stop(), 0)
        self.assertFalse(list(self.world.ledger.glob("staging-*")))

    def test_restored(self):
        self.served(1, 20)
        self.back_up()
        note = self.checkpoint()
        target = self.world.directory / "new"
        restored = json.loads(self.restore(target, "--checkpoint", note).stdout)
        self.assertEqual((restored["entries"], restored["checkpoint"]), (20, 20))
        old, self.world.ledger = self.world.ledger, target
        shutil.copytree(old / "keys", target / "keys")
        self.assertTrue((target / "users.json").exists())  # tokens and users come along
        self.world.start()
        self.record(20, 25)
        self.world.stop()
        run("--ledger", target, "verify")

    def test_a_backup_with_its_keys_needs_no_others(self):
        self.served(1, 5)
        self.back_up("b", "--with-keys")
        target = self.world.directory / "new"
        self.restore(target, ledger_options=())
        self.assertEqual((target / "keys" / "vault.key").stat().st_mode & 0o077, 0)
        without = self.world.directory / "other"
        shutil.rmtree(self.place / "b" / "keys")
        done = self.restore(without, ledger_options=(), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("signing.pem", json.loads(done.stdout)["error"]["zh"])
        self.assertFalse(without.exists())

    def test_not_behind_a_checkpoint(self):
        self.served(1, 20)
        self.back_up()
        self.served(20, 30)
        note, target = self.checkpoint(), self.world.directory / "new"
        refused = self.restore(target, "--checkpoint", note, check=False)
        self.assertEqual(refused.returncode, 1)
        error = json.loads(refused.stdout)["error"]
        self.assertEqual(error["code"], "truncated")
        self.assertIn("entries 20 to 29", error["en"])
        self.assertIn("第 20 至 29 号记录", error["zh"])
        self.assertFalse(list(self.world.directory.glob("new*")))
        # Told to: by whom and why, or not at all.
        bare = self.restore(target, "--checkpoint", note, "--accept-behind", check=False)
        self.assertEqual(bare.returncode, 2)
        done = json.loads(self.restore(target, "--checkpoint", note, "--accept-behind", "--actor", "zhou.jing",
                                       "--ordered-by", "ju.zhang", "--reason", "磁盘损坏，备份止于前日").stdout)
        self.assertEqual((done["entries"], done["checkpoint"], done["record"]), (20, 30, 20))
        entry = json.loads(run("--ledger", target, "--keys", self.world.ledger / "keys", "--json", "entry",
                               "20").stdout)
        self.assertIn("ledger_restoration", json.dumps(entry))
        self.assertIn("ju.zhang", json.dumps(entry))
        run("--ledger", target, "verify")

    def test_not_against_a_checkpoint_of_another_history(self):
        self.served(1, 20)
        note = self.checkpoint()
        forged = note.read_text(encoding="utf-8").replace("\n20\n", "\n19\n", 1)
        note.write_text(forged, encoding="utf-8")
        self.back_up()
        done = self.restore(self.world.directory / "new", "--checkpoint", note, check=False)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "tampered")
        self.assertFalse((self.world.directory / "new").exists())

    def test_a_damaged_backup_is_not_restored(self):
        self.served(1, 300)
        self.back_up()
        # A small ledger is still in the store's journal: no table was written yet.
        largest = max((f for f in (self.place / "b" / "db").iterdir() if f.suffix in (".sst", ".log")),
                      key=lambda f: f.stat().st_size)
        with open(largest, "r+b") as file:
            file.seek(largest.stat().st_size // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))
        done = self.restore(self.world.directory / "new", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse((self.world.directory / "new").exists())

    def test_where_something_is_nothing_is_restored(self):
        self.served(1, 5)
        self.back_up()
        done = self.restore(self.world.ledger, check=False)
        self.assertEqual(done.returncode, 2)
        (self.place / "b" / "backup.json").unlink()
        done = self.restore(self.world.directory / "new", check=False)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "not-found")

    def test_killed_at_any_moment(self):
        self.served(1, 200)
        seed = int(os.environ.get("FUNDTRAIL_SEED", random.randrange(1 << 30)))
        print(f"FUNDTRAIL_SEED={seed}", file=sys.stderr)
        moments = random.Random(seed)
        begin = time.monotonic()
        self.back_up()
        took = time.monotonic() - begin
        half = 0
        for n in range(12):
            name, restored = self.place / f"k{n}", self.world.directory / f"r{n}"
            for target, command in ((name, ["--ledger", self.world.ledger, "backup", name]),
                                    (restored, ["--ledger", restored, "--keys", self.world.ledger / "keys",
                                                "restore", self.place / "b"])):
                process = subprocess.Popen([BINARY, *map(str, command)], stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                time.sleep(moments.random() * took * 1.2)
                process.kill()
                process.wait()
                if target.exists():  # then it is all there
                    run("--ledger", target, "verify")
                    self.assertEqual((target / "backup.json").exists(), target == name)
                else:
                    half += 1
                    run(*command)  # what the kill left is in nobody's way
                    run("--ledger", target, "verify")
        self.assertGreater(half, 0, "no kill came in time")
        self.assertFalse(list(self.place.glob("*.partial")) + list(self.world.directory.glob("*.restoring")))
        run("--ledger", self.world.ledger, "entry", "199")  # the ledger itself took no harm
        self.assertFalse(list(self.world.ledger.glob("staging-*")))


if __name__ == "__main__":
    unittest.main()
