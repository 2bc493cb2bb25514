"""Requests that nobody honest sends, by chance: malformed JSON, deep nesting, huge numbers, wrong UTF-8,
keys twice, tricks with paths, smuggled headers, bodies cut short, random bytes. No crash, no 5xx, and every
refusal is a problem of the right type.

FUNDTRAIL_FUZZ_REQUESTS sets their number (20,000), FUNDTRAIL_SEED repeats a run, FUNDTRAIL_FUZZ_PROCESSES
the number of processes that send (4). With FUNDTRAIL=build-asan/fundtrail the sanitizers watch: their report
ends the server, and leaks fail its exit code."""
import json
import multiprocessing
import os
import random
import re
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, ROOT, World, policy  # noqa: E402

REQUESTS = int(os.environ.get("FUNDTRAIL_FUZZ_REQUESTS", "20000"))
PROCESSES = int(os.environ.get("FUNDTRAIL_FUZZ_PROCESSES", "4"))
SEED = int(os.environ.get("FUNDTRAIL_SEED", random.randrange(2**32)))
DEPTH = 8  # requests that are under way on one connection
PROTOCOL = dict(re.findall(r"^\| ([a-z, -]+) \| (\d{3})", (ROOT / "docs" / "API.md").read_text(), re.M))
STATUS_OF = {code: int(status) for codes, status in PROTOCOL.items() for code in codes.split(", ")}
# A body is read, then refused or recorded; or it is no JSON.
WRITE = {200, 201, 207, 400, 403, 404, 409, 413, 415, 422, 429}  # 429: a provider has a rate


class Strange(Exception):
    pass


