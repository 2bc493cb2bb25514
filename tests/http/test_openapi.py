"""api/openapi.yaml against the real server: every operation and every documented answer is driven,
and status, content type and body are checked against the schema. Fails when an operation or answer
of the file was not seen, or when the server has a route that the file has not, or the reverse."""
import json
import re
import sys
import unittest
from pathlib import Path

import jsonschema
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, ROOT, STAFF, Browser, World, packed, run  # noqa: E402

DOCUMENT = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text(encoding="utf-8"))
REGISTERS = {"accounts": "za", "disbursements": "D1", "funds": "care", "policies": "wujin-2008@1",
             "providers": "p-01", "regions": "320412901", "settlements": "S1"}
# What stands in an address where it only matters that it is well-formed.
KNOWN = {"ledger": LEDGER, "index": "1", "name": "trial-balance", "provider": "p-02", "user": "officer",
         "token": "x", "certificate": "0" * 64, "job": "x", "voucher": "T-00000001", "file": "index.js",
         **{"policy" if many == "policies" else many[:-1]: one for many, one in REGISTERS.items()
            if many != "providers"}}
# A poisoned store cannot be had from outside; tests/http/faults_test.cpp covers these answers.
NOT_DRIVEN = {("getReady", "503"), ("postEntries", "503"),
              ("getIdentity", "503")}  # tests/http/test_access_log.py


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield method.upper(), path, item[method]


