"""The commands that docs/OPERATIONS.md and docs/POLICY.md show: each has the shape that the program reads, and those
that set right what is wrong are taken as they stand, but for the pseudonym and the number of the entry."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests" / "http"))
from openapi import validator  # noqa: E402
from test_run import band, id_number, uscc  # noqa: E402

BINARY = os.environ["FUNDTRAIL"]
TOWN = "320412001"
DOCUMENTS = [(SOURCE / "docs" / name).read_text(encoding="utf-8") for name in ("OPERATIONS.md", "POLICY.md")]
# By the file that each is written to, and who submits it.
EXAMPLES = {file: json.loads(text) for document in DOCUMENTS
            for text, file in re.findall(r"echo '(\[.*?\])' > ([a-z-]+)\.json", document, re.S)}
ACTORS = {file: (actor, role) for document in DOCUMENTS for file, actor, role in
          re.findall(r"submit ([a-z-]+)\.json --actor ([a-z.]+) --role ([a-z]+)", document)}


def programme(name, instrument, **terms):
    shares = [{"parts": [{"level": "district", "weight": 6}, {"level": "street", "weight": 4}]}]
    return {"id": name, "instrument": instrument, "name": name, "purpose": name, "entitlement": {
        "basis": "approved", "cycle": "quarter", "payee": "paying_agent", "proration": "days", "start": "same_day",
        "stop": "same_day", "cost_shares": shares, "tariff": [band("all", "100.00")], **terms}}


class Examples(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-examples-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.serial = 0

    def cli(self, *arguments, code=0):
        done = subprocess.run(
            [BINARY, "--json", "--ledger", str(self.dir / "ledger"), "--clock", "2025-08-30T17:00:00+08:00", *arguments],
            text=True, capture_output=True, stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return json.loads(done.stdout)

    def send(self, commands, actor, role):
        path = self.dir / "commands.json"
        path.write_text(json.dumps(commands), encoding="utf-8")
        return self.cli("submit", str(path), "--actor", actor, "--role", role)

    def submit(self, kind, doc, date="2025-01-01", who="zhou.jing/registrar", **more):
        self.serial += 1
        return self.send([{"id": f"c{self.serial}", "kind": kind, "date": date, "doc": doc, **more}], *who.split("/"))

    def example(self, file, **doc):
        commands = json.loads(json.dumps(EXAMPLES[file]).replace("00ff00ff00ff00ff", self.people[0]))
        commands[0]["doc"].update(doc)
        return self.send(commands, *ACTORS[file])

    def policy(self):
        p = json.loads((SOURCE / "fixtures/wujin-2008/policies/wujin-2008.json").read_text(encoding="utf-8"))
        for part in ("in_force_to", "voucher"):
            p.pop(part, None)
        p.update(name="county", version=1, in_force_from="2025-01-01", settings=[], attachments=[])
        p["programmes"] = [
            programme("allowance", "allowance"),
            programme("homecare", "service_hours", basis="delivered", payee="serving_provider",
                      tariff=[band("all", "15.00", per_day="2.00")]),
            {"id": "timebank", "instrument": "points", "name": "时间银行", "purpose": "服务积分"}]
        return p

    def scene(self):
        self.cli("init", "--id", "c", "--name", "测试", "--region", "320412", "--actor", "zhou.jing", "--date",
                 "2025-01-01")
        for fund in ("F1", "F2"):
            self.submit("fund_registration", {"fiscal_year": 2025, "functional_code": "2081002", "fund": fund,
                                              "name": fund})
        self.submit("designated_account_registration",
                    {"account": "A1", "approval_no": "1", "mode": "treasury_single_account",
                     "bank": {"bank": "b", "holder": "h", "number": "3204120000000099"}})
        self.submit("policy_registration", {"policy": self.policy()})
        self.submit("region_registration", {"name": "镇", "region": TOWN})
        for i, provider in enumerate(("bank", "care"), 1):
            self.submit("provider_registration",
                        {"provider": provider, "name": provider, "uscc": uscc(i),
                         "bank": {"bank": "示例银行", "holder": "示例代发银行", "number": "6200000000000001"},
                         "contract": {"from": "2025-01-01", "to": "2026-12-31", "number": "1"}})
        self.people = []
        for i in range(7):
            answer = self.submit("beneficiary_registration",
                                 {"category": "dibao", "channel": "home", "entitled_from": "2025-04-01", "region": TOWN},
                                 policy="county@1", identity={"id_number": id_number("19400501", i), "name": "合成"})
            self.people.append(answer["answers"][0]["beneficiary"])
        for fund in ("F1", "F2"):
            self.submit("fund_receipt", {"account": "A1", "amount": "90000.00", "bank_reference": "r" + fund,
                                         "document_no": "1", "fund": fund, "source": "provincial"},
                        who="wang.fang/preparer")
            self.submit("allotment", {"amount": "9000.00", "document_no": "2", "from_counterpart": False, "fund": fund,
                                      "programme": "allowance", "region": TOWN}, policy="county@1",
                        who="wang.fang/preparer")

    def test_every_command_has_its_shape(self):
        self.assertGreaterEqual(len(EXAMPLES), 20)
        self.assertEqual(set(EXAMPLES) - set(ACTORS), set())
        for file, commands in EXAMPLES.items():
            for command in commands:
                command = dict(command)
                command.pop("id")  # of the file; over HTTP it is the Idempotency-Key
                with self.subTest(file=file, kind=command["kind"]):
                    validator({"$ref": "#/components/schemas/Command"}).validate(command)

    def test_the_table_of_roles_is_the_program_s(self):
        table = (SOURCE / "ledger/rules/authority.cpp").read_text(encoding="utf-8")
        roles = {}
        for kind, who in re.findall(r'\{"([a-z_]+)", ([^}]+)\}', table):
            for role in re.findall(r"k([A-Z][a-z]+)", who):
                roles.setdefault(role.lower(), []).append(kind)
        told = re.findall(r"^\| ([a-z]+) \| (`[a-z_`, ]+`) \|$", DOCUMENTS[0], re.M)
        self.assertEqual({role: re.findall("`([a-z_]+)`", kinds) for role, kinds in told}, roles)

    def test_what_sets_up_is_taken_as_it_stands(self):
        self.cli("init", "--id", "c", "--name", "测试", "--region", "320412", "--actor", "zhou.jing", "--date",
                 "2025-01-01")
        self.people = ["00ff00ff00ff00ff"]
        self.example("setup")
        self.submit("policy_registration", {"policy": self.policy()})
        answer = self.submit("beneficiary_registration",
                             {"category": "dibao", "channel": "home", "entitled_from": "2025-04-01", "region": TOWN},
                             policy="county@1", identity={"id_number": id_number("19400501", 1), "name": "合成"})
        self.people = [answer["answers"][0]["beneficiary"]]
        for file in ("money", "beds", "services"):
            self.example(file)

    def test_what_sets_right_is_taken_as_it_stands(self):
        self.scene()
        self.example("points")
        self.submit("service_records", {"claim_no": "F", "programme": "homecare", "provider": "care"}, "2025-06-30",
                    "wang.fang/preparer", policy="county@1",
                    lines=[{"beneficiary": self.people[0], "date": "2025-06-12", "hours": "2.00", "item": "cleaning",
                            "worker": "w1"}])
        self.example("withdrawal")
        end = {"beneficiary": self.people[0], "evidence": "e", "reason": "moved"}
        self.submit("entitlement_end", {**end, "ended_on": "2025-06-30"}, "2025-07-01")
        self.example("error")
        run = ["run", "allowance", "2025Q2", "--payee", "bank", "--fund", "district=F1", "--fund", "street=F2",
               "--actor", "zhou.jing"]
        calculated = self.cli(*run, "--date", "2025-07-05")
        self.assertEqual(calculated["amount"], "2100.00")
        self.example("reduction", calculation=calculated["size"] - 1)
        self.cli(*run, "--date", "2025-07-07", "--settle")  # the 300.00 are due, and come again
        self.example("review")
        self.example("approval")
        self.example("return")
        settled = self.cli(*run, "--date", "2025-07-09", "--settle")
        self.assertEqual((settled["recorded"], len(settled["settlements"])), (0, 1))
        self.submit("entitlement_end", {**end, "ended_on": "2025-07-06"}, "2025-07-09")
        self.example("returned")
        name = "allowance-2025-04-bank.2"
        for step, who in (("review", "wu.min/reviewer"), ("approval", "chen.hua/approver")):
            self.submit("settlement_" + step, {"settlement": name}, "2025-07-09", who)
        self.example("pay", amount="2100.00", settlement=name)
        self.example("pay-approval")
        self.example("paid")
        # Not what a run lists: so much of everybody's, for the example's sum.
        self.submit("recovery_decision", {"amount": "918.00", "fund": "F1", "programme": "allowance", "provider": "bank",
                                          "reason": "r", "recovery": "R-2025-7", "region": TOWN}, "2025-07-20",
                    "zhou.jing/preparer", policy="county@1")
        self.example("received")
        self.cli("verify", "--state")


if __name__ == "__main__":
    unittest.main()
