"""Filters against a naive reading of the whole journal; long streams to slow clients."""
import decimal
import json
import os
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ROOT, World, region, run  # noqa: E402

NAMES = {"fund": ["fund"], "programme": ["programme"], "region": ["region"],
         "provider": ["provider", "payee", "counterparty"], "beneficiary": ["beneficiary"],
         "voucher": ["voucher"]}


def named(node, keys, found):
    """Every string under one of the keys, anywhere."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in keys and isinstance(value, str):
                found.add(value)
            named(value, keys, found)
    elif isinstance(node, list):
        for value in node:
            named(value, keys, found)
    return found


class Item:
    def __init__(self, line):
        self.line = json.loads(line)
        entry = self.line["entry"]
        self.index, self.date = self.line["index"], entry["date"]
        debits = [decimal.Decimal(p["amount"]) for p in entry["postings"] if p["side"] == "debit"]
        self.amount = sum(debits) if debits else None
        self.says = {name: named([entry, self.line["lines"]], keys, set()) for name, keys in NAMES.items()}
        self.says["kind"], self.says["actor"] = {entry["kind"]}, {entry["actor"]["id"]}
        # A region stands for those it lies in, a policy for its programmes.
        self.says["region"] |= {region[:digits] for region in self.says["region"] for digits in (6, 9)}
        if entry["kind"] == "policy_registration":
            self.says["programme"] |= {p["id"] for p in entry["doc"]["policy"]["programmes"]}


class Filters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        run("--ledger", cls.world.ledger, "import", ROOT / "fixtures" / "wujin-2008")
        cls.world.start()
        journal = cls.world.get(BASE + "/journal?lines=true")
        assert journal.status == 200 and journal.media_type == "application/x-ndjson", journal.bytes
        cls.items = [Item(line) for line in journal.bytes.splitlines()]
        cls.head = journal.headers
        # A step of a provider's settlement, disbursement or recovery concerns it, whether it names it or not.
        whose = {}
        for item in cls.items:
            doc = item.line["entry"]["doc"]
            about = [(name, doc[name]) for name in ("disbursement", "settlement", "recovery") if name in doc]
            known = {doc["provider"]} if "provider" in doc else set().union(*(whose.get(one, set()) for one in about))
            for one in about:
                whose.setdefault(one, set()).update(known)
            if about:
                item.says["provider"] |= known

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def pages(self, query):
        found, cursor, requests = [], "", 0
        while True:
            answer = self.world.get(f"{BASE}/entries?{query}{cursor}")
            self.assertEqual(answer.status, 200, answer.bytes)
            found += [e["index"] for e in answer.json["entries"]]
            requests += 1
            if "next" not in answer.json:
                return found, requests
            cursor = "&cursor=" + answer.json["next"]

    def check(self, query, fits):
        expected = [i.index for i in self.items if fits(i)]
        self.assertEqual(self.pages(query + "&limit=7")[0], expected, query)
        streamed = self.world.get(f"{BASE}/journal?{query}").bytes.splitlines()
        self.assertEqual([json.loads(line)["index"] for line in streamed], expected, query)
        return expected

    def test_the_journal_is_the_whole_chain(self):
        self.assertEqual([i.index for i in self.items], list(range(int(self.head["fundtrail-size"]))))
        self.assertEqual(self.head["fundtrail-root"], self.world.get(BASE).json["root"])
        for item in self.items[::97]:
            bytes_ = self.world.get(f"{BASE}/entries/{item.index}").bytes
            self.assertEqual(json.loads(bytes_), item.line["entry"])
            lines = self.world.get(f"{BASE}/entries/{item.index}/lines").bytes.splitlines()
            self.assertEqual([json.loads(line) for line in lines], item.line["lines"])

    def test_every_name(self):
        for name in (*NAMES, "kind", "actor"):
            values = sorted(set().union(*(i.says[name] for i in self.items)))
            if name == "provider":
                values = [v for v in values if v.startswith("p-")]
            step = max(1, len(values) // 12)
            self.assertTrue(values, name)
            for value in values[::step]:
                found = self.check(f"{name}={value}", lambda i: value in i.says[name])
                self.assertTrue(found, (name, value))
        for name, value in (("voucher", "WJ2008-99999999"), ("beneficiary", "0123456789abcdef"),
                            ("actor", "nobody"), ("provider", "nobody")):
            self.assertEqual(self.check(f"{name}={value}", lambda i: False), [])

    def test_dates_and_amounts(self):
        self.check("from=2008-07-01&to=2008-07-31", lambda i: "2008-07-01" <= i.date <= "2008-07-31")
        self.check("from=2009-01-01", lambda i: i.date >= "2009-01-01")
        amounts = sorted({i.amount for i in self.items if i.amount is not None})
        for low, high in ((amounts[3], amounts[3]), (amounts[-4], amounts[-1]), (amounts[0], amounts[5])):
            found = self.check(f"min_amount={low}&max_amount={high}",
                               lambda i: i.amount is not None and low <= i.amount <= high)
            self.assertTrue(found)
        self.check("max_amount=0.00", lambda i: i.amount is not None and i.amount <= 0)

    def test_filters_together(self):
        self.check("kind=redemption&provider=p-02&from=2008-06-01&to=2008-06-30",
                   lambda i: i.says["kind"] == {"redemption"} and "p-02" in i.says["provider"]
                   and "2008-06-01" <= i.date <= "2008-06-30")
        self.check("actor=wang.fang&min_amount=10000.00&region=320412901",
                   lambda i: "wang.fang" in i.says["actor"] and "320412901" in i.says["region"]
                   and i.amount is not None and i.amount >= 10000)

    def test_a_rare_one_takes_one_request(self):
        voucher = sorted(self.items[-300].says["voucher"] or self.items[500].says["voucher"])
        for query in (["voucher=" + voucher[0]] if voucher else []) + ["kind=provider_amendment"]:
            self.assertEqual(self.pages(query)[1], 1, query)

    def test_cursors_serve_their_filter_and_head(self):
        first = self.world.get(BASE + "/entries?provider=p-02&limit=1").json["next"]
        for query in ("provider=p-03", "provider=p-02&min_amount=1.00", "actor=wang.fang"):
            answer = self.world.get(f"{BASE}/entries?{query}&cursor={first}")
            self.assertEqual((answer.status, answer.json["field"]), (400, "cursor"), query)
        answer = self.world.get(BASE + "/entries?min_amount=5.00&max_amount=1.00")
        self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "bad-parameter", "max_amount"))
        for query in ("min_amount=1", "beneficiary=x", "voucher=1", "actor=a%20b", "programme=", "limit=0"):
            self.assertEqual(self.world.get(f"{BASE}/entries?{query}").status, 400, query)


def resident(process):
    """Bytes of memory that the process has in use."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Streams(unittest.TestCase):
    ENTRIES = 28_000

    @classmethod
    def setUpClass(cls):
        cls.world = World().start()
        for n in range(0, cls.ENTRIES, 1000):
            batch = {"commands": [region(f"32{n + i:07d}") for i in range(1000)]}
            made = cls.world.post(batch, f"b-{n}", "registrar")
            assert made.status == 201, made.bytes

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def ask(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        s.settimeout(60)
        s.connect(("127.0.0.1", self.world.port))
        token = self.world.tokens["inspector"]
        s.sendall(f"GET {BASE}/journal HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                  "Connection: close\r\n\r\n".encode())
        return s

    def test_slow_clients_cost_a_piece_each_and_nobody_waits_for_them(self):
        whole = len(self.world.get(BASE + "/journal").bytes)
        self.assertGreater(whole, 12 << 20)
        before = resident(self.world.process)
        slow = [self.ask() for _ in range(30)]
        try:
            for s in slow:
                self.assertIn(b"200 OK", s.recv(200))  # each has begun, and goes no further
            for _ in range(20):
                self.assertEqual(self.world.get(BASE).status, 200)
            if "FUNDTRAIL_SANITIZER" not in os.environ:  # a sanitizer's own memory says nothing of ours
                self.assertLess(resident(self.world.process) - before, 30 * (2 << 20),
                                f"30 streams of {whole} bytes")
            # The first of them reads to the end, and has everything.
            parts = []
            while part := slow[0].recv(1 << 16):
                parts.append(part)
            self.assertTrue(b"".join(parts).endswith(b"0\r\n\r\n"))
        finally:
            for s in slow:
                s.close()
        self.assertEqual(self.world.get(BASE).status, 200)

    def test_later_entries_are_not_in_it(self):
        answer = self.world.get(BASE + "/journal?kind=region_registration")
        size = int(answer.headers["fundtrail-size"])
        self.world.post(region("330000"), "later", "registrar")
        self.assertEqual(len(answer.bytes.splitlines()), size - 1)
        head = self.world.request("HEAD", BASE + "/journal", role="inspector")
        self.assertEqual((head.status, head.bytes), (200, b""))

    def test_z_a_stop_breaks_it_off(self):
        s = self.ask()
        self.assertIn(b"200 OK", s.recv(200))
        self.world.process.terminate()
        parts = []
        while part := s.recv(1 << 16):
            parts.append(part)
        s.close()
        self.assertFalse(b"".join(parts).endswith(b"0\r\n\r\n"))
        self.assertEqual(self.world.stop(), 0)


if __name__ == "__main__":
    unittest.main()
