"""What a refusal says: in both languages it names the field and its value, or what was expected instead."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import english_in  # noqa: E402
from world import BASE, Browser, World, raw  # noqa: E402


class Messages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.new_user("admin", "administrator")
        cls.first = cls.world.new_user("officer", "preparer")
        cls.world.start().fill()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def says(self, answer, status, code, *words):
        self.assertEqual((answer.status, answer.code), (status, code), answer.bytes.decode())
        self.assertEqual(english_in(answer.json["detail_zh"]), set(), answer.json["detail_zh"])
        for word in words:
            self.assertIn(word, answer.json["detail"] + answer.json["detail_zh"])
        return answer.json

    def test_json(self):
        w = self.world
        for number in ("99999999999999999999", "1E400", "02009", "0x10"):
            text = f'{{"kind": "fund_registration", "date": "2008-04-01", "doc": {{"fiscal_year": {number}}}}}'
            self.says(w.post(text, "n", "registrar"), 400, "malformed-json", "number", "数字")
        for year, wanted in (('"2009"', "2009 without quotation marks"), ("1e3", "without quotes, point or exponent")):
            text = ('{"kind": "fund_registration", "date": "2008-04-01", "doc": {"fund": "x", "name": "n", '
                    f'"functional_code": "2081002", "fiscal_year": {year}}}}}')
            said = self.says(w.post(text, "n", "registrar"), 400, "malformed-field", wanted)
            self.assertNotIn("1000", said["detail"])  # which nobody sent
        broken = '{"kind": "fund_registration",\n "date": "2008-04-01",}'
        self.says(w.post(broken, "n", "registrar"), 400, "malformed-json", "near line 2, column 23: a comma too many",
                  "第 2 行第 23 列附近：多了一个逗号")
        said = self.says(w.post('{"kind": "fund_registration", "date": "2008-04-01", "doc": {"fund": "x", "name": "n", '
                                '"functional_code": "2081002", "fiscal_yaer": 2008}}', "n", "registrar"), 400, "unknown-field",
                         'did you mean "fiscal_year"?', "是否应为“fiscal_year”？")
        self.assertEqual(said["field"], "doc.fiscal_yaer")
        self.says(w.post('{"comands": [], "commands": []}', "n", "registrar"), 400, "unknown-field", 'did you mean "commands"?')
        self.says(w.post('{"commands": []}', "n", "registrar"), 400, "malformed-field", "1 to 1,000 commands", "1 至 1000")
        self.says(w.post('{"commands": [], "commands": []}', "n", "registrar"), 400, "unknown-field", "repeated", "重复")
        self.says(w.post('{"commands": [], "mode": "none"}', "n", "registrar"), 400, "malformed-field", '"none"', "“none”")
        one = {"kind": "region_registration", "date": "2008-04-01", "doc": {"name": "n", "region": "320412902"},
               "id": "abc"}
        self.says(w.post(one, "another", "registrar"), 400, "malformed-field", '"abc"', "the Idempotency-Key")
        said = self.says(w.post(one, "n", "administrator"), 403, "role-not-permitted", "records no documents", "不办理任何单据")
        self.assertEqual(said["field"], "actor")
        self.assertEqual(self.says(w.post(one, "abc", "p-01"), 403, "role-not-permitted", "“服务机构”")["field"], "actor")

    def test_a_date_is_not_called_what_it_is_not(self):
        end = {"kind": "entitlement_end", "date": "2008-05-01",
               "doc": {"beneficiary": self.world.elders[0], "ended_on": "2008-05-02", "evidence": "e", "reason": "moved"}}
        self.says(self.world.post(end, "late", "registrar"), 422, "date-in-future",
                  "The date 2008-05-02 is too late: the latest possible here is 2008-05-01.", "日期 2008-05-02 过晚，此处最晚为 2008-05-01。")

    def test_jobs(self):
        w = self.world

        def ask(body, status, code, *words, key="j", **more):
            return self.says(w.post(body, key, "inspector", path=BASE + "/jobs", **more), status, code, *words)
        ask({"kind": "audit", "rules": ["R-BEN-99"]}, 400, "malformed-field", '"R-BEN-99"', "规则编号")
        ask({"kind": "export", "from": "2008-05-01", "to": "2008-04-01"}, 400, "malformed-field", '"2008-04-01"', "不早于")
        self.assertEqual(ask({"kind": "export", "form": "2008-04-01"}, 400, "unknown-field", 'did you mean "from"?')["field"],
                         "form")
        self.assertEqual(ask({"kind": "audit", "rules": ["R-BEN-01", "x"]}, 400, "malformed-field")["field"], "rules[1]")
        ask('{"kind": "verify"\n"state": true}', 400, "malformed-json", "near line 2, column 1", "第 2 行第 1 列附近：前面缺少逗号")
        for more, member in (({"period": "2008-13"}, "period"), ({"programme": "none"}, "programme"), ({"policy": "x"}, "policy"),
                             ({"policy": "none@1"}, "policy"), ({"series": "-"}, "series"), ({"date": "today"}, "date"),
                             ({"payee": "p-01"}, "payee"), ({"region": "320412"}, "region"), ({"funds": ["all=none"]}, "funds")):
            body = {"kind": "run", "programme": "services", "period": "2008-05", **more}
            self.assertEqual(ask(body, 422, "incomplete-request")["field"], member, body)
        said = ask({"kind": "run", "programme": "facilities", "period": "2008-05"}, 422, "incomplete-request", "项目补助", "pays grants")
        self.assertNotIn("grant", said["detail_zh"])
        said = ask({"kind": "run", "programme": "services", "period": "2008-05"}, 412, "precondition-failed",
                   headers={"If-Match": '"1-00"'})
        self.assertEqual(said["field"], "If-Match")
        ask({"kind": "dance"}, 400, "malformed-field", '"dance"')
        ask({"kind": "verify", "state": 1}, 400, "malformed-field", '"1"', "true or false")
        self.assertNotIn("1000", ask('{"kind": "verify", "state": 1e3}', 400, "malformed-field", "true or false")["detail"])
        for twice in ('{"kind": "verify", "state": true, "state": true}', '{"kind": "verify", "kind": "verify"}',
                      '{"kind": "audit", "rules": [], "rules": []}', '{"kind": "export", "to": "x", "to": "x"}'):
            ask(twice, 400, "unknown-field", "repeated", "重复")
        w.job({"kind": "verify"}, "used", "inspector")
        said = ask({"kind": "verify", "state": True}, 422, "command-id-reused", '"used"', "另一作业", key="used")
        self.assertNotIn("(entry", said["detail"])
        # A condition is kept or refused, never passed over.
        for body in ({"kind": "verify"}, {"kind": "audit"}):
            ask(body, 400, "bad-parameter", "If-Match", key="m", headers={"If-Match": '"1-00"'})
        entry = {"kind": "region_registration", "date": "2008-04-01", "doc": {"name": "n", "region": "320412902"}}
        size = w.get(BASE).json["size"]
        said = self.says(w.post(entry, "m", "registrar", {"If-Match": '"1-00"'}), 400, "bad-parameter", "If-Match")
        self.assertEqual(said["field"], "If-Match")
        self.assertEqual(w.get(BASE).json["size"], size)

    def test_parameters(self):
        w = self.world

        def get(path, *words, status=400, code="bad-parameter", role="inspector"):
            return self.says(w.get(BASE + path, role=role), status, code, *words)
        get("/entries?limit=0", '"limit"', '"0"', "“limit”的值“0”", "an integer from 1 to 500")
        get("/balances?as_of=1899-12-31", "“as_of”的值“1899-12-31”", "1900 至 2999", "from 1900 to 2999")
        get("/consistency", '"old"', "“old”", "missing")
        get("/entries?limit=1&limit=2", "given once", "“limit”")
        self.assertEqual(get("/entries?nonsense=1", '"nonsense" is unknown here. Known here: kind, from, to, ',
                             "此处没有“nonsense”。可用的有：kind")["field"], "nonsense")
        self.assertEqual(get("/entries?form=2008-01-01", 'Did you mean "from"?', "是否应为“from”？")["field"], "form")
        get("/policies/wujin-2008@1?x=1", "Known here: none", "可用的有：无参数")
        self.assertNotIn("13800138000", json.dumps(get("/entries?13800138000=1", "known here: kind")))
        get("/access-log?from=2008-05-02&to=2008-05-01", "“to”的值“2008-05-01”")
        get("/accounts/nosuch", "no such account", status=404, code="not-found")
        get("/policies/nosuch@1", "no such policy", status=404, code="not-found")
        # What the ledger does not know is a slip, and no empty answer.
        for path in ("/entries?fund=nosuch", "/journal?fund=nosuch", "/balances?fund=nosuch", "/vouchers?fund=nosuch",
                     "/reports/trial-balance?fund=nosuch"):
            with self.subTest(path):
                self.assertEqual(get(path, '"nosuch"', "“fund”的值“nosuch”", "a fund of this ledger")["field"], "fund")
        for path in ("/entries?region=999999", "/balances?region=999999", "/vouchers?region=999999",
                     "/reports/fund-flow?region=999999"):
            self.assertEqual(get(path, '"999999"', "区划")["field"], "region")
        get("/reports/provider-statement?provider=nosuch", '"nosuch"', "a provider of this ledger")
        # No personal number is repeated.
        said = get("/entries?limit=320412194107309666", '"limit"')
        self.assertNotIn("320412194107309666", json.dumps(said))

    def test_sessions_and_users(self):
        w = self.world
        b = Browser(w).arrive("officer", self.first, "Osmanthus-tree-91")
        body = {"days": 1}

        def token(**headers):
            return b.ask("POST", "/v1/tokens", body, headers=headers)
        self.says(token(**{"Origin": None, "Sec-Fetch-Site": None}), 403, "cross-site", "the header Origin")
        self.says(token(**{"X-CSRF-Token": None}), 403, "cross-site", "the header X-CSRF-Token")
        self.says(token(**{"Fundtrail-Role": "boss"}), 400, "bad-parameter", "a role", "角色")
        self.says(b.ask("POST", "/v1/tokens", {"days": 0}), 400, "bad-parameter", '"0" of "days"', "“days”的值“0”")
        self.says(b.sign_in("officer", "x" * (9 << 10)), 413, "payload-too-large", "8192", "8192")

    def test_framing(self):
        head = b"POST /v1/session HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
        said = raw(self.world.port, head + b"Transfer-Encoding: chunked\r\n\r\n8cg\r\n{}\r\n0\r\n\r\n")
        self.assertIn(b"size of a chunk", said)
        said = raw(self.world.port, head + b"X-Long: " + b"x" * 9000 + b"\r\n\r\n")
        self.assertIn(b"8 KiB", said)


if __name__ == "__main__":
    unittest.main()
