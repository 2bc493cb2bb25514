"""Requests that somebody with a token sends to hold up everybody else, or to learn what is not theirs."""
import json
import re
import shutil
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, Browser, World, policy, region, run  # noqa: E402

SOON = 3.0  # seconds: with room for a machine that is busy; what is refused here took minutes
MIB = 1 << 20
ITEMS = 20_000


def programmes(count):
    """As short as a programme can be."""
    return [{"id": f"p{n}", "instrument": "grant", "name": "n", "purpose": "p"} for n in range(count)]


class Policies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start().fill()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def timed(self, ask):
        begun = time.monotonic()
        answer = ask()
        self.assertLess(time.monotonic() - begun, SOON)
        return answer

    def check(self, body):
        body = body if isinstance(body, str) else json.dumps(body)
        return self.timed(lambda: self.world.post(body, None, "preparer", path=BASE + "/policies/check"))

    def test_a_file_that_is_no_policy_costs_nothing(self):
        for large in ('{"programmes":[' + "0," * (4 * MIB) + "0]}", "[" * (8 * MIB - 1)):
            answer = self.check(large[:8 * MIB])
            self.assertEqual((answer.status, answer.code), (413, "payload-too-large"))
        for bad in ('{"programmes":[' + "0," * (MIB // 2 - 20) + "0]}",
                    "{" + ",".join(f'"a{n}":0' for n in range(80_000)) + "}"):
            answer = self.check(bad)
            self.assertEqual(answer.status, 200)
            self.assertLessEqual(len(answer.json["faults"]), 200)
            self.assertFalse(answer.json["ok"])
        deep = self.check("[" * 500_000 + "]" * 500_000).json
        self.assertEqual([f["code"] for f in deep["faults"]], ["malformed-command"])
        self.assertIn("nested", deep["faults"][0]["en"])
        for number in ("1e999", "-1e999"):
            answer = self.check('{"version": ' + number + '}')
            self.assertEqual((answer.status, answer.json["syntax"]["line"]), (200, 1), answer.bytes)

    def test_a_policy_larger_than_people_write_is_not_gone_through(self):
        many = {**policy(), "programmes": programmes(10_000)}
        self.assertEqual([f["field"] for f in self.check(many).json["faults"]], ["programmes"])
        wide = policy()
        wide["eligibility"]["categories"] = [f"category-{n}" for n in range(ITEMS)]
        fault, = self.check(wide).json["faults"]
        self.assertEqual((fault["code"], fault.get("field")), ("invalid-value", None))
        self.assertIn("5,000", fault["en"])
        # As large as may be: codes that nearly are the same, and bands that overlap.
        wide["eligibility"]["categories"] = [f"category-{n % 26 * 'ab'}{n}" for n in range(4_500)]
        self.check(wide)

    def test_nobody_waits_while_a_policy_is_refused(self):
        w = self.world
        large = {**policy(), "name": "large", "version": 1, "programmes": programmes(60_000)}
        wide = {**policy(), "name": "wide", "version": 1}
        wide["eligibility"]["categories"] = [f"category-{n}" for n in range(200_000)]
        for n, doc in enumerate((large, wide)):
            for role, status, code in (("preparer", 403, "role-not-permitted"), ("registrar", 422, "invalid-value")):
                body = json.dumps({"kind": "policy_registration", "date": "2008-04-01", "doc": {"policy": doc}})
                for query in ("", "?dry_run=true"):
                    answer = self.timed(lambda: w.post(body, f"policy-{n}-{role}", role, path=BASE + "/entries" + query))
                    self.assertEqual((answer.status, answer.code), (status, code), answer.bytes[:300])
        # Somebody who may not record one is told so, whatever is wrong with it.
        bad = {**policy(), "name": "bad", "version": 0}
        answer = w.post({"kind": "policy_registration", "date": "2008-04-01", "doc": {"policy": bad}}, "bad", "preparer")
        self.assertEqual((answer.status, answer.code), (403, "role-not-permitted"))


class Callers(unittest.TestCase):
    """What one is told another is not, at the same address in the same browser."""

    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        run("--ledger", w.ledger, "user", "add", "ours", "--role", "inspector", "--region", "320412901", "--no-password")
        run("--ledger", w.ledger, "user", "add", "theirs", "--role", "inspector", "--region", "320412902",
            "--no-password")
        for user in ("ours", "theirs"):
            w.tokens[user] = w.new_token(user, "inspector")
        w.start().fill()
        w.post(region("320412902"), "second", "registrar")
        w.issue(1)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_an_answer_that_another_has_is_not_the_answer(self):
        w = self.world
        for path in ("/balances", "/regions", "/funds", "/vouchers", "",
                     "/reports/fund-flow?region=320412901&as_of=2008-12-31"):
            callers = ("inspector", "ours", "theirs", "reviewer")
            tags = {}
            for who in callers:
                answer = w.get(BASE + path, role=who)
                if answer.status == 403:
                    continue  # the report of another region
                self.assertEqual(answer.status, 200, (path, who, answer.bytes))
                self.assertEqual(answer.headers["vary"], "Authorization, Cookie, Fundtrail-Role")
                tags[who] = answer.headers["etag"]
            for who, tag in tags.items():
                for other in tags:
                    again = w.get(BASE + path, role=other, headers={"If-None-Match": tag})
                    same = who == other or {who, other} == {"inspector", "reviewer"}
                    self.assertEqual(again.status, 304 if same else 200, (path, who, other))

    def test_a_region_is_not_asked_about(self):
        """Whether the ledger knows a region that is not theirs, nobody limited can tell."""
        for path in ("/entries", "/journal"):
            seen = {(a.status, a.bytes if path == "/journal" else json.dumps(a.json["entries"]))
                    for a in (self.world.get(f"{BASE}{path}?region={code}", role="ours")
                              for code in ("320412902", "320412999", "999999"))}
            self.assertEqual(len(seen), 1, (path, seen))

    def test_the_access_log_is_for_those_who_watch(self):
        w = self.world
        job = w.job({"kind": "access_log"}, "watch", "inspector")
        self.assertEqual(job["state"], "done")
        for role in ("registrar", "preparer", "reviewer", "approver", "cashier"):
            answer = w.get(f"{BASE}/jobs/watch/result", role=role)
            self.assertEqual((answer.status, answer.code), (403, "forbidden"), role)
        for role in ("inspector", "administrator"):
            self.assertEqual(w.get(f"{BASE}/jobs/watch/result", role=role).status, 200)

    def test_a_condition_is_never_passed_over(self):
        w = self.world
        condition = {"If-Match": '"1-00"'}
        w.job({"kind": "verify"}, "kept", "inspector")
        for method, path in (("DELETE", BASE + "/jobs/kept"), ("DELETE", "/v1/tokens/" + "0" * 16),
                             ("DELETE", "/v1/session")):
            answer = w.request(method, path, None, "inspector", condition)
            self.assertEqual((answer.status, answer.code), (400, "bad-parameter"), path)
            self.assertEqual(answer.json["field"], "If-Match")
        self.assertEqual(w.get(BASE, headers=condition).status, 200)


class Orderers(unittest.TestCase):
    """Who ordered a restoration is looked for in the book of users: of what is recorded now, by whoever may."""

    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        for user, role in (("ju.zhang", "approver"), ("left", "approver")):
            run("--ledger", w.ledger, "user", "add", user, "--role", role, "--no-password")
        run("--ledger", w.ledger, "user", "disable", "left")
        run("--ledger", w.ledger, "user", "add", "elsewhere", "--role", "approver", "--ledger-id", "another",
            "--no-password")
        # A history that is lost: entries 1 to 3.
        old = w.directory / "old"
        shutil.copytree(w.ledger, old)
        w.start()
        for n in range(3):
            w.record(f"r{n}", "registrar", "region_registration", "2008-04-01",
                     {"name": "镇", "region": f"32041290{n}"})
        note = w.get(BASE + "/checkpoint").bytes.decode()
        known = w.get(BASE).json
        w.stop()
        shutil.rmtree(w.ledger)
        old.rename(w.ledger)
        w.start()
        now = w.get(BASE).json
        signature = re.search(r"^— \S+ (\S+)$", note, re.MULTILINE)[1]
        cls.doc = {"known_root": known["root"], "known_signature": signature, "known_size": known["size"],
                   "ordered_by": "ju.zhang", "reason": "磁盘损坏", "restored_root": now["root"],
                   "restored_size": now["size"]}

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def command(self, **changes):
        return {"kind": "ledger_restoration", "date": "2008-04-30", "doc": {**self.doc, **changes}}

    def test_1_nobody_else_learns_who_there_is(self):
        for role in ("preparer", "cashier", "reviewer"):
            for query in ("", "?dry_run=true"):
                answers = [self.world.post(self.command(ordered_by=who), f"ask-{role}", role,
                                           path=BASE + "/entries" + query)
                           for who in ("ju.zhang", "left", "nobody.at.all")]
                self.assertEqual({(a.status, a.code) for a in answers}, {(403, "role-not-permitted")}, role)

    def test_2_of_an_independent_batch_it_alone_is_refused(self):
        for n, who in enumerate(("nobody.at.all", "left", "elsewhere", "p-01")):
            answer = self.world.post({"mode": "independent", "commands": [
                region(f"3204128{n:02d}"), self.command(ordered_by=who), region(f"3204127{n:02d}")]}, f"batch-{n}",
                "registrar")
            self.assertEqual(answer.status, 207, answer.bytes)
            self.assertEqual([r["status"] for r in answer.json["results"]], [201, 422, 201])
            self.assertEqual(answer.json["results"][1]["problem"]["field"], "doc.ordered_by")

    def test_0_what_is_recorded_stays_recorded(self):
        w = self.world
        made = w.post(self.command(), "restored", "registrar")
        self.assertEqual(made.status, 201, made.bytes)
        run("--ledger", w.ledger, "user", "disable", "ju.zhang")
        deadline = time.monotonic() + 30
        while w.post(self.command(known_size=9), "other", "registrar").json.get("field") != "doc.ordered_by":
            self.assertLess(time.monotonic(), deadline)
        again = w.post(self.command(), "restored", "registrar")
        self.assertEqual((again.status, again.json["repeated"], again.json["index"]), (200, True, made.json["index"]))


class Secrets(unittest.TestCase):
    def test_what_stands_in_the_place_of_a_password_is_not_quoted(self):
        w = World()
        try:
            first = w.new_user("admin", "administrator")
            w.start()
            admin = Browser(w).arrive("admin", first, "Right-Horse-7")
            for path, body in (("/v1/session", {"user": "admin", "password": 123456}),
                               ("/v1/session", {"user": "admin", "password": True}),
                               ("/v1/session/password", {"present": 123456, "new": "Right-Horse-8"}),
                               ("/v1/session/password", {"present": "Right-Horse-7", "new": 123456})):
                answer = admin.ask("POST", path, body)
                self.assertEqual((answer.status, answer.code), (400, "bad-parameter"), answer.bytes)
                self.assertNotIn("123456", answer.bytes.decode())
                self.assertNotIn('"true"', answer.json["detail"])
            # A number that is none of anybody's is told.
            answer = admin.ask("POST", "/v1/tokens", {"role": "administrator", "days": 99999})
            self.assertIn('"99999"', answer.json["detail"])
        finally:
            w.close()


if __name__ == "__main__":
    unittest.main()
