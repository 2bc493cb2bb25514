"""One book of users for two ledgers: an administrator of one of them neither sees nor changes the other's users."""
import json
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import LEDGER, Browser, World, run  # noqa: E402

PASSWORD = "Right-Horse-7"
OTHER = "county-b"


class SharedBook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        cls.book = w.directory / "users.json"
        shutil.move(w.ledger / "users.json", cls.book)  # its users are for every ledger
        cls.user("boss", "administrator")
        first = cls.user("adm.a", "administrator", LEDGER)
        for name, role, *ledgers in (("adm.b", "administrator", OTHER), ("in.b", "inspector", OTHER),
                                     ("in.a", "inspector", LEDGER), ("in.both", "preparer", LEDGER, OTHER)):
            cls.user(name, role, *ledgers)
        w.start(more=["--users", cls.book])
        cls.admin = Browser(w).arrive("adm.a", first, PASSWORD)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def user(cls, name, role, *ledgers):
        scopes = [word for ledger in ledgers for word in ("--ledger-id", ledger)]
        return json.loads(run("--ledger", cls.world.ledger, "--users", cls.book, "--json", "user", "add", name, "--role",
                              role, *scopes).stdout)["password"]

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)

    def test_others_are_unknown(self):
        before = self.book.read_text(encoding="utf-8")
        shown = {u["user"] for u in self.admin.ask("GET", "/v1/users?limit=500").json["users"]}
        self.assertEqual(shown & {"boss", "adm.a", "adm.b", "in.a", "in.b", "in.both", "jian.cha"}, {"adm.a", "in.a"})
        for other in ("boss", "adm.b", "in.b", "in.both", "jian.cha"):
            for method, path, body in (("GET", "", None), ("POST", "", {"name": "n"}), ("POST", "", {"disabled": True}),
                                       ("POST", "/password", {}), ("POST", "/unlock", {}),
                                       ("POST", "/certificates", {"sha256": "a" * 64}),
                                       ("DELETE", "/certificates/" + "a" * 64, None)):
                with self.subTest(other, path=path):
                    self.refused(self.admin.ask(method, f"/v1/users/{other}{path}", body), 404, "unknown-user")
            self.refused(self.admin.ask("GET", f"/v1/tokens?user={other}"), 404, "unknown-user")
            self.refused(self.admin.ask("POST", "/v1/tokens", {"user": other, "role": "inspector", "password": PASSWORD}),
                         404, "unknown-user")
        token = json.loads(run("--ledger", self.world.ledger, "--users", self.book, "--json", "token", "list", "--actor",
                               "jian.cha").stdout)["tokens"][0]["token"]
        self.refused(self.admin.ask("DELETE", f"/v1/tokens/{token}"), 404, "unknown-token")
        self.refused(self.admin.ask("POST", f"/v1/tokens/{token}/rotation", {"password": PASSWORD}), 404, "unknown-token")

        def users(text):
            return [{k: v for k, v in user.items() if k != "tokens"} for user in json.loads(text)["users"]]
        self.assertEqual(users(self.book.read_text(encoding="utf-8")), users(before))

    def test_nobody_is_made_for_other_ledgers(self):
        for ledgers in ({"ledgers": [OTHER]}, {"ledgers": [LEDGER, OTHER]}, {"ledgers": []}, {}):
            for role in ("administrator", "registrar"):
                self.refused(self.admin.ask("POST", "/v1/users", {"user": "new", "roles": [role], **ledgers}), 403,
                             "beyond-own-ledgers")
            if ledgers:
                self.refused(self.admin.ask("POST", "/v1/users/in.a", ledgers), 403, "beyond-own-ledgers")
        self.refused(self.admin.ask("POST", "/v1/users/adm.a", {"ledgers": []}), 403, "own-account")
        made = self.admin.ask("POST", "/v1/users", {"user": "mine", "roles": ["registrar"], "ledgers": [LEDGER]})
        self.assertEqual(made.status, 201, made.bytes)
        self.assertEqual(self.admin.ask("POST", "/v1/users/mine", {"disabled": True}).status, 200)


if __name__ == "__main__":
    unittest.main()
