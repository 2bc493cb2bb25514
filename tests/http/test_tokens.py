"""Whose tokens somebody may handle, how a token comes out of a session and ends with it, and what a token, or a session,
that somebody found must not become."""
import json
import os
import resource
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_identity import until  # noqa: E402
from world import BASE, ROOT, STAFF, Browser, World, packed, run  # noqa: E402

PASSWORD = "Right-Horse-7"
JOBS = BASE + "/jobs"
JSON = {"Content-Type": "application/json"}


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        first = {"boss": w.new_user("boss", "administrator"), "li.na": w.new_user("li.na", "preparer"),
                 "of.town": w.new_user("of.town", "administrator", region="320412901")}
        run("--ledger", w.ledger, "user", "add", "gateway", "--role", "preparer", "--machine")
        w.start().fill()
        cls.boss, cls.li, cls.of_town = (Browser(w).arrive(user, first[user], PASSWORD)
                                         for user in ("boss", "li.na", "of.town"))

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)

    def test_a_user_that_is_made_by_the_way_is_told(self):
        for language, word in (("zh", "原先没有用户“gatewya”"), ("en", 'there was no user "gatewyb"')):
            for told in (True, False):  # the second token is of somebody who is there
                said = run("--ledger", self.world.ledger, "--lang", language, "token", "new", "--actor",
                           "gatewya" if language == "zh" else "gatewyb", "--role", "preparer").stdout
                self.assertEqual(word in said, told, said)
                self.assertIn("ft_", said)

    def issue(self, browser, **more):
        """A token that is made in a session; its id. Acts under this name from then on."""
        made = browser.ask("POST", "/v1/tokens", {"password": PASSWORD, **more})
        self.assertEqual(made.status, 201, made.bytes)
        self.world.tokens[made.json["token"]] = made.json["secret"]
        return made.json["token"]

    def is_good(self, token):
        return self.world.get("/v1/session", role=token).status == 200

    def ids_of(self, user):
        return [t["token"] for t in self.boss.ask("GET", f"/v1/tokens?user={user}").json["tokens"]]

    def test_an_administrator_of_regions_handles_their_own_tokens_only(self):
        inspector = STAFF["inspector"]
        theirs = self.ids_of(inspector)[0]
        ask = self.of_town.ask
        self.refused(ask("GET", f"/v1/tokens?user={inspector}"), 403, "out-of-scope")
        for user, role in ((inspector, "inspector"), ("gateway", "preparer"), ("nobody", "preparer")):
            self.refused(ask("POST", "/v1/tokens", {"user": user, "role": role, "password": PASSWORD}), 403, "out-of-scope")
        self.refused(ask("POST", f"/v1/tokens/{theirs}/rotation", {"password": PASSWORD}), 404, "unknown-token")
        self.refused(ask("DELETE", f"/v1/tokens/{theirs}"), 404, "unknown-token")
        self.assertTrue(self.is_good("inspector"))
        own = self.issue(self.of_town)
        self.assertEqual([t["token"] for t in ask("GET", "/v1/tokens").json["tokens"]], [own])
        fresh = ask("POST", f"/v1/tokens/{own}/rotation", {"password": PASSWORD})
        self.assertEqual(fresh.status, 201, fresh.bytes)
        self.assertEqual(ask("DELETE", f"/v1/tokens/{fresh.json['token']}").status, 204)

    def test_a_machine_is_a_user_who_is_marked_as_one(self):
        w, ask = self.world, self.boss.ask
        shown = {u["user"]: u["machine"] for u in ask("GET", "/v1/users?limit=500").json["users"]}
        self.assertEqual({user for user, machine in shown.items() if machine} - {"meter"}, {"gateway"})
        # Who was set up with a token only is somebody, whom an administrator must not act as.
        cashier = STAFF["cashier"]
        self.refused(ask("POST", "/v1/tokens", {"user": cashier, "role": "cashier", "password": PASSWORD}), 403, "not-a-machine")
        self.refused(ask("POST", f"/v1/tokens/{self.ids_of(cashier)[0]}/rotation", {"password": PASSWORD}), 403, "not-a-machine")
        self.refused(ask("POST", f"/v1/users/{cashier}/certificates", {"sha256": "c" * 64}), 403, "not-a-machine")
        self.refused(ask("POST", f"/v1/users/{cashier}", {"machine": True}), 400, "bad-parameter")
        made = ask("POST", "/v1/users", {"user": "meter", "roles": ["preparer"], "machine": True})
        self.assertEqual((made.status, made.json["machine"], made.json["has_password"]), (201, True, False))
        self.assertNotIn("password", made.json)
        self.refused(ask("POST", "/v1/users/meter/password", {}), 409, "machine-password")
        for user in ("meter", "gateway"):
            token = self.issue(self.boss, user=user, role="preparer")
            self.assertTrue(self.is_good(token))
            self.assertEqual(ask("GET", f"/v1/tokens?user={user}").json["tokens"][-1]["made_by"], "boss")
        # The host marks one of an older book, but nobody who has a password.
        host = lambda *a, **k: run("--ledger", w.ledger, "--json", "user", *a, **k)  # noqa: E731
        w.new_token("older", "preparer")
        self.assertFalse(json.loads(host("show", "older").stdout)["machine"])
        host("roles", "older", "--machine")
        self.assertTrue(json.loads(host("show", "older").stdout)["machine"])
        self.assertIn("机器用户", run("--ledger", w.ledger, "--lang", "zh", "user", "list").stdout)
        for arguments in (["roles", "li.na", "--machine"], ["password", "older"]):
            self.assertEqual(host(*arguments, check=False).returncode, 3)

    def test_a_session_alone_makes_no_token(self):
        w = self.world
        thief = Browser(w)
        thief.cookie, thief.csrf = self.li.cookie, self.li.csrf
        token = self.issue(self.li)
        for path in ("/v1/tokens", f"/v1/tokens/{token}/rotation"):
            self.refused(thief.ask("POST", path, {}), 400, "bad-parameter")
            self.refused(thief.ask("POST", path, {"password": "Wrong-Horse-7"}), 403, "password-wrong")
        self.assertTrue(self.is_good(token))
        # Guessing here is like guessing at the sign-in.
        victim = w.new_user("victim", "preparer")
        self.assertTrue(until(lambda: self.boss.ask("GET", "/v1/users/victim").status == 200))
        browser = Browser(w).arrive("victim", victim, PASSWORD)
        for _ in range(5):
            self.refused(browser.ask("POST", "/v1/tokens", {"password": "Wrong-Horse-7"}), 403, "password-wrong")
        self.refused(browser.ask("POST", "/v1/tokens", {"password": PASSWORD}), 429, "too-many-attempts")
        self.refused(Browser(w).sign_in("victim", PASSWORD), 429, "too-many-attempts")

    def test_tokens_of_sessions_end_with_them(self):
        w = self.world
        at_host = json.loads(run("--ledger", w.ledger, "--json", "token", "new", "--actor", "li.na", "--role", "preparer").stdout)
        w.tokens["host"] = at_host["token"]
        self.assertTrue(until(lambda: self.is_good("host")))
        made = self.issue(self.li)
        # By itself, which is still of the session.
        fresh = w.request("POST", f"/v1/tokens/{made}/rotation", b"{}", made, JSON)
        self.assertEqual((fresh.status, fresh.json["made_by"]), (201, "li.na"))
        w.tokens["fresh"] = fresh.json["secret"]
        machine = self.issue(self.boss, user="gateway", role="preparer")
        self.assertEqual(self.li.ask("DELETE", "/v1/session?everywhere=true").status, 204)
        self.assertEqual([self.is_good(t) for t in (made, "fresh", "host", machine)], [False, False, True, True])
        self.assertEqual(self.li.sign_in("li.na", PASSWORD).status, 201)
        made = self.issue(self.li)
        self.assertEqual(self.li.change_password(PASSWORD, "Other-Horse-8").status, 200)
        self.assertTrue(self.is_good(made))
        first = self.boss.ask("POST", "/v1/users/li.na/password", {}).json["password"]
        self.assertEqual([self.is_good(t) for t in (made, "host")], [False, True])
        self.li.arrive("li.na", first, PASSWORD)
        made = self.issue(self.li)
        first = json.loads(run("--ledger", w.ledger, "--json", "user", "password", "li.na").stdout)["password"]
        self.assertTrue(until(lambda: not self.is_good(made)))
        self.li.arrive("li.na", first, PASSWORD)

    def test_a_token_lives_for_a_year_at_most(self):
        self.refused(self.li.ask("POST", "/v1/tokens", {"password": PASSWORD, "days": 367}), 400, "bad-parameter")
        self.issue(self.li, days=366)
        new = ["--ledger", self.world.ledger, "token", "new", "--actor", "cli", "--role", "inspector", "--days"]
        self.assertEqual(run(*new, 367, check=False).returncode, 2)
        self.assertEqual(run(*new, 366).returncode, 0)

    def test_a_token_that_was_found_handles_itself_only(self):
        w = self.world
        found, other = self.issue(self.li), self.issue(self.li)

        def ask(method, path, who=found):
            body = b"{}" if method == "POST" else None
            return w.request(method, path, body, who, JSON if body else None)
        self.refused(ask("DELETE", "/v1/session?everywhere=true"), 403, "session-needed")
        self.assertEqual(self.li.ask("GET", BASE).status, 200)
        self.refused(ask("DELETE", f"/v1/tokens/{other}"), 403, "session-needed")
        self.refused(ask("POST", f"/v1/tokens/{other}/rotation"), 403, "session-needed")
        administrators = self.issue(self.boss)
        self.refused(ask("DELETE", f"/v1/tokens/{other}", administrators), 403, "session-needed")
        self.assertTrue(self.is_good(other))
        self.assertEqual(ask("DELETE", f"/v1/tokens/{found}").status, 204)
        self.assertFalse(self.is_good(found))
        # A session does the rest, and so does an administrator's.
        self.assertEqual(self.li.ask("DELETE", f"/v1/tokens/{other}").status, 204)
        third = self.issue(self.li)
        self.assertEqual(self.boss.ask("DELETE", f"/v1/tokens/{third}").status, 204)
        self.assertFalse(self.is_good(third))


