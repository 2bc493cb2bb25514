"""The voucher year over HTTP: a client that knows nothing but api/openapi.yaml turns the rows of a bureau's
files (fixtures/wujin-2008) into commands, and the totals are those of EXPECTED.json."""
import csv
import decimal
import json
import re
import sys
import unittest
import urllib.parse
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from world import LEDGER, ROOT, World  # noqa: E402

YEAR = ROOT / "fixtures" / "wujin-2008"
EXPECTED = json.loads((YEAR / "EXPECTED.json").read_text(encoding="utf-8"))
# The files in the order in which documents of one day follow each other (docs/IMPORT.md).
FILES = ["funds", "regions", "accounts", "providers", "provider_changes", "elders", "fund_receipts",
         "counterpart_pledges", "counterpart_receipts", "allotments", "corrections", "voucher_issues",
         "redemptions", "entitlement_ends", "voucher_changes", "settlements", "disbursements", "recoveries",
         "bank_statement", "period_closes"]
WORDS = {"国库集中支付": "treasury_single_account", "居家": "home", "机构": "institution", "区级": "district",
         "省级": "provincial", "福彩": "lottery", "利息": "interest", "死亡": "death", "迁出": "moved",
         "不符合条件": "ineligible", "核销": "redemptions", "补助": "grant",
         "转账": "transfer", "收": "in", "支": "out", "红蓝": "red_blue", "差额": "difference",
         "遗失": "lost", "损坏": "damaged", "误发": "misissued"}


