"""Input that nobody honest sends."""
import json
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, World, raw, region, statuses  # noqa: E402


class Rude(unittest.TestCase):
    """Input that nobody honest sends. Every answer is a problem with status 4xx, and the server goes
    on answering others."""

    @classmethod
    def setUpClass(cls):
        cls.world = World().start()
        cls.token = cls.world.tokens["registrar"]

    @classmethod
    def tearDownClass(cls):
        assert cls.world.stop() == 0, cls.world.read_log()
        cls.world.close()

    def tearDown(self):
        self.assertEqual(self.world.get("/healthz").status, 200)

    def test_bodies(self):
        good = json.dumps(region("320412401"))
        reason = {
            "malformed-json": [
                b"", b" ", b"{", b"[]", b"null", b"1", b'"x"', b"{}x", b"{} {}", b"\xef\xbb\xbf{}",
                b'{"a":}', b"{'a':1}", b'{"a":NaN}', b'{"a":01}', b'{"a":1e999}',
                b'{"a":123456789012345678901234567890}', b"[" * 100000, b'{"a":' * 100000,
                b'{"kind":"\xff"}', b'{"kind":"\xc0\x80"}', b'{"kind":"\xed\xa0\x80"}',
                b'{"kind":"a\x00"}', b'{"kind":"\n"}', b'{"kind":"\\ud800"}', b"\x00" * 100,
                good.encode("utf-16"), good.encode()[:-1]],
            "missing-field": [b"{}", b'{"kind":"region_registration"}',
                              b'{"kind":"region_registration","date":"2008-04-01"}'],
            "unknown-kind": [b'{"kind":"nonsense","date":"2008-04-01","doc":{}}'],
            "malformed-field": [
                b'{"kind":1}', b'{"kind":{}}', b'{"kind":null}', b'{"kind":"allotment","date":"today"}',
                b'{"kind":"allotment","date":"2008-02-30"}',
                b'{"kind":"allotment","date":"2008-04-01","doc":[]}',
                b'{"commands":[]}', b'{"commands":{}}', b'{"commands":[],"mode":"some"}',
                json.dumps({"commands": [{}] * 1001}).encode(),
                json.dumps(region("12345")).encode(),
                json.dumps(region("320412401", "")).encode(),
                json.dumps(region("320412401", "e\u0301")).encode(),  # not NFC
                json.dumps(dict(region("320412401"), id="../x")).encode(),
                json.dumps(dict(region("320412401"), policy="no version")).encode()],
            "unknown-field": [
                json.dumps(dict(region("320412401"), extra=1)).encode(),
                json.dumps(dict(region("320412401"), lines=[])).encode(),
                json.dumps(dict(region("320412401"), actor={"id": "x", "role": "approver"})).encode(),
                b'{"commands":[{}],"x":1}',
                b'{"kind":"region_registration","date":"2008-04-01","date":"2008-04-02",'
                b'"doc":{"name":"x","region":"320412401"}}',
                b'{"kind":"region_registration","date":"2008-04-01",'
                b'"doc":{"name":"x","region":"320412401","region":"320412402"}}'],
            "malformed-command": [b'{"commands":[1]}'],
        }
        size = self.world.get(BASE).json["size"]
        for code, bodies in reason.items():
            for body in bodies:
                answer = self.world.post(body, "bad", "registrar")
                self.assertEqual((answer.status, answer.code), (400, code), (body[:80], answer.bytes))
        deep = b'{"kind":"region_registration","x":' + b"[" * 900 + b"]" * 900 + b"}"
        self.assertEqual(self.world.post(deep, "bad", "registrar").status, 400)
        self.assertEqual(self.world.get(BASE).json["size"], size)

    def test_headers_of_a_write(self):
        good = region("320412402")
        for key, code in [(None, "missing-idempotency-key"), ("", "missing-idempotency-key"),
                          ("a b", "bad-idempotency-key"), ("x" * 65, "bad-idempotency-key"),
                          ("../../etc", "bad-idempotency-key"), ("键".encode().decode("latin-1"),
                                                                 "bad-idempotency-key")]:
            answer = self.world.post(good, key, "registrar")
            self.assertEqual((answer.status, answer.code), (400, code), key)
        long = self.world.post({"commands": [good]}, "x" * 63, "registrar")
        self.assertEqual((long.status, long.code), (400, "bad-idempotency-key"))
        for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x",
                     "application/json; charset=gbk", "application/x-www-form-urlencoded"):
            answer = self.world.post(good, "k", "registrar", headers={"Content-Type": kind})
            self.assertEqual((answer.status, answer.code), (415, "unsupported-media-type"), kind)
        answer = self.world.post(good, "k", "registrar", headers={"Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 415)
        answer = self.world.post(good, "ok-1", "registrar",
                                 headers={"Content-Type": "Application/JSON; charset=UTF-8"})
        self.assertEqual(answer.status, 201)

    def test_addresses(self):
        for path in ("/nothing", "/v1", "/v1/ledgers", "/v1/ledgers/", BASE + "/", BASE + "//entries",
                     BASE + "/entries/", BASE + "/entries/1/", BASE + "/entries/1/lines/0",
                     "/v1/ledgers/..%2f..%2fetc%2fpasswd", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc",
                     BASE + "/entries/-1", BASE + "/entries/01", BASE + "/entries/1.0",
                     BASE + "/entries/0x1", BASE + "/entries/99999999999999999999",
                     BASE + "/entries/18446744073709551617", BASE + "/entries/1%00",
                     BASE + "/reports/..%2F", "/v1/ledgers/" + LEDGER + "%00", "/%ff",
                     "/" + "a/" * 2000, BASE + "/entries/%0a1"):
            answer = self.world.get(path)
            self.assertEqual((answer.status, answer.code), (404, "not-found"), path)
        for query in ("limit=0", "limit=-1", "limit=501", "limit=ten", "limit=1&limit=2", "nonsense=1",
                      "from=2008-4-1", "kind=x", "region=1", "fund=%20", "provider=../x", "cursor=",
                      "from=2008-04-01%00", "kind=%ff"):
            answer = self.world.get(f"{BASE}/entries?{query}")
            self.assertEqual((answer.status, answer.code), (400, "bad-parameter"), query)
        for query in ("as_of=x", "format=exe", "lang=fr", "breakdown=x", "entries=1", "region=1"):
            self.assertEqual(self.world.get(f"{BASE}/reports/fund-flow?{query}").status, 400, query)

    def test_methods(self):
        for method in ("PUT", "PATCH", "DELETE", "POST", "OPTIONS", "TRACE"):
            answer = self.world.request(method, BASE + "/entries/1", role="registrar")
            self.assertEqual((answer.status, answer.code), (405, "method-not-allowed"), method)
            self.assertEqual(answer.headers["allow"], "GET, HEAD")
        answer = self.world.request("DELETE", BASE + "/entries", body=b"x" * 1000, role="registrar")
        self.assertEqual(answer.headers["allow"], "POST, GET, HEAD")
        head = self.world.request("HEAD", BASE + "/entries/0", role="registrar")
        whole = self.world.get(BASE + "/entries/0")
        self.assertEqual((head.status, head.bytes), (200, b""))
        self.assertEqual(head.headers["content-length"], str(len(whole.bytes)))

    def test_raw_requests(self):
        auth = f"Authorization: Bearer {self.token}\r\n".encode()
        get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
        post = (f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nIdempotency-Key: raw\r\n"
                "Content-Type: application/json\r\n").encode() + auth
        smuggled = b"GET /v1/ledgers/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        table = [
            (b"\r\n\r\n", 400), (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/9.9\r\n\r\n", 400),
            (b"BREW / HTTP/1.1\r\n\r\n", 400),
            # RFC 9112, 3.2: one Host, but for HTTP/1.0; the whole address, as proxies are sent it; no fragment.
            (b"GET /healthz HTTP/1.1\r\n\r\n", 400), (get + b"Host: y\r\n\r\n", 400),
            (get + b"host: x\r\n\r\n", 400), (get.replace(b"healthz", b"healthz#x") + b"\r\n", 400),
            (b"GET /healthz HTTP/1.0\r\n\r\n", 200), (get + b"Connection: close\r\n\r\n", 200),
            (get.replace(b"/healthz", b"http://x/healthz") + b"Connection: close\r\n\r\n", 200),
            (get.replace(b"/healthz", b"HTTPS://x:1/nothing?a=b") + b"Connection: close\r\n\r\n", 404),
            (b"PURGE /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            (b"GET /?a?b HTTP/1.1\r\n\r\n", 400), (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
            (get + b"X: " + b"a" * 9000 + b"\r\n\r\n", 400),
            (get + b"X Y: 1\r\n\r\n", 400), (get + b" X: 1\r\n\r\n", 400),
            (post + b"Content-Length : %d\r\n\r\n" % len(smuggled) + smuggled, 400),
            (post + b"Content-Length: %d\n\r\n" % len(smuggled) + smuggled, 400),
            (get.replace(b"\r\n", b"\n") + b"\n", 400), (get.replace(b"\r\n", b"\n", 1) + b"\r\n" + smuggled, 400),
            (get + b"Range: bytes=x\r\n\r\n", None),
            (post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + smuggled, 400),
            (post + b"Content-Length: -1\r\n\r\n{}" + smuggled, 400),
            (post + b"Content-Length: +2\r\n\r\n{}" + smuggled, 400),
            (post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Content-Length: 9999999999999\r\n\r\n{}", 413),
            (post + b"Content-Length: 99999999999999999999\r\n\r\n{}", 400),
            # A header value is what stands there, and not what a percent sign might mean.
            (post + b"Content-Length: %%32%%37\r\n\r\n%s" % smuggled, 400),
            (post + b"Transfer-Encoding: %63hunked\r\n\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Content-Length:\r\n\r\n" + smuggled, 400),
            (post + b"Content-Length: \t \r\nContent-Length: 2\r\n\r\n{}" + smuggled, 400),
            (post + b"Transfer-Encoding:\r\n\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Content-Length 2\r\n\r\n{}" + smuggled, 400),
            (post + b"Transfer-Encoding\r\nContent-Length: 0\r\n\r\n" + smuggled, 400),
            (post + b"X: y\rContent-Length: 2\r\n\r\n" + smuggled, 400),
            (post + b"X: \x00\r\nContent-Length: 0\r\n\r\n" + smuggled, 400),
            (post.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
             + smuggled, 400),
            (post + b"Connection: close\r\n\r\n", 400),
            (post + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
            # A body where none belongs: the connection ends, so it is never read as a request.
            (get + b"Content-Length: %d\r\n\r\n" % len(smuggled) + smuggled, 200),
            (post.replace(auth, b"") + b"Content-Length: %d\r\n\r\n" % len(smuggled) + smuggled, 401),
            (post.replace(auth, b"") + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", 401),
        ]
        for data, expected in table:
            answer = raw(self.world.port, data, shut=expected in (None, 400))
            found = statuses(answer)
            if expected is not None:
                self.assertEqual(found, [expected], (data[:200], answer[:400]))
                self.assertNotIn(b"smuggled", answer)
            self.assertTrue(all(s < 500 for s in found), (data[:80], found))
            if expected and expected >= 400:
                body = answer.split(b"\r\n\r\n", 1)[1]
                self.assertTrue(json.loads(body)["detail_zh"], data[:80])
                self.assertIn(b"Connection: close", answer)

    def test_a_slash_is_not_hidden_in_a_part_of_a_path(self):
        # A proxy that lets /v1/ledgers/*/entries/* through for some reads the path as it came.
        w = self.world
        self.assertEqual(w.get(f"{BASE}/entries/0").status, 200)
        self.assertEqual(w.get(f"{BASE}/entries/%30").status, 200)
        for slash in ("%2f", "%2F", "%5c", "%5C"):
            for path in (f"{BASE}/entries{slash}0", f"{BASE.replace('/v1/', '/v1' + slash)}/entries/0", f"{slash}healthz",
                         f"/healthz{slash}", f"/console{slash}index.js", f"http://x{BASE}/entries{slash}0"):
                answer = w.get(path)
                self.assertEqual((answer.status, answer.code), (404, "not-found"), path)
        self.assertEqual(w.get(f"{BASE}/entries?kind=a%2Fb").code, "bad-parameter")  # of parameters it is a character

    def test_a_body_in_chunks(self):
        head = (f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nIdempotency-Key: chunks\r\n"
                f"Content-Type: application/json\r\nAuthorization: Bearer {self.token}\r\n"
                "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
        body = json.dumps(region("320412403")).encode()
        pieces = b"".join(b"%x\r\n%s\r\n" % (1, bytes([b])) for b in body) + b"0\r\n\r\n"
        self.assertEqual(statuses(raw(self.world.port, head + pieces)), [201])
        endless = b"".join(b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20)) for _ in range(9))
        answer = raw(self.world.port, head.replace(b"chunks", b"endless") + endless + b"0\r\n\r\n")
        self.assertEqual(statuses(answer), [413])

    def test_chunks_are_those_of_the_standard(self):
        head = (f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nIdempotency-Key: framed\r\n"
                f"Content-Type: application/json\r\nAuthorization: Bearer {self.token}\r\n"
                "Transfer-Encoding: chunked\r\n\r\n").encode()
        body = json.dumps(region("320412404")).encode()
        size, end = b"%x" % len(body), b"0\r\n\r\n"
        smuggled = b"GET /v1/ledgers/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        for chunks in (b"0x%s\r\n%s\r\n" % (size, body), b"+%s\r\n%s\r\n" % (size, body),
                       b" %s\r\n%s\r\n" % (size, body), b"%s \r\n%s\r\n" % (size, body),
                       b"%szz\r\n%s\r\n" % (size, body), b"-%s\r\n%s\r\n" % (size, body),
                       b"%s\n%s\r\n" % (size, body), b"%s\r\n%s\n" % (size, body),
                       b"%s\r\n%sXX" % (size, body), b";x\r\n", b"\r\n",
                       b"%s;a\n%s\r\n" % (size, body), b"%s;%s\r\n%s\r\n" % (size, b"a" * 64, body),
                       b"ffffffffffffffffffff\r\n"):
            answer = raw(self.world.port, head + chunks + end + smuggled)
            self.assertEqual(statuses(answer), [400], chunks)
            self.assertNotIn(b"smuggled", answer)
        # Trailers are read as nothing else than their end.
        answer = raw(self.world.port, head + b"%s\r\n%s\r\n0\r\nX: y\r\n\r\n" % (size, body) + smuggled)
        self.assertEqual(statuses(answer), [400])
        # Capitals, zeros before and extensions are allowed, and the next request begins where it should.
        good = b"00%s;a=\"b\";c\r\n%s\r\n" % (size.upper(), body) + end
        last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(statuses(raw(self.world.port, head + good + last)), [201, 200])

    def test_a_chunk_size_without_end_is_refused_before_it_is_kept(self):
        head = b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" \
               b"Transfer-Encoding: chunked\r\n\r\n"
        for line in (b"0" * 1000, b"1;" + b"x" * 1000):
            # The client goes on; nobody who waited for the line's end would answer within this time.
            self.assertEqual(statuses(raw(self.world.port, head + line, timeout=15)), [400])

    def test_an_announced_body_is_asked_for(self):
        body = json.dumps(region("320412405")).encode()
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=15) as s:
            s.sendall((f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nIdempotency-Key: announced\r\n"
                       f"Content-Type: application/json\r\nAuthorization: Bearer {self.token}\r\n"
                       f"Connection: close\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n").encode())
            self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 100 "))  # before a byte of the body was sent
            s.sendall(body)
            self.assertEqual(statuses(s.recv(100_000)), [201])

    def test_one_who_never_pauses_holds_up_nobody(self):
        # More requests than a socket holds, sent as fast as they are taken, until others have been served.
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        most, count, begun = 80_000, [0], threading.Event()
        flood = socket.create_connection(("127.0.0.1", self.world.port), timeout=60)

        def send():
            try:
                for _ in range(most // 1000):
                    flood.sendall(one * 1000)
            except OSError:
                pass

        def take():
            try:
                while part := flood.recv(1 << 20):
                    count[0] += part.count(b"HTTP/1.1 200")
                    if count[0] > 1000:
                        begun.set()
            except OSError:
                pass
        threads = [threading.Thread(target=f) for f in (send, take)]
        for thread in threads:
            thread.start()
        self.assertTrue(begun.wait(60))
        # Wherever the connections lie: there is one loop for every two cores, and the flood is on one.
        before = count[0]
        for _ in range(8):
            self.assertEqual(self.world.get("/healthz").status, 200)
        served = count[0] - before
        flood.close()
        for thread in threads:
            thread.join()
        self.assertLess(served, most // 4)

    def test_two_requests_at_once_are_two_answers(self):
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(statuses(raw(self.world.port, one + one + last)), [200, 200, 200])

    def test_long_headers_and_addresses_that_the_library_matches(self):
        # It matches with std::regex, which calls itself for every byte: the stack must be deep enough.
        for value in (b"bytes=" + b"1" * 8000 + b"-", b"bytes=" + b"1" * 8000, b"bytes=" + b"1-," * 2600):
            head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: " + value + b"\r\n\r\n"
            answers = statuses(raw(self.world.port, head))
            self.assertEqual(len(answers), 1, value[:20])
            self.assertLess(answers[0], 500)
        for path in (b"/v1/ledgers/" + b"a" * 8000, b"/" * 8000, b"/v1/" + b"%41" * 2600):
            head = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            self.assertIn(statuses(raw(self.world.port, head)), ([400], [401], [404], [414]))

    def test_a_client_that_hangs_up_half_way_and_does_not_read(self):
        # Many answers that nobody takes, from a client that has said it will send no more: others are
        # served all the same, and at once.
        one = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.setblocking(False)
            try:
                for _ in range(4000):
                    s.send(one)
            except BlockingIOError:
                pass
            s.shutdown(socket.SHUT_WR)
            with socket.create_connection(("127.0.0.1", self.world.port), timeout=3) as other:
                other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertTrue(other.recv(100).startswith(b"HTTP/1.1 200"))

    def test_a_client_that_goes_away(self):
        for data in (b"GET /healthz HTTP/1.1\r\nHost:", b"",
                     f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode()):
            with socket.create_connection(("127.0.0.1", self.world.port)) as s:
                s.sendall(data)


if __name__ == "__main__":
    unittest.main()
