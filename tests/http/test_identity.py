"""Signing in with a password, sessions and what guards them, lock-out, users and tokens by HTTP and by
command line, client certificates, an older token file."""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, STAFF, Browser, World, region, run  # noqa: E402

PASSWORD = "Right-Horse-7"
OTHER = "Other-Horse-8"


def until(what, seconds=10):
    """Waits for what another process is about to do; a running server looks at its book every second. Asked more
    often, the server's own limits of requests and sign-ins would answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.25)
    return False


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        cls.first = {
            "admin": w.new_user("admin", "administrator", name="管理员"),
            "both": w.new_user("both", "preparer", "registrar"),
            "other": w.new_user("other", "reviewer"),
            "quick": w.new_user("quick", "inspector"),
        }
        w.start().fill()
        cls.admin = Browser(w).arrive("admin", cls.first["admin"], PASSWORD)
        cls.both = Browser(w).arrive("both", cls.first["both"], PASSWORD)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)
        return answer

    def test_first_password_is_changed_first(self):
        w = self.world
        other = Browser(w)
        made = other.sign_in("other", self.first["other"])
        self.assertEqual(made.status, 201)
        cookie = made.headers["set-cookie"]
        for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
            self.assertIn(attribute, cookie)
        self.assertNotIn("Domain", cookie)
        self.assertEqual(made.headers["cache-control"], "no-store")
        self.assertNotIn(other.cookie, made.bytes.decode())
        self.assertTrue(made.json["must_change"])
        self.refused(other.ask("GET", BASE), 403, "password-change-required")
        self.refused(other.ask("GET", "/v1/tokens"), 403, "password-change-required")
        self.assertEqual(other.ask("GET", "/v1/session").json["user"], "other")
        self.refused(other.change_password("wrong", OTHER), 403, "password-wrong")
        for new, code in (("short", "password-too-short"), ("Password1234!", "password-easily-guessed"),
                          ("onlylowercase", "password-too-plain"), (self.first["other"], "password-not-new"),
                          ("Tab\tWithin-12-Letters", "password-unprintable"), ("A1-" * 100, "password-too-long")):
            self.refused(other.change_password(self.first["other"], new), 422, code)
        old_cookie = other.cookie
        self.assertEqual(other.change_password(self.first["other"], OTHER).status, 200)
        self.assertNotEqual(other.cookie, old_cookie)
        self.assertEqual(other.ask("GET", BASE).status, 200)
        stale = Browser(w)
        stale.cookie = old_cookie
        self.refused(stale.ask("GET", BASE), 401, "unauthenticated")
        self.refused(stale.sign_in("other", self.first["other"]), 401, "sign-in-failed")

    def test_wrong_name_and_wrong_password_look_the_same(self):
        w = self.world

        def attempt(user, password):
            begin = time.perf_counter()
            answer = Browser(w).sign_in(user, password)
            took = time.perf_counter() - begin
            body = answer.json
            del body["instance"]
            headers = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
            return answer.status, body, headers, took
        known = [attempt("quick", "Wrong-Horse-7") for _ in range(4)]
        unknown = [attempt("nobody", "Wrong-Horse-7") for _ in range(4)]
        no_password = [attempt("zhou.jing", "Wrong-Horse-7")]  # a user with tokens only
        for answer in known + unknown + no_password:
            self.assertEqual(answer[:3], known[0][:3])
            self.assertEqual(answer[0], 401)
        fastest = [min(a[3] for a in group) for group in (known, unknown, no_password)]
        self.assertLess(max(fastest), 3 * min(fastest), fastest)  # skipping the work: 50 times as fast

    def test_lock_out_and_unlock(self):
        w = self.world
        for user in ("locked", "nobody.either"):
            if user == "locked":
                first = w.new_user(user, "inspector")
                self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/locked").status == 200))
            for _ in range(5):
                self.refused(Browser(w).sign_in(user, "Wrong-Horse-7"), 401, "sign-in-failed")
            waiting = self.refused(Browser(w).sign_in(user, "Wrong-Horse-7"), 429, "too-many-attempts")
            self.assertGreater(int(waiting.headers["retry-after"]), 800)
        self.refused(Browser(w).sign_in("locked", first), 429, "too-many-attempts")
        # Guesses close the name to their own address only.
        elsewhere = http.client.HTTPConnection("127.0.0.1", w.port, timeout=60, source_address=("127.0.0.2", 0))
        self.assertEqual(Browser(w).ask("POST", "/v1/session", {"user": "locked", "password": first},
                                        connection=elsewhere).status, 201)
        elsewhere.close()
        self.refused(Browser(w).sign_in("locked", first), 429, "too-many-attempts")
        closed = self.admin.ask("GET", "/v1/users/locked").json
        self.assertFalse(closed["locked"])  # nobody else is kept out by it
        self.assertEqual([one["address"] for one in closed["closed_addresses"]], ["127.0.0.1"])
        opened = self.admin.ask("POST", "/v1/users/locked/unlock", {})
        self.assertEqual((opened.status, "closed_addresses" in opened.json), (200, False))
        self.assertEqual(Browser(w).sign_in("locked", first).status, 201)
        for _ in range(5):
            Browser(w).sign_in("locked", "Wrong-Horse-7")
        self.refused(Browser(w).sign_in("locked", first), 429, "too-many-attempts")
        run("--ledger", w.ledger, "user", "unlock", "locked")
        self.assertTrue(until(lambda: Browser(w).sign_in("locked", first).status == 201))

    def test_what_changes_something_comes_from_our_page(self):
        w = self.world
        command = region("320412311")
        good = {"Idempotency-Key": "csrf-1", "Fundtrail-Role": "registrar"}

        def post(**headers):
            return self.both.ask("POST", BASE + "/entries", command, {**good, **headers})
        for wrong in ({"X-CSRF-Token": None}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": self.admin.csrf},
                      {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                      {"Sec-Fetch-Site": "same-site"}, {"Origin": None, "Sec-Fetch-Site": None}):
            self.refused(post(**wrong), 403, "cross-site")
        # An older browser sends Origin alone; the role is a choice of each request.
        self.refused(post(**{"Fundtrail-Role": "approver"}), 403, "role-not-held")
        self.refused(post(**{"Fundtrail-Role": "preparer"}), 403, "role-not-permitted")
        self.assertEqual(post(**{"Sec-Fetch-Site": None}).status, 201)
        entry = w.get(BASE + "/entries?kind=region_registration&limit=500").json["entries"][-1]["entry"]
        self.assertEqual(entry["actor"], {"id": "both", "role": "registrar"})
        self.refused(self.both.ask("DELETE", "/v1/session", headers={"X-CSRF-Token": None}), 403, "cross-site")
        # Signing somebody in from another site is no use either.
        self.refused(Browser(w).ask("POST", "/v1/session", {"user": "x", "password": "y"},
                                    {"Origin": "https://evil.example"}), 403, "cross-site")
        # A wrong token is not made good by a cookie.
        self.refused(self.both.ask("GET", BASE, headers={"Authorization": "Bearer ft_wrong"}), 401,
                     "unauthenticated")

    def test_sessions_end(self):
        w = self.world
        w.new_user("leaver", "inspector")
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/leaver").status == 200))
        first = self.admin.ask("POST", "/v1/users/leaver/password", {}).json["password"]
        one = Browser(w).arrive("leaver", first, PASSWORD)
        two, three = Browser(w), Browser(w)
        for browser in (two, three):
            browser.sign_in("leaver", PASSWORD)
        kept = one.cookie, one.csrf
        self.assertEqual(one.ask("DELETE", "/v1/session").status, 204)
        self.assertIsNone(one.cookie)
        one.cookie, one.csrf = kept
        self.refused(one.ask("GET", BASE), 401, "unauthenticated")
        self.assertEqual(two.ask("GET", BASE).status, 200)
        self.assertEqual(two.ask("DELETE", "/v1/session?everywhere=true").status, 204)
        self.refused(three.ask("GET", BASE), 401, "unauthenticated")
        three.sign_in("leaver", PASSWORD)
        self.assertEqual(self.admin.ask("POST", "/v1/users/leaver", {"disabled": True}).json["disabled"], True)
        self.refused(three.ask("GET", BASE), 401, "unauthenticated")
        self.refused(three.sign_in("leaver", PASSWORD), 401, "sign-in-failed")

    def test_an_administrator_looks_after_users(self):
        a = self.admin
        made = a.ask("POST", "/v1/users", {"user": "new.one", "name": "新人", "roles": ["preparer"],
                                           "regions": ["320412901"]})
        self.assertEqual(made.status, 201)
        self.assertEqual(made.json["regions"], ["320412901"])
        Browser(self.world).arrive("new.one", made.json["password"], PASSWORD)
        shown = a.ask("GET", "/v1/users/new.one").bytes.decode()
        for secret in (made.json["password"], PASSWORD, "argon2", '"password":'):
            self.assertNotIn(secret, shown)
        for body, status, code in (
                ({"user": "new.one", "roles": ["preparer"]}, 409, "user-exists"),
                ({"user": "x", "roles": ["cashier", "approver"]}, 422, "roles-do-not-fit"),
                ({"user": "x", "roles": ["boss"]}, 400, "bad-parameter"),
                ({"user": "x y", "roles": ["preparer"]}, 400, "bad-parameter"),
                ({"user": "x"}, 400, "bad-parameter"),
                ({"user": "x", "roles": ["preparer"], "regions": ["1"]}, 400, "bad-parameter"),
                ({"user": "x", "roles": ["preparer"], "wage": 1}, 400, "bad-parameter"),
                ([], 400, "malformed-json")):
            self.refused(a.ask("POST", "/v1/users", body), status, code)
        self.refused(a.ask("POST", "/v1/users", {}, {"Content-Type": "text/plain"}), 415,
                     "unsupported-media-type")
        self.assertEqual(a.ask("POST", "/v1/users/new.one", {"roles": ["reviewer"]}).json["roles"], ["reviewer"])
        self.refused(a.ask("POST", "/v1/users/nobody", {"name": "x"}), 404, "unknown-user")
        for path, sentence in (("/v1/users/x%20y", "没有这样的用户。"), ("/v1/users/nobody", "没有用户“nobody”。")):
            self.assertEqual(a.ask("GET", path).json["detail_zh"], sentence)
        self.assertEqual(a.ask("DELETE", "/v1/tokens/x%20y").json["detail"], "There is no such token.")
        for path, body in (("/v1/users/admin", {"disabled": True}), ("/v1/users/admin", {"roles": ["preparer"]}),
                           ("/v1/users/admin/password", {})):
            self.refused(a.ask("POST", path, body), 403, "own-account")
        for method, path in (("GET", "/v1/users"), ("POST", "/v1/users"), ("POST", "/v1/users/both")):
            self.refused(self.both.ask(method, path, {} if method == "POST" else None), 403, "forbidden")

    def test_tokens(self):
        w, b = self.world, self.both
        made = b.ask("POST", "/v1/tokens", {"role": "registrar", "label": "导入接口", "days": 30, "password": PASSWORD})
        self.assertEqual(made.status, 201)
        w.tokens["t"] = made.json["secret"]
        token = made.json["token"]
        self.assertEqual(w.get("/v1/session", role="t").json["means"], "bearer")
        self.refused(b.ask("POST", "/v1/tokens", {"role": "approver", "password": PASSWORD}), 403, "role-not-held")
        self.refused(b.ask("POST", "/v1/tokens", {"user": "other", "password": PASSWORD}), 403, "forbidden")
        listed = b.ask("GET", "/v1/tokens")
        self.assertNotIn(w.tokens["t"], listed.bytes.decode())
        self.assertIn("last_used", next(t for t in listed.json["tokens"] if t["token"] == token))
        # A token makes no others, but may be replaced by itself.
        json_type = {"Content-Type": "application/json"}
        self.refused(w.request("POST", "/v1/tokens", b"{}", "t", json_type), 403, "session-needed")
        self.refused(w.request("POST", "/v1/session/password", b'{"present":"a","new":"b"}', "t", json_type), 403,
                     "session-needed")
        self.refused(w.request("POST", "/v1/tokens/0000000000000000/rotation", b"{}", "t", json_type), 403,
                     "session-needed")
        fresh = w.request("POST", f"/v1/tokens/{token}/rotation", b'{"overlap_hours":1}', "t", json_type)
        self.assertEqual(fresh.status, 201)
        w.tokens["u"] = fresh.json["secret"]
        self.assertEqual([w.get(BASE, role=r).status for r in "tu"], [200, 200])
        now = w.request("POST", f"/v1/tokens/{fresh.json['token']}/rotation", b'{"overlap_hours":0}', "u", json_type)
        w.tokens["v"] = now.json["secret"]
        self.assertEqual([w.get(BASE, role=r).status for r in "tuv"], [200, 401, 200])
        # One that was replaced is not replaced again, and revoking it ends what was made of it.
        self.refused(w.request("POST", f"/v1/tokens/{token}/rotation", b"{}", "t", json_type), 409, "token-ended")
        self.refused(w.request("POST", f"/v1/tokens/{token}/rotation", b'{"overlap_hours":169}', "t", json_type), 400,
                     "bad-parameter")
        # Nobody else's; an administrator's are everybody's.
        quick = self.world.tokens["inspector"]
        theirs = self.admin.ask("GET", f"/v1/tokens?user={STAFF['inspector']}").json["tokens"][0]["token"]
        self.refused(b.ask("DELETE", f"/v1/tokens/{theirs}"), 404, "unknown-token")
        self.refused(b.ask("GET", f"/v1/tokens?user={STAFF['inspector']}"), 403, "forbidden")
        self.assertEqual(self.admin.ask("DELETE", f"/v1/tokens/{token}").status, 204)
        self.assertEqual([w.get(BASE, role=r).status for r in "tuv"], [401, 401, 401])
        self.assertEqual(w.get(BASE).status, 200, quick[:3])

    def test_users_are_changed_in_a_session_only(self):
        """A token that was found somewhere must not become a password, nor anything else that outlives it."""
        w = self.world
        made = self.admin.ask("POST", "/v1/tokens", {"password": PASSWORD})
        self.assertEqual((made.status, made.json["role"]), (201, "administrator"))
        w.tokens["found"] = made.json["secret"]
        self.assertEqual(w.get("/v1/users", role="found").status, 200)
        routes = json.loads(run("--json", "serve", "--list-routes").stdout)["routes"]
        changes = [r for r in routes if r["path"].startswith("/v1/users") and r["method"] != "GET"]
        self.assertGreater(len(changes), 5)
        for route in changes:
            path = route["path"].replace("{user}", "both").replace("{certificate}", "0" * 64)
            self.refused(w.request(route["method"], path, b'{"name":"x"}', "found",
                                   {"Content-Type": "application/json"}), 403, "session-needed")
        self.assertEqual(self.admin.ask("GET", "/v1/users/both").json["name"], "")
        self.assertEqual(self.admin.ask("DELETE", f"/v1/tokens/{made.json['token']}").status, 204)

    def test_tokens_by_command_line(self):
        w = self.world
        made = json.loads(run("--ledger", w.ledger, "--json", "token", "new", "--actor", "cli.one", "--role",
                              "inspector", "--days", 2, "--label", "抽查").stdout)
        w.tokens["cli"] = made["token"]
        self.assertTrue(until(lambda: w.get(BASE, role="cli").status == 200))
        rotated = json.loads(run("--ledger", w.ledger, "--json", "token", "rotate", made["id"], "--overlap", 0).stdout)
        w.tokens["cli2"] = rotated["token"]
        self.assertTrue(until(lambda: w.get(BASE, role="cli2").status == 200))
        self.assertEqual(w.get(BASE, role="cli").status, 401)
        run("--ledger", w.ledger, "token", "revoke", rotated["id"])
        self.assertTrue(until(lambda: w.get(BASE, role="cli2").status == 401))
        listed = run("--ledger", w.ledger, "token", "list", "--actor", "cli.one")
        self.assertIn(made["id"], listed.stdout)
        self.assertNotIn("ft_", listed.stdout)
        # One that has expired, by the clock of whoever issued it.
        old = json.loads(run("--ledger", w.ledger, "--json", "--clock", "2020-01-01T00:00:00+08:00", "token", "new",
                             "--actor", "cli.one", "--role", "inspector", "--days", 1).stdout)
        w.tokens["old"] = old["token"]
        w.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        self.refused(w.get(BASE, role="old"), 401, "unauthenticated")
        # A role that the user does not hold is refused, and every refusal is said in both languages.
        for arguments, words in ((("token", "new", "--actor", "cli.one", "--role", "cashier"), {"zh": "出纳", "en": "cashier"}),
                                 (("token", "revoke", "nope"), "nope"),
                                 (("user", "add", "cli.one", "--role", "inspector"), "cli.one"),
                                 (("user", "show", "nope"), "nope")):
            for language in ("zh", "en"):
                done = run("--ledger", w.ledger, "--lang", language, *arguments, check=False)
                self.assertEqual(done.returncode, 3, done)
                self.assertIn(words if isinstance(words, str) else words[language], done.stderr)
                self.assertEqual(bool(re.search("[一-鿿]", done.stderr)), language == "zh")

    def test_users_by_command_line(self):
        w = self.world
        cli = lambda *a: json.loads(run("--ledger", w.ledger, "--json", "user", *a).stdout)  # noqa: E731
        first = cli("add", "u1", "--role", "registrar", "--role", "preparer", "--region", "320412901")["password"]
        shown = cli("show", "u1")
        self.assertEqual((shown["roles"], shown["regions"]), (["registrar", "preparer"], ["320412901"]))
        for language, words in (("zh", ("登记", "制单", "须改口令")), ("en", ("registrar", "regions: 320412901"))):
            told = run("--ledger", w.ledger, "--lang", language, "user", "show", "u1").stdout
            for word in words:
                self.assertIn(word, told)
        cli("roles", "u1", "--role", "reviewer", "--region", "all")
        self.assertEqual(cli("show", "u1")["regions"], [])
        self.assertIn("u1", [u["user"] for u in cli("list")["users"]])
        again = cli("password", "u1")["password"]
        self.assertNotEqual(first, again)
        # What can be seen changes with the book that has the password.
        cli("roles", "u1", "--role", "reviewer", "--role", "preparer", "--region", "all")
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/u1").json == cli("show", "u1")))
        self.assertEqual(Browser(w).sign_in("u1", again).status, 201)
        cli("disable", "u1")
        self.assertTrue(until(lambda: Browser(w).sign_in("u1", again).status == 401))
        cli("enable", "u1")
        book = (w.ledger / "users.json").read_text()
        for secret in (first, again, PASSWORD, *w.tokens.values()):
            self.assertNotIn(secret, book)
        self.assertEqual(os.stat(w.ledger / "users.json").st_mode & 0o777, 0o600)

    def test_certificates(self):
        w = self.world
        pem = w.directory / "client.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "/dev/null", "-out",
                        str(pem), "-days", "1", "-subj", "/CN=machine"], check=True, capture_output=True)
        printed = subprocess.run(["openssl", "x509", "-in", str(pem), "-noout", "-fingerprint", "-sha256"],
                                 check=True, capture_output=True, text=True).stdout
        expected = printed.split("=")[1].strip().replace(":", "").lower()
        run("--ledger", w.ledger, "user", "certificate", "add", "quick", pem)
        shown = json.loads(run("--ledger", w.ledger, "--json", "user", "show", "quick").stdout)
        self.assertEqual(shown["certificates"], [expected])
        self.admin.ask("POST", "/v1/users", {"user": "machine", "roles": ["inspector"], "machine": True})
        self.refused(self.admin.ask("POST", "/v1/users/machine/certificates", {"sha256": expected}), 409,
                     "certificate-taken")
        self.refused(self.admin.ask("POST", "/v1/users/both/certificates", {"sha256": "0" * 64}), 403, "not-a-machine")
        self.assertEqual(self.admin.ask("DELETE", f"/v1/users/quick/certificates/{expected}").json["certificates"], [])
        self.refused(self.admin.ask("DELETE", f"/v1/users/quick/certificates/{expected}"), 404,
                     "unknown-certificate")
        done = run("--ledger", w.ledger, "user", "certificate", "add", "quick", w.ledger / "users.json", check=False)
        self.assertEqual(done.returncode, 4)

    def test_two_roles_of_one_person_are_one_person(self):
        """A preparer cannot approve, whatever roles the person has; nor who reviewed, the payment."""
        w = self.world
        w.new_user("all", "preparer", "reviewer", "approver")
        first = w.new_user("all2", "preparer", "reviewer", "approver")
        self.assertTrue(until(lambda: self.admin.ask("GET", "/v1/users/all2").status == 200))
        first = self.admin.ask("POST", "/v1/users/all/password", {}).json["password"]
        everything = Browser(w).arrive("all", first, PASSWORD)
        voucher = w.issue(1)[0]
        claim = w.record("c", "p-01", **World.claim("p-01", "HX", [voucher]))

        def step(role, kind, doc, date, key, **more):
            return everything.ask("POST", BASE + "/entries", {"kind": kind, "date": date, "doc": doc, **more},
                                  {"Idempotency-Key": key, "Fundtrail-Role": role})
        prepare = {"basis": "redemptions", "provider": "p-01", "redemptions": [claim], "settlement": "S1",
                   "total": "100.00"}
        self.assertEqual(step("preparer", "settlement_preparation", prepare, "2008-05-05", "s1",
                              policy="wujin-2008@1").status, 201)
        for role, kind in (("reviewer", "settlement_review"), ("approver", "settlement_approval")):
            self.refused(step(role, kind, {"settlement": "S1"}, "2008-05-06", kind), 403, "same-person")
        self.refused(step("preparer", "settlement_approval", {"settlement": "S1"}, "2008-05-06", "x"), 403,
                     "role-not-permitted")
        w.record("sr", "reviewer", "settlement_return", "2008-05-06", {"settlement": "S1", "reason": "重做"})
        # Prepared by somebody else, reviewed by this person: then the payment is not theirs to approve.
        w.record("p2", "preparer", "settlement_preparation", "2008-05-06", {**prepare, "settlement": "S2"},
                 policy="wujin-2008@1")
        self.assertEqual(step("reviewer", "settlement_review", {"settlement": "S2"}, "2008-05-07", "r2").status, 201)
        w.record("a2", "approver", "settlement_approval", "2008-05-08", {"settlement": "S2"})
        w.record("d2", "preparer", "disbursement_preparation", "2008-05-09",
                 {"account": "za", "amount": "100.00", "disbursement": "D2", "method": "transfer",
                  "payee": w.bank("p-01"), "settlement": "S2"})
        self.refused(step("approver", "disbursement_approval", {"disbursement": "D2"}, "2008-05-09", "da"), 403,
                     "same-person")
        w.record("da2", "approver", "disbursement_approval", "2008-05-09", {"disbursement": "D2"})

    def test_bodies_that_are_none(self):
        """Whatever is sent, the answer is a problem of the caller's, and the book stays as it was."""
        w = self.world
        bodies = [b"", b"{", b"[]", b"null", b"1", b'{"a":1}', b"\xff", b'{"user":"\xff"}', b'{"user":"a","user":"b"}',
                  b"[" * 30000, b'{"roles":' + b"[" * 5000, b'{"user":' + b"1" * 400 + b"}", b'{"roles":[[]]}',
                  b'{"roles":{"a":1}}', b'{"user":null}', b'{"user":"' + b"a" * 70000 + b'"}', b'{"days":1e400}',
                  b'{"user":"\\u0000","password":"\\ud800"}', b'{"user":"../../etc/passwd","roles":["preparer"]}',
                  b'{"user":"a\\r\\nX-Evil: 1","password":"x"}', b'{"overlap_hours":-1}', b'{"sha256":"AA"}',
                  b'{"name":"\\u202e","disabled":0}', b'{"present":"x","new":7}', b'{"label":""}']
        routes = json.loads(run("--json", "serve", "--list-routes").stdout)["routes"]
        paths = [r["path"].replace("{user}", "both").replace("{token}", "x") for r in routes
                 if r["method"] == "POST" and "{ledger}" not in r["path"]]
        self.assertGreater(len(paths), 7)
        # One who asks for each path, so that nobody is told to slow down, neither here nor in the next test.
        first = {f"asks-{i}": w.new_user(f"asks-{i}", "administrator") for i in range(len(paths))}
        last = list(first)[-1]
        self.assertTrue(until(lambda: self.admin.ask("GET", f"/v1/users/{last}").status == 200), f"{last} is not there")
        askers = [Browser(w).arrive(name, first[name], PASSWORD) for name in first]
        book = (w.ledger / "users.json").read_text()
        connection = w.connect()
        for path, a in zip(paths, askers):
            for body in bodies:
                answer = w.request("POST", path, body, headers={
                    "Content-Type": "application/json", "Origin": f"http://127.0.0.1:{w.port}",
                    "Cookie": f"__Host-fundtrail={a.cookie}", "X-CSRF-Token": a.csrf}, connection=connection)
                self.assertIn(answer.status, (400, 401, 403, 404, 413, 422), (path, body[:60], answer.bytes))
                self.assertEqual(answer.media_type, "application/problem+json")
                self.assertNotIn("x-evil", answer.headers)
                if answer.headers.get("connection") == "close":
                    connection.close()
        connection.close()

        def users(text):
            book = json.loads(text)
            for user in book["users"]:  # when tokens were used may be written meanwhile
                user.get("tokens", []).clear()
                user.pop("locked_until", None)
            return book
        self.assertEqual(users((w.ledger / "users.json").read_text()), users(book))

    def test_an_older_token_file_is_taken_over(self):
        import hashlib
        old = World()
        try:
            (old.ledger / "users.json").unlink()
            token = "ft_" + "7" * 64
            path = old.ledger / "tokens.json"
            path.write_text(json.dumps({"tokens": [{"digest": hashlib.sha256(token.encode()).hexdigest(),
                                                    "actor": "jian.cha", "role": "inspector"}]}))
            path.chmod(0o600)
            old.tokens["old"] = token
            old.start()
            self.assertEqual(old.get(BASE, role="old").status, 200)
            self.assertFalse(path.exists())
            self.assertTrue((old.ledger / "tokens.json.old").exists())
        finally:
            old.close()

    def test_nothing_secret_is_logged(self):
        w = self.world
        Browser(w).sign_in("Typed-Pass-Word9", "Wrong-Horse-7")  # a password in the wrong field
        text = w.read_log()
        for secret in [*self.first.values(), PASSWORD, OTHER, "Wrong-Horse-7", "Typed-Pass-Word9", *w.tokens.values(),
                       self.admin.cookie, self.admin.csrf]:
            self.assertNotIn(secret, text)


if __name__ == "__main__":
    unittest.main()
