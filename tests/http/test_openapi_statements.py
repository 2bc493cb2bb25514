"""Registers and statements of api/openapi.yaml against the real server."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import REGISTERS, Driven  # noqa: E402
from test_entitlements import SCHEME  # noqa: E402
from world import BASE, ROOT, run  # noqa: E402


class Statements(Driven, unittest.TestCase):
    tags = ("registers", "statements",)

    def test_4_policy_check(self):
        """The same answer as on the command line, for a good file, a faulty one, and what is no JSON."""
        path = BASE + "/policies/check"
        good = (ROOT / "fixtures/wujin-2008/policies/wujin-2008.json").read_text(encoding="utf-8")
        size = self.get(BASE + "/funds").json["size"]
        file = self.world.directory / "policy.json"
        for text in (good, good.replace('"title"', '"titel"'), "{\n  nothing", "[]", '{"version": 1e999}', "[" * 5000):
            file.write_text(text, encoding="utf-8")
            told = json.loads(run("--json", "policy", "check", file, check=False).stdout)
            del told["file"]
            answer = self.post(text, None, "preparer", 200, path=path)
            self.assertEqual(answer.json, told)
        self.assertEqual(self.get(BASE + "/funds").json["size"], size)
        self.post(good, None, "inspector", 415, "unsupported-media-type", path=path,
                  headers={"Content-Type": "text/plain"})
        self.post(good, None, "p-01", 403, "forbidden", path=path)
        self.post(" " * (1 << 20) + good, None, "inspector", 413, "payload-too-large", path=path)

    def test_4_state(self):
        world = self.world
        claim = world.post(world.claim("p-01", "HX-1", [self.vouchers[0]]), "claim-1", "p-01").json["index"]
        world.record("S1", "preparer", "settlement_preparation", "2008-05-05",
                     {"basis": "redemptions", "provider": "p-01", "redemptions": [claim],
                      "settlement": "S1", "total": "100.00"}, policy="wujin-2008@1")
        world.record("S1-r", "reviewer", "settlement_review", "2008-05-06", {"settlement": "S1"})
        world.record("S1-a", "approver", "settlement_approval", "2008-05-07", {"settlement": "S1"})
        world.record("D1", "preparer", "disbursement_preparation", "2008-05-08",
                     {"account": "za", "amount": "100.00", "disbursement": "D1", "method": "transfer",
                      "payee": world.bank("p-01"), "settlement": "S1"})
        world.record("D1-a", "approver", "disbursement_approval", "2008-05-09", {"disbursement": "D1"})
        world.record("D1-p", "cashier", "disbursement_payment", "2008-05-09",
                     {"disbursement": "D1", "bank_reference": "B-D1"})
        world.record("R1", "preparer", "recovery_decision", "2008-05-10",
                     {"amount": "100.00", "fund": "care", "programme": "services", "provider": "p-01", "reason": "多付",
                      "recovery": "R1", "region": "320412901"})
        world.record("R1-r", "preparer", "recovery_receipt", "2008-05-11",
                     {"account": "za", "amount": "60.00", "bank_reference": "B-R1", "recovery": "R1"})
        world.record("scheme", "registrar", "policy_registration", "2008-04-01", {"policy": SCHEME})
        for n, application in enumerate(("A1", "A2")):
            world.record(application, "registrar", "entitlement_application", "2008-04-03",
                         {"application": application, "beneficiary": world.elders[n], "category": "dibao",
                          "channel": "home", "documents": ["form"], "programme": "homecare"}, policy="care@1")
        world.record("A1-1", "preparer", "application_step", "2008-04-04",
                     {"application": "A1", "outcome": "passed", "step": "visit"})
        for plural, one in REGISTERS.items():
            page = self.get(f"{BASE}/{plural}?limit=1").json
            self.assertEqual(len(page[plural]), 1)
            if "next" in page:
                self.get(f"{BASE}/{plural}?cursor={page['next']}")
            self.get(f"{BASE}/{plural}?limit=0", 400, "bad-parameter")
            self.get(f"{BASE}/{plural}/{one}")
            self.get(f"{BASE}/{plural}/no-such", 404, "not-found")
        self.assertEqual(len(self.get(BASE + "/settlements?step=approved").json["settlements"]), 1)
        self.assertEqual(self.get(BASE + "/settlements?step=prepared").json["settlements"], [])
        self.get(BASE + "/disbursements?step=sent", 400, "bad-parameter")
        self.get(BASE + "/disbursements?provider=p-02", 403, "forbidden", role="p-01")
        self.assertEqual(self.get(BASE + "/recoveries?open=true", role="p-01").json["recoveries"][0]["open"], "40.00")
        page = self.get(BASE + "/beneficiaries?limit=1").json
        self.get(f"{BASE}/beneficiaries?limit=1&cursor={page['next']}")
        self.get(BASE + "/beneficiaries?as_of=today", 400, "bad-parameter")
        self.get(f"{BASE}/beneficiaries/{world.elders[0]}?as_of=2008-06-01")
        self.get(BASE + "/beneficiaries/" + "0" * 16, 404, "not-found")
        now = self.get(BASE + "/balances?account=available&fund=care").json["balances"]
        then = self.get(BASE + "/balances?account=available&as_of=2008-04-02").json["balances"]
        self.assertEqual([b["balance"] for b in (*now, *then)], ["10060.00", "100000.00"])
        self.get(BASE + "/balances?account=pocket", 400, "bad-parameter")
        page = self.get(f"{BASE}/vouchers?series=T&limit=1").json
        self.assertEqual(page["vouchers"][0]["status"], "redeemed")
        self.get(f"{BASE}/vouchers?cursor={page['next']}&status=outstanding&month=2008-04")
        self.get(BASE + "/vouchers?status=none", 400, "bad-parameter")
        voucher = self.get(f"{BASE}/vouchers/{self.vouchers[1]}").json["voucher"]
        self.assertEqual((voucher["status"], voucher["beneficiary"]), ("outstanding", world.elders[1]))
        self.get(f"{BASE}/vouchers/T-99999999", 404, "not-found")

    def test_4_statements(self):
        names = [r["name"] for r in self.get(BASE + "/reports").json["reports"]]
        for name in names:
            for form in ("json", "text", "csv", "xlsx"):
                more = "&provider=p-01" if name == "provider-statement" else ""
                self.get(f"{BASE}/reports/{name}?format={form}&as_of=2008-12-31{more}")
        self.get(BASE + "/reports/vouchers?region=999999", 400, "bad-parameter")
        self.get(BASE + "/reports/provider-statement", 400, "bad-parameter")
        self.get(BASE + "/reports/trial-balance?breakdown=fund,region&lang=en&from=2008-01-01")
        self.get(BASE + "/reports/fund-flow?fund=care&entries=false&region=320412901")
        self.get(BASE + "/reports/trial-balance?format=pdf", 400, "bad-parameter")
        self.get(BASE + "/reports/no-such", 404, "not-found")
        # What a report does not honour it refuses, and names it.
        some = {"fund": "care", "provider": "p-01", "region": "320412901", "breakdown": "fund", "recompute": "true",
                "entries": "false"}
        for report in self.get(BASE + "/reports").json["reports"]:
            needed = "&provider=p-01" if report["name"] == "provider-statement" else ""
            for parameter in set(some) - set(report["parameters"]):
                answer = self.get(f"{BASE}/reports/{report['name']}?{parameter}={some[parameter]}{needed}", 400,
                                  "bad-parameter")
                self.assertEqual(answer.json["field"], parameter)
        paid = self.get(BASE + "/providers/p-01/payments?as_of=2008-12-31", role="p-01").json
        self.assertEqual(paid["provider"], "p-01")
        self.get(BASE + "/providers/p-01/payments?as_of=2008", 400, "bad-parameter")
        self.get(BASE + "/providers/p-99/payments", 404, "not-found")


if __name__ == "__main__":
    unittest.main()
