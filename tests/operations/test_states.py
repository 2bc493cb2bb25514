"""What /readyz says when something is wrong, each made real: a write that fails, a full disk, a read-only
disk, a clock that was set back by a day, key files that are gone, a store that is taken away, a server that stops. Nothing that was
acknowledged may be lost."""
import datetime
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "http"))
from world import BASE, BINARY, ROOT, World, region, run  # noqa: E402


def may_mount():
    return subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                          capture_output=True).returncode == 0


class States(unittest.TestCase):
    def setUp(self):
        self.world = World(threads=4)
        self.addCleanup(self.world.close)

    def ready(self):
        answer = self.world.get("/readyz", role=None)
        for state in answer.json["states"]:
            self.assertTrue(state["zh"] and state["en"])
        return answer.status, answer.json["status"], [s["code"] for s in answer.json["states"]]

    def expect_unavailable(self, *codes):
        """These, and perhaps that the access log lies on the same disk."""
        status, word, found = self.ready()
        self.assertEqual((status, word), (503, "unavailable"))
        self.assertIn(found, ([*codes], [*codes, "access-log-failing"]))

    def wait_until(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def write(self, number):
        return self.world.post(region(f"32{number:010d}"), f"r{number}", "registrar")

    def write_until_refused(self, limit=4000):
        """Answers the keys that were acknowledged."""
        told = []
        for number in range(1, limit):
            answer = self.write(number)
            if answer.status != 201:
                self.assertEqual((answer.status, answer.code), (503, "unavailable"))
                return told
            told.append((f"r{number}", answer.json["index"]))
        self.fail("it never failed")

    def expect_all(self, told):
        for key, index in told:
            entry = self.world.get(f"{BASE}/entries/{index}")
            self.assertEqual((entry.status, entry.json["command"]), (200, key))

    def test_every_state_is_documented(self):
        document = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
        interface = (ROOT / "api" / "openapi.yaml").read_text(encoding="utf-8")
        table = (ROOT / "api" / "operations" / "state.cpp").read_text(encoding="utf-8")
        codes = re.findall(r'StateInfo\{S::\w+, "([a-z-]+)"', table)
        self.assertEqual(len(codes), 12)
        for code in codes:
            self.assertIn(f"`{code}`", document)
            self.assertIn(code, interface)

    def test_nothing_is_wrong(self):
        self.world.start(more=["--disk-reserve-mb", 0])
        self.assertEqual(self.ready(), (200, "ready", []))

    def test_a_write_that_fails(self):
        # Files may not grow any more: the kernel answers EFBIG.
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            largest = max(f.stat().st_size for f in self.world.ledger.rglob("*") if f.is_file())
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000,) * 2)

        self.world.start(more=["--disk-reserve-mb", 0], preexec_fn=limit, restore_signals=False)
        told = self.write_until_refused()
        self.expect_unavailable("write-failed")
        self.assertEqual(self.world.get(BASE).status, 200)  # reading goes on
        self.assertEqual(self.world.get("/healthz", role=None).status, 200)
        self.assertEqual(self.world.stop(), 0)
        self.world.start(more=["--disk-reserve-mb", 0])
        self.assertEqual(self.ready(), (200, "ready", []))
        self.expect_all(told)
        self.assertIn(self.write(len(told) + 1).status, (200, 201))  # the one without an answer
        self.world.stop()
        run("--ledger", self.world.ledger, "verify")

    def in_mount(self, *command, **more):
        return subprocess.run([*self.enter, *map(str, command)], check=True, capture_output=True, **more)

    def on_a_disk_of_its_own(self, megabytes):
        """Moves the ledger to a tmpfs that only this test's processes see."""
        if os.geteuid() != 0 or not may_mount():
            self.skipTest("mounting takes root")
        holder = subprocess.Popen(["unshare", "-m", "sleep", "600"])
        self.addCleanup(lambda: (holder.kill(), holder.wait()))
        own = os.readlink("/proc/self/ns/mnt")
        while os.readlink(f"/proc/{holder.pid}/ns/mnt") == own:
            time.sleep(0.01)
        self.enter = ["nsenter", "-t", str(holder.pid), "-m"]
        self.disk = self.world.directory / "disk"
        self.disk.mkdir()
        self.in_mount("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", self.disk)
        self.in_mount("cp", "-a", self.world.ledger, self.disk / "ledger")
        self.world.ledger = self.disk / "ledger"

    def free(self):
        blocks, size = self.in_mount("stat", "-f", "-c", "%a %S", self.disk).stdout.split()
        return int(blocks) * int(size)

    def test_a_full_disk(self):
        self.on_a_disk_of_its_own(256)
        arguments = ["--disk-reserve-mb", 64]
        self.world.start(more=arguments, prefix=self.enter)
        self.assertEqual(self.ready(), (200, "ready", []))
        self.in_mount("sh", "-c", f"head -c {self.free() - (32 << 20)} /dev/zero > {self.disk}/other")
        self.assertEqual(self.ready(), (200, "degraded", ["disk-low"]))
        self.assertEqual(self.write(1).status, 201)
        subprocess.run([*self.enter, "sh", "-c", f"cat /dev/zero >> {self.disk}/other"], capture_output=True)
        self.expect_unavailable("disk-full")
        # What the store has reserved is there to be filled.
        told = []
        for batch in range(1, 200):
            answer = self.world.post({"mode": "atomic", "commands": [
                region(f"32{batch * 1000 + n:010d}", "长" * 150) for n in range(1000)]}, f"b{batch}", "registrar")
            if answer.status != 201:
                break
            told += [(f"b{batch}.0", answer.json["results"][0]["receipt"]["index"])]
        self.assertEqual((answer.status, answer.code), (503, "unavailable"))
        self.assertTrue(told)
        self.expect_unavailable("write-failed", "disk-full")
        self.assertEqual(self.world.stop(), 0)
        self.in_mount("rm", self.disk / "other")
        self.world.start(more=arguments, prefix=self.enter)
        self.assertEqual(self.ready()[0], 200)
        self.expect_all(told)
        self.world.stop()
        self.in_mount(BINARY, "--ledger", self.world.ledger, "verify")

    def test_an_access_log_that_failed_is_well_when_there_is_room(self):
        """Nobody has to read about somebody for that: whoever goes by /readyz sends no such thing."""
        self.on_a_disk_of_its_own(64)
        self.world.start(more=["--disk-reserve-mb", 0], prefix=self.enter).fill()
        subprocess.run([*self.enter, "sh", "-c", f"cat /dev/zero > {self.disk}/other"], capture_output=True)
        for _ in range(200):  # what has room in the last block of the file is taken
            answer = self.world.get(f"{BASE}/beneficiaries")
            if answer.status != 200:
                break
        self.assertEqual(answer.status, 503)
        self.assertIn("access-log-failing", self.ready()[2])
        self.in_mount("rm", self.disk / "other")
        self.wait_until(lambda: self.ready() == (200, "ready", []))
        self.assertEqual(self.world.get(f"{BASE}/beneficiaries").status, 200)

    def test_a_read_only_disk(self):
        self.on_a_disk_of_its_own(64)
        # Remounted beneath open files, as the kernel does after errors, is not to be had; a read-only
        # mount over the place is.
        self.world.start(more=["--disk-reserve-mb", 0], prefix=self.enter)
        told = [(f"r{n}", self.write(n).json["index"]) for n in range(1, 4)]
        self.in_mount("mount", "--bind", self.disk, self.disk)
        self.in_mount("mount", "-o", "remount,bind,ro", self.disk)
        self.assertEqual(self.ready(), (503, "unavailable", ["disk-read-only"]))
        self.world.stop()
        # It does not open, and says which file.
        for language, word in (("zh", "出错"), ("en", "Error")):
            done = subprocess.run([*self.enter, BINARY, "--ledger", str(self.world.ledger), "--lang", language,
                                   "serve", "--port", "0"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 4, done)
            self.assertIn(word, done.stderr)
            self.assertIn(str(self.world.ledger), done.stderr)
        self.in_mount("mount", "-o", "remount,bind,rw", self.disk)
        self.world.start(more=["--disk-reserve-mb", 0], prefix=self.enter)
        self.expect_all(told)

    def test_a_clock_set_back_by_a_day(self):
        self.world.start()
        first = self.write(1).json
        self.world.stop()
        yesterday = datetime.datetime.fromisoformat(first["time"]) - datetime.timedelta(days=1)
        clock = ["--clock", yesterday.isoformat(timespec="seconds")]
        self.world.start(more=[*clock, "--disk-reserve-mb", 0])
        self.assertEqual(self.ready(), (503, "unavailable", ["clock-behind"]))
        refused = self.write(2)
        self.assertEqual((refused.status, refused.code), (503, "clock-behind"))
        self.assertIn("时钟", refused.json["detail_zh"])
        self.assertEqual(refused.headers["retry-after"], "1")
        self.assertEqual(self.world.get(f"{BASE}/entries/{first['index']}").status, 200)
        for path, body, role, media in (
                ("/jobs", {"kind": "run", "programme": "p", "period": "2025Q2"}, "preparer", "application/json"),
                ("/imports?dry_run=false", b"PK", "registrar", "application/zip")):
            refused = self.world.post(body, f"job-{role}", role, {"Content-Type": media}, BASE + path)
            self.assertEqual((refused.status, refused.code), (503, "clock-behind"), path)
        self.world.stop()
        # The administrator has looked: time stands still until the clock has caught up.
        self.world.start(more=[*clock, "--clock-tolerance-seconds", 100_000, "--disk-reserve-mb", 0])
        self.assertEqual(self.ready(), (200, "ready", []))
        self.assertEqual(self.write(2).json["time"], first["time"])
        self.world.stop()
        run("--ledger", self.world.ledger, "verify")

    def test_a_key_file_that_is_gone(self):
        self.world.start(more=["--disk-reserve-mb", 0])
        for name, code in (("signing.pem", "signing-key-missing"), ("vault.key", "vault-key-missing")):
            key, aside = self.world.ledger / "keys" / name, self.world.directory / name
            key.rename(aside)
            self.assertEqual(self.ready(), (200, "degraded", [code]))
            self.assertEqual(self.write(len(name)).status, 201)
            self.world.stop()
            if name == "vault.key":  # it opens without; identities wait for the key
                self.world.start(more=["--disk-reserve-mb", 0])
                self.assertEqual(self.ready(), (200, "degraded", [code]))
                aside.rename(key)  # put back, and not read before the next start
                self.assertEqual(self.ready(), (200, "degraded", ["vault-key-unread"]))
                key.rename(aside)
                self.world.stop()
            for language, words in [] if name == "vault.key" else (("zh", "密钥备份"), ("en", "backup of the keys")):
                done = run("--ledger", self.world.ledger, "--lang", language, "serve", "--port", "0", check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(name, done.stderr)
                self.assertIn(words, done.stderr)
            aside.rename(key)
            self.world.start(more=["--disk-reserve-mb", 0])
            self.assertEqual(self.ready(), (200, "ready", []))

    def test_a_store_that_is_taken_away(self):
        """Its files go on taking what is written; nobody would find it again."""
        self.world.start(more=["--disk-reserve-mb", 0])
        told = [("r1", self.write(1).json["index"])]
        link, aside = self.world.ledger / "db", self.world.ledger / "aside"
        link.rename(aside)
        self.assertEqual(self.ready(), (503, "unavailable", ["store-detached"]))
        aside.rename(link)
        self.assertEqual(self.ready(), (200, "ready", []))
        told.append(("r2", self.write(2).json["index"]))
        link.rename(aside)
        refused = self.write(3)
        self.assertEqual((refused.status, refused.code), (503, "unavailable"))
        self.assertEqual(self.ready(), (503, "unavailable", ["write-failed", "store-detached"]))
        aside.rename(link)
        self.assertEqual(self.ready(), (503, "unavailable", ["write-failed"]))
        self.assertEqual(self.write(3).status, 503)
        self.world.stop()
        self.world.start(more=["--disk-reserve-mb", 0])
        self.expect_all(told)
        self.assertEqual(self.write(3).status, 200)  # it was written where it is found again, and nobody told
        self.assertEqual(self.write(3).status, 200)  # it was written where it is found again, and nobody told

    def test_a_server_that_stops(self):
        self.world.start()
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as begun:
            begun.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n")
            while b"fundtrail_connections 2" not in self.world.get("/metrics").bytes:
                pass  # the request has arrived when its connection has
            self.world.process.send_signal(signal.SIGTERM)
            while True:  # until nobody listens any more
                try:
                    socket.create_connection(("127.0.0.1", self.world.port), timeout=60).close()
                except ConnectionRefusedError:
                    break
                except ConnectionResetError:  # in the queue of the socket that was just shut
                    continue
            begun.sendall(b"\r\n")
            answer = http.client.HTTPResponse(begun)
            answer.begin()
            body = json.loads(answer.read())
        self.assertEqual(answer.status, 503)
        self.assertIn("shutting-down", [s["code"] for s in body["states"]])
        self.assertEqual(self.world.process.wait(30), 0)
        self.world.process.stdout.close()
        self.world.process = None

    def test_a_stop_under_load_answers_whoever_was_received(self):
        self.world.start()
        told, broken, begun = {}, [], threading.Event()

        def client(number):
            connection = self.world.connect()
            for i in range(10_000):
                key = f"c{number}-{i}"
                try:
                    answer = self.world.post(region(f"32{number:02d}{i:08d}"), key, "registrar",
                                             connection=connection)
                except (http.client.HTTPException, OSError):
                    return broken.append(key)  # no answer: the connection was closed before it was received
                if answer.status != 201:
                    return broken.append((key, answer.status))
                told[key] = answer.json["index"]
                if len(told) > 400:
                    begun.set()
                if answer.headers.get("connection") == "close":
                    return None

        clients = [threading.Thread(target=client, args=(n,)) for n in range(8)]
        for one in clients:
            one.start()
        self.assertTrue(begun.wait(60))
        self.assertEqual(self.world.stop(), 0)
        for one in clients:
            one.join()
        self.assertFalse([b for b in broken if isinstance(b, tuple)], "an answer that is no answer")
        self.world.start()
        for key, index in told.items():
            self.assertEqual(self.world.get(f"{BASE}/entries/{index}").json["command"], key)


if __name__ == "__main__":
    unittest.main()
