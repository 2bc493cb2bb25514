"""An import that names people by identity number tells who is registered, where, and what became of them: it is for
whoever may look people up, and it stands in the access log as a lookup does, person by person."""
import io
import json
import sys
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ELDERS, STAFF, World  # noqa: E402

ISSUES = "单号,资金编号,项目编号,区划代码,所属月份,券号,身份证号,面额,有效期起,有效期止,政策,发券日期,经办人\n"
ENDS = "身份证号,终止原因,终止日期,依据,登记日期,经办人\n"
CLAIMS = "单号,机构编号,券号,服务日期,服务项目,服务时数,核销日期,经办人"
NOBODY = ELDERS[2]  # whom World.fill() does not register


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name, text)
    return out.getvalue()


class ImportPeople(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World().start().fill()
        w.issue(1)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def issues(self, numbers, actor):
        return ISSUES + "".join(
            f"F{i},care,services,320412901,2008-05,T-{90 + i:08d},{number},100.00,2008-05-11,2008-05-31,wujin-2008@1,"
            f"2008-05-11,{actor}\n" for i, number in enumerate(numbers))

    def tried(self, key, role, files, query="", **headers):
        w = self.world
        asked = w.post(packed(files), key, role, {"Content-Type": "application/zip", **headers}, BASE + "/imports" + query)
        self.assertEqual(asked.status, 201, asked.bytes)
        self.assertEqual(w.ended(key)["state"], "done")
        return w.get(f"{BASE}/jobs/{key}/result", role=role).json

    def told(self, key):
        """The records of the access log about what the job told, without that its result was read."""
        return [r for r in self.records() if r.get("subject") == f"job {key}"
                and r.get("route", "").startswith("POST")]

    def records(self):
        log = next((self.world.ledger / "access-log").glob("*.jsonl"))
        return [json.loads(line) for line in log.read_bytes().splitlines()]

    def test_who_may_not_look_people_up_does_not_try_their_numbers(self):
        w = self.world
        for role in ("preparer", "approver", "cashier", "administrator"):
            files = {"voucher_issues.csv": self.issues([ELDERS[0], NOBODY], STAFF[role]),
                     "entitlement_ends.csv": ENDS + f"{ELDERS[1]},死亡,2008-04-15,证明,2008-04-25,{STAFF[role]}\n"}
            answer = self.tried(f"no-{role}", role, files)
            self.assertEqual({(b["file"], b["row"], b["code"]) for b in answer["bad"]},
                             {(name, 0, "file-people-by-number") for name in files})
            self.assertTrue(all("may not look" in b["en"] and "假名" in b["zh"] for b in answer["bad"]))
            self.assertEqual((answer["files"], self.told(f"no-{role}")), ([], []))
        # Nobody can be told from files in which nobody is named: a claim by its voucher, with and without the person.
        claim = f"HX-1,p-01,T-00000001,2008-04-20,zhuyu,1.50,2008-04-20,{STAFF['preparer']}"
        plain = self.tried("plain", "preparer", {"redemptions.csv": f"{CLAIMS}\n{claim}\n"})
        self.assertEqual((plain["bad"], plain["recorded"]), ([], 1))
        named = self.tried("named", "preparer", {"redemptions.csv": f"{CLAIMS},身份证号\n{claim},{ELDERS[0]}\n"})
        self.assertEqual([b["code"] for b in named["bad"]], ["file-people-by-number"])

    def test_what_is_tried_stands_in_the_log_person_by_person(self):
        w = self.world
        rows = "".join(f"{number},死亡,2008-04-15,证明,2008-04-25,{STAFF['registrar']}\n" for number in (*ELDERS[:2], NOBODY))
        answer = self.tried("try", "registrar", {"entitlement_ends.csv": ENDS + rows},
                            **{"Access-Purpose": "check of the list"})
        self.assertEqual([(b["row"], b["code"]) for b in answer["bad"]], [(4, "unknown-beneficiary")])
        told = self.told("try")
        # Both rows that pass, and one person who is nobody here.
        self.assertEqual({r["person"] for r in told if r["action"] == "read" and "person" in r}, set(w.elders))
        self.assertEqual([r["count"] for r in told if r["action"] == "read" and "person" not in r], [1])
        self.assertEqual({(r["actor"], r["role"], r.get("purpose")) for r in told},
                         {(STAFF["registrar"], "registrar", "check of the list")})
        self.assertNotIn(ELDERS[0], json.dumps(told))

    def test_a_reviewer_tries_what_others_record_and_a_refused_import_tells_as_much_as_a_dry_run(self):
        w = self.world
        answer = self.tried("rev", "reviewer", {"voucher_issues.csv": self.issues(ELDERS[:2], STAFF["preparer"])})
        self.assertEqual({b["code"] for b in answer["bad"]}, {"row-other-actor"})
        self.assertEqual({r.get("person") for r in self.told("rev") if r["action"] == "read"}, set(w.elders))
        rows = ENDS + f"{ELDERS[0]},死亡,2008-04-15,证明,2008-04-25,{STAFF['registrar']}\n"
        real = self.tried("real", "registrar", {"entitlement_ends.csv": rows, "funds.csv": "x\n"}, "?dry_run=false")
        self.assertFalse(real["changed"])
        self.assertEqual([r.get("person") for r in self.told("real") if r["action"] == "read"], [w.elders[0]])

    def test_zz_what_is_recorded_the_entries_tell(self):
        rows = ENDS + f"{ELDERS[0]},死亡,2008-04-15,证明,2008-04-25,{STAFF['registrar']}\n"
        real = self.tried("done", "registrar", {"entitlement_ends.csv": rows}, "?dry_run=false")
        self.assertTrue(real["changed"], real)
        self.assertEqual(self.told("done"), [])

    def test_a_purpose_that_is_none_is_refused(self):
        w = self.world
        answer = w.post(packed({"funds.csv": "x\n"}), "purpose", "registrar",
                        {"Content-Type": "application/zip", "Access-Purpose": "x"}, BASE + "/imports")
        self.assertEqual((answer.status, answer.code), (400, "bad-parameter"))


if __name__ == "__main__":
    unittest.main()