def seeds():
    """Well-formed bodies to spoil."""
    doc = {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01", "region": "320412901"}
    made = [{"kind": "region_registration", "date": "2008-04-01", "doc": {"name": "湖塘镇", "region": "320412777"}},
            {"kind": "policy_registration", "date": "2008-04-01", "doc": {"policy": policy()}},
            {"kind": "beneficiary_registration", "date": "2008-04-10", "doc": doc, "policy": "wujin-2008@1",
             "identity": {"name": "合成老人", "id_number": "320412194107309666"}},
            World.claim("p-01", "HX-1", ["T-00000001", "T-00000002"]),
            {"kind": "allotment", "date": "2008-04-03", "policy": "wujin-2008@1",
             "doc": {"amount": "90000.00", "document_no": "武财", "from_counterpart": False, "fund": "care",
                     "programme": "services", "region": "320412901"}}]
    made.append({"mode": "independent", "commands": [made[0], made[3]]})
    return [json.dumps(one, ensure_ascii=False).encode() for one in made]


def no_constant(_):
    raise ValueError


def unique(pairs):
    if len({k for k, _ in pairs}) != len(pairs):
        raise KeyError
    return dict(pairs)


def verdict(body):
    """What must be said of a body: a set of codes, or None when it may be fine."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"malformed-json"}
    try:
        value = json.loads(text, parse_constant=no_constant, object_pairs_hook=unique)
    except KeyError:
        return None  # a key twice: refused where it stands, which may be behind something else
    except RecursionError:
        return None
    except ValueError:
        return {"malformed-json"}
    return None if isinstance(value, dict) else {"malformed-json"}


class Maker:
    """Makes requests: bytes, whether the connection can go on, what may be answered."""

    NUMBERS = (b"0", b"-0", b"1e400", b"1E-400", b"9" * 400, b"-" + b"9" * 30, b"0.1", b"01", b"1.", b"+1",
               b"18446744073709551616", b"9007199254740993", b"NaN", b"Infinity", b"0x10")
    TEXT = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xae", b"\xef\xbf\xbf", b"\x00",
            b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"e\xcc\x81", "𠮷".encode(), b"\\", b"\"", b"\n", b"{0}",
            b"%s%n", b"${jndi:x}", b"' or 1=1 --", b"<script>", b"../../etc/passwd", b"A" * 5000)
    PATHS = ("..", "%2e%2e", "%2f", "%00", "%ff", "%", "%zz", "*", "\\", ";a=b", "entries", "0", "-1",
             "9" * 30, "1.0", "0x1", "lines", "reports", "trial-balance", "proofs", "access-log", "head", "beneficiaries",
             "0" * 16, "identity", "providers", "p-01", "payments", "checkpoint", "consistency", "v1", "ledgers", "session", "tokens", "users", "console",
             LEDGER, "a" * 300, "%e6%b9%96", "{ledger}", "", " ", "~", "healthz", "readyz")
    NAMES = ("kind", "from", "to", "fund", "region", "provider", "cursor", "limit", "size", "line", "old", "new",
             "as_of", "format", "lang", "breakdown", "entries", "view", "actor", "text", "x", "", "%00", "limit%00")
    VALUES = ("1", "0", "-1", "500", "501", "9" * 40, "2008-04-01", "2008-02-30", "9999-12-31", "0000-00-00", "json",
              "xlsx", "csv", "care", "320412", "redemption", "%", "%ff%fe", "%00", "a" * 3000, "", "..", "true", "fund,region",
              "3-1-a1b2c3d4e5f60718", "full", "+", "%2B", "&&", "1e3")

    def __init__(self, rng, tokens):
        self.rng, self.tokens, self.seeds = rng, tokens, seeds()
        self.number = 0

    def token(self):
        roll = self.rng.random()
        if roll < 0.03:
            return ""
        if roll < 0.06:
            return f"Authorization: Bearer {''.join(self.rng.choices('ft_0189azé', k=30))}\r\n"
        return f"Authorization: Bearer {self.tokens[self.rng.choice(sorted(self.tokens))]}\r\n"

    def head(self, method, path, *more):
        return (f"{method} {path} HTTP/1.1\r\nHost: x\r\n{self.token()}" + "".join(more) + "\r\n").encode("utf-8")

    def post(self, body, *more):
        self.number += 1
        return self.head("POST", BASE + "/entries", "Content-Type: application/json\r\n",
                         f"Idempotency-Key: f-{self.rng.getrandbits(32):x}-{self.rng.getrandbits(28):x}\r\n",
                         f"Content-Length: {len(body)}\r\n", *more) + body

    def make(self):
        kind = self.rng.choices((self.mutated, self.spoilt, self.nested, self.path, self.query, self.headers,
                                 self.smuggled, self.cut, self.noise), (30, 15, 4, 18, 15, 8, 4, 3, 3))[0]
        return kind()

    # --- bodies

    def mutated(self):
        body = bytearray(self.rng.choice(self.seeds))
        for _ in range(self.rng.choice((1, 1, 1, 2, 5, 20))):
            at = self.rng.randrange(len(body)) if body else 0
            what = self.rng.randrange(6)
            if what == 0 and body:
                body[at] ^= 1 << self.rng.randrange(8)
            elif what == 1:
                body[at:at] = bytes([self.rng.randrange(256)])
            elif what == 2:
                del body[at:at + self.rng.randrange(1, 9)]
            elif what == 3:
                body[at:at] = body[at:at + self.rng.randrange(1, 60)]
            elif what == 4:
                body[at:at + self.rng.choice((0, 1, 4))] = self.rng.choice(self.TEXT)
            else:
                del body[at:]
        return self.write(bytes(body))

    def spoilt(self):
        """One value replaced by another: numbers, text, a key twice."""
        body = self.rng.choice(self.seeds)
        values = list(re.finditer(rb'"(?:[^"\\]|\\.)*"|\d+|true|false', body))
        at = self.rng.choice(values)
        new = self.rng.choice((self.rng.choice(self.NUMBERS), b'"' + self.rng.choice(self.TEXT) + b'"', b"null", b"[]", b"{}",
                               b"[null]", b'{"a":1,"a":2}', b'""', at[0] + b":1," + at[0], b"-1", b"true"))
        return self.write(body[:at.start()] + new + body[at.end():])

    def nested(self):
        depth = self.rng.choice((2, 30, 33, 200, 1000, 20000))
        left, right = self.rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'[{"doc":', b"}]")))
        inner = left * depth + b"1" + right * self.rng.choice((depth, depth, depth - 1, 0))
        body = self.rng.choice((inner, b'{"kind":"allotment","doc":' + inner + b"}",
                                b'{"commands":' + inner + b"}"))
        return self.write(body)

    def write(self, body):
        codes = verdict(body)
        return self.post(body), True, ({400} if codes else WRITE) | {401, 403, 429}, codes

    # --- addresses

    def path(self):
        parts = [self.rng.choice(self.PATHS) for _ in range(self.rng.randrange(1, 7))]
        base = self.rng.choice(("", BASE, BASE, "/v1/ledgers"))
        method = self.rng.choices(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"), (80, 0, 4, 4, 4, 4, 4))[0]
        path = (base + "/" + "/".join(parts)).replace(" ", "%20").replace("?", "%3f")
        return self.head(method, path), True, {200, 204, 304, 400, 401, 403, 404, 405, 409, 410, 414, 415, 422, 429}, None

    def query(self):
        pairs = "&".join(self.rng.choice(self.NAMES) + self.rng.choice(("=", "=", "=", "", "==")) + self.rng.choice(self.VALUES)
                         for _ in range(self.rng.randrange(1, 6)))
        path = self.rng.choice(("/entries", "/entries", "/entries/1", "/entries/5/lines", "/proofs/1", "/consistency", "/checkpoint",
                                "/reports", "/reports/fund-flow", "/reports/trial-balance", "/access-log",
                                "/providers/p-01/payments", f"/beneficiaries/{'0' * 16}/identity", "/disbursements",
                                "/recoveries", "/applications", "/beneficiaries", ""))
        return (self.head("GET", BASE + path + "?" + pairs.replace(" ", "%20")), True,
                {200, 400, 401, 403, 404, 414, 429}, None)

    # --- framing

    def headers(self):
        names = ("X-A", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Range", "Accept-Encoding", "X-Request-Id",
                 "If-None-Match", "Access-Purpose", "Cookie", "Upgrade", "Content-Type", "Content-Encoding", "Idempotency-Key", "Te", "Trailer",
                 "X A", "", ":", "X-\x7f", "X-é")
        values = ("1", "0", "-1", "+1", "00", "1, 1", "99999999999999999999", "chunked", "identity", "chunked, gzip", "close",
                  "keep-alive", "upgrade", "100-continue", "bytes=0-1", "bytes=" + "9" * 500, "gzip", "a" * 9000, "\x01", "%00%0d%0aX: y",
                  "é湖", "", " ", "\t", "a;b=\"", "h2c", "*")
        colons = (":", ": ", " : ", ":\t", "")
        more = "".join(self.rng.choice(names) + self.rng.choice(colons) + self.rng.choice(values) + "\r\n"
                       for _ in range(self.rng.choice((1, 1, 2, 3, 30))))
        request = self.rng.choice((self.head("GET", BASE + "/entries/1", more), self.post(self.seeds[0], more)))
        return request, False, None, None

    def smuggled(self):
        inner = b"GET /v1/ledgers/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        framing = self.rng.choice((
            f"Content-Length: {len(inner)}\r\nTransfer-Encoding: chunked\r\n", f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Transfer-Encoding: xchunked\r\n",
            f"Content-Length : {len(inner)}\r\n", f"Content-Length: {len(inner)}\n", "Transfer-Encoding:\x0bchunked\r\n",
            " Transfer-Encoding: chunked\r\n", f"X: y\rContent-Length: {len(inner)}\r\n", "Content-Length: 1,1\r\n"))
        head = self.head("POST", BASE + "/entries", "Content-Type: application/json\r\nIdempotency-Key: s\r\n", framing)
        body = self.rng.choice((inner, b"0\r\n\r\n" + inner, b"5\r\nabcde\r\n0\r\n\r\n" + inner, b"ffffffffffffffff\r\n" + inner,
                                b"-1\r\n" + inner, b"2;x=y\r\n{}\r\n0\r\nX: y\r\n\r\n" + inner))
        return head + body, False, None, None

    def cut(self):
        request = self.post(self.rng.choice(self.seeds)) if self.rng.random() < 0.8 else self.head("GET", BASE)
        return request[: self.rng.randrange(1, len(request))], False, None, None

    def noise(self):
        size = self.rng.choice((1, 10, 100, 5000, 70000))
        data = self.rng.randbytes(size)
        if self.rng.random() < 0.5:
            data = b"GET " + data[: size // 2].replace(b"\n", b"") + b" HTTP/1.1\r\n" + data[size // 2:]
        return data + self.rng.choice((b"", b"\r\n\r\n")), False, None, None


def read_answer(stream, method_head=False):
    """One answer: status, headers, body. None at the end."""
    line = stream.readline(65537)
    if not line:
        return None
    match = re.fullmatch(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", line)
    if not match:
        raise Strange(f"no status line: {line[:200]!r}")
    headers = {}
    while (line := stream.readline(65537)) not in (b"\r\n", b""):
        name, value = line.split(b":", 1)
        headers[name.strip().lower()] = value.strip()
    status = int(match[1])
    if status == 100:
        return status, headers, b""
    length = int(headers.get(b"content-length", b"0"))
    body = stream.read(length)
    if len(body) != length:
        raise Strange("an answer was cut short")
    return status, headers, body


def check(answer, seen):
    status, headers, body = answer
    if status >= 500 or status < 100:
        raise Strange(f"status {status}: {body[:300]!r}")
    if status < 400:
        return None
    if headers.get(b"content-type") != b"application/problem+json":
        raise Strange(f"{status} without a problem: {headers} {body[:200]!r}")
    problem = json.loads(body)
    code = problem["type"].removeprefix("urn:fundtrail:problem:")
    missing = {"title", "title_zh", "status", "detail", "detail_zh", "instance"} - set(problem)
    if missing or problem["status"] != status or code == problem["type"]:
        raise Strange(f"not a whole problem: {body[:300]!r}")
    if STATUS_OF.get(code, seen.setdefault(code, status)) != status:
        raise Strange(f"{code} with {status}")
    if b"smuggled" in body:
        raise Strange("a smuggled request was answered")
    return code


class Sender:
    def __init__(self, port, tokens, seed, count):
        self.port, self.count = port, count
        self.maker = Maker(random.Random(seed), tokens)
        self.seen, self.statuses = {}, {}
        self.connection = self.stream = None

    def connect(self):
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.connection.makefile("rb")

    def close(self):
        if self.connection:
            self.stream.close()
            self.connection.close()
        self.connection = None

    def note(self, answer):
        self.statuses[answer[0]] = self.statuses.get(answer[0], 0) + 1
        return check(answer, self.seen)

    def run(self):
        done = 0
        while done < self.count:
            batch = []
            while len(batch) < DEPTH:
                made = self.maker.make()
                batch.append(made)
                if not made[1]:
                    break
            good = [made for made in batch if made[1]]
            if good:
                self.ask(good)
            if len(good) < len(batch):
                self.alone(batch[-1][0])
            done += len(batch)
        self.close()
        return self.statuses, sorted(self.seen)

    def ask(self, batch):
        """One after the other on a kept connection; those behind an answer that ends it are sent again."""
        while batch:
            if not self.connection:
                self.connect()
            try:
                self.connection.sendall(b"".join(request for request, *_ in batch))
            except (BrokenPipeError, ConnectionResetError):
                pass
            answered = 0
            for request, _, allowed, codes in batch:
                try:
                    answer = read_answer(self.stream)
                except ConnectionResetError:
                    answer = None
                if answer is None:
                    break
                answered += 1
                try:
                    code = self.note(answer)
                    if answer[0] not in allowed or (codes and answer[0] == 400 and code not in codes):
                        raise Strange(f"{answer[0]} {code}, expected {allowed} {codes}")
                except Strange as e:
                    raise Strange(f"{e}\nrequest: {request[:1500]!r}") from None
                if answer[1].get(b"connection") == b"close":
                    self.close()
                    break
            if not answered:
                self.failures = getattr(self, "failures", 0) + 1
                if self.failures > 20:
                    raise Strange(f"no answer\nrequest: {batch[0][0][:1500]!r}")
            else:
                self.failures = 0
            if answered < len(batch):
                self.close()
            batch = batch[answered:]

    def alone(self, data):
        """On a connection of its own, to its end: no answer is a crash's, and nothing smuggled comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            with s.makefile("rb") as stream:
                try:
                    while (answer := read_answer(stream)) is not None:
                        try:
                            self.note(answer)
                        except Strange as e:
                            raise Strange(f"{e}\nrequest: {data[:1500]!r}") from None
                except ConnectionResetError:
                    pass


def play(arguments):
    try:
        return Sender(*arguments).run()
    except Strange as e:
        return str(e), []


class Fuzz(unittest.TestCase):
    def test_nothing_breaks_it(self):
        world = World().start().fill()
        begin = time.monotonic()
        try:
            share = REQUESTS // PROCESSES
            with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
                results = pool.map(play, [(world.port, world.tokens, SEED + n, share)
                                          for n in range(PROCESSES)], chunksize=1)
            total, codes = {}, set()
            for statuses, seen in results:
                self.assertNotIsInstance(statuses, str, f"seed {SEED}: {statuses}\n{world.read_log()[-3000:]}")
                codes |= set(seen)
                for status, count in statuses.items():
                    total[status] = total.get(status, 0) + count
            self.assertEqual(world.get("/readyz").status, 200)
            took = time.monotonic() - begin
            print(f"fuzzed requests: seed {SEED}, {REQUESTS} in {took:.0f} s, answers "
                  + ", ".join(f"{s}: {n}" for s, n in sorted(total.items())) + f"; {len(codes)} reasons: {' '.join(sorted(codes))}")
            self.assertGreater(sum(total.values()), REQUESTS * 0.8)
            for code in ("malformed-json", "malformed-request", "bad-parameter", "not-found", "unauthenticated",
                         "method-not-allowed", "forbidden", "unknown-field", "malformed-field"):
                self.assertIn(code, codes)
            code = world.stop()
            log = world.read_log()
            self.assertEqual(code, 0, log[-5000:])
            for line in log.splitlines():
                json.loads(line)  # a sanitizer's report is none
        finally:
            world.close()


if __name__ == "__main__":
    unittest.main()
