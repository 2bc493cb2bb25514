"""TLS with the tools that people have: openssl s_client, curl, Python's ssl."""
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from certificates import Certificates, openssl  # noqa: E402
from world import BASE, STAFF, World, region, run  # noqa: E402


class TlsWorld(World):
    def __init__(self, **more):
        super().__init__(**more)
        self.files = Certificates(self.directory)
        self.presented = None  # name of the client's certificate
        self.version = None

    def start(self, port=0, more=()):
        return super().start(port, ["--tls-certificate", self.files.certificate("server"), "--tls-key",
                                    self.files.key("server"), "--tls-client-ca",
                                    self.files.certificate("client-ca"), *more])

    def context(self):
        context = ssl.create_default_context(cafile=self.files.certificate("server-ca"))
        if self.presented:
            context.load_cert_chain(self.files.certificate(self.presented),
                                    self.files.key(self.presented))
        if self.version:
            context.minimum_version = context.maximum_version = self.version
        return context

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context())

    def plain(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def s_client(self, *more):
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile",
             self.files.certificate("server-ca"), *more],
            input="GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", text=True,
            capture_output=True, timeout=60)


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = TlsWorld().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.world.stop() == 0, cls.world.read_log()
        cls.world.close()

    def tearDown(self):
        self.world.presented = self.world.version = None
        self.assertEqual(self.world.get("/healthz").status, 200)

    def test_headers_of_every_answer(self):
        for path, role in (("/healthz", None), ("/", None), (BASE, "inspector"), (BASE, None),
                           ("/nothing", None)):
            headers = self.world.request("GET", path, role=role).headers
            self.assertEqual(headers["strict-transport-security"], "max-age=31536000")
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            # What has an ETag is asked for again each time; all else is kept nowhere.
            kept = "private, no-cache" if (path, role) == (BASE, "inspector") else "no-store"
            self.assertEqual(headers["cache-control"], kept, (path, role))
            self.assertIn("frame-ancestors 'none'", headers["content-security-policy"])
            self.assertIn("default-src 'none'", headers["content-security-policy"])

    def test_a_page_over_plain_http_is_none_of_ours(self):
        for origin, status, code in ((f"http://127.0.0.1:{self.world.port}", 403, "cross-site"),
                                     (f"https://127.0.0.1:{self.world.port}", 401, "sign-in-failed")):
            answer = self.world.request("POST", "/v1/session", b'{"user":"nobody","password":"x"}',
                                        headers={"Content-Type": "application/json", "Origin": origin})
            self.assertEqual((answer.status, answer.code), (status, code), origin)

    def test_when_the_certificate_ends_is_measured(self):
        text = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", self.world.files.certificate("server")],
                              capture_output=True, text=True, check=True).stdout
        ends = ssl.cert_time_to_seconds(text.strip().removeprefix("notAfter="))
        metrics = self.world.get("/metrics").bytes.decode()
        measure = next(line for line in metrics.splitlines() if line.startswith("fundtrail_tls_certificate_expires"))
        self.assertEqual(float(measure.split()[1]), ends)

    def test_versions_and_suites_of_openssl(self):
        for version in ("-tls1_3", "-tls1_2"):
            done = self.world.s_client(version, "-verify_return_error", "-ign_eof")
            self.assertIn('{"status":"ok"}', done.stdout, done.stderr)
            self.assertIn("Secure Renegotiation IS" + (" NOT" if version == "-tls1_3" else ""), done.stdout)
        # What must not be spoken. SECLEVEL=0: the client itself would offer it.
        for more in (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
                     ["-tls1_2", "-cipher", "AES128-GCM-SHA256"],           # no forward secrecy
                     ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"],   # CBC
                     ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
                     ["-tls1_2", "-cipher", "ALL:!ECDHE:!TLSv1.3:@SECLEVEL=0"]):
            done = self.world.s_client(*more)
            self.assertNotIn("HTTP/1.1", done.stdout, more)
            self.assertRegex(done.stderr, "alert (protocol version|handshake failure)", more)
        for suite in ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"):
            done = self.world.s_client("-tls1_3", "-ciphersuites", suite, "-ign_eof")
            self.assertIn('{"status":"ok"}', done.stdout, done.stderr)

    def test_protocol_names(self):
        done = self.world.s_client("-alpn", "h2,http/1.1", "-ign_eof")
        self.assertIn("ALPN protocol: http/1.1", done.stdout)
        done = self.world.s_client("-alpn", "h2")
        self.assertIn("no application protocol", done.stderr)
        done = self.world.s_client("-ign_eof")  # none offered: RFC 7301 lets it pass
        self.assertIn('{"status":"ok"}', done.stdout)

    def test_renegotiation_is_refused(self):
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.world.port}", "-tls1_2"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        out, _ = client.communicate("R\n", timeout=60)  # R at the start of a line asks for one
        self.assertIn("RENEGOTIATING", out)
        self.assertIn("no renegotiation", out)

    def test_sessions_are_resumed_and_forgotten(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.world.version = version
            context = self.world.context()

            def visit(session=None):
                with context.wrap_socket(self.world.plain(), server_hostname="localhost",
                                         session=session) as s:
                    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    self.assertIn(b"200 OK", s.recv(65536))
                    return s.session, s.session_reused
            session, reused = visit()
            self.assertFalse(reused)
            _, reused = visit(session)
            self.assertTrue(reused, version)
            # A new certificate begins with an empty memory.
            self.reload()
            _, reused = visit(session)
            self.assertFalse(reused, version)

    def reload(self):
        before = self.world.read_log().count('"event":"TLS certificate"')
        self.world.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 30
        while self.world.read_log().count('"event":"TLS certificate"') == before:
            self.assertLess(time.monotonic(), until)

    def test_curl(self):
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--cacert", self.world.files.certificate("server-ca"),
             "--http2", f"https://localhost:{self.world.port}/healthz", "--connect-to",
             f"localhost:{self.world.port}:127.0.0.1:{self.world.port}"], capture_output=True, text=True)
        self.assertEqual(done.stdout, '{"status":"ok"}', done.stderr)

    def test_plain_http_is_told_what_to_do(self):
        with self.world.plain() as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = s.recv(65536)
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)
        self.assertIn(b"HTTPS", answer)

    def test_client_certificates(self):
        self.assertEqual(self.world.get(BASE).status, 200)  # asked for, not forced
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.world.version = version
            self.world.presented = "client"
            self.assertEqual(self.world.get(BASE).status, 200)
            self.world.presented = "rogue"
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.world.get(BASE)
        # A registered certificate says who asks; no token is needed then.
        self.world.presented = "client"
        self.assertEqual(self.world.request("GET", BASE).status, 401)
        run("--ledger", self.world.ledger, "user", "certificate", "add", STAFF["inspector"],
            self.world.files.certificate("client"))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.world.version = version
            until = time.monotonic() + 30
            while self.world.request("GET", BASE).status != 200:
                self.assertLess(time.monotonic(), until)
        self.world.presented = self.world.version = None
        self.assertEqual(self.world.request("GET", BASE).status, 401)
        # Of a user with several roles it says who, and the request which of them.
        self.world.new_user("both", "preparer", "reviewer")
        user = ["--ledger", self.world.ledger, "--json", "user"]
        shown = json.loads(run(*user, "show", STAFF["inspector"]).stdout)
        run(*user, "certificate", "remove", STAFF["inspector"], shown["certificates"][0])
        run(*user, "certificate", "add", "both", self.world.files.certificate("client"))
        self.world.presented = "client"
        until = time.monotonic() + 30
        while (answer := self.world.request("GET", "/v1/session")).status != 403:
            self.assertLess(time.monotonic(), until)
        self.assertEqual((answer.code, answer.json["field"]), ("role-needed", "Fundtrail-Role"))
        self.assertRegex(answer.json["detail_zh"], "Fundtrail-Role 请求头")
        named = self.world.request("GET", "/v1/session", headers={"Fundtrail-Role": "reviewer"})
        self.assertEqual((named.status, named.json["user"], named.json["role"]), (200, "both", "reviewer"))
        self.world.presented = None
        done = self.world.s_client()
        self.assertIn("CN = client-ca", done.stdout)  # whom we would believe
        self.assertNotIn("rogue", done.stdout)


