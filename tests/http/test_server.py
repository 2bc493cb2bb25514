"""The server from outside: idempotency, who may see what, rude and slow clients, bad input, a second
instance, and a stop under load."""
import http.client
import json
import os
import re
import signal
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, STAFF, World, run  # noqa: E402


def region(code, name="镇"):
    return {"kind": "region_registration", "date": "2008-04-01", "doc": {"name": name, "region": code}}


def raw(port, data, shut=False):
    """Sends bytes, reads to the end of the connection; answers everything that came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
        s.sendall(data)
        if shut:
            s.shutdown(socket.SHUT_WR)
        parts = []
        while True:
            try:
                part = s.recv(65536)
            except ConnectionResetError:
                break
            if not part:
                return b"".join(parts)
            parts.append(part)
        return b"".join(parts)


def statuses(answer):
    return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


class Writes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def post(self, body, key, role="registrar", **more):
        return self.world.post(body, key, role, **more)

    def test_same_key_same_content_is_a_hit(self):
        first = self.post(region("320412201"), "hit")
        self.assertEqual(first.status, 201)
        self.assertNotIn("idempotency-hit", first.headers)
        for key in ("hit", '"hit"'):  # the header's draft quotes it
            again = self.post(region("320412201"), key)
            self.assertEqual((again.status, again.headers.get("idempotency-hit")), (200, "true"))
            self.assertEqual(again.json["leaf"], first.json["leaf"])
            self.assertEqual(again.json["time"], first.json["time"])
            self.assertEqual(again.headers["location"], first.headers["location"])

    def test_same_key_other_content_is_refused(self):
        self.assertEqual(self.post(region("320412202"), "reuse").status, 201)
        answer = self.post(region("320412203"), "reuse")
        self.assertEqual((answer.status, answer.code), (422, "command-id-reused"))
        # The actor is part of the content.
        other = self.post(region("320412202"), "reuse", role="preparer")
        self.assertEqual(other.status, 403 if other.code == "role-not-permitted" else 422)

    def test_a_key_names_one_request_also_between_batches_and_single_commands(self):
        self.assertEqual(self.post(region("320412204"), "one").status, 201)
        self.assertEqual(self.post({"commands": [region("320412205")]}, "one").status, 422)
        batch = [region("320412206"), region("320412207")]
        self.assertEqual(self.post({"commands": batch}, "two").status, 201)
        self.assertEqual(self.post({"commands": batch}, "two").status, 200)
        self.assertEqual(self.post(batch[0], "two").status, 422)
        self.assertEqual(self.post({"commands": batch[:1]}, "two").status, 422)
        more = self.post({"commands": batch + [region("320412208")]}, "two")
        self.assertEqual((more.status, more.code), (422, "command-id-reused"))

    def test_commands_of_a_batch_may_have_ids_of_their_own(self):
        body = {"commands": [dict(region("320412209"), id="my-own"), region("320412210")]}
        results = self.post(body, "ids").json["results"]
        self.assertEqual([r["receipt"]["command"] for r in results], ["my-own", "ids.1"])
        single = self.post(dict(region("320412211"), id="other"), "not-other")
        self.assertEqual((single.status, single.code), (400, "bad-idempotency-key"))

    def test_same_key_at_the_same_time_is_recorded_once(self):
        answers = []
        gate = threading.Barrier(16)

        def send():
            gate.wait()
            answers.append(self.post(region("320412212"), "race"))
        threads = [threading.Thread(target=send) for _ in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual([a.status for a in answers].count(201), 1)
        for a in answers:
            self.assertIn(a.status, (200, 201, 409))
            if a.status == 409:
                self.assertEqual(a.code, "in-flight")
                self.assertEqual(a.headers["retry-after"], "1")
        self.assertEqual(self.post(region("320412212"), "race").status, 200)

    def test_an_atomic_batch_is_all_or_nothing_and_says_which_command(self):
        size = self.world.get(BASE).json["size"]
        body = {"commands": [region("320412213"), dict(region("320412214"), date="2008-13-01")]}
        answer = self.post(body, "atomic-1")
        self.assertEqual((answer.status, answer.json["field"]), (400, "commands[1].date"))
        body = {"commands": [region("320412213"), region("320412213")]}
        answer = self.post(body, "atomic-2")
        self.assertEqual((answer.status, answer.json["command"]), (409, "atomic-2.1"))
        self.assertEqual(self.world.get(BASE).json["size"], size)

    def test_the_body_of_an_entry_is_its_bytes(self):
        made = self.post(region("320412215", "牛塘镇"), "bytes").json
        answer = self.world.get(f"{BASE}/entries/{made['index']}",
                                headers={"Accept-Encoding": "gzip, br", "Range": "bytes=0-3"})
        self.assertEqual(answer.status, 200)
        import hashlib
        leaf = hashlib.sha256(b"\0" + answer.bytes).hexdigest()
        self.assertEqual(leaf, made["leaf"])
        self.assertEqual(answer.headers["etag"], f'"{leaf}"')
        self.assertNotIn("content-encoding", answer.headers)


class Pages(unittest.TestCase):
    def test_pages_never_shift(self):
        world = World().start()
        try:
            for i in range(12):
                world.record(f"r{i}", "registrar", "region_registration", "2008-04-01",
                             {"name": "镇", "region": f"3204125{i:02d}"})
            path = BASE + "/entries?kind=region_registration&limit=5"
            page = world.get(path).json
            seen = [e["index"] for e in page["entries"]]
            while "next" in page:
                # Somebody goes on writing between the pages.
                n = len(seen)
                world.record(f"later{n}", "registrar", "region_registration", "2008-04-01",
                             {"name": "镇", "region": f"3204126{n:02d}"})
                page = world.get(f"{path}&cursor={page['next']}").json
                seen += [e["index"] for e in page["entries"]]
            self.assertEqual(seen, list(range(1, 13)))
            first = world.get(path).json["next"]
            for bad in (first + "0", "1", "99-1-x", re.sub(r"^\d+", lambda m: str(int(m[0]) - 1), first), "",
                        "0-9-" + first.split("-")[-1]):
                self.assertEqual(world.get(f"{path}&cursor={bad}").status, 400, bad)
            other = world.get(f"{BASE}/entries?kind=redemption&cursor={first}")
            self.assertEqual((other.status, other.json["field"]), (400, "cursor"))
        finally:
            world.close()


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start().fill()
        w = cls.world
        vouchers = w.issue(1)
        cls.claims = {}
        for provider, voucher in zip(("p-01", "p-02"), vouchers):
            made = w.post(World.claim(provider, f"HX-{provider}", [voucher]), f"c-{provider}", provider)
            assert made.status == 201, made.bytes
            cls.claims[provider] = made.json["index"]

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_matrix_of_reads(self):
        everywhere = ["", "/entries", "/entries/1", "/entries/1/lines", "/proofs/1", "/consistency?old=1",
                      "/checkpoint", "/reports", "/reports/fund-flow", "/providers/p-01/payments"]
        for role in STAFF:
            for path in everywhere:
                self.assertEqual(self.world.get(BASE + path, role=role).status, 200, (role, path))
        own = {f"/proofs/{self.claims['p-01']}", "/checkpoint", "/providers/p-01/payments"}
        others = [f"/proofs/{self.claims['p-02']}", "/providers/p-02/payments", "/proofs/99999",
                  "/providers/p-99/payments", f"/entries/{self.claims['p-01']}"]
        for path in [*everywhere, *own, *others]:
            expected = 200 if path in own else 403
            self.assertEqual(self.world.get(BASE + path, role="p-01").status, expected, path)

    def test_matrix_of_writes(self):
        size = self.world.get(BASE).json["size"]
        for who in [*STAFF, "p-01"]:
            if who != "registrar":
                answer = self.world.post(region("320412301"), f"w-{who}", who)
                self.assertEqual((answer.status, answer.code), (403, "role-not-permitted"), who)
        answer = self.world.post(World.claim("p-02", "X", ["T-00000001"]), "w", "p-01")
        self.assertEqual((answer.status, answer.code), (403, "not-own-provider"))
        # Also inside a batch, and nothing about other people's vouchers is said.
        batch = {"mode": "independent", "commands": [World.claim("p-02", "X", ["T-00000001"])]}
        self.assertEqual(self.world.post(batch, "wb", "p-01").status, 403)
        self.assertEqual(self.world.get(BASE).json["size"], size)

    def test_wrong_tokens(self):
        good = self.world.tokens["inspector"]
        for header in ("", "Bearer", "Bearer ", "Bearer " + good[:-1], "Bearer " + good + "0",
                       "Basic " + good, good, "Bearer " + "x" * 4000, "Bearer \xff\xfe"):
            answer = self.world.request("GET", BASE, headers={"Authorization": header})
            self.assertEqual((answer.status, answer.code), (401, "unauthenticated"), header[:20])
            self.assertEqual(answer.headers["www-authenticate"], "Bearer")
        answer = self.world.request("GET", BASE, headers={"Authorization": "bearer " + good})
        self.assertEqual(answer.status, 200)

    def test_payments_follow_a_claim_to_the_end(self):
        w = self.world
        claim = self.claims["p-01"]

        def stage():
            payments = w.get(BASE + "/providers/p-01/payments", role="p-01").json
            self.assertEqual(len(payments["claims"]), 1)
            self.assertNotIn("p-02", json.dumps(payments))
            return payments["claims"][0]["stage"]["code"], payments
        self.assertEqual(stage()[0], "received")

        def settle(name):
            w.record(f"{name}-1", "preparer", "settlement_preparation", "2008-05-05",
                     {"basis": "redemptions", "provider": "p-01", "redemptions": [claim],
                      "settlement": name, "total": "100.00"}, policy="wujin-2008@1")
        settle("S1")
        self.assertEqual(stage()[0], "settling")
        w.record("S1-2", "reviewer", "settlement_return", "2008-05-06",
                 {"settlement": "S1", "reason": "缺少签字"})
        code, payments = stage()
        self.assertEqual((code, payments["claims"][0]["reason"]), ("returned", "缺少签字"))
        settle("S2")
        w.record("S2-2", "reviewer", "settlement_review", "2008-05-07", {"settlement": "S2"})
        w.record("S2-3", "approver", "settlement_approval", "2008-05-08", {"settlement": "S2"})
        code, payments = stage()
        self.assertEqual((code, payments["due_now"]), ("payable", "100.00"))

        def pay(name, day):
            w.record(f"{name}-1", "preparer", "disbursement_preparation", f"2008-05-{day}",
                     {"account": "za", "amount": "100.00", "disbursement": name, "method": "transfer",
                      "payee": w.bank("p-01"), "settlement": "S2"})
            w.record(f"{name}-2", "approver", "disbursement_approval", f"2008-05-{day}",
                     {"disbursement": name})
            w.record(f"{name}-3", "cashier", "disbursement_payment", f"2008-05-{day}",
                     {"disbursement": name, "bank_reference": f"B-{name}"})
        pay("D1", "12")
        self.assertEqual(stage()[0], "paid")
        w.record("D1-4", "cashier", "disbursement_bounce", "2008-05-14",
                 {"disbursement": "D1", "bank_reference": "B-back", "reason": "户名不符"})
        code, payments = stage()
        self.assertEqual((code, payments["claims"][0]["reason"]), ("bounced", "户名不符"))
        self.assertEqual(payments["due_now"], "100.00")
        pay("D2", "20")
        code, payments = stage()
        self.assertEqual((code, payments["balances"]["paid"]), ("paid", "100.00"))
        self.assertEqual([d["disbursement"] for d in payments["disbursements"]], ["D1", "D2"])
        steps = [payments["settlements"][1][s]["entry"] for s in ("prepared", "reviewed", "approved")]
        for index in steps:  # steps that name only the settlement are the provider's own too
            self.assertEqual(w.get(f"{BASE}/proofs/{index}", role="p-01").status, 200)
        # The other provider's page knows nothing of it, and the report agrees with both.
        other = w.get(BASE + "/providers/p-02/payments", role="p-02").json
        self.assertEqual((len(other["claims"]), other["balances"]["accrued"]), (1, "100.00"))
        for report in (payments, other):
            name = report["provider"]
            statement = w.get(f"{BASE}/reports/provider-statement?provider={name}").json
            self.assertIn(report["claims"][0]["amount"], json.dumps(statement))

    def test_no_secrets_and_no_people_in_the_log(self):
        w = self.world
        w.get(BASE + "/entries?kind=redemption&provider=p-01")
        w.get("/v1/ledgers/320412194107309666/entries")
        text = w.read_log()
        for line in text.splitlines():
            json.loads(line)
        for secret in [*w.tokens.values(), "320412194107309666", "合成老人", "kind=redemption"]:
            self.assertNotIn(secret, text)
        stored = (w.ledger / "tokens.json").read_text()
        for token in w.tokens.values():
            self.assertNotIn(token, stored)
        self.assertEqual(os.stat(w.ledger / "tokens.json").st_mode & 0o777, 0o600)


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
            (b"GET /?a?b HTTP/1.1\r\n\r\n", 400), (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
            (get + b"X: " + b"a" * 9000 + b"\r\n\r\n", 400),
            (get + b"X Y: 1\r\n\r\n", 400), (get + b" X: 1\r\n\r\n", 400),
            (post + b"Content-Length : %d\r\n\r\n" % len(smuggled) + smuggled, 400),
            (post + b"Content-Length: %d\n\r\n" % len(smuggled) + smuggled, 400),
            (get + b"Range: bytes=x\r\n\r\n", None),
            (post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + smuggled, 400),
            (post + b"Content-Length: -1\r\n\r\n{}" + smuggled, 400),
            (post + b"Content-Length: +2\r\n\r\n{}" + smuggled, 400),
            (post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + smuggled, 400),
            (post + b"Content-Length: 9999999999999\r\n\r\n{}", 413),
            (post + b"Content-Length: 99999999999999999999\r\n\r\n{}", 400),
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

    def test_two_requests_at_once_are_two_answers(self):
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(statuses(raw(self.world.port, one + one + last)), [200, 200, 200])

    def test_a_client_that_goes_away(self):
        for data in (b"GET /healthz HTTP/1.1\r\nHost:", b"",
                     f"POST {BASE}/entries HTTP/1.1\r\nContent-Length: 100\r\n\r\n{{".encode()):
            with socket.create_connection(("127.0.0.1", self.world.port)) as s:
                s.sendall(data)


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
            tokens = other.ledger / "tokens.json"
            tokens.chmod(0o644)
            self.assertEqual(serve(other.ledger, "--port", 0).returncode, 2)
            tokens.chmod(0o600)
            for text in ("", "{}", '{"tokens":[{}]}', '{"tokens":[{"digest":"00","actor":"a","role":"x"}]}'):
                tokens.write_text(text)
                self.assertEqual(serve(other.ledger, "--port", 0).returncode, 4, text)
            tokens.unlink()
            done = serve(other.ledger, "--port", 0)
            self.assertEqual(done.returncode, 3)
            self.assertIn("token new", done.stderr)
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
