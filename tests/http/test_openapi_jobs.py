"""Jobs and imports of api/openapi.yaml against the real server."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import Driven, validator  # noqa: E402
from world import BASE, LEDGER, ROOT, packed  # noqa: E402


class Jobs(Driven, unittest.TestCase):
    tags = ("jobs",)

    def known(self):
        return {**super().known(), "job": "job-verify"}

    def test_5_jobs(self):
        path = BASE + "/jobs"
        before = {j["job"] for j in self.get(path).json["jobs"]}  # of the imports
        wanted = [({"kind": "verify", "state": True}, "inspector"), ({"kind": "access_log"}, "inspector"),
                  ({"kind": "audit", "rules": ["R-BEN-01"]}, "inspector"),
                  ({"kind": "export"}, "inspector"),
                  ({"kind": "run", "programme": "services", "period": "2008-06", "date": "2008-06-01"},
                   "preparer")]
        for body, who in wanted:
            key = "job-" + body["kind"]
            self.post(body, key, who, 201, path=path)
            self.post(body, key, who, 200, path=path)
            self.assertEqual(self.world.ended(key)["state"], "done", self.world.ended(key))
            self.get(f"{path}/{key}")
            result = self.get(f"{path}/{key}/result")
            if body["kind"] in ("verify", "access_log"):
                self.assertTrue(result.json["ok"])
        self.assertEqual(self.get(path + "/job-verify/result").json["state"]["different"], 0)
        # Who would get what, before anything is recorded.
        lines = {"kind": "run", "programme": "services", "period": "2008-06", "date": "2008-06-01", "lines": True}
        size = self.get(BASE).json["size"]
        self.post(lines, "job-lines", "preparer", 201, path=path)
        self.assertEqual(self.world.ended("job-lines")["state"], "done")
        found = [json.loads(line) for line in self.get(f"{path}/job-lines/result").bytes.splitlines()]
        for line in found:
            validator({"$ref": "#/components/schemas/PlannedLine"}).validate(line)
        self.assertEqual({(n["beneficiary"], n["period"], n["amount"], n["treatment"]) for n in found},
                         {(elder, "2008-06", "100.00", "planned") for elder in self.world.elders})
        self.assertEqual(len(found), len(self.world.elders))
        self.assertEqual(self.get(BASE).json["size"], size)
        self.post({**lines, "dry_run": False}, "j1", "preparer", 400, "malformed-field", path=path)
        # Claims that are open, and nothing is issued for it.
        settle = {"kind": "run", "programme": "services", "period": "2008-06", "date": "2008-06-01", "settle_only": True}
        self.post(settle, "job-settle", "preparer", 201, path=path)
        self.assertEqual(self.world.ended("job-settle")["state"], "done")
        result = self.get(f"{path}/job-settle/result").json
        self.assertNotIn("picture", result)
        self.assertEqual((result["dry_run"], result["settlements"], result["recorded"]), (True, [], 0))
        for other in ("settle", "lines"):
            self.post({**settle, other: True}, "j1", "preparer", 400, "malformed-field", path=path)
        self.post({"kind": "access_log"}, "j1", "preparer", 403, "forbidden", path=path)
        listed = {j["job"] for j in self.get(path).json["jobs"]}
        self.assertEqual(listed - before, {"job-lines", "job-settle"} | {"job-" + body["kind"] for body, _ in wanted})
        self.get(path + "/none", 404, "not-found")
        self.get(path + "/none/result", 404, "not-found")
        self.post({"kind": "audit"}, "job-verify", "inspector", 422, "command-id-reused", path=path)
        run = {"kind": "run", "programme": "nothing", "period": "2008-06"}
        self.post(run, "j1", "preparer", 422, "incomplete-request", path=path)
        self.post(run, "j1", "preparer", 412, "precondition-failed", path=path,
                  headers={"If-Match": '"1-00"'})
        self.post({**run, "dry_run": False}, "j1", "inspector", 403, "forbidden", path=path)
        self.post({"kind": "verify"}, None, "inspector", 400, "missing-idempotency-key", path=path)
        self.post({"kind": "verify"}, "a b", "inspector", 400, "bad-idempotency-key", path=path)
        self.post({"kind": "verify", "x": 1}, "j1", "inspector", 400, "unknown-field", path=path)
        self.post({"kind": "run"}, "j1", "inspector", 400, "missing-field", path=path)
        self.post({"kind": "dance"}, "j1", "inspector", 400, "malformed-field", path=path)
        self.post({"kind": "export", "provider": "zz"}, "j1", "inspector", 404, "unknown-provider", path=path)
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
        ask(None, 400, "missing-idempotency-key")
        ask("a b", 400, "bad-idempotency-key")
        ask("i", 401, "unauthenticated", role=None)
        ask("i", 403, "forbidden", role="inspector", where=path + "?dry_run=false")
        ask("i", 404, "not-found", where=path.replace(LEDGER, "x"))
        ask("i", 413, "payload-too-large", body=b" " * (8 << 20) + b"{}")
        ask("i", 415, "unsupported-media-type", headers={})
        self.assertEqual(self.world.ended("year")["state"], "done")
        result = self.get(f"{BASE}/jobs/year/result", role="registrar").json
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
        self.get(f"{jobs}/{cancelled[0]}/result", 409, "no-result", role="registrar")
        self.delete(f"{jobs}/none", 404, "not-found")
        self.delete(f"{jobs}/{waiting[0]}", 401, "unauthenticated", role=None)
        self.delete(f"{jobs}/{waiting[0]}?x=1", 400, "bad-parameter")


if __name__ == "__main__":
    unittest.main()
