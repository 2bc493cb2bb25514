"""Applications and their steps from a bureau's files, to the report that shows their limits: HC-SLA-1
and HC-SLA-2 through the real binary, the age from the vault included."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["FUNDTRAIL"]

POLICY = {
    "approval": {
        "documents": [{"category": "dibao", "documents": ["form", "card", "id-copy", "apart"]}],
        "effective": "next_quarter",
        "steps": [
            {"id": "visit", "kind": "visit", "title": "入户调查", "working_days": 3},
            {"id": "notice", "kind": "notice", "min_days": 5, "title": "公示"},
            {"id": "street", "kind": "review", "min_signers": 3, "title": "街道审核",
             "working_days": 10},
            {"id": "bureau", "kind": "approval", "title": "区民政局核准", "working_days": 10}]},
    "attachments": [], "banned_economic_codes": [],
    "calendar": {"from": "2025-01-01", "holidays": ["2025-04-04"], "to": "2025-12-31",
                 "workdays": []},
    "counterpart": {"required": False}, "death_day_payable": True,
    "definitions": [{"any_of": ["children-elsewhere", "children-incapable"], "id": "lives-alone",
                     "title": "独居"}],
    "document_no": "5号",
    "eligibility": {"categories": ["dibao"], "conditions": ["lives-alone"], "min_age": 60},
    "in_force_from": "2025-01-01", "issuer": "某区民政局", "name": "hc",
    "programmes": [{
        "entitlement": {
            "basis": "approved", "cycle": "quarter", "payee": "paying_agent",
            "proration": "days", "start": "same_day", "stop": "same_day",
            "tariff": [{"amount": "15.00", "id": "all", "per_day": "2.00", "title": "标准"}]},
        "id": "care", "instrument": "service_hours", "name": "居家服务", "purpose": "服务"}],
    "recovery_disposition": "reuse", "settings": [], "title": "独居老年人居家养老服务办法",
    "version": 1}


def id_number(birth, sequence):
    body = f"320412{birth}{sequence:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


OLD, YOUNG = id_number("19500101", 1), id_number("19650304", 2)  # 60 on 2025-03-04

ELDERS = ("姓名,身份证号,人员类别,服务方式,区划代码,享受起始日,政策,登记日期,经办人,失能等级,事实\n"
          f"甲,{OLD},dibao,居家,320412901,2025-01-06,hc@1,2025-01-06,zhou.jing,half,"
          "children-elsewhere;widowed\n"
          f"乙,{YOUNG},dibao,居家,320412901,2025-03-04,hc@1,2025-01-06,zhou.jing,,"
          "children-incapable\n")
REGIONS = ("区划代码,名称,上级代码,登记日期,经办人\n320412,某区,,2025-01-02,zhou.jing\n"
           "320412901,某街道,320412,2025-01-02,zhou.jing\n")
APPLY = ("申请编号,身份证号,项目编号,人员类别,失能等级,服务方式,申请材料,事实,政策,申请日期,经办人\n"
         "A1,{0},care,dibao,half,居家,form;card;id-copy;apart,children-elsewhere,hc@1,{2},xu\n"
         "A2,{1},care,dibao,,居家,form;card;id-copy;apart,children-incapable,hc@1,{3},xu\n")
STEPS = ("申请编号,环节,结果,起始日,截止日,签字人,意见,办理日期,岗位,办理人\n"
         "A1,visit,通过,,,,,2025-02-13,经办,vera\n"
         "A1,notice,通过,2025-02-14,2025-02-18,,,2025-02-18,经办,nora\n"
         "A1,street,通过,,,d1;d2;d3,,2025-03-04,审核,sam\n"
         "A1,bureau,通过,,,,抽查属实,2025-03-18,批准,cora\n"
         "A2,visit,通过,,,,,2025-03-10,经办,vera\n"
         "A2,notice,不通过,,,,有异议,2025-03-12,经办,nora\n")
CHANGES = ("身份证号,失能等级,事实,依据,变更日期,经办人\n"
           f"{OLD},full,children-elsewhere,复评1号,2025-05-06,zhou.jing\n")


class Applications(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-applications-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.cli("init", "--id", "hc", "--name", "测试", "--region", "320412", "--actor", "liu.yang",
                 "--date", "2025-01-01")
        self.folder = self.dir / "files"
        (self.folder / "policies").mkdir(parents=True)
        (self.folder / "policies" / "hc.json").write_text(json.dumps(POLICY), "utf-8")
        self.write("regions", REGIONS)
        self.write("elders", ELDERS)
        self.write("applications", APPLY.format(OLD, YOUNG, "2025-02-10", "2025-03-04"))
        self.write("application_steps", STEPS)
        self.write("elder_changes", CHANGES)

    def write(self, name, text):
        (self.folder / f"{name}.csv").write_text(text, "utf-8")

    def cli(self, *arguments, codes=(0,)):
        done = subprocess.run(
            [BINARY, "--json", "--ledger", str(self.dir / "ledger"), "--clock",
             "2025-12-31T17:00:00+08:00", *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", timeout=300)
        self.assertIn(done.returncode, codes, done.stdout[-2000:] + done.stderr[-2000:])
        return json.loads(done.stdout)

    def bad(self):
        report = self.cli("import", self.folder, "--dry-run", codes=(1,))
        return [(f["file"], f["row"], f["key"], f["code"], f["consequence"]) for f in report["bad"]]

    def test_applications_reach_the_report(self):
        done = self.cli("import", self.folder)
        self.assertEqual(done["bad"], [])
        report = self.cli("report", "applications")
        steps = next(s for s in report["sections"] if s["key"] == "steps")["rows"]
        self.assertEqual(
            [(s["application"], s["step"], s.get("due"), s["done"], s.get("over"), s["outcome"],
              s.get("effective")) for s in steps if s["step"] != "application"],
            [("A1", "visit", "2025-02-13", "2025-02-13", 0, "passed", None),
             ("A1", "notice", None, "2025-02-18", None, "passed", None),
             ("A1", "street", "2025-03-04", "2025-03-04", 0, "passed", None),
             ("A1", "bureau", "2025-03-18", "2025-03-18", 0, "approved", "2025-04-01"),
             ("A2", "visit", "2025-03-07", "2025-03-10", 1, "passed", None),
             ("A2", "notice", None, "2025-03-12", None, "rejected", None)])
        changes = [e for e in (self.cli("entry", i)["entry"] for i in range(1, done["size"]))
                   if e["kind"] == "beneficiary_amendment"]
        self.assertEqual([(e["doc"]["care_level"], e["doc"]["facts"]) for e in changes],
                         [("full", ["children-elsewhere"])])
        again = self.cli("import", self.folder)
        self.assertEqual((again["changed"], again["recorded"]), (False, 0))

    def test_a_withdrawal_that_reaches_back_is_proposed_and_decided_in_one_file(self):
        self.write("application_steps", STEPS
                   + "A1,bureau,不通过,,2025-06-30,,不再独居,2025-12-30,经办,vera\n"
                   + "A1,bureau,不通过,,2025-06-30,,不再独居,2025-12-30,批准,cora\n")
        done = self.cli("import", self.folder)
        self.assertEqual(done["bad"], [])
        again = self.cli("import", self.folder)
        self.assertEqual((again["changed"], again["recorded"]), (False, 0))

    def test_one_day_before_the_birthday_is_too_young_and_its_steps_follow(self):
        self.write("applications", APPLY.format(OLD, YOUNG, "2025-02-10", "2025-03-03"))
        self.assertEqual(self.bad(), [
            ("applications.csv", 3, "id_number", "under-age", False),
            ("application_steps.csv", 6, "application", "unknown-application", True),
            ("application_steps.csv", 7, "application", "unknown-application", True)])

    def test_what_is_wrong_is_said_at_its_cell(self):
        self.write("application_steps", STEPS.replace("d1;d2;d3", "d1;d2")
                   .replace("审核,sam", "经理,sam"))
        self.assertEqual(self.bad()[0], ("application_steps.csv", 4, "role", "cell-word", False))
        self.write("application_steps", STEPS.replace("d1;d2;d3", "d1;d2"))
        self.assertEqual(self.bad(), [
            ("application_steps.csv", 4, "signers", "signers-missing", False),
            ("application_steps.csv", 5, "step", "wrong-step", True)])
        self.write("application_steps", STEPS)
        self.write("applications", APPLY.format(OLD, YOUNG, "2025-02-10", "2025-03-04")
                   .replace(";card", "", 1))
        self.assertIn(("applications.csv", 2, "documents", "documents-missing", False), self.bad())


if __name__ == "__main__":
    unittest.main()
