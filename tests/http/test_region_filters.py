"""A filter by a region covers what lies in it, as the regions of a user do, and refuses a region that the ledger
does not know: everywhere the same (ledger/core/region_tree.h)."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, World, run  # noqa: E402

TOWN, COUNTY, VILLAGE = "320412901", "320412", "320412901001"


class RegionFilters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        w.tokens["town"] = cls.limited("town.reader", "inspector", TOWN)
        w.start().fill()
        cls.vouchers = w.issue(1)

    @classmethod
    def limited(cls, user, role, region):
        cls.world.new_user(user, role, region=region)
        made = run("--ledger", cls.world.ledger, "--json", "token", "new", "--actor", user, "--role", role)
        return json.loads(made.stdout)["token"]

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def get(self, path, role="inspector"):
        answer = self.world.get(BASE + path, role=role)
        self.assertEqual(answer.status, 200, answer.bytes)
        return answer.json

    def test_a_region_covers_what_lies_in_it(self):
        for path, key in (("/balances?account=allotted", "balances"), ("/vouchers?series=T", "vouchers"),
                          ("/entries?kind=voucher_issue", "entries"), ("/entries?kind=allotment", "entries")):
            inside = self.get(f"{path}&region={TOWN}")[key]
            self.assertTrue(inside, path)
            self.assertEqual(self.get(f"{path}&region={COUNTY}")[key], inside)
        registered = self.get(f"/entries?kind=region_registration&region={COUNTY}")["entries"]
        self.assertIn(TOWN, [e["entry"]["doc"]["region"] for e in registered])

    def test_reports_too(self):
        for name in ("vouchers", "fund-flow"):
            town, county = (self.get(f"/reports/{name}?region={r}") for r in (TOWN, COUNTY))
            self.assertEqual(town["sections"], county["sections"], name)
            self.assertTrue(county["sections"][0]["rows"], name)
            self.assertEqual([p for p in county["parameters"] if p == "region"], ["region"])

    def test_an_unknown_region_is_refused(self):
        for path in ("/balances", "/vouchers", "/entries", "/journal"):
            for region in ("999999", VILLAGE):
                answer = self.world.get(f"{BASE}{path}?region={region}")
                self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "bad-parameter", "region"))
        for name in ("vouchers", "fund-flow", "duties"):
            answer = self.world.get(f"{BASE}/reports/{name}?region=999999")
            self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "bad-parameter", "region"))

    def test_days_in_the_wrong_order_are_refused(self):
        for path in ("/entries", "/journal"):
            answer = self.world.get(f"{BASE}{path}?from=2008-05-01&to=2008-04-01")
            self.assertEqual((answer.status, answer.json["field"]), (400, "to"))

    def test_a_programme_finds_the_policy_that_names_it(self):
        kinds = [e["entry"]["kind"] for e in self.get("/entries?programme=services")["entries"]]
        self.assertIn("policy_registration", kinds)
        self.assertEqual(self.get("/entries?programme=nothing")["entries"], [])

    def test_whoever_answers_for_a_region_sees_it_and_the_catalogue(self):
        self.assertTrue(self.get("/rules", role="town")["rules"])
        self.assertEqual(self.get(f"/regions/{TOWN}", role="town")["registered"]["region"], TOWN)
        answer = self.world.get(f"{BASE}/regions/{COUNTY}", role="town")
        self.assertEqual((answer.status, answer.code), (403, "out-of-scope"))


if __name__ == "__main__":
    unittest.main()
