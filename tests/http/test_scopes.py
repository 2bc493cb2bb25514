"""What somebody sees and records who is limited: a provider to its own, an officer to some regions, an
administrator to nothing. Every route of the table is driven by each; a route that is not named here must
refuse them, so that a new one leaks nothing."""
import json
import sys
import unittest
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ELDERS, LEDGER, ROOT, World, region, run  # noqa: E402

OURS, THEIRS = "320412901", "320412902"
# What only THEIRS and p-02 have to do with; nothing of it may appear in an answer to the others.
FOREIGN = [THEIRS, "U-0000", "HX-p-02", "横林", "S-p-02", "D-p-02", "7777.00"]
KINDS = [k for k in json.loads("[" + (ROOT / "ledger/core/documents.h").read_text(encoding="utf-8")
                               .split("kKindNames = {")[1].split("};")[0] + "]")]


class Scopes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World().start().fill()
        cls.regions = {}  # entry → the regions that it concerns; the oracle
        cls.common = {0}
        page = w.get(BASE + "/entries?limit=500").json["entries"]
        for item in page:
            kind = item["entry"]["kind"]
            if kind in ("fund_registration", "policy_registration"):
                cls.common.add(item["index"])
            elif OURS in json.dumps(item["entry"]):
                cls.regions[item["index"]] = {OURS}
        cls.build()
        officers = {"officer": ("preparer", OURS), "reviewing": ("reviewer", OURS), "looking": ("inspector", OURS),
                    "registering": ("registrar", OURS), "county": ("inspector", "320412"),
                    "elsewhere": ("inspector", "110000")}
        for user, (role, code) in officers.items():
            run("--ledger", w.ledger, "user", "add", user, "--role", role, "--region", code, "--no-password")
            w.tokens[user] = w.new_token(user, role)
        w.stop()
        w.start()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def build(cls):
        """A second town with an elder, vouchers, a claim, a settlement and its payment by p-02; and the same
        for the first town by p-01."""
        w = cls.world

        def note(regions, index):
            cls.regions[index] = set(regions)
            return index
        note({THEIRS}, w.record("r2", "registrar", "region_registration", "2008-04-01",
                                {"region": THEIRS, "name": "横林镇"}))
        note({THEIRS}, w.record("a2", "preparer", "allotment", "2008-04-03",
                                {"amount": "7777.00", "document_no": "武财〔2008〕9号", "from_counterpart": False,
                                 "fund": "care", "programme": "services", "region": THEIRS}, policy="wujin-2008@1"))
        at = note({THEIRS}, w.record("e2", "registrar", "beneficiary_registration", "2008-04-10",
                                     {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01",
                                      "region": THEIRS},
                                     identity={"name": "合成老人", "id_number": ELDERS[2]}, policy="wujin-2008@1"))
        cls.their_elder = w.get(f"{BASE}/entries/{at}").json["doc"]["beneficiary"]
        cls.our_elder = w.elders[0]
        before = w.get(BASE).json["size"]
        ours = w.issue(1)
        note({OURS}, before)
        note({THEIRS}, w.record("i2", "preparer", "voucher_issue", "2008-04-11",
                                {"fund": "care", "month": "2008-04", "programme": "services", "region": THEIRS,
                                 "valid_from": "2008-04-11", "valid_to": "2008-04-30"},
                                lines=[{"beneficiary": cls.their_elder, "face": "100.00", "voucher": "U-00000001"}],
                                policy="wujin-2008@1"))
        for provider, voucher, where in (("p-01", ours[0], {OURS}), ("p-02", "U-00000001", {THEIRS})):
            claim = note(where, w.record(f"c-{provider}", provider,
                                         **World.claim(provider, f"HX-{provider}", [voucher])))
            settlement, payment = f"S-{provider}", f"D-{provider}"
            steps = [("preparer", "settlement_preparation", {"basis": "redemptions", "provider": provider,
                                                             "redemptions": [claim], "settlement": settlement,
                                                             "total": "100.00"}),
                     ("reviewer", "settlement_review", {"settlement": settlement}),
                     ("approver", "settlement_approval", {"settlement": settlement}),
                     ("preparer", "disbursement_preparation",
                      {"account": "za", "amount": "100.00", "disbursement": payment, "method": "transfer",
                       "payee": w.bank(provider), "settlement": settlement}),
                     ("approver", "disbursement_approval", {"disbursement": payment}),
                     ("cashier", "disbursement_payment", {"disbursement": payment, "bank_reference": "B" + payment})]
            for n, (role, kind, doc) in enumerate(steps):
                more = {"policy": "wujin-2008@1"} if kind == "settlement_preparation" else {}
                note(where, w.record(f"{settlement}-{n}", role, kind, f"2008-05-{10 + n}", doc, **more))
        # A claim over both towns, of which the second town's voucher was taken back: it stays the business of both.
        note({OURS}, w.get(BASE).json["size"])
        more = w.issue(3, "2008-05")[0]
        note({THEIRS}, w.record("i3", "preparer", "voucher_issue", "2008-05-11",
                                {"fund": "care", "month": "2008-05", "programme": "services", "region": THEIRS,
                                 "valid_from": "2008-05-11", "valid_to": "2008-05-31"},
                                lines=[{"beneficiary": cls.their_elder, "face": "100.00", "voucher": "U-00000002"}],
                                policy="wujin-2008@1"))
        cls.mixed = note({OURS, THEIRS}, w.record("c-both", "p-02", **World.claim("p-02", "HX-p-02-both", [more, "U-00000002"],
                                                                              "2008-05-16")))
        note({OURS, THEIRS}, w.record("b-both", "p-02", "redemption_withdrawal", "2008-05-17",
                                      {"provider": "p-02", "reason": "券号录错", "redemption": cls.mixed},
                                      lines=[{"voucher": "U-00000002"}]))
        cls.size = w.get(BASE).json["size"]

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes)

    # --- every route

    def drive(self, method, pattern, who, provider):
        path = (pattern.replace("{ledger}", LEDGER).replace("{index}", "2").replace("{name}", "trial-balance")
                .replace("{provider}", provider).replace("{beneficiary}", self.our_elder)
                .replace("{fund}", "care").replace("{policy}", "wujin-2008@1").replace("{region}", OURS)
                .replace("{voucher}", "T-00000002").replace("{settlement}", "S-p-01").replace("{disbursement}", "D-p-01"))
        for part in ("{token}", "{user}", "{certificate}", "{file}"):
            path = path.replace(part, "0" * 16)
        query = "?old=1" if path.endswith("/consistency") else ""
        body = b"{}" if method == "POST" else None
        headers = {"Access-Purpose": "check"}
        if body:
            headers.update({"Content-Type": "application/json", "Idempotency-Key": "drive"})
        return self.world.request(method, path + query, body, who, headers)

    OPEN = {("GET", "/"), ("GET", "/sign-in"), ("GET", "/healthz"), ("GET", "/readyz"),
            ("GET", "/console/{file}"), ("POST", "/v1/session")}
    SELF = {("GET", "/v1/session"): 200, ("DELETE", "/v1/session"): 204, ("POST", "/v1/session/password"): 403,
            ("GET", "/v1/tokens"): 200, ("POST", "/v1/tokens"): 403, ("DELETE", "/v1/tokens/{token}"): 403,
            ("POST", "/v1/tokens/{token}/rotation"): 403}
    PROVIDER = {**SELF, ("GET", "/v1/ledgers/{ledger}/checkpoint"): 200,
                ("GET", "/v1/ledgers/{ledger}/providers/{provider}/payments"): 200,
                ("GET", "/v1/ledgers/{ledger}/disbursements"): 200, ("GET", "/v1/ledgers/{ledger}/recoveries"): 200,
                ("GET", "/v1/ledgers/{ledger}/settlements"): 200,
                ("GET", "/v1/ledgers/{ledger}/settlements/{settlement}"): 200,
                ("GET", "/v1/ledgers/{ledger}/disbursements/{disbursement}"): 200,
                ("POST", "/v1/ledgers/{ledger}/entries"): 400}
    OFFICER = {**SELF, ("GET", "/v1/ledgers/{ledger}"): 200, ("GET", "/v1/ledgers/{ledger}/checkpoint"): 200,
               ("GET", "/v1/ledgers/{ledger}/consistency"): 200, ("GET", "/v1/ledgers/{ledger}/reports"): 200,
               ("GET", "/v1/ledgers/{ledger}/entries"): 200, ("GET", "/v1/ledgers/{ledger}/entries/{index}"): 200,
               ("GET", "/v1/ledgers/{ledger}/entries/{index}/lines"): 200,
               ("GET", "/v1/ledgers/{ledger}/journal"): 200,
               ("GET", "/v1/ledgers/{ledger}/receipts/{index}"): 200,
               ("GET", "/v1/ledgers/{ledger}/proofs/{index}"): 200,
               ("GET", "/v1/ledgers/{ledger}/providers/{provider}/payments"): 200,
               ("GET", "/v1/ledgers/{ledger}/beneficiaries/{beneficiary}/identity"): 200,
               ("GET", "/v1/ledgers/{ledger}/beneficiaries/{beneficiary}"): 200,
               ("GET", "/v1/ledgers/{ledger}/beneficiaries"): 200, ("GET", "/v1/ledgers/{ledger}/applications"): 200,
               ("GET", "/v1/ledgers/{ledger}/disbursements"): 200, ("GET", "/v1/ledgers/{ledger}/recoveries"): 200,
               ("GET", "/v1/ledgers/{ledger}/settlements"): 200,
               ("GET", "/v1/ledgers/{ledger}/settlements/{settlement}"): 200,
               ("GET", "/v1/ledgers/{ledger}/disbursements/{disbursement}"): 200,
               ("GET", "/v1/ledgers/{ledger}/rules"): 200,
               ("GET", "/v1/ledgers/{ledger}/balances"): 200, ("GET", "/v1/ledgers/{ledger}/funds"): 200,
               ("GET", "/v1/ledgers/{ledger}/funds/{fund}"): 200, ("GET", "/v1/ledgers/{ledger}/policies"): 200,
               ("GET", "/v1/ledgers/{ledger}/policies/{policy}"): 200, ("GET", "/v1/ledgers/{ledger}/regions"): 200,
               ("GET", "/v1/ledgers/{ledger}/regions/{region}"): 200, ("GET", "/v1/ledgers/{ledger}/vouchers"): 200,
               ("GET", "/v1/ledgers/{ledger}/vouchers/{voucher}"): 200,
               ("POST", "/v1/ledgers/{ledger}/policies/check"): 200,
               ("POST", "/v1/ledgers/{ledger}/entries"): 400}

    def test_every_route_by_a_provider_and_by_an_officer(self):
        routes = json.loads(run("--json", "serve", "--list-routes").stdout)["routes"]
        self.assertGreater(len(routes), 25)
        for route in routes:
            key = route["method"], route["path"]
            if key in self.OPEN:
                continue
            for who, provider, expected in (("p-01", "p-01", self.PROVIDER), ("officer", "p-01", self.OFFICER)):
                with self.subTest(route=key, who=who):
                    answer = self.drive(*key, who, provider)
                    self.assertEqual(answer.status, expected.get(key, 403), answer.bytes[:300])
                    text = answer.bytes.decode("utf-8", "replace")
                    for foreign in [*FOREIGN, self.their_elder] + (["p-02"] if who == "p-01" else []):
                        if key[1].endswith("/entries/{index}") and foreign == "7777.00":
                            continue
                        self.assertNotIn(foreign, text)
            with self.subTest(route=key, who="nobody"):
                self.assertEqual(self.drive(*key, None, "p-01").status, 401)
        for key in list(self.PROVIDER) + list(self.OFFICER):
            self.assertIn(key, {(route["method"], route["path"]) for route in routes})

    # --- reading

    def visible(self, who, scope):
        """The entries that an officer is shown, in every way that shows one."""
        w = self.world
        listed, cursor = {}, ""
        while True:
            page = w.get(f"{BASE}/entries?limit=3{cursor}", role=who)
            self.assertEqual(page.status, 200, page.bytes)
            listed.update({e["index"]: e["entry"] for e in page.json["entries"]})
            if "next" not in page.json:
                break
            cursor = "&cursor=" + page.json["next"]
        expected = self.common | {i for i, where in self.regions.items() if all(r.startswith(scope) for r in where)}
        self.assertEqual(set(listed), expected)
        for index in range(self.size):
            for path in (f"/entries/{index}", f"/entries/{index}/lines", f"/proofs/{index}"):
                answer = w.get(BASE + path, role=who)
                self.assertEqual(answer.status, 200 if index in expected else 403, (path, answer.bytes))
                if answer.status == 403:
                    self.assertEqual(answer.code, "out-of-scope")
        return listed

    def test_entries(self):
        listed = self.visible("looking", OURS)
        text = json.dumps(listed, ensure_ascii=False)
        for foreign in [*FOREIGN, self.their_elder]:
            self.assertNotIn(foreign, text)
        self.assertIn("S-p-01", text)
        self.visible("county", "320412")
        self.visible("elsewhere", "110000")
        # Filters add nothing.
        for query in (f"region={THEIRS}", "provider=p-02"):
            self.assertEqual(self.world.get(f"{BASE}/entries?{query}", role="looking").json["entries"], [])

    def test_the_filter_by_a_provider_finds_what_concerns_it(self):
        """Whatever the provider gets a receipt of is found by its name, the steps of its payment too."""
        w = self.world
        found = w.get(BASE + "/entries?provider=p-01&limit=500").json["entries"]
        kinds = {e["entry"]["kind"] for e in found}
        self.assertLessEqual({"settlement_review", "settlement_approval", "disbursement_preparation",
                              "disbursement_approval", "disbursement_payment"}, kinds)
        own = {i for i in range(self.size) if w.get(f"{BASE}/receipts/{i}", role="p-01").status == 200}
        self.assertEqual(own - {e["index"] for e in found}, set())
        text = json.dumps(found)
        self.assertNotIn("S-p-02", text)
        some = w.get(BASE + "/entries?provider=p-01&kind=settlement_review").json["entries"]
        self.assertEqual([e["entry"]["doc"]["settlement"] for e in some], ["S-p-01"])
        streamed = w.get(BASE + "/journal?provider=p-01").bytes.decode().splitlines()
        self.assertEqual([json.loads(line)["index"] for line in streamed], [e["index"] for e in found])

    def test_reports(self):
        w = self.world
        names = [r["name"] for r in w.get(BASE + "/reports").json["reports"]]
        for name in names:
            for query in ("", f"&region={OURS}", f"&region={THEIRS}", "&region=320412"):
                for form in ("json", "text", "csv"):
                    path = f"{BASE}/reports/{name}?format={form}{query}&as_of=2008-12-31"
                    if name == "provider-statement":
                        path += "&provider=p-01"
                    answer = w.get(path, role="looking")
                    good = name in ("fund-flow", "vouchers") and (not query or OURS in query)
                    self.assertEqual(answer.status, 200 if good else 403, (path, answer.bytes[:200]))
                    text = answer.bytes.decode()
                    for foreign in FOREIGN:
                        self.assertNotIn(foreign, text, path)
        own = w.get(f"{BASE}/reports/fund-flow?as_of=2008-12-31", role="looking").json
        same = w.get(f"{BASE}/reports/fund-flow?as_of=2008-12-31&region={OURS}").json
        self.assertEqual(own["sections"], same["sections"])
        self.assertIn("90000.00", json.dumps(own))
        # More than one region: say which.
        self.assertEqual(w.get(f"{BASE}/reports/vouchers?region={THEIRS}", role="county").status, 200)
        self.refused(w.get(f"{BASE}/reports/vouchers?region=110000", role="county"), 403, "out-of-scope")

    def test_the_last_day_of_a_report_tells_nothing_of_other_regions(self):
        """It is the newest entry's for whoever sees all, and today's for whoever does not."""
        w = self.world
        today = datetime.now(timezone.utc).astimezone(timezone(timedelta(hours=8))).date()
        for name in ("fund-flow", "vouchers"):
            path = f"{BASE}/reports/{name}?region={OURS}"
            answer = w.get(path, role="looking")
            self.assertIn(date.fromisoformat(answer.json["as_of"]) - today, (timedelta(0), timedelta(1)), path)
            self.assertNotIn("etag", answer.headers)  # it is another one tomorrow
            everything = w.get(path)
            self.assertLess(everything.json["as_of"], "2009")
            self.assertEqual(answer.json["sections"], everything.json["sections"])
            dated = w.get(path + "&as_of=2008-12-31", role="looking")
            self.assertEqual((dated.json["as_of"], "etag" in dated.headers), ("2008-12-31", True))
            later = w.get(path + "&from=2999-01-01", role="looking")
            self.assertEqual((later.status, later.json["as_of"]), (200, "2999-01-01"))

    def test_vouchers_balances_and_regions(self):
        """What lies in one's regions, whole; of other regions not even whether it is there."""
        w = self.world
        all_vouchers = [v["voucher"] for v in w.get(BASE + "/vouchers").json["vouchers"]]
        self.assertIn("U-00000001", all_vouchers)
        for query in ("", f"?region={OURS}"):
            shown = [v["voucher"] for v in w.get(BASE + "/vouchers" + query, role="looking").json["vouchers"]]
            self.assertEqual(shown, [v for v in all_vouchers if v.startswith("T-")])
            balances = w.get(BASE + "/balances" + query, role="looking").json["balances"]
            same = w.get(f"{BASE}/balances?region={OURS}").json["balances"]
            self.assertTrue(balances)
            self.assertEqual(balances, same)
        self.assertEqual(w.get(BASE + "/balances?as_of=2008-12-31", role="looking").json["balances"], same)
        for path in (f"/vouchers?region={THEIRS}", f"/balances?region={THEIRS}", "/balances?region=320412",
                     "/vouchers/U-00000001", "/vouchers/T-99999999", f"/regions/{THEIRS}", "/regions/999999"):
            self.refused(w.get(BASE + path, role="looking"), 403, "out-of-scope")
        self.assertEqual([r["region"] for r in w.get(BASE + "/regions", role="looking").json["regions"]], [OURS])
        self.assertEqual(w.get(BASE + "/funds", role="looking").json["funds"], w.get(BASE + "/funds").json["funds"])

    def test_payments(self):
        w = self.world
        own = w.get(BASE + "/providers/p-01/payments", role="looking")
        self.assertEqual(own.json["claims"][0]["claim_no"], "HX-p-01")
        self.refused(w.get(BASE + "/providers/p-02/payments", role="looking"), 403, "out-of-scope")
        self.refused(w.get(BASE + "/providers/nobody/payments", role="looking"), 403, "out-of-scope")
        self.assertEqual(w.get(BASE + "/providers/p-02/payments", role="county").status, 200)

    def test_people(self):
        w = self.world
        for who, status in ((self.our_elder, 200), (self.their_elder, 403)):
            answer = w.get(f"{BASE}/beneficiaries/{who}/identity", role="looking",
                           headers={"Access-Purpose": "check"})
            self.assertEqual(answer.status, status, answer.bytes)

    # --- writing

    def test_writes_by_an_officer(self):
        w = self.world

        def ask(who, kind, doc, key="k", **more):
            return w.post({"kind": kind, "date": "2008-05-20", "doc": doc, **more}, f"w-{key}", who)
        size = w.get(BASE).json["size"]
        void = {"reason": "lost"}
        outside = [
            ("registering", "region_registration", {"name": "镇", "region": "320412903"}, {}),
            ("registering", "entitlement_end", {"beneficiary": self.their_elder, "ended_on": "2008-05-01",
                                                "evidence": "e", "reason": "moved"}, {}),
            # Taking a person over from another region is that region's business too.
            ("registering", "beneficiary_amendment", {"beneficiary": self.their_elder, "evidence": "e",
                                                      "region": OURS}, {}),
            ("registering", "entitlement_end", {"beneficiary": "f" * 16, "ended_on": "2008-05-01", "evidence": "e",
                                                "reason": "moved"}, {}),
            ("registering", "fund_registration", {"fund": "x", "name": "n", "fiscal_year": 2008,
                                                  "functional_code": "2081002"}, {}),
            ("officer", "allotment", {"amount": "1.00", "document_no": "d", "from_counterpart": False, "fund": "care",
                                      "programme": "services", "region": THEIRS}, {"policy": "wujin-2008@1"}),
            ("officer", "voucher_void", void, {"lines": [{"voucher": "U-00000001"}]}),
            ("officer", "voucher_void", void, {"lines": [{"voucher": "T-00000002"}, {"voucher": "U-00000001"}]}),
            ("officer", "voucher_void", void, {"lines": [{"voucher": "T-99999999"}]}),
            ("officer", "bank_statement", {"account": "za", "closing": "0.00", "opening": "0.00", "period": "2008-04"},
             {"lines": [{"amount": "1.00", "date": "2008-04-02", "direction": "in", "reference": "r"}]}),
            ("reviewing", "settlement_review", {"settlement": "S-p-02"}, {}),
            ("reviewing", "settlement_review", {"settlement": "unknown"}, {}),
            ("reviewing", "period_close", {"period": "2008-04"}, {}),
            ("officer", "settlement_preparation", {"basis": "redemptions", "provider": "p-02", "redemptions": [self.mixed],
                                                   "settlement": "S-p-02-both", "total": "100.00"},
             {"policy": "wujin-2008@1"}),
            ("officer", "redemption_withdrawal", {"provider": "p-02", "reason": "r", "redemption": self.mixed},
             {"lines": [{"voucher": "T-00000003"}]}),
        ]
        for who, kind, doc, more in outside:
            with self.subTest(kind=kind, doc=doc):
                self.refused(ask(who, kind, doc, **more), 403, "out-of-scope")
        # One of a batch is enough; where each stands for itself, it alone is turned away.
        batch = {"commands": [
            {"kind": "voucher_void", "date": "2008-05-20", "doc": void, "lines": [{"voucher": v}]}
            for v in ("T-00000002", "U-00000001")]}
        self.refused(w.post(batch, "wb", "officer"), 403, "out-of-scope")
        alone = w.post({"mode": "independent", "commands": batch["commands"][1:]}, "wi", "officer")
        self.assertEqual((alone.status, [r["status"] for r in alone.json["results"]]), (207, [403]))
        self.assertNotIn(b"U-00000001", alone.bytes)
        self.assertEqual(w.get(BASE).json["size"], size)
        # Within the region the rules decide.
        self.refused(ask("reviewing", "settlement_review", {"settlement": "S-p-01"}), 409, "wrong-step")
        self.assertEqual(ask("officer", "voucher_void", void, "in", lines=[{"voucher": "T-00000002"}]).status, 201)
        type(self).regions[size] = {OURS}
        type(self).size = size + 1

    def test_an_administrator_and_an_inspector_record_nothing(self):
        w = self.world
        self.assertGreater(len(KINDS), 50)
        size = w.get(BASE).json["size"]
        real = {e["entry"]["kind"]: e["entry"] for e in w.get(BASE + "/entries?limit=500").json["entries"]}
        self.assertGreater(len(real), 12)
        for who in ("administrator", "inspector"):
            for n, kind in enumerate(KINDS):
                entry = real.get(kind, {"date": "2008-05-20", "doc": {}})
                body = {"kind": kind, "date": entry["date"], "doc": entry["doc"]}
                if "policy" in entry:
                    body["policy"] = entry["policy"]
                for body in (body, {"commands": [body]}, {"mode": "independent", "commands": [body]}):
                    self.refused(w.post(body, f"{who}-{n}", who), 403, "role-not-permitted")
            self.refused(w.post("nonsense", "n", who), 403, "role-not-permitted")
        self.assertEqual(w.get(BASE).json["size"], size)

    def test_users_of_another_ledger(self):
        w = self.world
        run("--ledger", w.ledger, "user", "add", "far", "--role", "inspector", "--ledger-id", "another", "--no-password")
        w.tokens["far"] = w.new_token("far", "inspector")
        w.stop()
        w.start()
        self.refused(w.get(BASE, role="far"), 401, "unauthenticated")


if __name__ == "__main__":
    unittest.main()
