"""Backups and restorations: of a stopped ledger and of one that is served, verified, without keys unless
asked; killed at any moment nothing half looks whole; a restoration does not go behind a checkpoint that
was kept elsewhere unless told to, and then the ledger says so."""
import json
import os
import re
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
from world import BASE, BINARY, LEDGER, World, region, run  # noqa: E402


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

    def world_start_fails(self):
        return subprocess.run([BINARY, "--ledger", str(self.world.ledger), "serve", "--port", "0"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

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
        self.assertEqual(again.returncode, 3)
        inside = run("--ledger", self.world.ledger, "backup", self.world.ledger / "b", check=False)
        self.assertEqual(inside.returncode, 3)

        with_keys = self.back_up("k", "--with-keys")
        self.assertTrue(with_keys["keys"])
        for key in ("signing.pem", "vault.key"):
            self.assertEqual((self.place / "k" / "keys" / key).stat().st_mode & 0o077, 0)

    def test_beside_a_server_it_says_how_the_server_makes_one(self):
        self.world.start()
        done = run("--lang", "en", "--ledger", self.world.ledger, "backup", self.place / "b", check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("SIGUSR2", done.stderr)
        self.assertNotIn("HTTP API", done.stderr)

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
        self.assertEqual((restored["entries"], restored["checkpoint"], restored["erase_again_behind"]), (20, 20, 19))
        old, self.world.ledger = self.world.ledger, target
        shutil.copytree(old / "keys", target / "keys")
        # The book of users comes along, but lets nobody in before somebody has looked at it.
        self.assertEqual(restored["users"], str(target / "users.json.restored"))
        self.assertFalse((target / "users.json").exists())
        self.assertEqual(self.world_start_fails(), 3)
        said = run("--ledger", target, "--json", "serve", "--port", 0, check=False).stdout
        for text in (json.loads(said)["error"]["zh"], json.loads(said)["error"]["en"]):
            self.assertIn("users.json.restored", text)
        (target / "users.json.restored").rename(target / "users.json")
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
        error = json.loads(done.stdout)["error"]
        for text in (error["zh"], error["en"]):
            self.assertIn("signing.pem", text)
            self.assertIn("--keys", text)
            self.assertNotIn(".restoring", text)  # a place that is gone when somebody reads this
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
        def behind(actor, ordered_by, *more):
            return self.restore(target, *more, "--checkpoint", note, "--accept-behind", "--actor", actor, "--ordered-by",
                                ordered_by, "--reason", "磁盘损坏，备份止于前日", check=False)

        # By two people, and the book knows both: the one in force, or else that of the backup.
        book = self.place / "b" / "users.json"
        run("--users", book, "user", "add", "ju.zhang", "--role", "approver", "--no-password")
        run("--users", book, "user", "add", "p-77", "--role", "provider", "--no-password")
        run("--users", book, "user", "add", "far.away", "--role", "approver", "--ledger-id", "another", "--no-password")
        for actor, ordered_by, words in (("zhou.jing", "p-77", "p-77"), ("zhou.jing", "far.away", "far.away"),
                                         ("zhou.jing", "zhou.jing", "zhou.jing"), ("zhou.jing", "Zhou.Jing", "Zhou.Jing"),
                                         ("zhou.jing", "nobody.at.all", "nobody.at.all"),
                                         ("nosuch.person", "ju.zhang", "nosuch.person"),
                                         ("ju.zhang", "zhou.jing", "ju.zhang")):  # no registrar
            done = behind(actor, ordered_by)
            self.assertEqual(done.returncode, 3, (actor, ordered_by, done))
            self.assertIn(words, json.loads(done.stdout)["error"]["en"])
            self.assertFalse(list(self.world.directory.glob("new*")))
        # A book that is named and cannot be read is not replaced by the backup's older one.
        done = self.restore(target, "--checkpoint", note, "--accept-behind", "--actor", "zhou.jing", "--ordered-by",
                            "ju.zhang", "--reason", "磁盘损坏", ledger_options=(
                                "--users", self.world.directory / "typo.json", "--keys"), check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["code"]), (3, "not-found"), done)
        self.assertFalse(list(self.world.directory.glob("new*")))
        done = json.loads(behind("zhou.jing", "ju.zhang").stdout)
        self.assertEqual((done["entries"], done["checkpoint"], done["record"]), (20, 30, 20))
        entry = json.loads(run("--ledger", target, "--keys", self.world.ledger / "keys", "--json", "entry",
                               "20").stdout)
        self.assertIn("ledger_restoration", json.dumps(entry))
        self.assertIn("ju.zhang", json.dumps(entry))
        signed = note.read_text(encoding="utf-8").split()[-1]
        self.assertEqual(entry["entry"]["doc"]["known_signature"], signed)
        run("--ledger", target, "verify")

        # A backup of the new history is not measured by the checkpoint of the lost one, however long it is.
        keys, self.world.ledger = self.world.ledger / "keys", target
        shutil.copytree(keys, target / "keys")
        (target / "users.json.restored").rename(target / "users.json")
        for n, (first, last) in enumerate(((20, 21), (21, 40))):
            self.served(first, last)
            shutil.rmtree(self.place / "b")
            self.back_up()
            for more in ((), ("--accept-behind", "--actor", "zhou.jing", "--ordered-by", "ju.zhang", "--reason", "再次")):
                later = self.world.directory / f"later-{n}-{len(more)}"
                done = json.loads(self.restore(later, "--checkpoint", note, *more).stdout)
                self.assertEqual((done["recorded_before"], done["checkpoint"]), (20, 30), done)
                self.assertNotIn("record", done)
                run("--ledger", later, "verify")

    def test_an_erasure_behind_the_backup_is_undone_said_so_and_made_again(self):
        self.world.start().fill()
        person = self.world.elders[0]
        self.world.record("ends", "registrar", "entitlement_end", "2008-04-30",
                          {"beneficiary": person, "ended_on": "2008-04-29", "evidence": "证明", "reason": "moved"})
        self.world.stop()
        entries = self.back_up()["entries"]
        erasure = ["erase", "--beneficiary", person, "--ground", "ordered", "--ordered-by", "wang.min", "--reference",
                   "no 7", "--actor", "li.na", "--yes"]
        run("--ledger", self.world.ledger, *erasure)
        note, keys = self.checkpoint(), self.world.ledger / "keys"
        options = ["--keys", keys, "restore", self.place / "b", "--checkpoint", note, "--accept-behind", "--actor",
                   "zhou.jing", "--ordered-by", "chen.guo", "--reason", "磁盘损坏"]
        for language, words in (("zh", ("销毁", "fundtrail erase")), ("en", ("Erasures", "fundtrail erase"))):
            target = self.world.directory / language
            said = run("--lang", language, "--ledger", target, *options).stdout
            for word in (*words, str(entries - 1), "person_erasure"):
                self.assertIn(word, said)
            # Her identity is there again, and goes again.
            again = json.loads(run("--ledger", target, "--keys", keys, "--json", *erasure).stdout)
            self.assertEqual(again["index"], entries + 1)

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

    def test_a_damaged_table_is_named_by_its_place_in_the_backup(self):
        self.world.start().fill()
        elder = self.world.elders[0]
        self.assertEqual(self.world.post({"kind": "entitlement_end", "date": "2008-04-30",
                                          "doc": {"beneficiary": elder, "ended_on": "2008-04-30", "evidence": "e",
                                                  "reason": "moved"}}, "end", "registrar").status, 201)
        self.world.stop()
        # An erasure writes tables anew; all else of a small ledger is still in the store's journal.
        run("--ledger", self.world.ledger, "erase", "--beneficiary", elder, "--ground", "consent_withdrawn",
            "--ordered-by", "li.zhi", "--reference", "r", "--actor", "chen.guo", "--yes")
        self.back_up()
        named = set()
        for table in (self.place / "b" / "db").glob("*.sst"):
            good = table.read_bytes()
            table.write_bytes(good[:40] + bytes([good[40] ^ 1]) + good[41:])
            said = json.loads(self.restore(self.world.directory / "new", check=False).stdout)["error"]
            table.write_bytes(good)
            for language in ("zh", "en"):
                named.update(re.findall(r"[“\"]([^”\"]*\.sst)[”\"]", said[language]))
        self.assertTrue(named)
        for name in named:
            self.assertTrue((self.place / "b" / name).exists() and not name.startswith("/"), name)

    def test_where_something_is_nothing_is_restored(self):
        self.served(1, 5)
        self.back_up()
        done = self.restore(self.world.ledger, check=False)
        self.assertEqual(done.returncode, 3)
        (self.place / "b" / "backup.json").unlink()
        done = self.restore(self.world.directory / "new", check=False)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "not-found")

    def damage_access_log(self, ledger):
        (file,) = (ledger / "access-log").glob("*.jsonl")
        lines = file.read_bytes().splitlines(keepends=True)
        self.assertGreater(len(lines), 0)
        file.write_bytes(b"".join([lines[0].replace(b'"', b"'", 1), *lines[1:]]))

    def test_with_the_book_and_the_access_log(self):
        """The book that is set; the access log, whose last record a restoration tells."""
        self.world.start()
        for _ in range(3):
            self.assertEqual(self.world.get(BASE, role=None).status, 401)  # a record each
        self.world.stop()
        book = self.world.directory / "book.json"
        (self.world.ledger / "users.json").rename(book)
        done = run("--ledger", self.world.ledger, "--json", "backup", self.place / "without")
        self.assertFalse(json.loads(done.stdout)["users"])
        self.assertIn("用户簿", run("--ledger", self.world.ledger, "--lang", "zh", "backup", self.place / "said").stdout)
        done = run("--ledger", self.world.ledger, "--users", book, "--json", "backup", self.place / "b")
        made = json.loads(done.stdout)
        self.assertTrue(made["users"])
        self.assertGreater(made["access_log"]["records"], 1)
        self.assertEqual((self.place / "b" / "users.json").read_bytes(), book.read_bytes())
        restored = json.loads(self.restore(self.world.directory / "new").stdout)
        self.assertEqual(restored["access_log"], made["access_log"])
        run("--ledger", self.world.directory / "new", "access-log", "verify")

    def test_an_access_log_that_does_not_hold_is_said(self):
        self.world.start()
        for _ in range(3):
            self.assertEqual(self.world.get(BASE, role=None).status, 401)
        self.world.stop()
        self.damage_access_log(self.world.ledger)
        for language, words in (("zh", "访问日志"), ("en", "access log")):
            done = run("--ledger", self.world.ledger, "--lang", language, "backup", self.place / language, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn(words, done.stderr)
            self.assertTrue((self.place / language / "backup.json").exists())  # it is evidence
        (self.place / "zh").rename(self.place / "b")
        done = self.restore(self.world.directory / "new", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("finding", json.loads(done.stdout)["access_log"])

    def test_an_access_log_that_does_not_hold_fails_the_servers_backup(self):
        self.world.start(more=["--backups", self.place, "--backups-kept", 1])
        for _ in range(3):
            self.assertEqual(self.world.get(BASE, role=None).status, 401)
        self.ask_for_backup(0)
        self.damage_access_log(self.world.ledger)
        done = self.ask_for_backup(1)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "tampered")
        self.assertIn("fundtrail_backups_failed_total 1", self.world.get("/metrics").bytes.decode())
        self.assertEqual(len(list(self.place.iterdir())), 2)  # nothing old is removed behind it

    def ask_for_backup(self, exit):
        """As fundtrail-backup.service does; answers when the backup has ended."""
        done = run("--ledger", self.world.ledger, "--json", "backup", "--ask", self.world.process.pid, check=False)
        self.assertEqual(done.returncode, exit, done)
        return done

    def test_whoever_asks_the_server_learns_the_result(self):
        self.world.start(more=["--backups", self.place])
        answer = json.loads(self.ask_for_backup(0).stdout)
        self.assertTrue(pathlib.Path(answer["backup"], "backup.json").exists())
        self.world.stop()
        self.world.start()
        self.assertEqual(json.loads(self.ask_for_backup(2).stdout)["error"]["code"], "invalid-argument")

    def test_the_result_of_an_older_backup_is_not_taken_for_this_one(self):
        """Whatever the clock says, and within one second, too."""
        self.world.start(more=["--backups", self.place, "--clock", "2026-11-28T18:30:00+08:00",
                               "--clock-tolerance-seconds", 1_000_000_000])
        made = {json.loads(self.ask_for_backup(0).stdout)["backup"] for _ in range(3)}
        self.assertEqual(len(made), 3)
        file = self.world.ledger / "last-backup.json"
        last = json.loads(file.read_text())
        last["ended"] += 1_000_000  # as before the clock was set back
        file.write_text(json.dumps(last))
        self.assertNotIn(json.loads(self.ask_for_backup(0).stdout)["backup"], made)

    def test_whoever_asks_a_server_that_is_not_there_or_ends_is_told(self):
        self.world.start(more=["--backups", self.place])
        pid = self.world.process.pid
        self.world.process.send_signal(signal.SIGSTOP)
        asking = subprocess.Popen([BINARY, "--ledger", str(self.world.ledger), "--json", "backup", "--ask", str(pid)],
                                  stdout=subprocess.PIPE, text=True)
        self.wait_until(lambda: self.has_pending(pid))
        self.world.process.kill()
        told, _ = asking.communicate(timeout=60)
        self.assertEqual((asking.returncode, json.loads(told)["error"]["code"]), (4, "unavailable"))
        self.world.process.wait()
        for process in (pid, 0):
            done = run("--ledger", self.world.ledger, "--lang", "zh", "backup", "--ask", process, check=False)
            self.assertIn(done.returncode, (3, 4))
            self.assertRegex(done.stderr, "不是本账套正在运行的服务|没有正在运行")

    def test_nobody_but_the_server_of_the_ledger_is_sent_a_signal(self):
        other = subprocess.Popen(["sleep", "300"])
        self.addCleanup(other.kill)
        self.world.start(more=["--backups", self.place])
        done = run("--ledger", self.world.ledger, "--lang", "en", "backup", "--ask", other.pid, check=False)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("it was sent no signal", done.stderr)
        self.assertIsNone(other.poll())
        # Nor is the server of another ledger.
        copy = self.world.directory / "copy"
        shutil.copytree(self.world.ledger, copy, symlinks=True)
        done = run("--ledger", copy, "backup", "--ask", self.world.process.pid, check=False)
        self.assertEqual(done.returncode, 3, done)
        self.assertEqual(list(self.place.iterdir()), [])

    @staticmethod
    def has_pending(pid):
        """SIGUSR2 waits for a process that is stopped."""
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return any(int(line.split()[1], 16) & 1 << (signal.SIGUSR2 - 1)
                   for line in status.splitlines() if line.startswith(("SigPnd", "ShdPnd")))

    def test_two_within_one_second(self):
        """The clock of the server stands: names have whole seconds, and both are good."""
        self.world.start(more=["--backups", self.place, "--clock", "2026-11-28T18:30:00+08:00",
                               "--clock-tolerance-seconds", 1_000_000_000])
        for n in (1, 2):
            self.world.process.send_signal(signal.SIGUSR2)
            self.wait_until(lambda: len(list(self.place.glob("*/backup.json"))) == n or "error" in self.last())
            self.wait_until(lambda: self.last().get("directory") == str(max(self.place.iterdir())) or
                            "error" in self.last())
            self.assertNotIn("error", self.last())
        self.assertEqual([p.name for p in sorted(self.place.iterdir())],
                         [f"{LEDGER}-20261128-183000", f"{LEDGER}-20261128-183001"])

    def wait_until(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def last(self):
        file = self.world.ledger / "last-backup.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def test_only_so_many_are_kept(self):
        other = self.place / "test-2008-20200101-000000"  # its name, and another ledger's
        other.mkdir()
        (other / "backup.json").write_text('{"ledger": "another"}')
        named = self.place / "by-hand"
        self.served(1, 5)
        run("--ledger", self.world.ledger, "backup", named)
        self.world.start(more=["--backups", self.place, "--backups-kept", 2])
        made = [json.loads(self.ask_for_backup(0).stdout)["backup"] for _ in range(3)]
        self.assertEqual({str(p) for p in self.place.iterdir()}, {str(other), str(named), *made[1:]})
        for backup in made[1:]:
            run("--ledger", backup, "verify")

    def test_what_a_kill_left_is_removed_by_the_next_one(self):
        self.served(1, 100)
        for name in ("one", "two"):
            process = subprocess.Popen([BINARY, "--ledger", str(self.world.ledger), "backup", str(self.place / name)])
            while not (self.place / f"{name}.partial" / ".fundtrail").exists() and process.poll() is None:
                pass
            process.kill()
            process.wait()
        somebodys, begun = self.place / "other.partial", self.place / "begun.partial"
        somebodys.mkdir()
        begun.mkdir()
        (begun / ".fundtrail").touch()  # killed before the mark was written
        self.assertIn("two.partial", [p.name for p in self.place.iterdir()], "no kill came in time")
        self.assertNotIn("one.partial", [p.name for p in self.place.iterdir()])
        self.back_up("b")
        self.assertEqual({p.name for p in self.place.iterdir()}, {"b", "other.partial"})

    def test_one_that_is_being_made_is_nobodys_leftover(self):
        import fcntl
        self.served(1, 5)
        self.back_up("a")
        held = self.place / "x.partial"
        held.mkdir()
        mark = held / ".fundtrail"
        mark.write_text(str(held.stat().st_ino) + "\n")
        with open(mark, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.back_up("b")
            self.assertTrue(held.exists())
        self.back_up("c")
        self.assertFalse(held.exists())

    def test_a_signal_calls_it_off(self):
        self.served(1, 100)
        for number in (signal.SIGINT, signal.SIGTERM):
            called_off = False
            while not called_off:  # a signal that comes too late finds a whole backup
                shutil.rmtree(self.place / "b", ignore_errors=True)
                process = subprocess.Popen([BINARY, "--ledger", str(self.world.ledger), "--json", "backup",
                                            str(self.place / "b")], stdout=subprocess.PIPE, text=True)
                while not (self.place / "b.partial" / ".fundtrail").exists() and process.poll() is None:
                    pass
                process.send_signal(number)
                said = process.communicate()[0]
                called_off = process.returncode != 0
                self.assertEqual((self.place / "b").exists(), not called_off)
            self.assertEqual((process.returncode, json.loads(said)["error"]["code"]), (4, "unavailable"))
            self.assertEqual(list(self.place.iterdir()), [])

    def test_the_vault_key_is_tried(self):
        self.world.start().fill()  # with people: without any, there is nothing to try a key on
        self.world.stop()
        self.back_up()
        keys = self.world.directory / "signing"
        keys.mkdir()
        shutil.copy(self.world.ledger / "keys" / "signing.pem", keys)
        vault = self.world.ledger / "keys" / "vault.key"

        def restored(name, *options, check=True):
            return run("--ledger", self.world.directory / name, "--keys", keys, *options, "--json", "restore",
                       self.place / "b", check=check)
        self.assertFalse(json.loads(restored("without").stdout)["vault"])
        self.assertTrue(json.loads(restored("with", "--vault-key-file", vault).stdout)["vault"])
        other = self.world.directory / "other"
        run("--ledger", other, "init", "--id", "other", "--name", "另一台账", "--region", "320412", "--actor", "zhou.jing",
            "--date", "2008-04-01")
        wrong = restored("wrong", "--vault-key-file", other / "keys" / "vault.key", check=False)
        self.assertNotEqual(wrong.returncode, 0)
        self.assertFalse((self.world.directory / "wrong").exists())

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
