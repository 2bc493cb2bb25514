"""Many clients, slow clients, a second instance, and a stop under load."""
import http.client
import signal
import socket
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, World, region, run  # noqa: E402


class Crowd(unittest.TestCase):
    def hold(self, world, count):
        """Kept connections that have had one answer."""
        held = []
        for _ in range(count):
            connection = world.connect()
            self.assertEqual(world.get("/healthz", connection=connection).status, 200)
            held.append(connection)
        return held

    def test_kept_connections_all_get_answers(self):
        world = World().start()
        held = self.hold(world, 64)
        try:
            sockets = [c.sock for c in held]
            for _ in range(3):
                for c in held:
                    self.assertEqual(world.get(BASE, connection=c).status, 200)
            self.assertEqual([c.sock for c in held], sockets, "a connection was not kept")
        finally:
            for c in held:
                c.close()
            world.close()

    def test_idle_and_slow_clients_do_not_block_others(self):
        world = World(threads=8).start()
        slow = []
        try:
            for _ in range(4):  # these hold a thread each, and never finish their head
                s = socket.create_connection(("127.0.0.1", world.port))
                s.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
                slow.append(s)
            held = self.hold(world, 64)  # far more than threads: idle ones give theirs up
            self.assertEqual(world.get(BASE).status, 200)
            for c in held:
                c.close()
        finally:
            for s in slow:
                s.close()
            world.close()

    def test_slow_clients_make_room_when_nobody_is_idle(self):
        world = World().start(more=["--connections", 64])
        slow = []
        head = (f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.tokens['registrar']}\r\n"
                "Content-Type: application/json\r\nIdempotency-Key: slow\r\nContent-Length: 99999\r\n\r\n").encode()
        try:
            for i in range(64):
                s = socket.create_connection(("127.0.0.1", world.port))
                s.sendall(head if i % 2 else b"GET /healthz HTTP")
                slow.append(s)
            begun = time.monotonic()
            while True:  # turned away until the others have taken too long
                try:
                    self.assertEqual(world.get("/healthz").status, 200)
                    break
                except (OSError, http.client.HTTPException):
                    self.assertLess(time.monotonic() - begun, 20)
                for s in slow:  # a byte now and then changes nothing
                    try:
                        s.sendall(b"x")
                    except OSError:
                        pass
        finally:
            for s in slow:
                s.close()
            world.close()

    def test_the_longest_idle_connection_makes_room(self):
        world = World().start(more=["--connections", 300])
        held = []
        try:
            held = self.hold(world, 300)  # as many as there are places
            self.assertEqual(world.get("/healthz", connection=held[0]).status, 200)
            held += self.hold(world, 5)
            for c in held[1:6]:
                self.assertEqual(c.sock.recv(1), b"", "it was not the longest idle that ended")
            for c in (held[0], held[6], held[-1]):
                sock = c.sock
                self.assertEqual(world.get("/healthz", connection=c).status, 200)
                self.assertIs(c.sock, sock)
        finally:
            for c in held:
                c.close()
            world.close()


class Lifecycle(unittest.TestCase):
    def test_second_instance_and_bad_starts(self):
        world, other = World().start(), World()
        try:
            def serve(ledger, *more):
                return run("--ledger", ledger, "--lang", "en", "serve", *more, check=False)
            done = serve(other.ledger, "--port", world.port)
            self.assertEqual(done.returncode, 4, done)
            self.assertIn(str(world.port), done.stderr)
            done = serve(world.ledger, "--port", 0)
            self.assertEqual(done.returncode, 4, done)
            self.assertIn("in use", done.stderr)
            for host in ("0.0.0.0", "192.168.1.1", "example.org", "::", ""):
                done = serve(other.ledger, "--host", host, "--port", 0)
                self.assertEqual(done.returncode, 2, host)
            users = other.ledger / "users.json"
            users.chmod(0o644)
            self.assertEqual(serve(other.ledger, "--port", 0).returncode, 3)
            users.chmod(0o600)
            for text in ("", "{}", '{"v":1,"users":[{}]}', '{"v":1,"users":[{"id":"a","roles":["x"]}]}',
                         '{"v":2,"users":[]}'):
                users.write_text(text)
                self.assertEqual(serve(other.ledger, "--port", 0).returncode, 4, text)
            users.unlink()
            old = other.ledger / "tokens.json"
            old.write_text('{"tokens":[{"digest":"00","actor":"a","role":"x"}]}')
            old.chmod(0o600)
            done = serve(other.ledger, "--port", 0)
            self.assertEqual(done.returncode, 4)
            self.assertIn("token 1", done.stderr)
            old.unlink()
            done = serve(other.ledger, "--port", 0)
            self.assertEqual(done.returncode, 3)
            self.assertIn("token new", done.stderr)
            self.assertIn("user add", done.stderr)
        finally:
            other.close()
            world.close()

    def test_tokens_are_read_again_on_sighup(self):
        world = World().start()
        try:
            world.tokens["late"] = world.new_token("late.comer", "inspector")
            self.assertEqual(world.get(BASE, role="late").status, 401)
            world.process.send_signal(signal.SIGHUP)
            for _ in range(1000):
                if world.get(BASE, role="late").status == 200:
                    break
            else:
                self.fail("the new token was never read")
        finally:
            world.close()

    def test_stop_under_load_loses_nothing_acknowledged(self):
        world = World().start()
        acknowledged, strange = {}, []
        enough = threading.Semaphore(0)

        def client(number):
            connection = world.connect()
            for i in range(100000):
                code = f"32{number:02d}{i:05d}"
                try:
                    answer = world.post(region(code), f"k-{code}", "registrar", connection=connection)
                except (OSError, http.client.HTTPException):
                    break
                if answer.status != 201:
                    strange.append(answer.bytes)
                    return
                acknowledged[code] = answer.json
                enough.release()
                if answer.headers.get("connection") == "close":
                    break
            connection.close()
        threads = [threading.Thread(target=client, args=(n,)) for n in range(16)]
        for t in threads:
            t.start()
        for _ in range(200):
            enough.acquire()
        self.assertEqual(world.stop(), 0, world.read_log()[-2000:])
        for t in threads:
            t.join()
        try:
            self.assertEqual(strange, [])
            self.assertGreaterEqual(len(acknowledged), 200)
            world.start()
            found, cursor = {}, ""
            while True:
                page = world.get(f"{BASE}/entries?kind=region_registration&limit=500{cursor}").json
                for item in page["entries"]:
                    found[item["entry"]["doc"]["region"]] = item["leaf"]
                if "next" not in page:
                    break
                cursor = f"&cursor={page['next']}"
            for code, receipt in acknowledged.items():
                self.assertEqual(found.get(code), receipt["leaf"])
        finally:
            world.close()


if __name__ == "__main__":
    unittest.main()
