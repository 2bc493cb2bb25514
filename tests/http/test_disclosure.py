"""Whatever answer names people has a record in the access log and stays in no cache: all addresses are
walked, in every form in which they answer, and each body is searched for the pseudonyms of the world."""
import io
import json
import re
import shutil
import sys
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_access_log import PURPOSE, records_of  # noqa: E402
from test_entitlements import SCHEME  # noqa: E402
from world import BASE, ROOT, World, run  # noqa: E402

MISUSE = ROOT / "fixtures" / "misuse-2008"


def contents(answer):
    """The body as it would be read: a workbook or a bundle unpacked."""
    if not answer.bytes.startswith(b"PK"):
        return answer.bytes
    with zipfile.ZipFile(io.BytesIO(answer.bytes)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


class EveryAddress(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World().start().fill()
        cls.issued = w.issue(1)
        w.record("scheme", "registrar", "policy_registration", "2008-04-01", {"policy": SCHEME})
        cls.application = w.record(
            "apply", "registrar", "entitlement_application", "2008-04-11",
            {"application": "A1", "beneficiary": w.elders[0], "category": "dibao", "channel": "home",
             "documents": ["form"], "programme": "homecare"}, policy="care@1")
        past = w.directory / "past"
        shutil.copytree(MISUSE, past, ignore=shutil.ignore_patterns("policies", "truth.csv"))  # the policy is there
        made = w.import_folder(past, "past", query="?past=true&dry_run=false")
        assert made.status == 201, made.bytes
        assert w.ended("past")["state"] == "done"
        result = w.get(f"{BASE}/jobs/past/result", role="registrar").json
        assert result["changed"], result["bad"]
        for key, body in (("audit", {"kind": "audit"}), ("export", {"kind": "export"})):
            assert w.job(body, key, "inspector")["state"] == "done"
        assert w.get(f"{BASE}/beneficiaries/{w.elders[0]}/identity", headers=PURPOSE).status == 200
        text = w.get(BASE + "/journal?lines=true").bytes.decode()
        cls.people = {one.encode() for one in re.findall(r'"beneficiary":"([0-9a-f]{16})"', text)}
        assert len(cls.people) > 4, cls.people

    @classmethod
    def tearDownClass(cls):
        assert cls.world.stop() == 0, cls.world.read_log()
        cls.world.close()

    def addresses(self):
        """Every GET that is not open to all, with names that are there."""
        w = self.world
        size = w.get(BASE).json["size"]
        issue = w.get(BASE + "/entries?kind=voucher_issue").json["entries"][0]["index"]
        registered = w.get(BASE + "/entries?kind=beneficiary_registration").json["entries"][0]["index"]
        parts = {"{ledger}": ["test-2008"], "{beneficiary}": [w.elders[0]], "{voucher}": [self.issued[0]],
                 "{index}": [registered, issue, self.application, size - 1], "{job}": ["past", "audit", "export"],
                 "{name}": [r["name"] for r in w.get(BASE + "/reports").json["reports"]],
                 "{account}": ["za"], "{fund}": ["care"], "{policy}": ["care@1"], "{provider}": ["p-01"],
                 "{region}": ["320412901"], "{settlement}": ["S1"], "{disbursement}": ["D1"],
                 "{recovery}": ["R1"], "{application}": ["A1"],
                 "{user}": ["wang.fang"]}
        queries = {"/proofs/{index}": ["", "?line=0"], "/receipts/{index}": ["", "?line=0"],
                   "/consistency": [f"?old=1&new={size}"], "/journal": ["", "?lines=true"],
                   "/entries": ["", f"?beneficiary={w.elders[0]}", "?kind=imported_record&limit=500"],
                   "/vouchers": ["", f"?beneficiary={w.elders[0]}"],
                   "/access-log": ["", f"?text={w.elders[0]}"],
                   "/reports/{name}": [f"?format={form}{more}" for form in ("json", "csv", "text", "xlsx")
                                       for more in ("", "&fund=care", "&provider=p-01")]}
        listed = json.loads(run("--json", "--ledger", w.ledger, "serve", "--list-routes").stdout)["routes"]
        patterns = [r["path"] for r in listed if r["method"] == "GET" and r["path"].startswith("/v1/")]
        self.assertGreater(len(patterns), 30)
        for pattern in patterns:
            paths = [pattern]
            for name in re.findall(r"{\w+}", pattern):
                paths = [p.replace(name, str(value)) for p in paths for value in parts[name]]
            tail = pattern.removeprefix("/v1/ledgers/{ledger}")
            for path in paths:
                for query in queries.get(tail, [""]):
                    yield pattern, path + query

    def test_what_names_people_is_recorded_and_kept_nowhere(self):
        w = self.world
        named = set()
        for pattern, path in self.addresses():
            for role in ("inspector", "administrator", "registrar", "p-01"):
                answer = w.get(path, role=role, headers=PURPOSE)
                body = contents(answer)
                if not any(person in body for person in self.people):
                    continue
                if role == "inspector":
                    named.add(pattern.removeprefix("/v1/ledgers/{ledger}"))
                found = [r for r in records_of(w) if r.get("request") == answer.headers["x-request-id"]]
                self.assertEqual([(r["action"], r["role"]) for r in found],
                                 [("read", "provider" if role == "p-01" else role)], (role, path))
                self.assertEqual(found[0]["route"], "GET " + pattern)
                self.assertEqual(answer.headers["cache-control"], "no-store", path)
        # The walk must have met them: a world without people would prove nothing.
        self.assertLessEqual({"/entries", "/entries/{index}", "/entries/{index}/lines", "/indicators", "/journal",
                              "/jobs/{job}/result", "/proofs/{index}", "/receipts/{index}", "/reports/{name}",
                              "/vouchers", "/vouchers/{voucher}", "/access-log", "/beneficiaries",
                              "/beneficiaries/{beneficiary}", "/applications", "/applications/{application}"}, named)

    def test_reports_in_every_form(self):
        for form in ("json", "csv", "text", "xlsx"):
            answer = self.world.get(f"{BASE}/reports/applications?format={form}", role="cashier", headers=PURPOSE)
            self.assertIn(self.world.elders[0].encode(), contents(answer), form)
            record = records_of(self.world)[-1]
            self.assertEqual((record["action"], record["actor"], record["subject"], record["purpose"]),
                             ("read", "xu.li", "report applications", "复核申请〔2026〕12号"))
            self.assertEqual(answer.headers["cache-control"], "no-store")

    def test_indicators(self):
        answer = self.world.get(BASE + "/indicators", role="cashier")
        self.assertTrue(any(person in answer.bytes for person in self.people))
        self.assertEqual(records_of(self.world)[-1]["request"], answer.headers["x-request-id"])

    def test_what_names_nobody_may_be_kept_and_asked_for_again(self):
        for path in ("", "/balances", "/funds", "/providers/p-01"):
            answer = self.world.get(BASE + path)
            self.assertEqual((answer.status, answer.headers["cache-control"]), (200, "private, no-cache"), path)
            again = self.world.get(BASE + path, headers={"If-None-Match": answer.headers["etag"]})
            self.assertEqual(again.status, 304)
        # An entry has a tag, too: a client that has it spares itself the bytes.
        for path in ("/entries/1", "/entries/1/lines"):
            first = self.world.get(BASE + path)
            self.assertEqual(first.headers["cache-control"], "no-store")
            again = self.world.get(BASE + path, headers={"If-None-Match": first.headers["etag"]})
            self.assertEqual((again.status, again.headers["cache-control"]), (304, "no-store"))


class Watchers(unittest.TestCase):
    def test_only_inspectors_and_administrators_watch(self):
        w = World().start()
        try:
            for path in ("/access-log", "/access-log/head"):
                for role in w.tokens:
                    allowed = role in ("inspector", "administrator")
                    self.assertEqual(w.get(BASE + path, role=role).status, 200 if allowed else 403, (path, role))
        finally:
            w.close()


if __name__ == "__main__":
    unittest.main()
