"""Sessions, tokens and users of api/openapi.yaml against the real server."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import Driven  # noqa: E402
from world import LEDGER, STAFF, Browser  # noqa: E402


class Identity(Driven, unittest.TestCase):
    tags = ("identity",)

    @classmethod
    def prepare(cls):
        cls.first["keeper"] = cls.world.new_user("keeper", "administrator")
        cls.first["of.one"] = cls.world.new_user("of.one", "administrator", ledger_id=LEDGER)

    def ask_anything(self, method, path, body=None, headers=None):
        if not hasattr(type(self), "keeper"):
            type(self).keeper = Browser(self.world).arrive("keeper", self.first["keeper"], "Right-Horse-7")
        return self.keeper.ask(method, path, body, headers)

    def test_5_identity(self):
        w = self.world
        new = "Right-Horse-7"

        def sign_in(browser, user, password, status, code=None, **more):
            body = {"user": user, "password": password}
            return self.ask(browser, "POST", "/v1/session", status, code, body, **more)
        admin, officer = Browser(w), Browser(w)
        for browser, user in ((admin, "admin"), (officer, "officer")):
            sign_in(browser, user, self.first[user], 201)
            own = {"present": self.first[user], "new": new}
            for bad, code in (("x", "too-short"), ("A1-" * 100, "too-long"), ("Tab\tWithin-12", "unprintable"),
                              ("onlylowercase", "too-plain"), ("Password1234!", "easily-guessed"), (own["present"], "not-new")):
                self.ask(browser, "POST", "/v1/session/password", 422, "password-" + code, {**own, "new": bad})
            self.ask(browser, "POST", "/v1/session/password", 403, "password-wrong", {"present": "x", "new": new})
            self.ask(browser, "POST", "/v1/session/password", 200, None, own)
        sign_in(Browser(w), "officer", "Wrong-Horse-7", 401, "sign-in-failed")
        sign_in(Browser(w), "officer", new, 403, "cross-site", headers={"Sec-Fetch-Site": "cross-site"})
        sign_in(Browser(w), "officer", new, 415, headers={"Content-Type": "text/plain"})
        self.ask(Browser(w), "POST", "/v1/session", 400, "bad-parameter", {"user": "officer"})
        self.ask(Browser(w), "POST", "/v1/session", 403, "role-not-held",
                 {"user": "officer", "password": new, "role": "cashier"})
        for _ in range(5):
            sign_in(Browser(w), "nobody", new, 401)
        sign_in(Browser(w), "nobody", new, 429, "too-many-attempts")
        self.ask(officer, "GET", "/v1/session", 200)
        self.ask(officer, "POST", "/v1/session/password", 400, "bad-parameter", {})

        mine = {"password": new}
        token = self.ask(officer, "POST", "/v1/tokens", 201, None, {"label": "接口", "days": 366, **mine}).json
        self.ask(officer, "POST", "/v1/tokens", 400, "bad-parameter", {"days": 367, **mine})
        self.ask(officer, "POST", "/v1/tokens", 400, "bad-parameter", {"days": 1})
        self.ask(officer, "POST", "/v1/tokens", 403, "password-wrong", {"password": "x"})
        self.ask(officer, "POST", "/v1/tokens", 422, "personal-number", {"label": "13812345678", **mine})
        self.ask(admin, "POST", "/v1/tokens", 404, "unknown-user", {"user": "nobody", "role": "preparer", **mine})
        self.ask(admin, "POST", "/v1/tokens", 403, "not-a-machine", {"user": "officer", "role": "preparer", **mine})
        self.ask(officer, "GET", "/v1/tokens", 200)
        users = self.ask(admin, "GET", "/v1/users?limit=1", 200).json
        following = self.ask(admin, "GET", f"/v1/users?limit=1&cursor={users['next']}", 200).json
        self.assertNotEqual(following["users"], users["users"])
        for made_up in ("/v1/users?cursor=zz", "/v1/tokens?cursor=zz", f"/v1/tokens?cursor={users['next']}"):
            self.ask(admin, "GET", made_up, 400, "bad-parameter")
        self.ask(admin, "GET", "/v1/tokens?user=nobody", 404, "unknown-user")
        path = f"/v1/tokens/{token['token']}"
        self.ask(admin, "POST", path + "/rotation", 403, "not-a-machine", mine)
        fresh = self.ask(officer, "POST", path + "/rotation", 201, None, {"overlap_hours": 0, **mine}).json
        self.ask(officer, "POST", path + "/rotation", 409, "token-ended", mine)
        self.ask(officer, "POST", path + "/rotation", 400, "bad-parameter", {"overlap_hours": -1, **mine})
        self.ask(officer, "POST", path + "/rotation", 403, "password-wrong", {"password": "x"})
        self.ask(officer, "POST", "/v1/tokens/nothing/rotation", 404, "unknown-token", mine)
        self.ask(officer, "DELETE", f"/v1/tokens/{fresh['token']}", 204)
        self.ask(officer, "DELETE", "/v1/tokens/nothing", 404, "unknown-token")

        made = self.ask(admin, "POST", "/v1/users", 201, None, {"user": "new", "roles": ["preparer"]}).json
        self.assertTrue(made["password"])
        self.ask(admin, "POST", "/v1/users", 201, None, {"user": "machine", "roles": ["preparer"], "machine": True})
        self.ask(admin, "POST", "/v1/users", 409, "machine-password",
                 {"user": "x", "roles": ["preparer"], "machine": True, "with_password": True})
        self.ask(admin, "POST", "/v1/users/machine/password", 409, "machine-password", {})
        of_one = Browser(w).arrive("of.one", self.first["of.one"], new)
        self.ask(of_one, "POST", "/v1/users", 403, "beyond-own-ledgers", {"user": "x", "roles": ["preparer"]})
        theirs = {"user": "y", "roles": ["preparer"], "ledgers": [LEDGER]}
        self.ask(of_one, "POST", "/v1/users", 201, None, theirs)
        self.ask(of_one, "POST", "/v1/users/y", 403, "beyond-own-ledgers", {"ledgers": []})
        for method, path in (("POST", "/v1/session/password"), ("POST", "/v1/tokens"), ("POST", "/v1/tokens/x/rotation"),
                             ("DELETE", "/v1/tokens/x"), ("DELETE", "/v1/session?everywhere=true"), ("POST", "/v1/users"),
                             ("POST", "/v1/users/new"), ("POST", "/v1/users/new/password"),
                             ("POST", "/v1/users/new/unlock"), ("POST", "/v1/users/new/certificates"),
                             ("DELETE", f"/v1/users/new/certificates/{'0' * 64}")):
            body = {"/v1/session/password": b'{"present": "a", "new": "b"}', "/v1/users/new/certificates":
                    b'{"sha256": "%s"}' % (b"0" * 64)}.get(path, b"{}")
            asked = w.request(method, path, body if method == "POST" else None, "administrator",
                              {"Content-Type": "application/json"} if method == "POST" else None)
            self.check(asked, method, path, 403, "session-needed")
        self.ask(admin, "POST", "/v1/users", 400, "bad-parameter", {"user": "new"})
        self.ask(admin, "POST", "/v1/users", 409, "user-exists", {"user": "new", "roles": ["preparer"]})
        self.ask(admin, "POST", "/v1/users", 422, "roles-do-not-fit", {"user": "x", "roles": ["cashier", "reviewer"]})
        self.ask(admin, "POST", "/v1/users", 422, "provider-not-needed",
                 {"user": "x", "roles": ["preparer"], "provider": "p-01"})
        self.ask(admin, "POST", "/v1/users", 422, "personal-number", {"user": "13812345678", "roles": ["preparer"]})
        self.ask(admin, "GET", "/v1/users", 200)
        self.ask(admin, "GET", "/v1/users/new", 200)
        self.ask(admin, "GET", "/v1/users/nobody", 404, "unknown-user")
        self.ask(admin, "POST", "/v1/users/new", 200, None, {"regions": ["320412901"]})
        self.ask(admin, "POST", "/v1/users/new", 400, "bad-parameter", {"regions": ["x"]})
        self.ask(admin, "POST", "/v1/users/nobody", 404, "unknown-user", {})
        for change, code in (({"provider": "p-01"}, "provider-not-needed"), ({"roles": ["provider"]}, "provider-needed"),
                             ({"roles": ["cashier", "reviewer"]}, "roles-do-not-fit"), ({"name": "13812345678"}, "personal-number")):
            self.ask(admin, "POST", "/v1/users/new", 422, code, change)
        self.ask(admin, "POST", "/v1/users/admin", 403, "own-account", {"disabled": True})
        self.ask(admin, "POST", "/v1/users/admin/password", 403, "own-account", {})
        self.ask(admin, "POST", f"/v1/users/{STAFF['administrator']}", 200, None, {"disabled": True})
        for name, more in (("password", {}), ("unlock", {}), ("certificates", {"sha256": "0" * 64})):
            user = "machine" if more else "new"
            self.ask(admin, "POST", f"/v1/users/{user}/{name}", 200, None, more)
            self.ask(admin, "POST", f"/v1/users/{user}/{name}", 400, "bad-parameter", {"x": 1})
            self.ask(admin, "POST", f"/v1/users/nobody/{name}", 404, "unknown-user", more)
        self.ask(admin, "POST", "/v1/users/new/certificates", 403, "not-a-machine", {"sha256": "1" * 64})
        self.ask(admin, "POST", "/v1/users/machine/certificates", 409, "certificate-taken", {"sha256": "0" * 64})
        self.ask(admin, "DELETE", f"/v1/users/machine/certificates/{'0' * 64}", 200)
        self.ask(admin, "DELETE", f"/v1/users/machine/certificates/{'0' * 64}", 404, "unknown-certificate")
        self.ask(admin, "DELETE", f"/v1/users/nobody/certificates/{'0' * 64}", 404, "unknown-user")
        for path in ("/v1/session/password", "/v1/tokens", "/v1/tokens/x/rotation", "/v1/users", "/v1/users/new",
                     "/v1/users/new/password", "/v1/users/new/unlock", "/v1/users/new/certificates"):
            self.ask(admin, "POST", path, 415, "unsupported-media-type", {}, headers={"Content-Type": "text/plain"})
        for _ in range(5):
            officer.change_password("x", new)
        self.ask(officer, "POST", "/v1/session/password", 429, "too-many-attempts", {"present": "x", "new": new})
        self.ask(officer, "POST", "/v1/tokens", 429, "too-many-attempts", mine)
        self.ask(officer, "POST", "/v1/tokens/x/rotation", 429, "too-many-attempts", mine)
        self.ask(admin, "DELETE", "/v1/session?everywhere=x", 400, "bad-parameter")
        self.ask(admin, "DELETE", "/v1/session?everywhere=true", 204)
        self.ask(admin, "GET", "/v1/session", 401)


if __name__ == "__main__":
    unittest.main()