class Api:
    """Calls operations by their ids; addresses, parameters and media types are those of the file."""

    def __init__(self, world):
        self.world = world
        document = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text(encoding="utf-8"))
        self.document = document
        self.operations = {o["operationId"]: (method.upper(), path, o, item.get("parameters", []))
                           for path, item in document["paths"].items()
                           for method, o in item.items() if method != "parameters"}

    def call(self, operation, role, body=None, **given):
        method, path, described, shared = self.operations[operation]
        query, headers = {}, {}
        for p in shared + described.get("parameters", []):
            if "$ref" in p:
                p = self.document["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]]
            name = p["name"]
            value = given.pop(name.replace("-", "_"), LEDGER if name == "ledger" else None)
            if value is None:
                assert not p.get("required"), name
            elif p["in"] == "path":
                path = path.replace("{" + name + "}", str(value))
            else:
                (query if p["in"] == "query" else headers)[name] = str(value)
        assert not given, given
        if body is not None:
            headers["Content-Type"] = next(iter(described["requestBody"]["content"]))
            body = json.dumps(body, ensure_ascii=False).encode()
        address = path + ("?" + urllib.parse.urlencode(query) if query else "")
        return self.world.request(method, address, body, role, headers, connection=self.world.kept)


def rows_of(name):
    with open(YEAR / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            yield number, row


def money(text):
    return str(decimal.Decimal(text).quantize(decimal.Decimal("0.01")))


def documents():
    """(date, file, row, key, role, actor, maker, rows): one document or step each, in the order of the year."""
    found = []
    for order, name in enumerate(FILES):
        groups = {}
        for number, row in rows_of(name):
            key = row.get("单号") or row.get("拨付单号") or row.get("结算单号") or row.get("追回单号") or str(number)
            if name == "bank_statement":
                key = row["日期"][:7]
            groups.setdefault(key, (number, []))[1].append(row)
        for key, (number, rows) in groups.items():
            for step, role, actor, date in STEPS.get(name, [("", None, "经办人", None)]):
                if not rows[0].get(actor) or (date and not rows[0].get(date)):
                    continue
                day = rows[0][date] if date else next(
                    rows[0][c] for c in ("登记日期", "变更日期", "到账日期", "承诺日期", "下达日期", "更正日期", "发券日期",
                                         "核销日期", "变动日期", "结账日期", "日期") if c in rows[0])
                if name == "bank_statement":
                    day = f"{key}-{31 if key[5:] in ('01', '03', '05', '07', '08', '10', '12') else 30}"
                found.append((day, order, number, f"{name}.{key}.{step}".strip("."),
                              role or ROLES.get(name, "preparer"), rows[0][actor], f"{name}{step}", rows))
    return sorted(found, key=lambda d: d[:3])


ROLES = {"funds": "registrar", "regions": "registrar", "accounts": "registrar", "providers": "registrar",
         "provider_changes": "registrar", "elders": "registrar", "entitlement_ends": "registrar",
         "period_closes": "reviewer"}
STEPS = {"settlements": [("prepare", "preparer", "制单人", "制单日期"), ("review", "reviewer", "审核人", "审核日期"),
                         ("approve", "approver", "批准人", "批准日期"), ("return", "reviewer", "退回人", "退回日期")],
         "disbursements": [("prepare", "preparer", "制单人", "制单日期"), ("approve", "approver", "批准人", "批准日期"),
                           ("pay", "cashier", "出纳", "付款日期"), ("bounce", "cashier", "出纳", "退票日期")],
         "recoveries": [("decide", "preparer", "经办人", "决定日期"), ("receive", "preparer", "经办人", "到账日期")]}


def without_empty(document):
    return {k: v for k, v in document.items() if v not in ("", None)}


class Year:
    """Turns rows into commands; remembers what later ones refer to."""

    def __init__(self, api):
        self.api = api
        self.people = {}    # identity number → pseudonym
        self.recorded = {}  # "redemptions.HX-1" → index
        self.originals = {}  # the same → command

    def bank(self, r):
        return {"bank": r["开户银行"], "holder": r["户名"], "number": r["账号"]}

    def command(self, maker, rows):
        r = rows[0]
        kind, doc, lines = getattr(self, maker)(r, rows)
        command = {"kind": kind, "doc": without_empty(doc)}
        if lines:
            command["lines"] = [without_empty(line) for line in lines]
        if r.get("政策") and kind not in ("settlement_review", "settlement_approval", "settlement_return"):
            command["policy"] = r["政策"]
        return command

    def funds(self, r, _):
        return "fund_registration", {"fund": r["资金编号"], "name": r["资金名称"], "fiscal_year": int(r["会计年度"]),
                                     "functional_code": r["功能科目"]}, None

    def regions(self, r, _):
        return "region_registration", {"region": r["区划代码"], "name": r["名称"], "parent": r["上级代码"]}, None

    def accounts(self, r, _):
        return "designated_account_registration", {"account": r["账户编号"], "bank": self.bank(r),
                                                   "mode": WORDS[r["账户性质"]], "approval_no": r["批准文号"]}, None

    def contract(self, r):
        return {"number": r["协议号"], "from": r["协议起"], "to": r["协议止"]} if r["协议号"] else None

    def providers(self, r, _):
        return "provider_registration", {"provider": r["机构编号"], "name": r["机构名称"],
                                         "uscc": r["统一社会信用代码"], "contract": self.contract(r),
                                         "bank": self.bank(r)}, None

    def provider_changes(self, r, _):
        return "provider_amendment", {"provider": r["机构编号"], "reason": r["原因"], "contract": self.contract(r),
                                      "bank": self.bank(r) if r["账号"] else None}, None

    def elders(self, r, _):
        return "beneficiary_registration", {"category": r["人员类别"], "channel": WORDS[r["服务方式"]],
                                            "region": r["区划代码"], "entitled_from": r["享受起始日"]}, None

    def fund_receipts(self, r, _):
        return "fund_receipt", {"fund": r["资金编号"], "account": r["账户编号"], "source": WORDS[r["来源"]],
                                "amount": money(r["金额"]), "document_no": r["文号"],
                                "bank_reference": r["银行流水号"]}, None

    def counterpart_pledges(self, r, _):
        return "counterpart_pledge", {"fund": r["资金编号"], "region": r["区划代码"], "amount": money(r["金额"]),
                                      "document_no": r["文号"], "due": r["到位期限"]}, None

    def counterpart_receipts(self, r, _):
        return "counterpart_receipt", {"fund": r["资金编号"], "region": r["区划代码"], "account": r["账户编号"],
                                       "amount": money(r["金额"]), "document_no": r["文号"],
                                       "bank_reference": r["银行流水号"]}, None

    def allotments(self, r, _):
        return "allotment", {"fund": r["资金编号"], "programme": r["项目编号"], "region": r["区划代码"],
                             "amount": money(r["金额"]), "document_no": r["文号"], "evaluation": r["考核依据"],
                             "from_counterpart": r["使用配套"] == "是"}, None

    def corrections(self, r, _):
        original = f"{r['原文件']}.{r['原单号']}"
        command = self.originals[original]
        doc = {"corrects": self.recorded[original], "method": WORDS[r["更正方法"]], "reason": r["原因"]}
        if r["正确金额"]:
            doc[command["kind"]] = {**command["doc"], "amount": money(r["正确金额"])}
        if "policy" in command:
            r["政策"] = command["policy"]  # what is corrected obeyed it
        return "correction", doc, None

    def voucher_issues(self, r, rows):
        return "voucher_issue", {"fund": r["资金编号"], "programme": r["项目编号"], "region": r["区划代码"],
                                 "month": r["所属月份"], "valid_from": r["有效期起"], "valid_to": r["有效期止"]}, [
            {"voucher": x["券号"], "beneficiary": self.people[x["身份证号"]], "face": money(x["面额"])} for x in rows]

    def redemptions(self, r, rows):
        return "redemption", {"claim_no": r["单号"], "provider": r["机构编号"]}, [
            {"voucher": x["券号"], "service_date": x["服务日期"], "item": x["服务项目"],
             "hours": money(x["服务时数"]), "worker": x["服务人员"],
             "beneficiary": self.people.get(x["身份证号"])} for x in rows]

    def entitlement_ends(self, r, _):
        return "entitlement_end", {"beneficiary": self.people[r["身份证号"]], "reason": WORDS[r["终止原因"]],
                                   "ended_on": r["终止日期"], "evidence": r["依据"]}, None

    def voucher_changes(self, r, rows):
        lines = [{"voucher": x["券号"]} for x in rows]
        if r["变动类型"] == "退回":
            return "voucher_return", {"reason": r["原因"]}, lines
        if r["变动类型"] == "过期":
            return "voucher_expiry", {"month": r["所属月份"]}, lines
        return "voucher_void", {"reason": WORDS[r["变动类型"]]}, lines

    def settlementsprepare(self, r, _):
        doc = {"settlement": r["结算单号"], "provider": r["机构编号"], "basis": WORDS[r["结算依据"]],
               "total": money(r["金额"]), "redemptions": sorted(
                   self.recorded["redemptions." + claim] for claim in r["核销单号"].split(";") if claim)}
        if doc["basis"] == "grant":
            doc["grant"] = {"fund": r["资金编号"], "programme": r["项目编号"], "region": r["区划代码"],
                            "economic_code": r["经济科目"], "invoice_no": r["发票号"]}
        return "settlement_preparation", doc, None

    def settlementsreview(self, r, _):
        return "settlement_review", {"settlement": r["结算单号"]}, None

    def settlementsapprove(self, r, _):
        return "settlement_approval", {"settlement": r["结算单号"]}, None

    def settlementsreturn(self, r, _):
        return "settlement_return", {"settlement": r["结算单号"], "reason": r["退回原因"]}, None

    def disbursementsprepare(self, r, _):
        return "disbursement_preparation", {
            "disbursement": r["拨付单号"], "settlement": r["结算单号"], "account": r["账户编号"],
            "method": WORDS[r["付款方式"]], "amount": money(r["金额"]),
            "payee": {"bank": r["收款银行"], "holder": r["收款户名"], "number": r["收款账号"]}}, None

    def disbursementsapprove(self, r, _):
        return "disbursement_approval", {"disbursement": r["拨付单号"]}, None

    def disbursementspay(self, r, _):
        return "disbursement_payment", {"disbursement": r["拨付单号"], "bank_reference": r["银行流水号"]}, None

    def disbursementsbounce(self, r, _):
        return "disbursement_bounce", {"disbursement": r["拨付单号"], "bank_reference": r["退票流水号"],
                                       "reason": r["退票原因"]}, None

    def recoveriesdecide(self, r, _):
        return "recovery_decision", {"recovery": r["追回单号"], "provider": r["机构编号"], "fund": r["资金编号"],
                                     "programme": r["项目编号"], "region": r["区划代码"],
                                     "amount": money(r["金额"]), "reason": r["原因"]}, None

    def recoveriesreceive(self, r, _):
        return "recovery_receipt", {"recovery": r["追回单号"], "account": r["账户编号"], "amount": money(r["金额"]),
                                    "bank_reference": r["银行流水号"]}, None

    def bank_statement(self, r, rows):
        first, sign = decimal.Decimal(r["金额"]), 1 if r["方向"] == "收" else -1
        return "bank_statement", {"account": r["账户编号"], "period": r["日期"][:7],
                                  "opening": money(decimal.Decimal(r["余额"]) - sign * first),
                                  "closing": money(rows[-1]["余额"])}, [
            {"date": x["日期"], "direction": WORDS[x["方向"]], "amount": money(x["金额"]),
             "counterparty": x["对方户名"], "counterparty_account": x["对方账号"], "reference": x["流水号"],
             "summary": x["摘要"]} for x in rows]

    def period_closes(self, r, _):
        return "period_close", {"period": r["期间"]}, None


class VoucherYear(unittest.TestCase):
    def test_the_year_comes_out_as_expected(self):
        world = World().start()
        world.kept = None
        try:
            api = Api(world)
            year = Year(api)
            self.replay(world, api, year)
            self.compare(api)
            # Everything once more: nothing is recorded twice.
            size = api.call("getLedger", "inspector").json["size"]
            again = year.command(*year.last[0])
            answer = api.call("postEntries", year.last[1], {**again, "date": year.last[2]},
                              Idempotency_Key="year." + year.last[3])
            self.assertEqual((answer.status, answer.headers["idempotency-hit"]), (200, "true"))
            self.assertEqual(api.call("getLedger", "inspector").json["size"], size)
        finally:
            if world.kept:
                world.kept.close()
            world.close()

    def token(self, world, actor, role):
        name = f"{actor}.{role}"
        if name not in world.tokens:
            world.tokens[name] = world.new_token(actor, role)
        return name

    def replay(self, world, api, year):
        policy = json.loads((YEAR / "policies" / "wujin-2008.json").read_text(encoding="utf-8"))
        todo = documents()
        for _, _, _, _, role, actor, _, _ in todo:
            self.token(world, actor, role)
        world.stop()
        world.start()  # reads the new tokens
        world.kept = world.connect()
        made = api.call("postEntries", "registrar", {"kind": "policy_registration", "date": policy["in_force_from"],
                                                     "doc": {"policy": policy}}, Idempotency_Key="policy")
        self.assertEqual(made.status, 201, made.bytes)
        for day, _, _, key, role, actor, maker, rows in todo:
            command = {**year.command(maker, rows), "date": day}
            if maker == "elders":
                r = rows[0]
                command["identity"] = {"name": r["姓名"], "id_number": r["身份证号"], "address": r["住址"],
                                       "phone": r["电话"]}
            key = re.sub("[^A-Za-z0-9._-]", "_", key)
            made = api.call("postEntries", f"{actor}.{role}", command, Idempotency_Key="year." + key)
            self.assertEqual(made.status, 201, (key, command["kind"], made.bytes.decode()))
            self.assertEqual(made.json["refused_lines"], [])
            year.recorded[key] = made.json["index"]
            year.originals[key] = command
            year.last = ((maker, rows), f"{actor}.{role}", day, key)
            if maker == "elders":
                entry = api.call("getEntry", "inspector", index=made.json["index"]).json
                year.people[rows[0]["身份证号"]] = entry["doc"]["beneficiary"]

    def compare(self, api):
        def states(**where):
            sums = {}
            for b in api.call("getBalances", "inspector", fund=EXPECTED["fund"], **where).json["balances"]:
                sums[b["account"]] = sums.get(b["account"], 0) + decimal.Decimal(b["balance"])
            return {account: money(total) for account, total in sums.items()}
        total = states(as_of=EXPECTED["as_of"])
        for account, amount in EXPECTED["states"].items():
            self.assertEqual(total.get(account, "0.00"), amount, account)
        self.assertEqual(total, states())
        for region, town in EXPECTED["towns"].items():
            here = states(region=region)
            for account, amount in town["states"].items():
                self.assertEqual(here.get(account, "0.00"), amount, (region, account))
            self.assertEqual(self.vouchers(api, region), {status: one["count"] for status, one in
                                                          town["vouchers"].items() if status != "issued"})
        bank = api.call("getEntries", "inspector", kind="bank_statement", limit=500).json["entries"]
        self.assertEqual(max(bank, key=lambda e: e["entry"]["doc"]["period"])["entry"]["doc"]["closing"],
                         EXPECTED["bank_balance"])
        self.assertEqual(api.call("getIndicators", "inspector").json["indicators"], [])

    def vouchers(self, api, region):
        counts, cursor = dict.fromkeys(("expired", "outstanding", "redeemed", "returned", "voided"), 0), None
        while True:
            page = api.call("getVouchers", "inspector", region=region, limit=500, cursor=cursor).json
            for voucher in page["vouchers"]:
                counts[voucher["status"]] += 1
            cursor = page.get("next")
            if cursor is None:
                return counts


if __name__ == "__main__":
    unittest.main()
