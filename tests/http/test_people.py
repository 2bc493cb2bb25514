"""Registering people over HTTP: the receipt names the pseudonym, a number can be looked up, what is made from the
identity is not sent, and nobody learns who somebody of another region is."""
import json
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
from test_registers import number  # noqa: E402
from world import BASE, ELDERS, World, region, run  # noqa: E402

THEIRS = "320412902"
PURPOSE = {"Access-Purpose": "核对"}


def registration(where, number, **more):
    return {"kind": "beneficiary_registration", "date": "2008-04-10", "policy": "wujin-2008@1",
            "doc": {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01", "region": where, **more},
            "identity": {"name": "合成老人", "id_number": number}}


class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        w.new_user("their.clerk", "registrar", region=THEIRS)
        made = run("--ledger", w.ledger, "--json", "token", "new", "--actor", "their.clerk", "--role", "registrar")
        w.tokens["theirs"] = json.loads(made.stdout)["token"]
        w.start().fill()
        assert w.post(region(THEIRS, "横林镇"), "theirs", "registrar").status == 201

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def look_up(self, number, role="registrar"):
        purpose = {k: v.encode().decode("latin-1") for k, v in PURPOSE.items()}
        return self.world.post({"id_number": number}, None, role, purpose, BASE + "/beneficiaries/lookup")

    def records(self, fits, text="refused"):
        """The refusals in the access log that fit, once there are any: they are written a little later."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found, cursor = [], ""
            while True:
                page = self.world.get(f"{BASE}/access-log?text={quote(text)}&limit=500{cursor}").json
                found += [r for r in page["records"] if r["action"] == "refused" and fits(r)]
                if "next" not in page:
                    break
                cursor = f"&cursor={page['next']}"
            if found:
                return found
            time.sleep(0.05)  # each look is a record, too
        self.fail("the refusal is not in the log")

    def test_the_receipt_names_the_pseudonym_and_so_does_a_lookup(self):
        body = registration(THEIRS, ELDERS[2])
        self.assertEqual(self.look_up(ELDERS[2]).status, 404)
        for status in (201, 200):
            answer = self.world.post(body, "elder-2", "theirs")
            self.assertEqual(answer.status, status, answer.bytes)
            index, person = answer.json["index"], answer.json["beneficiary"]
            self.assertEqual(self.world.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"], person)
        self.assertEqual(self.look_up(ELDERS[2]).json, {"beneficiary": person})
        self.assertEqual(self.look_up(ELDERS[2], "theirs").json, {"beneficiary": person})
        self.assertNotIn("beneficiary", self.world.post(region("320412903"), "r", "registrar").json)
        log = self.world.get(f"{BASE}/access-log?text={person}&limit=500").json["records"]
        seen = [r for r in log if r.get("subject") == "lookup"]
        self.assertEqual([(r["purpose"], r["person"]) for r in seen], [("核对", person)] * 2)
        self.assertNotIn(ELDERS[2], json.dumps(log))

    def test_what_is_made_from_the_identity_is_not_sent(self):
        for more in ({"beneficiary": "0" * 16}, {"commitment": ""}, {"commitment": "0" * 64}):
            answer = self.world.post(registration("320412901", ELDERS[0], **more), "sent", "registrar")
            self.assertEqual((answer.status, answer.code), (400, "unknown-field"))
            self.assertEqual(answer.json["field"], "doc." + next(iter(more)))

    def test_a_duplicate_is_refused_without_telling_who_it_is(self):
        """Who says what for is told by a lookup; here only the access log learns it."""
        known = self.world.elders[0]
        for role in ("theirs", "registrar"):
            for query in ("?dry_run=true", ""):
                answer = self.world.post(registration(THEIRS, ELDERS[0]), "again", role, path=BASE + "/entries" + query)
                self.assertEqual((answer.status, answer.code), (409, "already-registered"))
                self.assertNotIn(known.encode(), answer.bytes)
            batch = {"mode": "independent", "commands": [registration(THEIRS, ELDERS[0])]}
            answer = self.world.post(batch, "again-2", role)
            self.assertEqual((answer.status, answer.json["results"][0]["status"]), (207, 409))
            self.assertNotIn(known.encode(), answer.bytes)

        for actor in ("their.clerk", "zhou.jing"):
            self.records(lambda r, who=actor: r["actor"] == who and r["outcome"] == "already-registered" and r.get("person") == known)
        self.assertEqual(self.look_up(ELDERS[0]).json, {"beneficiary": known})
        self.assertEqual(self.look_up(ELDERS[0], "theirs").status, 404)

    def test_an_import_tells_nobody_who_somebody_is(self):
        """A file of identity numbers is no lookup: neither in words nor by what is refused about them."""
        w = self.world
        known = w.elders[1]
        elders = "姓名,身份证号,人员类别,服务方式,区划代码,享受起始日,政策,登记日期,经办人\n" \
                 f"合成老人,{ELDERS[1]},dibian,居家,320412901,2008-04-01,wujin-2008@1,2008-04-10,zhou.jing\n"
        # What is refused about somebody who is not registered names nobody either.
        changes = "身份证号,人员类别,依据,变更日期,经办人\n" \
                  f"{number(7)},dibao,证明,2008-04-12,zhou.jing\n"
        folder = w.directory / "numbers"
        folder.mkdir()
        (folder / "elders.csv").write_text(elders, encoding="utf-8")
        (folder / "elder_changes.csv").write_text(changes, encoding="utf-8")
        for query in ("?dry_run=true", "?dry_run=false"):
            key = "numbers-" + query[-4:]
            self.assertEqual(w.import_folder(folder, key, query=query).status, 201)
            job = w.ended(key)
            self.assertEqual(job["state"], "done", job)
            result = w.get(f"{BASE}/jobs/{key}/result", role="registrar")
            bad = result.json["bad"]
            self.assertIn("already-registered", [one["code"] for one in bad])
            self.assertIn("unknown-beneficiary", [one["code"] for one in bad])
            self.assertNotRegex(json.dumps(bad, ensure_ascii=False), "[0-9a-f]{16}")
            again = next(one for one in bad if one["code"] == "already-registered")
            self.assertEqual((again["row"], again["zh"]), (2, "此人已在本账套登记。"))
            found = self.records(lambda r, key=key: r.get("subject") == f"job {key}" and r.get("person") == known)
            self.assertEqual({(r["actor"], r["role"], r["route"], r["outcome"]) for r in found},
                             {("zhou.jing", "registrar", "POST /v1/ledgers/{ledger}/imports", "already-registered")})

    def test_thousands_of_numbers_do_not_fill_the_log(self):
        """The first 1,000 people of a job are named in it, the others counted."""
        w = self.world
        numbers = [number(2000 + n) for n in range(1020)]
        for first in (0, 600):
            commands = [{**registration("320412901", one), "policy": "wujin-2008@1"} for one in numbers[first:first + 600]]
            answer = w.post({"mode": "independent", "commands": commands}, f"many-{first}", "registrar")
            self.assertEqual(answer.status, 201, answer.bytes[:300])
        folder = w.directory / "many"
        folder.mkdir()
        rows = [f"合成老人,{one},dibian,居家,320412901,2008-04-01,wujin-2008@1,2008-04-10,zhou.jing\n" for one in numbers]
        (folder / "elders.csv").write_text("姓名,身份证号,人员类别,服务方式,区划代码,享受起始日,政策,登记日期,经办人\n" + "".join(rows),
                                           encoding="utf-8")
        self.assertEqual(w.import_folder(folder, "many", query="?dry_run=true").status, 201)
        self.assertEqual(w.ended("many")["state"], "done")
        rest = self.records(lambda r: r.get("subject") == "job many" and "person" not in r, "job many")
        self.assertEqual([(r["outcome"], r["count"]) for r in rest], [("already-registered", 20)])
        named = {r["person"] for r in self.records(lambda r: "person" in r, "job many")}
        self.assertEqual(len(named), 1000)

    def test_commands_of_an_independent_batch_are_turned_away_in_their_places(self):
        other = {**region("320412905"), "surprise": 1}
        batch = {"mode": "independent", "commands": [other, region(THEIRS, "改名"), region("320412904"), {}]}
        answer = self.world.post(batch, "mixed", "theirs")
        self.assertEqual(answer.status, 207, answer.bytes)
        results = answer.json["results"]
        self.assertEqual([r["status"] for r in results], [400, 409, 403, 400])
        self.assertEqual([r["problem"]["command"] for r in results], [f"mixed.{i}" for i in range(4)])
        self.assertEqual(self.world.post({"mode": "independent", "commands": [{}]}, "none", "theirs").status, 207)
        batch["mode"] = "atomic"
        answer = self.world.post(batch, "all", "theirs")
        self.assertEqual((answer.status, answer.json["field"]), (400, "commands[0].surprise"))

    def test_a_single_command_has_the_id_of_its_key(self):
        answer = self.world.post({**region("320412906"), "id": "another"}, "key", "registrar")
        self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "malformed-field", "id"))

    def test_a_purpose_counts_characters(self):
        who = f"{BASE}/beneficiaries/{self.world.elders[0]}/identity"
        for length, status in ((1, 400), (2, 200), (84, 200), (200, 200), (201, 400)):
            answer = self.world.get(who, role="registrar", headers={
                "Access-Purpose": ("核" * length).encode().decode("latin-1")})
            self.assertEqual(answer.status, status, length)

    def test_without_the_key_of_the_vault_it_is_said_so(self):
        w = World().start().fill()
        try:
            self.assertEqual(w.stop(), 0)
            key = w.ledger / "keys" / "vault.key"
            key.rename(w.directory / "elsewhere")
            w.start()
            purpose = {"Access-Purpose": "check"}
            who = f"{BASE}/beneficiaries/{w.elders[0]}/identity"
            for answer in (w.post(registration("320412901", ELDERS[2]), "locked", "registrar"),
                           w.get(who, role="registrar", headers=purpose),
                           w.post({"id_number": ELDERS[0]}, None, "registrar", purpose,
                                  BASE + "/beneficiaries/lookup")):
                self.assertEqual((answer.status, answer.code), (503, "vault-key-missing"), answer.bytes)
            self.assertIn("vault-key-missing", w.get("/readyz", role=None).bytes.decode())
            self.assertIn('"event":"state","code":"vault-key-missing"', w.read_log())
            self.assertEqual(w.post(region("320412909"), "other", "registrar").status, 201)
        finally:
            w.close()


if __name__ == "__main__":
    unittest.main()