def validator(schema):
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema.Draft202012Validator(whole)


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        cls.first = {"admin": w.new_user("admin", "administrator"), "officer": w.new_user("officer", "preparer")}
        w.tokens["slow"] = json.loads(run("--ledger", w.ledger, "--json", "token", "new", "--actor", "slow", "--role",
                                          "inspector", "--per-second", 1).stdout)["token"]
        w.start().fill()
        cls.vouchers = w.issue(1)
        cls.seen = set()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    # --- the check of one answer

    def operation_of(self, method, path):
        bare = path.split("?")[0]
        for m, pattern, operation in operations():
            shape = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(pattern))
            if m == method and re.fullmatch(shape, bare):
                return operation
        self.fail(f"{method} {path} is not in the file")

    def check(self, answer, method, path, status, code=None):
        where = f"{method} {path} → {answer.status} {answer.bytes[:400]!r}"
        self.assertEqual(answer.status, status, where)
        operation = self.operation_of(method, path)
        responses = operation["responses"]
        self.assertIn(str(status), responses, where)
        self.seen.add((operation["operationId"], str(status)))
        response = resolve(responses[str(status)])
        for name, header in response.get("headers", {}).items():
            value = answer.headers.get(name.lower())
            if value is not None:
                validator(header["schema"]).validate(value)
        content = response.get("content", {})
        if not content:
            self.assertEqual(answer.bytes, b"", where)
            return answer
        self.assertIn(answer.media_type, content, where)
        schema = content[answer.media_type].get("schema")
        if "json" in answer.media_type and answer.media_type != "application/x-ndjson":
            validator(schema).validate(answer.json)
        if status >= 400:
            self.assertEqual(answer.media_type, "application/problem+json", where)
            self.assertEqual(answer.json["status"], status)
            self.assertTrue(answer.json["instance"].endswith(answer.headers["x-request-id"]))
            if code:
                self.assertEqual(answer.code, code, where)
        return answer

    def get(self, path, status=200, code=None, **more):
        return self.check(self.world.get(path, **more), "GET", path, status, code)

    def post(self, body, key, role, status, code=None, path=BASE + "/entries", **more):
        return self.check(self.world.post(body, key, role, path=path, **more), "POST", path, status,
                          code)

    def delete(self, path, status=200, code=None, role="inspector"):
        return self.check(self.world.request("DELETE", path, role=role), "DELETE", path, status, code)

    def ask(self, browser, method, path, status, code=None, body=None, **more):
        return self.check(browser.ask(method, path, body, **more), method, path, status, code)

    # --- the file itself

    def test_1_examples_fit_their_schemas(self):
        count = 0
        for _, _, operation in operations():
            places = [resolve(r) for r in operation["responses"].values()]
            places += [operation["requestBody"]] if "requestBody" in operation else []
            for place in places:
                for media, content in place.get("content", {}).items():
                    examples = [e["value"] for e in content.get("examples", {}).values()]
                    examples += [content["example"]] if "example" in content else []
                    for example in examples:
                        validator(content["schema"]).validate(example)
                        count += 1
        self.assertGreater(count, 25)

    def test_1_everything_is_said_in_both_languages_and_shown(self):
        for method, path, operation in operations():
            where = f"{method} {path}"
            self.assertRegex(operation["summary"], "[A-Za-z]", where)
            if operation.get("security") != []:
                self.assertRegex(operation["summary"], "[\u4e00-\u9fff]", where)
            shown = [content for status, r in operation["responses"].items() if status < "300"
                     for media, content in resolve(r).get("content", {}).items() if "json" in media]
            for content in shown[-1:]:
                self.assertTrue("example" in content or "examples" in content, where)
            for p in operation.get("parameters", []):
                self.assertTrue("example" in resolve(p) or resolve(p)["name"] == "cursor", where)

    def test_1_path_items_stand_in_order(self):
        self.assertEqual(list(DOCUMENT["paths"]), sorted(DOCUMENT["paths"]))

    def test_1_routes_are_the_same(self):
        listed = json.loads(run("--json", "serve", "--list-routes").stdout)["routes"]
        ours = {(m, p) for m, p, _ in operations()}
        self.assertEqual({(r["method"], r["path"]) for r in listed}, ours)

    # --- every operation

    def test_2_operation(self):
        page = self.get("/", role=None)
        self.assertIn("default-src 'none'", page.headers["content-security-policy"])
        self.get("/healthz", role=None)
        self.get("/readyz", role=None)
        self.assertIn("fundtrail_entries ", self.get("/metrics").bytes.decode())
        self.get("/metrics", 401, "unauthenticated", role=None)
        self.get("/metrics", 403, "forbidden", role="p-01")

    def test_2_ledger(self):
        head = self.get(BASE).json
        self.assertEqual(head["ledger"], LEDGER)
        self.assertTrue(head["verifier_key"].startswith("fundtrail/" + LEDGER))

    def test_3_write(self):
        claim = World.claim("p-01", "HX-1", [self.vouchers[0], "T-99999999"], mode="line_by_line")
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
        mixed = {"mode": "independent", "commands": [region("320412103"), region("320412101")]}
        results = self.post(mixed, "mixed", "registrar", 207).json["results"]
        self.assertEqual([r["status"] for r in results], [201, 409])
        self.assertEqual(results[1]["problem"]["command"], "mixed.1")
        self.post({"commands": [region("320412104"), region("320412101")]}, "atomic", "registrar",
                  409, "already-registered")
        self.assertNotIn(b"320412104",
                         self.get(BASE + "/entries?kind=region_registration").bytes)

    def test_3_write_refused(self):
        region = {"kind": "region_registration", "date": "2008-04-01",
                  "doc": {"name": "镇", "region": "320412109"}}
        self.post(region, None, "registrar", 400, "missing-idempotency-key")
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

    def test_4_statements(self):
        names = [r["name"] for r in self.get(BASE + "/reports").json["reports"]]
        for name in names:
            for form in ("json", "text", "csv", "xlsx"):
                more = "&provider=p-01" if name == "provider-statement" else ""
                self.get(f"{BASE}/reports/{name}?format={form}&as_of=2008-12-31{more}")
        self.get(BASE + "/reports/trial-balance?breakdown=fund,region&lang=en&from=2008-01-01")
        self.get(BASE + "/reports/fund-flow?fund=care&entries=false&region=320412901")
        self.get(BASE + "/reports/trial-balance?format=pdf", 400, "bad-parameter")
        self.get(BASE + "/reports/no-such", 404, "not-found")
        paid = self.get(BASE + "/providers/p-01/payments?as_of=2008-12-31", role="p-01").json
        self.assertEqual(paid["provider"], "p-01")
        self.get(BASE + "/providers/p-01/payments?as_of=2008", 400, "bad-parameter")
        self.get(BASE + "/providers/p-99/payments", 404, "not-found")

    def test_4_state(self):
        world = self.world
        claim = self.get(f"{BASE}/entries?kind=redemption").json["entries"][0]["index"]
        world.record("S1", "preparer", "settlement_preparation", "2008-05-05",
                     {"basis": "redemptions", "provider": "p-01", "redemptions": [claim],
                      "settlement": "S1", "total": "100.00"}, policy="wujin-2008@1")
        world.record("S1-r", "reviewer", "settlement_review", "2008-05-06", {"settlement": "S1"})
        world.record("S1-a", "approver", "settlement_approval", "2008-05-07", {"settlement": "S1"})
        world.record("D1", "preparer", "disbursement_preparation", "2008-05-08",
                     {"account": "za", "amount": "100.00", "disbursement": "D1", "method": "transfer",
                      "payee": world.bank("p-01"), "settlement": "S1"})
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
        now = self.get(BASE + "/balances?account=available&fund=care").json["balances"]
        then = self.get(BASE + "/balances?account=available&as_of=2008-04-02").json["balances"]
        self.assertEqual([b["balance"] for b in (*now, *then)], ["10000.00", "100000.00"])
        self.get(BASE + "/balances?account=pocket", 400, "bad-parameter")
        page = self.get(f"{BASE}/vouchers?series=T&limit=1").json
        self.assertEqual(page["vouchers"][0]["status"], "redeemed")
        self.get(f"{BASE}/vouchers?cursor={page['next']}&status=outstanding&month=2008-04")
        self.get(BASE + "/vouchers?status=none", 400, "bad-parameter")
        voucher = self.get(f"{BASE}/vouchers/{self.vouchers[1]}").json["voucher"]
        self.assertEqual((voucher["status"], voucher["beneficiary"]), ("outstanding", world.elders[1]))
        self.get(f"{BASE}/vouchers/T-99999999", 404, "not-found")

    def test_5_jobs(self):
        path = BASE + "/jobs"
        before = {j["job"] for j in self.get(path).json["jobs"]}  # of the imports
        wanted = [({"kind": "verify"}, "inspector"), ({"kind": "audit", "rules": ["R-BEN-01"]}, "inspector"),
                  ({"kind": "export"}, "inspector"),
                  ({"kind": "run", "programme": "services", "period": "2008-06", "date": "2008-06-01"},
                   "preparer")]
        for body, who in wanted:
            key = "job-" + body["kind"]
            self.post(body, key, who, 201, path=path)
            self.post(body, key, who, 200, path=path)
            self.assertEqual(self.world.ended(key)["state"], "done", self.world.ended(key))
            self.get(f"{path}/{key}")
            self.get(f"{path}/{key}/result")
        listed = {j["job"] for j in self.get(path).json["jobs"]}
        self.assertEqual(listed - before, {"job-" + body["kind"] for body, _ in wanted})
        self.get(path + "/none", 404, "not-found")
        self.get(path + "/none/result", 404, "not-found")
        self.post({"kind": "audit"}, "job-verify", "inspector", 422, "command-id-reused", path=path)
        run = {"kind": "run", "programme": "nothing", "period": "2008-06"}
        self.post(run, "j1", "preparer", 422, "incomplete-request", path=path)
        self.post(run, "j1", "preparer", 412, "precondition-failed", path=path,
                  headers={"If-Match": '"1-00"'})
        self.post({**run, "dry_run": False}, "j1", "inspector", 403, "forbidden", path=path)
        self.post({"kind": "verify"}, None, "inspector", 400, "missing-idempotency-key", path=path)
        self.post({"kind": "dance"}, "j1", "inspector", 400, "malformed-field", path=path)
        self.post({"kind": "verify"}, "j1", None, 401, "unauthenticated", path=path)
        self.post({"kind": "verify"}, "j1", "p-01", 403, "forbidden", path=path)
        self.post({"kind": "verify"}, "j1", "inspector", 404, "not-found", path=path.replace(LEDGER, "x"))
        self.post("x", "j1", "inspector", 415, "unsupported-media-type", path=path,
                  headers={"Content-Type": "text/plain"})
        self.post(b" " * (8 << 20) + b"{}", "j1", "inspector", 413, "payload-too-large", path=path)

    def test_5_imports(self):
        path, zipped = BASE + "/imports", {"Content-Type": "application/zip"}
        year = packed(ROOT / "fixtures" / "wujin-2008")

        def ask(key, status, code=None, role="registrar", body=year, headers=zipped, where=path):
            return self.post(body, key, role, status, code, headers=headers, path=where)
        ask("year", 201)
        ask("year", 200)
        ask("year", 422, "command-id-reused", where=path + "?past=true")
        ask("i", 400, "bad-parameter", where=path + "?dry_run=maybe")
        ask("i", 401, "unauthenticated", role=None)
        ask("i", 403, "forbidden", role="inspector", where=path + "?dry_run=false")
        ask("i", 404, "not-found", where=path.replace(LEDGER, "x"))
        ask("i", 413, "payload-too-large", body=b" " * (8 << 20) + b"{}")
        ask("i", 415, "unsupported-media-type", headers={})
        self.assertEqual(self.world.ended("year")["state"], "done")
        result = self.get(f"{BASE}/jobs/year/result").json
        self.assertEqual({b["code"] for b in result["bad"] if not b["consequence"]} & {"row-other-actor"},
                         {"row-other-actor"})
        # Sixteen wait at most; each of these takes far longer than asking for it.
        jobs = BASE + "/jobs"
        refused = {}
        for n in range(200):
            for where, body, headers in ((path, year, zipped), (jobs, {"kind": "verify"}, {})):
                answer = self.world.post(body, f"many-{n}-{where[-4:]}", "registrar", headers, where)
                if answer.status == 429:
                    refused[where] = self.check(answer, "POST", where, 429, "too-many-jobs")
            if len(refused) == 2:
                break
        self.assertEqual(len(refused), 2)
        waiting = [j["job"] for j in self.get(jobs).json["jobs"] if j["state"] == "queued"]
        self.delete(f"{jobs}/{waiting[0]}", 403, "forbidden", role="inspector")
        # One whose turn came meanwhile is told to end, or was done by then.
        told = {job: self.delete(f"{jobs}/{job}", role="registrar").json for job in waiting}
        cancelled = [job for job, answer in told.items() if answer["state"] == "cancelled"]
        self.assertTrue(cancelled)
        for job, answer in told.items():
            self.assertTrue(answer["state"] in ("cancelled", "done") or answer["cancelling"], answer)
            self.assertIn(self.world.ended(job)["state"], ("cancelled", "done"))
        self.get(f"{jobs}/{cancelled[0]}/result", 409, "no-result")
        self.delete(f"{jobs}/none", 404, "not-found")
        self.delete(f"{jobs}/{waiting[0]}", 401, "unauthenticated", role=None)
        self.delete(f"{jobs}/{waiting[0]}?x=1", 400, "bad-parameter")

    def test_4_people(self):
        who = f"{BASE}/beneficiaries/{self.world.elders[0]}/identity"
        purpose = {"Access-Purpose": "复核".encode().decode("latin-1")}
        self.assertEqual(self.get(who, headers=purpose).json["view"], "masked")
        self.assertEqual(self.get(who + "?view=full", headers=purpose).json["name"], "合成老人")
        self.get(who, 400, "purpose-required")
        self.get(who + "?view=half", 400, "bad-parameter", headers=purpose)
        self.get(f"{BASE}/beneficiaries/{'0' * 16}/identity", 404, "not-found", headers=purpose)
        page = self.get(BASE + "/access-log?limit=2").json
        self.assertEqual([r["n"] for r in page["records"]], [0, 1])
        self.get(f"{BASE}/access-log?limit=2&cursor={page['next']}")
        self.get(BASE + "/access-log?limit=0", 400, "bad-parameter")
        self.get(BASE + "/access-log/head")

    def test_5_identity(self):
        w = self.world
        self.assertIn("sign-in.js", self.get("/sign-in", role=None).bytes.decode())
        for name in ("style.css", "index.js", "sign-in.html"):
            self.get(f"/console/{name}", role=None)
        self.get("/console/nothing.js", 404, "not-found", role=None)
        new = "Right-Horse-7"

        def sign_in(browser, user, password, status, code=None, **more):
            body = {"user": user, "password": password}
            return self.ask(browser, "POST", "/v1/session", status, code, body, **more)
        admin, officer = Browser(w), Browser(w)
        for browser, user in ((admin, "admin"), (officer, "officer")):
            sign_in(browser, user, self.first[user], 201)
            own = {"present": self.first[user], "new": new}
            self.ask(browser, "POST", "/v1/session/password", 422, "password-too-short", {**own, "new": "x"})
            self.ask(browser, "POST", "/v1/session/password", 200, None, own)
        sign_in(Browser(w), "officer", "Wrong-Horse-7", 401, "sign-in-failed")
        sign_in(Browser(w), "officer", new, 403, "cross-site", headers={"Sec-Fetch-Site": "cross-site"})
        sign_in(Browser(w), "officer", new, 415, headers={"Content-Type": "text/plain"})
        self.ask(Browser(w), "POST", "/v1/session", 400, "bad-parameter", {"user": "officer"})
        for _ in range(5):
            sign_in(Browser(w), "nobody", new, 401)
        sign_in(Browser(w), "nobody", new, 429, "too-many-attempts")
        self.ask(officer, "GET", "/v1/session", 200)
        self.ask(officer, "POST", "/v1/session/password", 400, "bad-parameter", {})

        token = self.ask(officer, "POST", "/v1/tokens", 201, None, {"label": "接口", "days": 1}).json
        self.ask(officer, "POST", "/v1/tokens", 400, "bad-parameter", {"days": 0})
        self.ask(admin, "POST", "/v1/tokens", 404, "unknown-user", {"user": "nobody", "role": "preparer"})
        self.ask(officer, "GET", "/v1/tokens", 200)
        self.ask(admin, "GET", "/v1/tokens?user=nobody", 404, "unknown-user")
        path = f"/v1/tokens/{token['token']}"
        fresh = self.ask(officer, "POST", path + "/rotation", 201, None, {"overlap_hours": 0}).json
        self.ask(officer, "POST", path + "/rotation", 409, "token-ended", {})
        self.ask(officer, "POST", path + "/rotation", 400, "bad-parameter", {"overlap_hours": -1})
        self.ask(officer, "POST", "/v1/tokens/nothing/rotation", 404, "unknown-token", {})
        self.ask(officer, "DELETE", f"/v1/tokens/{fresh['token']}", 204)
        self.ask(officer, "DELETE", "/v1/tokens/nothing", 404, "unknown-token")

        made = self.ask(admin, "POST", "/v1/users", 201, None, {"user": "new", "roles": ["preparer"]}).json
        self.assertTrue(made["password"])
        self.ask(admin, "POST", "/v1/users", 400, "bad-parameter", {"user": "new"})
        self.ask(admin, "POST", "/v1/users", 409, "user-exists", {"user": "new", "roles": ["preparer"]})
        self.ask(admin, "POST", "/v1/users", 422, "roles-do-not-fit", {"user": "x", "roles": ["cashier", "reviewer"]})
        self.ask(admin, "GET", "/v1/users", 200)
        self.ask(admin, "GET", "/v1/users/new", 200)
        self.ask(admin, "GET", "/v1/users/nobody", 404, "unknown-user")
        self.ask(admin, "POST", "/v1/users/new", 200, None, {"regions": ["320412901"]})
        self.ask(admin, "POST", "/v1/users/new", 400, "bad-parameter", {"regions": ["x"]})
        self.ask(admin, "POST", "/v1/users/nobody", 404, "unknown-user", {})
        self.ask(admin, "POST", "/v1/users/new", 422, "provider-not-needed", {"provider": "p-01"})
        self.ask(admin, "POST", f"/v1/users/{STAFF['administrator']}", 200, None, {"disabled": True})
        for name, more in (("password", {}), ("unlock", {}), ("certificates", {"sha256": "0" * 64})):
            self.ask(admin, "POST", f"/v1/users/new/{name}", 200, None, more)
            self.ask(admin, "POST", f"/v1/users/new/{name}", 400, "bad-parameter", {"x": 1})
            self.ask(admin, "POST", f"/v1/users/nobody/{name}", 404, "unknown-user", more)
        self.ask(admin, "POST", "/v1/users/officer/certificates", 409, "certificate-taken", {"sha256": "0" * 64})
        self.ask(admin, "DELETE", f"/v1/users/new/certificates/{'0' * 64}", 200)
        self.ask(admin, "DELETE", f"/v1/users/new/certificates/{'0' * 64}", 404, "unknown-certificate")
        for path in ("/v1/session/password", "/v1/tokens", "/v1/tokens/x/rotation", "/v1/users", "/v1/users/new",
                     "/v1/users/new/password", "/v1/users/new/unlock", "/v1/users/new/certificates"):
            self.ask(admin, "POST", path, 415, "unsupported-media-type", {}, headers={"Content-Type": "text/plain"})
        self.ask(admin, "DELETE", "/v1/session?everywhere=x", 400, "bad-parameter")
        self.ask(admin, "DELETE", "/v1/session?everywhere=true", 204)
        self.ask(admin, "GET", "/v1/session", 401)

    def test_7_erased(self):
        self.assertEqual(self.world.stop(), 0)
        run("--ledger", self.world.ledger, "erase", "--beneficiary", self.world.elders[1], "--ground",
            "ordered", "--ordered-by", STAFF["approver"], "--reference", "R-1", "--actor", STAFF["registrar"], "--yes")
        self.world.start()
        self.get(f"{BASE}/beneficiaries/{self.world.elders[1]}/identity", 410, "person-erased",
                 headers={"Access-Purpose": "check"})

    def test_6_refusals_common_to_all(self):
        w = self.world
        for method, path, operation in operations():
            if operation.get("security") == []:
                continue
            real = re.sub(r"{(\w+)}", lambda m: KNOWN.get(m[1], w.elders[0]), path)
            body = b"{}" if method == "POST" else None
            media = next(iter(operation["requestBody"]["content"])) if body else ""
            headers = {"Content-Type": media, "Idempotency-Key": "refused"} if body else {}

            def drive(role, status, code, at=real, **more):
                answer = w.request(method, at, body, role, {**headers, **more})
                return self.check(answer, method, at, status, code)
            with self.subTest(path, method=method):
                drive(None, 401, "unauthenticated")
                drive("inspector", 403, "role-not-held", **{"Fundtrail-Role": "cashier"})
                for _ in range(30):  # two at once are let through, more on a slow machine
                    limited = w.request(method, real, body, "slow", headers)
                    if limited.status == 429:
                        break
                self.check(limited, method, real, 429, "too-many-requests")
                self.assertEqual(limited.headers["retry-after"], "1")
                if "{ledger}" in path:
                    drive("inspector", 404, "not-found", real.replace(LEDGER, "another"))
        self.get(BASE, 403, "forbidden", role="p-01")

    def test_6_what_all_reads_have_in_common(self):
        index = str(self.get(f"{BASE}/entries?kind=redemption").json["entries"][0]["index"])
        known = {**KNOWN, "index": index, "voucher": self.vouchers[0], "provider": "p-01", "job": "job-verify"}
        for method, path, operation in operations():
            if method != "GET" or not path.startswith("/v1/ledgers/") or "beneficiar" in path:
                continue
            address = re.sub(r"{(\w+)}", lambda m: known[m[1]], path)
            with self.subTest(path):
                if "400" in operation["responses"]:
                    self.get(address + "?nonsense=1", 400, "bad-parameter")
                if "304" in operation["responses"]:
                    tag = self.get(address).headers["etag"]
                    answer = self.get(address, 304, headers={"If-None-Match": tag})
                    self.assertEqual(answer.headers["etag"], tag)

    def test_9_nothing_was_left_out(self):
        documented = {(o["operationId"], s) for _, _, o in operations() for s in o["responses"]}
        self.assertEqual(documented - self.seen - NOT_DRIVEN, set())


if __name__ == "__main__":
    unittest.main()
