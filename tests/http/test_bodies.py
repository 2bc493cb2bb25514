"""How much of what is sent a server takes into memory: a limit for each address, told before anything is read;
nothing large of somebody who has not shown who they are; and one bound for all bodies together."""
import contextlib
import json
import re
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import operations  # noqa: E402
from world import BASE, LEDGER, World, raw, region, run, statuses  # noqa: E402

KIB, MIB = 1 << 10, 1 << 20
ROUTES = [r for r in json.loads(run("--json", "serve", "--list-routes").stdout)["routes"] if r["method"] == "POST"]


def address(path):
    return re.sub(r"\{.*?\}", "x", path.replace("{ledger}", LEDGER))


class Bodies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def head(self, path, more, role="registrar", media="application/json"):
        who = f"Authorization: Bearer {self.world.tokens[role]}\r\n" if role else ""
        media = "application/zip" if path.endswith("/imports") else media
        return (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\nIdempotency-Key: body\r\n"
                f"{who}{more}\r\n\r\n").encode()

    def memory(self):
        status = Path(f"/proc/{self.world.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * KIB

    def test_the_description_tells_the_limits_of_the_server(self):
        told = {p: o["requestBody"]["x-max-bytes"] for m, p, o in operations() if m == "POST"}
        self.assertEqual(told, {r["path"]: r["max_body"] for r in ROUTES})
        large = {p.rsplit("/", 1)[1] for p, most in told.items() if most > 64 * KIB}
        self.assertEqual(large, {"entries", "imports", "check"})

    def test_each_address_says_its_limit_before_it_reads(self):
        for route in ROUTES:
            most, path = route["max_body"], address(route["path"])
            role = "administrator" if "/users" in path else "registrar"
            answer = raw(self.world.port, self.head(path, "Connection: close\r\nContent-Length: 2", role) + b"{}", timeout=10)
            if b"session-needed" in answer:
                continue  # which test_openapi_identity.py drives as somebody who signed in
            for more in (f"Content-Length: {most + 1}", f"Expect: 100-continue\r\nContent-Length: {most + 1}"):
                answer = raw(self.world.port, self.head(path, more, role), timeout=10)
                self.assertEqual(statuses(answer), [413], (path, answer[:300]))
                self.assertIn(b"Connection: close", answer)
                problem = json.loads(answer.split(b"\r\n\r\n", 1)[1])
                self.assertIn(str(most), problem["detail"])
                self.assertIn(str(most), problem["detail_zh"])
            if most <= 64 * KIB:
                chunk = b"%x\r\n%s\r\n" % (most + 1, b" " * (most + 1))
                answer = raw(self.world.port, self.head(path, "Transfer-Encoding: chunked", role) + chunk, timeout=10)
                self.assertEqual(statuses(answer), [413], (path, answer[:300]))

    def test_who_has_not_shown_who_they_are_sends_nothing_large(self):
        w = self.world
        for route in ROUTES:
            path = address(route["path"])
            if path == "/v1/session":
                continue
            answer = raw(w.port, self.head(path, f"Content-Length: {route['max_body']}", None), timeout=10)
            self.assertEqual(statuses(answer), [401], path)  # no byte of the body was sent
        before = self.memory()
        lying = self.head("/v1/session", f"Content-Length: {8 * MIB}", None)
        endless = self.head("/v1/session", "Transfer-Encoding: chunked", None) + b"%x\r\n" % (8 * MIB)
        with contextlib.ExitStack() as open_ones:
            for n in range(100):
                s = open_ones.enter_context(socket.create_connection(("127.0.0.1", w.port), timeout=30))
                with contextlib.suppress(ConnectionError):
                    s.sendall((endless if n % 2 else lying) + b" " * MIB)
            self.assertLess(self.memory() - before, 50 * MIB)  # there were 100 MiB to be kept
            self.assertEqual(w.get("/healthz").status, 200)

    def test_all_bodies_together_have_a_bound(self):
        w = self.world
        entries, whole = f"{BASE}/entries", 8 * MIB
        before = self.memory()
        with contextlib.ExitStack() as open_ones:
            def begin(role, more=f"Content-Length: {whole}", sent=b" " * (whole - 1)):
                s = open_ones.enter_context(socket.create_connection(("127.0.0.1", w.port), timeout=30))
                s.sendall(self.head(entries, more, role))
                with contextlib.suppress(ConnectionError):
                    s.sendall(sent)
                return s

            def is_refused(s):
                s.settimeout(10)
                answer = s.recv(100_000)
                return statuses(answer) == [503] and b"Retry-After: 1" in answer and b'unavailable"' in answer
            # A quarter of the room is one's own, and no more: nobody keeps the others from sending.
            for _ in range(2):
                begin("registrar")
            self.assertTrue(is_refused(begin("registrar", sent=b"")))
            chunks = b"%x\r\n%s" % (whole, b" " * (whole - 1))
            self.assertTrue(is_refused(begin("registrar", "Transfer-Encoding: chunked", chunks)))
            self.assertEqual(w.post(region("320412501"), "small", "registrar").status, 201)
            self.assertEqual(w.post(json.dumps(region("320412502")) + " " * MIB, "other", "preparer").status, 403)
            begin("preparer", "Transfer-Encoding: chunked", chunks)
            for role, more in (("preparer", 1), ("reviewer", 2), ("approver", 2)):
                for _ in range(more):
                    begin(role)
            # The last quarter is taken: only what is small comes in.
            self.assertTrue(is_refused(begin("cashier", sent=b"")))
            self.assertEqual(w.post(region("320412503"), "small-2", "registrar").status, 201)
            self.assertLess(self.memory() - before, 90 * MIB)
        # Whoever has gone has given back what they had; the server notices a moment later.
        for _ in range(100):
            answer = w.post(json.dumps(region("320412504")) + " " * MIB, "later", "registrar")
            if answer.status != 503:
                break
        self.assertEqual(answer.status, 201, answer.bytes)

    def test_no_thread_keeps_what_large_bodies_took(self):
        w = self.world
        worst = b'{"kind":"redemption","date":"2008-04-20","doc":{"x":[' + b"0," * (4 * MIB - 40)
        self.assertEqual(w.post(region("320412505"), "before", "registrar").status, 201)
        before = self.memory()

        def send(role):
            for n in range(12):
                status = w.post(worst + b"0]}}", f"worst-{role}-{n}", role).status
                self.assertIn(status, (400, 503))
        threads = [threading.Thread(target=send, args=(role,)) for role in ("registrar", "preparer", "reviewer", "approver")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLess(self.memory() - before, 300 * MIB)  # a thread that kept it would have 200 MiB, of 128 threads


if __name__ == "__main__":
    unittest.main()