class Jobs(unittest.TestCase):
    def test_a_job_ends_with_the_token_that_asked_for_it(self):
        w = World()
        try:
            w.tokens["watching"] = w.new_token("watching", "inspector")
            w.start()
            year = packed(ROOT / "fixtures" / "wujin-2008")
            for n in range(4):  # two at a time: the last ones wait
                w.post(year, f"before-{n}", "registrar", {"Content-Type": "application/zip"},
                       BASE + "/imports?past=true&dry_run=false")
            self.assertEqual(w.post({"kind": "verify"}, "asked", "inspector", path=JOBS).json["state"], "queued")
            token = w.get("/v1/tokens").json["tokens"][0]["token"]
            ended = w.request("POST", f"/v1/tokens/{token}/rotation", b'{"overlap_hours": 0}', "inspector", JSON)
            self.assertEqual(ended.status, 201, ended.bytes)
            job = {}

            def has_ended():
                job.update(w.get(f"{JOBS}/asked", role="watching").json)
                return job["state"] not in ("queued", "running")
            self.assertTrue(until(has_ended, 120), job)
            self.assertEqual((job["state"], job.get("problem", {}).get("type")), ("failed", "urn:fundtrail:problem:forbidden"))
        finally:
            w.close()


class Dumps(unittest.TestCase):
    def test_a_server_that_dies_leaves_no_dump(self):
        """Its memory has the vault's key, the ledger's and everybody's names."""
        w = World()
        try:
            w.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2),
                    cwd=w.directory)
            self.assertEqual(w.get(BASE).status, 200)
            os.kill(w.process.pid, signal.SIGABRT)
            _, status = os.waitpid(w.process.pid, 0)
            w.process.returncode = -signal.SIGABRT
            self.assertEqual((os.WTERMSIG(status), os.WCOREDUMP(status)), (signal.SIGABRT, False))
        finally:
            w.process.stdout.close()
            w.process = None
            w.close()


if __name__ == "__main__":
    unittest.main()