class Rude(unittest.TestCase):
    """Handshakes that never end, bytes that are none, clients that vanish."""

    def test_slow_and_half_handshakes_hold_nobody_up(self):
        world = TlsWorld(threads=4).start(more=["--connections", 64])
        silent, half = [], []
        try:
            hello = self.client_hello(world)
            begun = time.monotonic()
            for i in range(100):  # more than there are places
                s = world.plain()
                (half if i % 2 else silent).append(s)
                if i % 2:
                    s.sendall(hello[: 1 + i % len(hello)])
                if i % 20 == 0:
                    self.assertEqual(world.get("/healthz").status, 200)
            self.assertEqual(world.get("/healthz").status, 200)
            self.assertLess(time.monotonic() - begun, 9, "an honest client had to wait")
            # Those that were left end by the time limit.
            half[-1].settimeout(60)
            self.assertEqual(half[-1].recv(1), b"")
            self.assertLess(time.monotonic() - begun, 25)
        finally:
            for s in silent + half:
                s.close()
            self.assertEqual(world.stop(), 0)
            world.close()

    def client_hello(self, world):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = world.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        return outgoing.read()

    def test_a_handshake_a_byte_at_a_time_is_a_handshake(self):
        world = TlsWorld().start()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = world.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        try:
            with world.plain() as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

                def play(action):
                    while True:
                        try:
                            return action()
                        except ssl.SSLWantReadError:
                            for byte in outgoing.read():
                                s.sendall(bytes([byte]))
                            incoming.write(s.recv(65536))
                play(client.do_handshake)
                client.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertIn(b"200 OK", play(lambda: client.read(65536)))
        finally:
            world.close()

    def test_bytes_that_are_no_tls(self):
        world = TlsWorld().start()
        try:
            hello = self.client_hello(world)
            random = os.urandom(4096)
            for data in (b"", b"\x16", random, b"\x16\x03\x01\xff\xff" + random, hello[:60] + random,
                         hello[:-1] + b"\xff", hello + hello, b"\x80" * 1000, b"\x15\x03\x03\x00\x02\x02\x28",
                         hello.replace(b"\x03\x03", b"\x09\x09")):
                with world.plain() as s:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                    try:
                        while s.recv(65536):
                            pass
                    except ConnectionResetError:
                        pass
                self.assertEqual(world.get("/healthz").status, 200)
            # Damaged in the middle of a session: the record's tag does not fit.
            connection = world.connect()
            self.assertEqual(world.get("/healthz", connection=connection).status, 200)
            raw = socket.socket(fileno=os.dup(connection.sock.fileno()))
            raw.sendall(b"\x17\x03\x03\x00\x20" + os.urandom(32))
            with self.assertRaises((OSError, http.client.HTTPException)):
                world.get("/healthz", connection=connection)
            raw.close()
            connection.close()
            self.assertEqual(world.stop(), 0, world.read_log())
            for line in world.read_log().splitlines():
                json.loads(line)
        finally:
            world.close()

    def test_clients_that_vanish_in_the_middle(self):
        world = TlsWorld().start().fill()
        try:
            body = b'{"commands":[' + b" " * 6_000_000
            for cut in (0, 1, 1000, 3_000_000):
                connection = world.connect()
                connection.putrequest("POST", BASE + "/entries")
                for name, value in (("Authorization", "Bearer " + world.tokens["registrar"]),
                                    ("Content-Type", "application/json"), ("Idempotency-Key", "cut"),
                                    ("Content-Length", str(len(body)))):
                    connection.putheader(name, value)
                connection.endheaders()
                connection.send(body[:cut])
                # No goodbye of TLS, and a reset instead of an end.
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                os.close(connection.sock.detach())
                connection.sock = None
            self.assertEqual(world.get("/readyz").status, 200)
            # kill -9 in the middle of uploads: what was answered is there.
            told = []
            enough = threading.Semaphore(0)

            def client(number):
                connection = world.connect()
                try:
                    for i in range(10_000):
                        code = f"32{number:02d}{i:05d}"
                        answer = world.post(region(code), f"k-{code}", "registrar", connection=connection)
                        told.append((answer.status, answer.json["index"], answer.json["leaf"]))
                        enough.release()
                except (OSError, http.client.HTTPException, ValueError):
                    pass
            threads = [threading.Thread(target=client, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for _ in range(100):
                self.assertTrue(enough.acquire(timeout=60), world.read_log())
            world.stop(signal.SIGKILL)
            for thread in threads:
                thread.join()
            world.start()
            for status, index, leaf in told:
                self.assertEqual(status, 201)
                found = world.get(f"{BASE}/entries/{index}")
                self.assertEqual(found.headers["etag"], f'"{leaf}"')
        finally:
            world.close()


class Work(unittest.TestCase):
    def test_large_bodies_both_ways(self):
        world = TlsWorld().start()
        try:
            commands = [region(f"32{i:07d}", "镇" * 100) for i in range(1000)]
            text = json.dumps({"mode": "atomic", "commands": commands}, ensure_ascii=False).encode()
            text += b" " * ((8 << 20) - len(text))  # exactly the limit
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                world.version = version
                answer = world.post(text, "large", "registrar")
                self.assertEqual(answer.status, 201 if version == ssl.TLSVersion.TLSv1_2 else 200)
                self.assertEqual(len(answer.json["results"]), 1000)
                page = world.get(BASE + "/entries?limit=500")
                self.assertGreater(len(page.bytes), 300_000)
                self.assertEqual(len(page.json["entries"]), 500)
            answer = world.post(text + b" ", "larger", "registrar")
            self.assertEqual((answer.status, answer.code), (413, "payload-too-large"))
            # A client that takes its answer slowly, on one connection, many answers in a row.
            connection = world.connect()
            for _ in range(20):
                self.assertEqual(len(world.get(BASE + "/entries?limit=500", connection=connection)
                                     .json["entries"]), 500)
            connection.close()
        finally:
            world.close()

    def test_a_renewed_certificate_is_taken_by_the_next_connection(self):
        world = TlsWorld().start()
        try:
            def shown():
                with world.context().wrap_socket(world.plain(), server_hostname="localhost") as s:
                    return s.getpeercert(True)
            kept = world.connect()
            self.assertEqual(world.get("/healthz", connection=kept).status, 200)
            first, sock = shown(), kept.sock
            # A half-written file: the old one stays, and the log says why.
            world.files.certificate("server").write_text("-----BEGIN CERTIFICATE-----\nMII")
            world.process.send_signal(signal.SIGHUP)
            until = time.monotonic() + 30
            while '"TLS files not read"' not in world.read_log():
                self.assertLess(time.monotonic(), until)
            self.assertEqual(shown(), first)
            world.files.issue("server", "server-ca", "subjectAltName=DNS:localhost,IP:127.0.0.1")
            world.process.send_signal(signal.SIGHUP)
            while shown() == first:
                self.assertLess(time.monotonic(), until)
            self.assertEqual(world.get("/healthz", connection=kept).status, 200)
            self.assertIs(kept.sock, sock)
            kept.close()
        finally:
            world.close()

    def test_bad_files_are_refused_at_the_start(self):
        world = TlsWorld()
        files = world.files
        try:
            def serve(*more):
                return run("--ledger", world.ledger, "--lang", "en", "serve", "--port", 0, *more,
                           check=False)
            certificate, key = files.certificate("server"), files.key("server")
            self.assertEqual(serve("--tls-certificate", certificate).returncode, 2)
            self.assertEqual(serve("--tls-key", key).returncode, 2)
            self.assertEqual(serve("--tls-client-ca", certificate).returncode, 2)
            self.assertEqual(serve("--host", "0.0.0.0").returncode, 2)
            locked = world.directory / "locked.key"
            openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:secret", "-out", locked)
            locked.chmod(0o600)
            files.new_key("weak", ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
            openssl("req", "-x509", "-new", "-key", files.key("weak"), "-subj", "/CN=weak", "-out",
                    files.certificate("weak"))
            open_key = world.directory / "open.key"
            shutil.copy(key, open_key)
            open_key.chmod(0o644)
            missing = world.directory / "missing"
            for one, other, word in (
                    (certificate, missing, "missing"), (missing, key, "missing"),
                    (certificate, files.key("client"), "is not that of the certificate"), (certificate, certificate, "crt"),
                    (key, key, "server.key"), (certificate, open_key, "chmod"),
                    (certificate, locked, "locked.key"),
                    (files.certificate("weak"), files.key("weak"), "too small")):
                done = serve("--tls-certificate", one, "--tls-key", other)
                self.assertIn(done.returncode, (2, 3, 4), done)
                self.assertIn(word, done.stderr)
            done = serve("--tls-certificate", certificate, "--tls-key", key, "--tls-client-ca", key)
            self.assertNotEqual(done.returncode, 0)
        finally:
            world.close()

    def test_any_address_is_served_with_tls(self):
        world = TlsWorld().start(more=["--host", "0.0.0.0"])
        try:
            self.assertEqual(world.get("/healthz").status, 200)
        finally:
            world.close()


if __name__ == "__main__":
    unittest.main()
