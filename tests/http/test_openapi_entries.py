"""Entries, evidence and people of api/openapi.yaml against the real server."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import Driven  # noqa: E402
from world import BASE, ELDERS, LEDGER, STAFF, World, run  # noqa: E402


class Entries(Driven, unittest.TestCase):
    tags = ("entries", "evidence",)

    def test_2_ledger(self):
        head = self.get(BASE).json
        self.assertEqual(head["ledger"], LEDGER)
        self.assertTrue(head["verifier_key"].startswith("fundtrail/" + LEDGER))

    def test_3_write(self):
        claim = World.claim("p-01", "HX-1", [self.vouchers[0], "T-99999999"], mode="line_by_line")
        trial = self.post(claim, "claim-1", "p-01", 200, path=BASE + "/entries?dry_run=true").json
        self.assertTrue(trial["postings"])
        made = self.post(claim, "claim-1", "p-01", 201).json
        self.assertEqual([r["line"] for r in made["refused_lines"]], [1])
        again = self.post(claim, "claim-1", "p-01", 200)
        self.assertEqual(again.headers["idempotency-hit"], "true")
        self.assertEqual(again.json["leaf"], made["leaf"])
        self.post(World.claim("p-01", "HX-2", [self.vouchers[1]]), "claim-1", "p-01", 422,
                  "command-id-reused")

        def region(code):
            return {"kind": "region_registration", "date": "2008-04-01",
                    "doc": {"name": "镇", "region": code}}
        batch = {"commands": [region("320412101"), region("320412102")]}
        self.post(batch, "batch", "registrar", 201)
        self.post(batch, "batch", "registrar", 200)
        unreadable = {**region("320412105"), "date": "2008-02-30"}
        mixed = {"mode": "independent", "commands": [region("320412103"), region("320412101"), unreadable]}
        results = self.post(mixed, "mixed", "registrar", 207).json["results"]
        self.assertEqual([r["status"] for r in results], [201, 409, 400])
        self.assertEqual((results[2]["problem"]["command"], results[2]["problem"]["field"]), ("mixed.2", "date"))
        self.assertEqual(results[1]["problem"]["command"], "mixed.1")
        self.post({"commands": [region("320412104"), region("320412101")]}, "atomic", "registrar",
                  409, "already-registered")
        self.assertNotIn(b"320412104",
                         self.get(BASE + "/entries?kind=region_registration").bytes)

    def test_3_write_refused(self):
        region = {"kind": "region_registration", "date": "2008-04-01",
                  "doc": {"name": "镇", "region": "320412109"}}
        self.post(region, None, "registrar", 400, "missing-idempotency-key")
        self.post(region, "13812345678", "registrar", 400, "bad-idempotency-key")
        self.post("{", "bad", "registrar", 400, "malformed-json")
        self.post(region, "k", None, 401, "unauthenticated")
        self.post(region, "k", "preparer", 403, "role-not-permitted")
        self.post(World.claim("p-02", "X", [self.vouchers[1]]), "k", "p-01", 403, "not-own-provider")
        self.post(World.claim("p-01", "X", ["T-99999998"]), "k", "p-01", 404, "unknown-voucher")
        self.post(b" " * (8 << 20) + b"{}", "k", "registrar", 413, "payload-too-large")
        self.post(region, "k", "registrar", 415, "unsupported-media-type",
                  headers={"Content-Type": "text/plain"})

    def test_4_read(self):
        page = self.get(BASE + "/entries?limit=2").json
        self.assertEqual(len(page["entries"]), 2)
        self.get(f"{BASE}/entries?limit=2&cursor={page['next']}")
        self.assertEqual(self.get(BASE + "/entries?after=2&limit=1").json["entries"][0]["index"], 3)
        self.get(BASE + "/entries?after=999999", 400, "bad-parameter")
        for query in ("kind=redemption", "fund=care", "region=320412901", "provider=p-01",
                      "from=2008-04-02&to=2008-04-03", "programme=services", "actor=wang.fang",
                      f"beneficiary={self.world.elders[0]}", f"voucher={self.vouchers[0]}",
                      "min_amount=90000.00&max_amount=90000.00"):
            self.assertTrue(self.get(f"{BASE}/entries?{query}").json["entries"], query)
        self.get(BASE + "/entries?limit=501", 400, "bad-parameter")
        journal = self.get(BASE + "/journal?lines=true")
        self.assertEqual(journal.bytes.count(b"\n"), int(journal.headers["fundtrail-size"]))
        self.get(BASE + "/journal?lines=yes", 400, "bad-parameter")
        entry = self.get(BASE + "/entries/1")
        tag = entry.headers["etag"]
        self.get(BASE + "/entries/1", 304, headers={"If-None-Match": tag})
        self.get(BASE + "/entries/999999", 404, "not-found")
        issue = self.get(BASE + "/entries?kind=voucher_issue").json["entries"][0]
        lines = self.get(f"{BASE}/entries/{issue['index']}/lines")
        self.assertEqual(lines.bytes.count(b"\n"), 2)

    def test_4_evidence(self):
        self.get(BASE + "/proofs/1")
        issue = self.get(BASE + "/entries?kind=voucher_issue").json["entries"][0]["index"]
        proof = self.get(f"{BASE}/proofs/{issue}?size={issue + 1}&line=1").json
        self.assertEqual(proof["line"]["count"], 2)
        self.get(BASE + "/proofs/1?size=1", 400, "bad-parameter")
        self.get(BASE + "/proofs/999999", 404, "not-found")
        self.get(BASE + "/consistency?old=1")
        self.get(BASE + "/consistency?old=1&new=3")
        self.get(BASE + "/consistency", 400, "bad-parameter")
        self.get(f"{BASE}/receipts/{issue}?line=1")
        self.get(f"{BASE}/receipts/{issue}?line=2", 404, "not-found")
        self.get(BASE + "/receipts/1?line=x", 400, "bad-parameter")
        self.assertTrue(self.get(BASE + "/checkpoints").json["checkpoints"])
        self.get(BASE + "/rules")
        self.get(BASE + "/indicators")
        self.get(BASE + "/indicators?rule=R-BEN-01")
        self.get(BASE + "/indicators?rule=R-BEN-99", 400, "bad-parameter")
        note = self.get(BASE + "/checkpoint", role="p-01").bytes.decode()
        self.assertEqual(note.split("\n")[0], "fundtrail/" + LEDGER)

    def test_4_people(self):
        who = f"{BASE}/beneficiaries/{self.world.elders[0]}/identity"
        purpose = {"Access-Purpose": "复核".encode().decode("latin-1")}
        self.assertEqual(self.get(who, headers=purpose).json["view"], "masked")
        self.assertEqual(self.get(who + "?view=full", headers=purpose).json["name"], "合成老人")
        self.get(who, 400, "purpose-required")
        self.get(who + "?view=half", 400, "bad-parameter", headers=purpose)
        self.get(f"{BASE}/beneficiaries/{'0' * 16}/identity", 404, "not-found", headers=purpose)
        lookup = BASE + "/beneficiaries/lookup"

        def look(number, status, code=None, role="registrar", headers=purpose):
            return self.post({"id_number": number}, None, role, status, code, path=lookup, headers=headers)
        self.assertEqual(look(ELDERS[0], 200).json, {"beneficiary": self.world.elders[0]})
        look(ELDERS[2], 404, "not-found")
        look(ELDERS[0], 403, "forbidden", role="cashier")
        look(ELDERS[0], 400, "purpose-required", headers={})
        look("320412194107309667", 400, "bad-parameter")
        look(ELDERS[0], 415, "unsupported-media-type", headers={**purpose, "Content-Type": "text/plain"})

    def known(self):
        index = self.get(f"{BASE}/entries?kind=redemption").json["entries"][0]["index"]
        return {**super().known(), "index": str(index)}

    def test_7_erased(self):
        person = self.world.elders[1]
        self.post({"kind": "entitlement_end", "date": "2008-04-01",
                   "doc": {"beneficiary": person, "ended_on": "2008-04-01", "evidence": "证明",
                           "reason": "moved"}}, "end-1", "registrar", 201)
        self.assertEqual(self.world.stop(), 0)
        run("--ledger", self.world.ledger, "erase", "--beneficiary", self.world.elders[1], "--ground",
            "ordered", "--ordered-by", STAFF["approver"], "--reference", "R-1", "--actor", "sun.qi", "--yes")
        self.world.start()
        self.get(f"{BASE}/beneficiaries/{self.world.elders[1]}/identity", 410, "person-erased",
                 headers={"Access-Purpose": "check"})
        self.post({"id_number": ELDERS[1]}, None, "registrar", 410, "person-erased",
                  path=BASE + "/beneficiaries/lookup", headers={"Access-Purpose": "check"})


if __name__ == "__main__":
    unittest.main()
