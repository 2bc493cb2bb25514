"""The access log and what is shown of people: every read and every refusal is in a chain that nobody
can change, shorten or bypass unseen, and no person is in anything the server writes."""
import base64
import hashlib
import http.client
import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ELDERS, ROOT, World, raw, region, run  # noqa: E402

PURPOSE = {"Access-Purpose": quote("复核申请〔2026〕12号")}
CANARY = {"name": "龘靐齉", "id_number": "320412193503031234", "phone": "13987654321",
          "address": "常州市武进区湖塘镇金丝雀弄三十七号"}


def check_digit(first17):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights)) % 11]


CANARY["id_number"] = CANARY["id_number"][:17] + check_digit(CANARY["id_number"][:17])


def log_of(world):
    return world.ledger / "access-log"


def lines_of(world):
    return [line for file in sorted(log_of(world).glob("*.jsonl"))
            for line in file.read_bytes().splitlines(keepends=True)]


def records_of(world):
    """The whole ones: the server may be writing the next."""
    return [json.loads(line) for line in lines_of(world) if line.endswith(b"\n")]


def verify(world, *more, directory=None):
    done = run("--ledger", world.ledger, "--json", "access-log", "verify", "--directory",
               directory or log_of(world), *more, check=False)
    report = json.loads(done.stdout)
    if "error" not in report:
        assert done.returncode == (0 if report["ok"] else 1), done
    return report


def wait_for(condition, what):
    until = time.monotonic() + 30
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(what)


def search(world, *more):
    return json.loads(run("--ledger", world.ledger, "--json", "access-log", "search", *more).stdout)["records"]


