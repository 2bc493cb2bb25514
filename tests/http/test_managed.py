"""Whatever is done with users, tokens and sessions stands in the access log: who did it, to whom, what."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_access_log import records_of, verify  # noqa: E402
from test_identity import until  # noqa: E402
from world import BASE, Browser, World, run  # noqa: E402

PASSWORD = "Right-Horse-7"


class Managed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        cls.first = w.new_user("admin", "administrator", name="管理员")
        w.start()
        cls.admin = Browser(w).arrive("admin", cls.first, PASSWORD)

    @classmethod
    def tearDownClass(cls):
        assert cls.world.stop() == 0, cls.world.read_log()
        assert verify(cls.world)["ok"]
        cls.world.close()

    def of(self, answer, action=None):
        """The records of a request: they are there when it is answered."""
        return [r for r in records_of(self.world) if r.get("request") == answer.headers["x-request-id"]
                and action in (None, r["action"])]

    def subjects(self, answer):
        found = self.of(answer, "managed")
        for record in found:
            self.assertEqual((record["actor"], record["role"], record["address"]),
                             ("admin", "administrator", "127.0.0.1"))
        return [r["subject"] for r in found]

    def beside(self, text):
        """A record of what was changed in the file."""
        found = []
        self.assertTrue(until(lambda: found.extend(r for r in records_of(self.world) if text in r.get("subject", ""))
                              or found), text)
        self.assertEqual((found[0]["action"], found[0]["route"], "actor" in found[0]),
                         ("managed", "users.json", False))

    def test_what_an_administrator_does(self):
        made = self.admin.ask("POST", "/v1/users", {"user": "new", "name": "新人", "roles": ["preparer"],
                                                    "regions": ["320412"]})
        self.assertEqual(made.status, 201, made.bytes)
        subject, = self.subjects(made)
        self.assertRegex(subject, r"^new: \+first password, \+password [0-9a-f]{8}, \+region 320412, "
                                  r"\+role preparer, \+user$")
        changed = self.admin.ask("POST", "/v1/users/new", {"roles": ["reviewer"]})
        self.assertEqual(self.subjects(changed), ["new: +role reviewer, -role preparer"])
        off = self.admin.ask("POST", "/v1/users/new", {"disabled": True})
        self.assertEqual(self.subjects(off), ["new: +disabled"])
        print_ = "ab" * 32
        self.admin.ask("POST", "/v1/users", {"user": "meter", "roles": ["preparer"], "machine": True})
        card = self.admin.ask("POST", "/v1/users/meter/certificates", {"sha256": print_})
        self.assertEqual(self.subjects(card), [f"meter: +certificate {print_[:16]}"])
        gone = self.admin.ask("DELETE", f"/v1/users/meter/certificates/{print_}")
        self.assertEqual(self.subjects(gone), [f"meter: -certificate {print_[:16]}"])
        anew = self.admin.ask("POST", "/v1/users/new/password", {})
        self.assertRegex(self.subjects(anew)[0], r"^new: \+password [0-9a-f]{8}, -password [0-9a-f]{8}$")
        # What changes nothing, and what is refused, is no change.
        self.assertEqual(self.subjects(self.admin.ask("POST", "/v1/users/new", {"name": "别名"})), [])
        self.assertEqual(self.subjects(self.admin.ask("POST", "/v1/users/nobody", {"disabled": True})), [])
        text = json.dumps(records_of(self.world), ensure_ascii=False)
        for secret in ("新人", made.json["password"], anew.json["password"], "argon2"):
            self.assertNotIn(secret, text)

    def test_tokens(self):
        machine = self.admin.ask("POST", "/v1/users", {"user": "gateway", "roles": ["preparer"], "machine": True})
        self.assertEqual(self.subjects(machine), ["gateway: +machine, +role preparer, +user"])
        made = self.admin.ask("POST", "/v1/tokens", {"user": "gateway", "role": "preparer", "days": 30,
                                                     "password": PASSWORD})
        self.assertEqual(made.status, 201, made.bytes)
        token = made.json["token"]
        self.assertRegex(self.subjects(made)[0], rf"^gateway: \+token {token} preparer to 20\d\d-")
        ended = self.admin.ask("DELETE", f"/v1/tokens/{token}")
        self.assertEqual(self.subjects(ended), [f"gateway: +revoked token {token}"])
        # A person's token would act in their name: they make it themselves.
        self.world.new_user("lu", "approver")
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/lu").status == 200), "lu is not there")
        refused = self.admin.ask("POST", "/v1/tokens", {"user": "lu", "role": "approver", "password": PASSWORD})
        self.assertEqual((refused.status, refused.code), (403, "not-a-machine"))
        self.assertTrue(until(lambda: self.of(refused)), "no record of the refusal")
        self.assertEqual([r["outcome"] for r in self.of(refused)], ["not-a-machine"])

    def test_sessions(self):
        w = self.world
        first = w.new_user("visitor", "inspector")
        visitor = Browser(w)
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/visitor").status == 200), "visitor is not there")
        self.assertEqual(visitor.sign_in("visitor", first).status, 201)
        signed = [r for r in records_of(w) if r["action"] == "signed_in" and r["actor"] == "visitor"]
        self.assertEqual((signed[-1]["role"], signed[-1]["address"], signed[-1]["status"]),
                         ("inspector", "127.0.0.1", 201))
        changed = visitor.change_password(first, PASSWORD)
        self.assertEqual([(r["action"], r["actor"]) for r in self.of(changed)],
                         [("managed", "visitor"), ("signed_in", "visitor")])
        out = visitor.ask("DELETE", "/v1/session")
        self.assertEqual([(r["action"], r["actor"]) for r in self.of(out)], [("signed_out", "visitor")])

    def test_failures_name_whom_they_were_about(self):
        w = self.world
        w.new_user("target", "approver")
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/target").status == 200), "target is not there")
        outcomes = []
        for _ in range(7):
            answer = Browser(w).sign_in("target", "wrong")
            outcomes.append(answer.code)
        self.assertEqual(outcomes, ["sign-in-failed"] * 5 + ["too-many-attempts"] * 2)

        def told(outcome, user):
            return [r for r in records_of(w) if r.get("outcome") == outcome and r.get("user") == user]
        self.assertTrue(until(lambda: told("sign-in-failed", "target")), "no record of a failure")
        self.assertTrue(until(lambda: told("too-many-attempts", "target")), "no record of a try against a locked account")
        locked = []
        self.assertTrue(until(lambda: locked.extend(r for r in records_of(w) if r["action"] == "locked") or locked),
                        "no record of the lock-out")
        self.assertEqual([r["user"] for r in locked], ["target"])
        self.assertRegex(locked[0]["subject"], r"^target: \+locked at 127\.0\.0\.1 to 20\d\d-")
        # Who is nobody's user may have typed a password into the wrong field.
        self.assertEqual(Browser(w).sign_in("Nobody-Knows-1", "wrong").status, 401)
        self.assertEqual(self.subjects(self.admin.ask("POST", "/v1/users/target/unlock", {}))[0],
                         "target: +unlocked 1")
        self.assertNotIn("Nobody-Knows-1", json.dumps(records_of(w)))

    def test_refusals_tell_who_had_shown_who_they_are(self):
        w = self.world
        first = w.new_user("known", "inspector")
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/known").status == 200), "known is not there")
        known = Browser(w)
        self.assertEqual(known.sign_in("known", first).status, 201)
        waiting = known.ask("GET", BASE)
        known.change_password(first, PASSWORD)
        other_role = known.ask("GET", "/v1/session", headers={"Fundtrail-Role": "cashier"})
        elsewhere = known.ask("DELETE", "/v1/session", headers={"X-CSRF-Token": "0" * 32})
        stranger = w.request("GET", BASE)
        for answer, code, actor in ((waiting, "password-change-required", "known"), (other_role, "role-not-held", "known"),
                                    (elsewhere, "cross-site", "known"), (stranger, "unauthenticated", None)):
            self.assertEqual(answer.code, code)
            self.assertTrue(until(lambda: self.of(answer)), "no record of " + code)
            self.assertEqual([(r["outcome"], r.get("actor"), r.get("role")) for r in self.of(answer)], [(code, actor, None)])

    def test_what_the_command_line_does(self):
        w = self.world
        w.new_user("clerk", "preparer")
        self.beside("clerk: +first password")
        run("--ledger", w.ledger, "user", "disable", "clerk")
        self.beside("clerk: +disabled")
        token = w.new_token("robot", "cashier")
        self.assertTrue(token)
        self.beside("robot: +role cashier, +token ")


class Beside(unittest.TestCase):
    def test_what_was_changed_while_no_server_ran(self):
        w = World()

        def found(since=0):
            """What a fresh server tells; whoever is answered about the log comes behind it."""
            w.start()
            self.assertEqual(w.get(BASE + "/access-log").status, 200)
            return [r for r in records_of(w)[since:] if r["action"] == "managed"]
        try:
            # The first server tells of everybody it found.
            self.assertEqual({r["subject"].split(":")[0] for r in found()},
                             {*"zhou.jing wang.fang chen.guo lu.ming xu.li jian.cha guan.li p-01 p-02".split()})
            self.assertEqual(w.stop(), 0)
            before = len(records_of(w))
            self.assertEqual(found(before), [])
            self.assertEqual(w.stop(), 0)
            before = len(records_of(w))
            w.new_user("intruder", "administrator")
            told = found(before)
            self.assertEqual([(r["subject"][:10], r["route"]) for r in told], [("intruder: ", "users.json")])
            self.assertIn("+role administrator", told[0]["subject"])
            self.assertEqual(w.stop(), 0)
            # Somebody who deletes what the log has told hides nothing: it is told anew.
            (w.ledger / "access-log" / "USERS").unlink()
            before = len(records_of(w))
            self.assertIn("intruder: ", [r["subject"][:10] for r in found(before)])
        finally:
            w.close()


if __name__ == "__main__":
    unittest.main()