class Records(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start().fill()

    @classmethod
    def tearDownClass(cls):
        assert cls.world.stop() == 0, cls.world.read_log()
        cls.world.close()

    def identity(self, who=None, role="reviewer", headers=PURPOSE, query=""):
        return self.world.get(f"{BASE}/beneficiaries/{who or self.world.elders[0]}/identity{query}",
                              role=role, headers=headers)

    def refusals(self, request):
        """Of one request, when they are written."""
        found = []
        wait_for(lambda: found.extend(r for r in records_of(self.world) if r.get("request") == request)
                 or found, f"no record of {request}")
        return found

    def test_who_sees_what(self):
        full = {"registrar", "reviewer", "inspector"}
        some = {"preparer", "approver", "cashier"}
        for role in (*full, *some):
            shown = self.identity(role=role)
            self.assertEqual(shown.json, {"beneficiary": self.world.elders[0], "view": "masked",
                                          "name": "合***", "id_number": "3204**********9666"})
            self.assertEqual(shown.headers["cache-control"], "no-store")
            whole = self.identity(role=role, query="?view=full")
            if role in full:
                self.assertEqual((whole.json["name"], whole.json["id_number"]), ("合成老人", ELDERS[0]))
            else:
                self.assertEqual((whole.status, whole.code), (403, "forbidden"))
        for role in ("administrator", "p-01"):
            for query in ("", "?view=masked", "?view=full"):
                self.assertEqual(self.identity(role=role, query=query).status, 403)

    def test_a_read_is_in_the_log_before_it_is_answered(self):
        for view in ("masked", "full"):
            answer = self.identity(query=f"?view={view}")
            record = records_of(self.world)[-1]
            self.assertEqual(record["request"], answer.headers["x-request-id"])
            expected = {"action": "read", "actor": "chen.guo", "role": "reviewer", "address": "127.0.0.1",
                        "person": self.world.elders[0], "subject": view, "status": 200,
                        "purpose": "复核申请〔2026〕12号",
                        "route": "GET /v1/ledgers/{ledger}/beneficiaries/{beneficiary}/identity"}
            self.assertEqual({k: record.get(k) for k in expected}, expected)

    def test_purposes(self):
        for headers, code in (({}, "purpose-required"), ({"Access-Purpose": ""}, "purpose-required"),
                              ({"Access-Purpose": "x"}, "bad-parameter"),
                              ({"Access-Purpose": "y" * 601}, "bad-parameter"),
                              ({"Access-Purpose": quote("核查\u0007")}, "bad-parameter"),
                              ({"Access-Purpose": "%ff%fe%fd"}, "bad-parameter"),
                              ({"Access-Purpose": "about " + ELDERS[1]}, "bad-parameter")):
            answer = self.identity(headers=headers)
            self.assertEqual((answer.status, answer.code), (400, code), headers)
            self.assertNotIn(ELDERS[1].encode(), answer.bytes)
            self.assertNotIn("合成老人".encode(), answer.bytes)
        plain = self.identity(headers={"Access-Purpose": "核查举报".encode().decode("latin-1")})
        self.assertEqual(plain.status, 200)
        self.assertEqual(records_of(self.world)[-1]["purpose"], "核查举报")

    def test_a_purpose_is_no_way_to_guess_a_name(self):
        """Whoever sees a masked name is answered alike, whatever the purpose holds; the log keeps no name."""
        for purpose, kept in (("核对王小明", "核对王小明"), ("核对合成老人的申请", "核对***的申请")):
            answer = self.identity(role="preparer", headers={"Access-Purpose": quote(purpose)})
            self.assertEqual((answer.status, answer.json["name"]), (200, "合***"))
            self.assertEqual(records_of(self.world)[-1]["purpose"], kept)
        # What is put in its place may hold the part itself.
        w = self.world
        index = w.record("starred", "registrar", "beneficiary_registration", "2008-04-10",
                         {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01", "region": "320412901"},
                         identity={"name": "合成老人", "id_number": ELDERS[2], "address": "*"}, policy="wujin-2008@1")
        who = w.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"]
        answer = self.identity(who=who, role="preparer", headers={"Access-Purpose": quote("复核*件")})
        self.assertEqual(answer.status, 200)
        self.assertEqual(records_of(self.world)[-1]["purpose"], "复核***件")

    def test_pseudonyms_are_data_about_people_too(self):
        elder = self.world.get(BASE + "/entries?kind=beneficiary_registration", headers=PURPOSE)
        record = records_of(self.world)[-1]
        self.assertEqual((record["action"], record["actor"], record["purpose"]),
                         ("read", "jian.cha", "复核申请〔2026〕12号"))
        index = elder.json["entries"][0]["index"]
        self.world.get(f"{BASE}/entries/{index}")
        self.assertEqual(records_of(self.world)[-1]["subject"], f"entry {index}")
        # Quoted as a text beside its proof, a line names the same person.
        self.world.issue(1, "2008-05")
        issue = self.world.get(BASE + "/entries?kind=voucher_issue").json["entries"][0]["index"]
        for path in (f"/proofs/{issue}?line=1", f"/receipts/{issue}?line=1", f"/receipts/{index}"):
            before = len(lines_of(self.world))
            self.assertEqual(self.world.get(BASE + path).status, 200, path)
            self.assertEqual([(r["action"], r["subject"]) for r in records_of(self.world)[before:]],
                             [("read", "entry " + path.split("/")[2].split("?")[0])], path)
        # An entry may name people, so it is recorded even where it names none; what never names any is not.
        before = len(lines_of(self.world))
        self.world.get(f"{BASE}/entries/1")  # a fund
        self.world.get(BASE)
        self.world.get(BASE + "/balances")
        reads = [r.get("subject") for r in records_of(self.world)[before:] if r["action"] == "read"]
        self.assertEqual(reads, ["entry 1"])

    def test_refusals(self):
        w = self.world
        table = [
            (w.request("GET", BASE + "/entries/1"), "unauthenticated", None),
            (w.request("GET", BASE, headers={"Authorization": "Bearer ft_wrong"}), "unauthenticated", None),
            (w.get(BASE + "/entries/1", role="p-01"), "forbidden", "p-01"),
            (self.identity(role="administrator"), "forbidden", "guan.li"),
            (w.post(region("320412801"), "acc-1", "preparer"), "role-not-permitted", "wang.fang"),
            (w.post(World.claim("p-02", "X", ["T-00000001"]), "acc-2", "p-01"), "not-own-provider", "p-01"),
            (w.post(World.claim("p-01", "X", ["T-99999999"]), "acc-3", "p-01"), "unknown-voucher", "p-01"),
            (w.post(region("320412901"), "acc-4", "registrar"), "already-registered", "zhou.jing"),
        ]
        for answer, code, actor in table:
            self.assertEqual(answer.code, code)
            record = self.refusals(answer.headers["x-request-id"])[0]
            self.assertEqual((record["action"], record["outcome"], record.get("actor"), record["status"]),
                             ("refused", code, actor, answer.status), record)
        self.assertEqual(self.refusals(table[3][0].headers["x-request-id"])[0]["person"], w.elders[0])
        self.assertEqual(self.refusals(table[4][0].headers["x-request-id"])[0]["command"], "acc-1")
        mixed = w.post({"mode": "independent", "commands": [region("320412802"), region("320412901"),
                                                            region("320412802")]}, "acc-5", "registrar")
        self.assertEqual(mixed.status, 207)
        found = self.refusals(mixed.headers["x-request-id"])
        self.assertEqual([(r["command"], r["outcome"]) for r in found],
                         [("acc-5.1", "already-registered"), ("acc-5.2", "already-registered")])
        part = w.post(World.claim("p-01", "Y", [w.issue(51)[0], "T-99999998"], mode="line_by_line"),
                      "acc-6", "p-01")
        self.assertEqual(part.status, 201)
        self.assertEqual(self.refusals(part.headers["x-request-id"])[0]["count"], 1)
        # What merely cannot be read is no refusal.
        before = [w.post("{", "acc-7", "registrar"), w.get(BASE + "/entries?limit=0"), w.get("/nothing")]
        self.refusals(w.request("GET", BASE + "/vouchers").headers["x-request-id"])
        ids = {r.get("request") for r in records_of(w)}
        for answer in before:
            self.assertNotIn(answer.headers["x-request-id"], ids)

    def test_search(self):
        w = self.world
        self.identity(role="cashier")
        w.get(BASE + "/entries?kind=beneficiary_registration")
        today = records_of(w)[-1]["time"][:10]
        for query, options in ((f"actor=xu.li&from={today}&to={today}", ("--actor", "xu.li", "--from", today)),
                               (f"text={w.elders[0]}&actor=xu.li", ("--text", w.elders[0], "--actor", "xu.li"))):
            over_http = w.get(f"{BASE}/access-log?{query}", role="administrator").json["records"]
            self.assertTrue(over_http, query)
            self.assertEqual({r["actor"] for r in over_http}, {"xu.li"})
            self.assertEqual([r["n"] for r in search(w, *options)], [r["n"] for r in over_http])
        self.assertEqual(search(w, "--from", "2999-01-01"), [])
        self.assertEqual(search(w, "--to", "2001-01-01"), [])
        self.assertTrue(search(w, "--text", "复核申请〔2026〕12号"))
        for role in ("registrar", "reviewer", "p-01"):
            self.assertEqual(w.get(BASE + "/access-log", role=role).status, 403)
        # Pages meet without a gap, and looking is recorded.
        whole, cursor = [], ""
        end = len(lines_of(w))
        while True:
            page = w.get(f"{BASE}/access-log?limit=3{cursor}").json
            whole += page["records"]
            if len(whole) >= end:
                break
            cursor = f"&cursor={page['next']}"
        self.assertEqual([r["n"] for r in whole], list(range(len(whole))))
        self.assertEqual(records_of(w)[-1]["route"], "GET /v1/ledgers/{ledger}/access-log")

    def test_stock_tools_check_it(self):
        """docs/FORMAT.md, "The access log": the words there, and nothing of ours."""
        text = (ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")
        program = re.search(r"## The access log.*?```python\n(.*?)```", text, re.S)[1]
        script = self.world.directory / "check.py"
        script.write_text(program, encoding="utf-8")
        done = subprocess.run([sys.executable, script, log_of(self.world)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("records", done.stdout)
        copy = self.world.directory / "damaged"
        shutil.copytree(log_of(self.world), copy)
        file = next(copy.glob("*.jsonl"))
        file.write_bytes(file.read_bytes().replace(b"reviewer", b"approver", 1))
        done = subprocess.run([sys.executable, script, copy], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)


class Chain(unittest.TestCase):
    def setUp(self):
        self.world = World().start().fill()
        for _ in range(3):
            self.assertEqual(self.world.get(BASE + "/entries/9").status, 200)
            self.world.request("GET", BASE)

    def tearDown(self):
        self.world.close()

    def damaged(self, change):
        copy = self.world.directory / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(log_of(self.world), copy)
        file = next(copy.glob("*.jsonl"))
        lines = file.read_bytes().splitlines(keepends=True)
        changed = change(lines, copy)
        if changed is not None:
            file.write_bytes(b"".join(changed))
        return verify(self.world, "--key", self.key, directory=copy)

    def test_what_is_found(self):
        w = self.world
        early = w.get(BASE + "/access-log/head").bytes
        self.assertEqual(w.stop(), 0)
        good = verify(w)
        self.assertTrue(good["ok"], good)
        self.assertEqual(good["signed"], good["next"])
        self.assertEqual(good["next"], len(lines_of(w)))
        key = json.loads(run("--ledger", w.ledger, "--json", "verify").stdout)["key"]
        self.assertEqual(good["key"], key)
        self.key = key

        def without(path):
            return lambda lines, copy: (copy / path).unlink()

        def resigned(lines, copy):
            """By somebody who has no key: a HEAD that says one record more."""
            head, count = re.subn(rb"/access-log\n(\d+)\n", lambda m: b"/access-log\n%d\n" % (int(m[1]) + 1),
                                  (copy / "HEAD").read_bytes())
            self.assertEqual(count, 1)
            (copy / "HEAD").write_bytes(head)

        def rewritten(lines, copy):
            """By somebody who has no key: all records anew, HEAD as it was."""
            out, prev = [], "0" * 64
            for line in lines:
                line = line.replace(b'"jian.cha"', b'"guan.li."') if b"jian.cha" in line else line
                line = re.sub(rb'"prev":"[0-9a-f]{64}"', b'"prev":"' + prev.encode() + b'"', line)
                prev = hashlib.sha256(b"\0" + line[:-1]).hexdigest()
                out.append(line)
            return out
        asked = next(n for n, line in enumerate(lines_of(w)) if b"127.0.0.1" in line)
        table = [
            ("altered", lambda l, c: [l[0].replace(b'"opened"', b'"read"', 1), *l[1:]]),
            ("altered", lambda l, c: l[:asked] + [l[asked].replace(b"127.0.0.1", b"127.0.0.2")] + l[asked + 1:]),
            ("missing", lambda l, c: l[:2] + l[3:]),
            ("missing", lambda l, c: l[:2] + [l[1]] + l[2:]),
            ("missing", lambda l, c: l[:2] + [l[3], l[2]] + l[4:]),
            ("cut-end", lambda l, c: l[:-1]),
            ("cut-beginning", lambda l, c: l[1:]),
            ("unreadable", lambda l, c: l[:2] + [b"{}\n"] + l[2:]),
            ("unreadable", lambda l, c: l[:2] + [l[2].replace(b'{"', b'{ "', 1)] + l[3:]),
            ("unreadable", lambda l, c: l[:2] + [b"\xff\xfe\n"] + l[2:]),
            ("foreign", lambda l, c: l[:-1] + [l[-1].replace(b'"test-2008"', b'"test-2009"')]),
            ("no-head", without("HEAD")), ("false-head", resigned), ("other-history", rewritten),
            ("cut-end", lambda l, c: []),
        ]
        for reason, change in table:
            report = self.damaged(change)
            found = report.get("finding", {}).get("reason")
            self.assertEqual(found, reason, report)
            if reason in ("unreadable", "false-head"):
                self.assertRegex(report["finding"]["detail_zh"], "[\u4e00-\u9fff]")
                self.assertNotRegex(report["finding"]["detail"], "[\u4e00-\u9fff]")
        # An old HEAD beside a shortened log deceives nobody who kept a newer one.
        newest = log_of(w) / "HEAD"
        kept = w.directory / "kept"
        shutil.copy(newest, kept)
        records = int(early.split(b"\n")[1])

        def rolled_back(lines, copy):
            (copy / "HEAD").write_bytes(early)
            return lines[:records]
        self.assertTrue(self.damaged(rolled_back)["ok"])
        report = verify(w, "--key", key, "--head", kept, directory=w.directory / "copy")
        self.assertEqual(report["finding"]["reason"], "cut-end")
        early_file = w.directory / "early"
        early_file.write_bytes(early)
        self.assertTrue(verify(w, "--head", early_file)["ok"])
        # A server does not go on over a log that lost its end, and says what to do.
        file = next(log_of(w).glob("*.jsonl"))
        file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-2]))
        done = run("--ledger", w.ledger, "--lang", "en", "serve", "--port", 0, check=False)
        self.assertEqual(done.returncode, 1)  # something does not hold
        self.assertIn("access log", done.stderr)

    def test_killed_in_the_middle(self):
        w = self.world
        told = []
        enough = threading.Semaphore(0)

        def client():
            connection = w.connect()
            try:
                while True:
                    answer = w.get(f"{BASE}/beneficiaries/{w.elders[0]}/identity", role="reviewer",
                                   headers=PURPOSE, connection=connection)
                    told.append(answer.headers["x-request-id"])
                    enough.release()
            except (OSError, http.client.HTTPException):
                pass
        threads = [threading.Thread(target=client) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(100):
            self.assertTrue(enough.acquire(timeout=60))
        w.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()
        file = next(log_of(w).glob("*.jsonl"))
        with open(file, "ab") as out:  # what a crash in the middle of a write leaves
            out.write(b'{"action":"refu')
        report = verify(w)
        self.assertTrue(report["ok"])
        self.assertEqual(report["unfinished"], 15)
        w.start()
        kept = {r.get("request") for r in records_of(w)}
        self.assertEqual([one for one in told if one not in kept], [])
        self.assertTrue(verify(w)["ok"])  # while the server runs
        self.assertEqual(w.stop(), 0)
        self.assertTrue(verify(w)["ok"])

    def test_nothing_is_answered_that_cannot_be_recorded(self):
        w = self.world
        path = f"{BASE}/beneficiaries/{w.elders[0]}/identity"
        self.assertEqual(w.get(path, role="reviewer", headers=PURPOSE).status, 200)
        file = next(log_of(w).glob("*.jsonl"))
        w.request("GET", BASE + "/funds")  # a refusal that waits for the disk
        hard = resource.prlimit(w.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(w.process.pid, resource.RLIMIT_FSIZE, (1, hard))  # a full disk
        answer = w.get(path, role="reviewer", headers=PURPOSE)
        self.assertEqual((answer.status, answer.code), (503, "unavailable"))
        self.assertNotIn("合".encode(), answer.bytes)
        self.assertEqual(w.get(BASE + "/entries/9").status, 503)
        self.assertEqual(w.get("/readyz").status, 503)
        refused = w.request("GET", BASE + "/regions")
        self.assertEqual(refused.status, 401)
        resource.prlimit(w.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        self.assertEqual(w.get(path, role="reviewer", headers=PURPOSE).status, 200)
        self.assertEqual(w.get("/readyz").status, 200)
        wait_for(lambda: refused.headers["x-request-id"] in file.read_text(), "a refusal was lost")
        self.assertEqual(w.stop(), 0)
        self.assertTrue(verify(w)["ok"])


class Repeats(unittest.TestCase):
    """Who is refused again and again fills no disk, and nothing of it is lost."""

    def test_many_refusals_are_few_records(self):
        w = World().start()
        try:
            before = len(lines_of(w))
            connection = w.connect()
            for number in range(400):
                answer = w.request("GET", BASE if number % 4 else BASE + "/funds", connection=connection)
                self.assertEqual(answer.status, 401)
            known = [w.post(region(f"32041270{n % 2}"), f"again-{n % 2}", "preparer") for n in range(20)]
            self.assertEqual({a.status for a in known}, {403})
            last = known[-1].headers["x-request-id"]
            connection.close()
            self.assertEqual(w.stop(), 0)
            self.assertTrue(verify(w)["ok"])
            added = [r for r in records_of(w)[before:] if r["action"] == "refused"]
            self.assertLess(len(added), 20)  # should the windows be many: the machine is slow
            total = {}
            for record in added:
                key = (record["route"], record["outcome"], record.get("actor"), record.get("command"))
                total[key] = total.get(key, 0) + record.get("repeats", 1)
            route = "GET /v1/ledgers/{ledger}"
            write = ("POST /v1/ledgers/{ledger}/entries", "role-not-permitted", "wang.fang")
            self.assertEqual(total, {(route, "unauthenticated", None, None): 300,
                                     (route + "/funds", "unauthenticated", None, None): 100,
                                     (*write, "again-0"): 10, (*write, "again-1"): 10})
            self.assertIn(last, [r["request"] for r in added])
            self.assertTrue(all(r["address"] == "127.0.0.1" for r in added))
            self.assertTrue(search(w, "--text", '"repeats":'))
        finally:
            w.close()


class Retention(unittest.TestCase):
    def test_months(self):
        w = World()
        try:
            def live(month, keep):
                w.start(more=["--clock", f"{month}-15T09:00:00+08:00", "--access-log-months", keep])
                self.assertEqual(w.get(BASE + "/access-log").status, 200)
                self.assertEqual(w.stop(), 0)
                report = verify(w)
                self.assertTrue(report["ok"], report)
                return [name[:7] for name in report["files"]], report
            months = [f"2026-{m:02d}" for m in range(1, 10)]
            for month in months:
                files, _ = live(month, 0)
            self.assertEqual(files, months)  # 0: for ever
            files, report = live("2026-09", 6)
            self.assertEqual(files, months[2:])  # January and February
            self.assertGreater(report["first"], 0)
            files, _ = live("2027-01", 12)
            self.assertEqual(files, months[2:] + ["2027-01"])
            files, report = live("2027-01", 7)
            self.assertEqual(files, months[5:] + ["2027-01"])
            removed = [r for r in records_of(w) if r["action"] == "removed"][-1]
            self.assertEqual(removed["from_n"], report["first"])
            # What nobody recorded as removed is found to be missing.
            first = log_of(w) / f"{months[5]}.jsonl"
            first.unlink()
            self.assertEqual(verify(w)["finding"]["reason"], "cut-beginning")
            done = run("--ledger", w.ledger, "serve", "--access-log-months", 5, check=False)
            self.assertEqual(done.returncode, 2)
        finally:
            w.close()


class Canary(unittest.TestCase):
    """A person whose data are nowhere but where they belong."""

    def test_nothing_of_a_person_is_written_down(self):
        w = World().start().fill()
        answers = []
        try:
            index = w.record("canary", "registrar", "beneficiary_registration", "2008-04-10",
                             {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01",
                              "region": "320412901"},
                             identity=CANARY, policy="wujin-2008@1")
            who = w.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"]
            shown = w.get(f"{BASE}/beneficiaries/{who}/identity?view=full", role="registrar", headers=PURPOSE)
            self.assertEqual({k: shown.json[k] for k in CANARY}, CANARY)
            masked = w.get(f"{BASE}/beneficiaries/{who}/identity", role="cashier", headers=PURPOSE)
            for value in CANARY.values():
                self.assertNotIn(value.encode(), masked.bytes)
            body = {"kind": "beneficiary_registration", "date": "2008-04-10", "policy": "wujin-2008@1",
                    "doc": {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01",
                            "region": "320412901"}}
            for value in CANARY.values():
                text = quote(value)
                header = value.encode().decode("latin-1")
                wrong = [dict(body, identity=dict(CANARY, id_number=value)),
                         dict(body, identity=dict(CANARY, other=value)), dict(body, identity=value),
                         dict(body, identity={value: value}), dict(body, **{value: value}),
                         dict(body, doc=dict(body["doc"], category=value)),
                         dict(body, doc=dict(body["doc"], region=value)),
                         dict(body, doc=dict(body["doc"], **{value: "x"})), dict(body, kind=value),
                         dict(body, date=value), dict(body, policy=value), {"commands": [value]},
                         {"commands": [], "mode": value}, {value: value}]
                for number, one in enumerate(wrong):
                    answers.append(w.post(one, f"wrong-{number}", "registrar"))
                answers += [
                    w.post(json.dumps(dict(body, identity=CANARY), ensure_ascii=False)[:-3], "cut", "registrar"),
                    w.post(f'{{"identity":{{"name":"{value}"}},"identity":1}}', "twice", "registrar"),
                    w.get(f"/{text}"), w.get(f"{BASE}/{text}"), w.get(f"/v1/ledgers/{text}/entries"),
                    w.get(f"{BASE}/beneficiaries/{text}/identity", headers=PURPOSE),
                    w.get(f"{BASE}/entries/{text}"), w.get(f"{BASE}/reports/{text}"),
                    w.get(f"{BASE}/providers/{text}/payments"), w.get(f"{BASE}/entries?{text}={text}"),
                    w.get(f"{BASE}/entries?fund={text}"), w.get(f"{BASE}/entries?kind={text}"),
                    w.get(f"{BASE}/entries?cursor={text}"), w.get(f"{BASE}/reports/fund-flow?fund={text}"),
                    w.get(f"{BASE}/beneficiaries/{who}/identity", headers={"Access-Purpose": header}),
                    w.get(f"{BASE}/beneficiaries/{who}/identity?view={text}", headers=PURPOSE),
                    w.request("GET", BASE, headers={"Authorization": "Bearer " + header}),
                    w.post(body, "é" + header, "registrar"), w.request("GET", BASE, headers={"X-" + text: header}),
                ]
                raw(w.port, f"{value} / HTTP/1.1\r\n\r\n".encode())
                raw(w.port, f"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{value}: {value}\r\n\r\n".encode())
            with_id = w.get("/healthz", headers={"X-Request-Id": CANARY["id_number"]})
            self.assertNotEqual(with_id.headers["x-request-id"], CANARY["id_number"])
            metrics = w.get("/metrics", role=None)
            self.assertEqual(w.stop(), 0)
            for answer in [*answers, metrics]:
                with self.subTest(answer.bytes[:200]):
                    self.nothing_in(answer.bytes, "an answer")
                    for name, value in answer.headers.items():
                        self.nothing_in(value.encode(), name)
            for answer in answers:
                self.assertLess(answer.status, 500, answer.bytes)
            self.nothing_in(w.read_log().encode(), "the log")
            files = [f for f in w.ledger.rglob("*") if f.is_file()]
            self.assertGreater(len(files), 8)
            for file in files:
                self.nothing_in(file.read_bytes(), file)
        finally:
            w.close()

    def nothing_in(self, data, where):
        for name, value in CANARY.items():
            forms = [value.encode(), quote(value).encode(), value.encode("gb18030"),
                     json.dumps(value)[1:-1].encode(), base64.b64encode(value.encode())]
            for form in forms:
                self.assertNotIn(form, data, f"{name} in {where}: {data[:300]!r}")


if __name__ == "__main__":
    unittest.main()
