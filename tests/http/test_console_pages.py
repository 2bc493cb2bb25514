"""The console's pages in a real browser, as an accountant, an inspector and a provider use them: figures under
one another, on screen and on A4; one language at a time, and the same one on every page; long numbers; narrow
windows; the keyboard; what is said when something is refused or there is nothing to show."""
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from browser import Chromium  # noqa: E402
from world import LEDGER, Browser, World, run  # noqa: E402

PASSWORD = "Right-Horse-7"
LONG = "HX-2008-04-TOWN901-SERVICES-0000123456789-CORRECTED-TWICE"  # a claim's number that fits no column
CHINESE = re.compile("[\u3400-\u9fff\uff00-\uffef\u3001-\u303f]")
SEEN = "document.body.innerText"
CLAIMS = {
    "provider": "p-01", "name": "养老服务中心", "ledger": LEDGER, "size": 12, "root": "ab" * 32, "as_of": "2008-12-31",
    "claims": [
        {"entry": 9, "claim_no": LONG, "date": "2008-04-20", "amount": "1234567.89", "reduced": "12000.00",
         "reductions": [{"entry": 10, "date": "2008-04-21", "amount": "12000.00", "reason": "重复"}],
         "stage": {"code": "paid", "zh": "已拨付", "en": "Paid"}, "settlement": "S-2008-04",
         "paid": {"entry": 11, "date": "2008-05-02"}},
        {"entry": 12, "claim_no": "123456.00", "date": "2008-05-20", "amount": "-98765.00",
         "stage": {"code": "received", "zh": "已核销", "en": "Redeemed"}}],
    "services": [{"entry": 13, "date": "2008-05-21", "claim_no": "FW-2008-05", "programme": "services", "records": 7}],
    "balances": {"accrued": "1500.00", "payable": "7700.00", "paid": "53040.00", "in_recovery": "0.00"},
    "due_now": "7700.00",
    "settlements": [
        {"settlement": "S-2008-04", "basis": "redemptions", "total": "1234567.89", "redemptions": [9], "invoice_no": "FP-1",
         "stage": {"code": "returned", "zh": "已退回", "en": "Returned"}, "prepared": {"entry": 14, "date": "2008-04-28"},
         "returned": {"entry": 15, "date": "2008-04-29"}, "return_reason": "缺签收单"}],
    "disbursements": [
        {"disbursement": "D-2008-04", "settlement": "S-2008-04", "amount": "12400.00",
         "stage": {"code": "bounced", "zh": "退票", "en": "Bounced"}, "prepared": {"entry": 16, "date": "2008-05-01"},
         "paid": {"entry": 17, "date": "2008-05-02"}, "bank_reference": "B-77",
         "bounced": {"entry": 18, "date": "2008-05-04"}, "bounce_reason": "账号已停用"}],
    "recoveries": [{"recovery": "R-1", "reason": "多付", "amount": "300.00", "open": "200.00", "receipts": [],
                    "decided": {"entry": 19, "date": "2008-06-01"}}]}
# What each figure of a table shows, by column: where its text ends, and where its last three characters (".58") begin.
FIGURES = """[...document.querySelectorAll('#out table')].map(table => {
  const columns = {};
  for (const cell of table.querySelectorAll('td.figure')) {
    if (!/\\.\\d\\d$/.test(cell.textContent)) continue;
    const text = cell.firstChild, range = document.createRange();
    range.selectNodeContents(text);
    const end = range.getBoundingClientRect().right;
    range.setStart(text, text.length - 3);
    (columns[cell.cellIndex] ||= []).push([cell.textContent, end, range.getBoundingClientRect().left]);
  }
  return columns;
})"""


class ConsolePages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        first = {"jian": cls.world.new_user("jian", "inspector", name="检查员"),
                 "nameless": cls.world.new_user("nameless", "preparer"),
                 "p-01": json.loads(run("--ledger", cls.world.ledger, "--json", "user", "password", "p-01").stdout)["password"],
                 "new": cls.world.new_user("new", "cashier", name="新出纳"),
                 "two": cls.world.new_user("two", "inspector", region=["320412901", "320412902"])}
        cls.world.start().fill()
        for user in ("jian", "nameless", "p-01", "two"):
            Browser(cls.world).arrive(user, first[user], PASSWORD)
        cls.first = first["new"]
        cls.site = f"http://127.0.0.1:{cls.world.port}"

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def open(self, path="/", language="zh-CN", user=None, password=PASSWORD, **window):
        b = Chromium(language=language, **window)
        self.addCleanup(b.close)
        b.open(self.site + "/sign-in")
        b.until("!document.getElementById('sign-in').hidden")
        if user:
            b.fill(user=user, password=password)
            b.click("#sign-in button")
            b.until("!document.getElementById('signed-in').hidden")
        if path != "/sign-in":
            b.open(self.site + path)
            b.until(f"document.getElementById('ledger').value === '{LEDGER}'" if user
                    else "!document.getElementById('to-sign-in').hidden")
        return b

    def show(self, b, view):
        b.run("document.querySelectorAll('#out table, #out pre').forEach(node => node.remove())")
        b.click(f"button[data-show={view}]")
        b.until("document.querySelector('#out table, #out pre') !== null")

    @staticmethod
    def answer(b, body, status=200, kind="application/json"):
        """From now on the page's questions are answered so."""
        b.run(f"window.fetch = async () => new Response({json.dumps(body)}, "
              f"{{status: {status}, headers: {{'Content-Type': '{kind}'}}}}); 0")

    def claims(self, b):
        self.answer(b, json.dumps(CLAIMS))
        b.fill(provider="p-01", ledger=LEDGER)
        self.show(b, "payments")

    # --- figures

    def check_figures(self, b, tables):
        seen = b.run(FIGURES)
        self.assertEqual(len(seen), tables)
        figures = 0
        for table in seen:
            for cells in table.values():
                figures += len(cells)
                for text, end, point in cells:
                    self.assertRegex(text, r"^-?\d{1,3}(,\d{3})*\.\d\d$")
                    self.assertAlmostEqual(end, cells[0][1], delta=0.1, msg=text)
                    self.assertAlmostEqual(point, cells[0][2], delta=0.1, msg=text)
        return figures

    def test_figures_of_the_flow_stand_under_one_another(self):
        b = self.open(user="jian")
        self.show(b, "flow")
        self.assertGreater(self.check_figures(b, 3), 12)
        said = b.run(SEEN)
        for words in ("资金来龙去脉", "100,000.00", "90,000.00", "湖塘镇", "合计", "各状态合计", "核对", "人民币元"):
            self.assertIn(words, said)
        self.assertNotIn("记录号", said)
        b.run("document.getElementById('entries').click()")
        self.show(b, "flow")
        self.check_figures(b, 4)
        self.assertIn("记录号", b.run(SEEN))
        # Stages in which nothing happened are left out, as in print.
        self.assertNotIn("结转", said)
        self.assertEqual(b.run("getComputedStyle(document.querySelector('td.figure')).fontVariantNumeric"), "tabular-nums")
        self.assertEqual(b.run("document.activeElement.id"), "title")
        self.assertIn("资金来龙去脉", b.run("document.title"))
        b.picture("flow")

    def test_a_printed_flow_fits_the_page(self):
        b = self.open(user="jian")
        self.show(b, "flow")
        b.call("Emulation.setEmulatedMedia", media="print")
        # A4 on its side, less its margins.
        b.call("Emulation.setDeviceMetricsOverride", width=1032, height=700, deviceScaleFactor=1, mobile=False)
        self.check_figures(b, 3)
        self.assertEqual(b.run("document.documentElement.scrollWidth"), 1032)
        self.assertEqual(b.run("getComputedStyle(document.getElementById('form')).display"), "none")
        self.assertNotIn("English", b.run(SEEN))
        self.assertIn(b"/MediaBox [0 0 841", b.printed("flow"))
        b.picture("flow-in-print")

    def test_a_flow_through_every_stage_fits_the_page_too(self):
        keys = [f"stage_{i}" for i in range(14)]
        figures = {key: "1234567.89" for key in keys}
        words = {"zh": "养老援助服务券", "en": "Services"}
        report = {"title": words, "ledger": LEDGER, "size": 1, "root": "ab" * 32, "from": "2008-01-01", "as_of": "2008-12-31",
                  "parameters": {"fund": "care", "fund_name": words},
                  "sections": [{"title": words, "columns": [
                      {"key": "region", "type": "text", "heading": words},
                      *({"key": key, "type": "money", "heading": words} for key in keys),
                      {"key": "none", "type": "money", "heading": {"zh": "全无", "en": "None"}, "left_out": True}],
                      "rows": [{"region": "320412901", "region_name": words, **figures, "none": "0.00"}],
                      "totals": [{"region": "total", "region_name": words, **figures, "none": "0.00"}]}],
                  "checks": [], "notes": []}
        b = self.open()
        self.answer(b, json.dumps(report))
        b.fill(ledger=LEDGER)
        self.show(b, "flow")
        self.assertEqual(self.check_figures(b, 2), 28)
        self.assertNotIn("全无", b.run(SEEN))
        b.call("Emulation.setEmulatedMedia", media="print")
        b.call("Emulation.setDeviceMetricsOverride", width=1032, height=700, deviceScaleFactor=1, mobile=False)
        self.assertLessEqual(b.run("document.documentElement.scrollWidth"), 1032)
        b.printed("flow-wide")

    def test_amounts_are_grouped_and_numbers_are_not(self):
        b = self.open()
        for amount, shown in (("0.00", "0.00"), ("-0.01", "-0.01"), ("999.99", "999.99"), ("1000.00", "1,000.00"),
                              ("-123456.00", "-123,456.00"), ("1234567.89", "1,234,567.89"),
                              ("90071992547409931234.56", "90,071,992,547,409,931,234.56")):
            self.assertEqual(b.run(f"grouped('{amount}')"), shown)
        self.claims(b)
        self.check_figures(b, 5)
        said = b.run(SEEN)
        self.assertIn("1,234,567.89", said)
        self.assertIn("-98,765.00", said)
        self.assertIn("2008-04-21 −12,000.00 [10] 重复", said)
        self.assertIn("123456.00", said)  # the number of a claim, which looks like an amount

    def test_whether_it_is_paid_and_why_not(self):
        b = self.open()
        self.claims(b)
        said = b.run(SEEN)
        for words in ("已核销待结算", "1,500.00", "现在应付", "7,700.00", "53,040.00", "缺签收单", "2008-04-29", "账号已停用", "2008-05-04",
                      "B-77", "R-1", "200.00"):
            self.assertIn(words, said)
        # Who was paid a grant has no claims, and is not told that nothing is recorded.
        self.answer(b, json.dumps({**CLAIMS, "claims": [], "services": []}))
        self.show(b, "payments")
        said = b.run(SEEN)
        self.assertIn("拨付单", said)
        self.assertNotIn("没有记录", said)
        self.answer(b, json.dumps({**CLAIMS, **{name: [] for name in ("claims", "services", "settlements", "disbursements", "recoveries")}}))
        self.show(b, "payments")
        self.assertIn("没有记录", b.run(SEEN))

    # --- languages

    def test_one_language_at_a_time_and_it_is_kept(self):
        b = self.open(user="jian", language="en-US")

        def check(zh):
            self.assertEqual(b.run("document.documentElement.lang"), "zh-CN" if zh else "en")
            said = b.run(SEEN + " + document.title").replace("FundTrail", "")
            if zh:
                said = said.replace("English", "").replace(LEDGER, "").replace("（jian）", "")
                self.assertIsNone(re.search("[A-Za-z]{2}", said), said)
            else:
                said = said.replace("中文", "").replace("检查员", "")
                self.assertIsNone(CHINESE.search(said), said)

        check(zh=False)
        b.fill(fund="care")
        b.click("[data-speak='zh-CN']")
        check(zh=True)
        self.assertEqual(b.run("document.getElementById('fund').value"), "care")
        self.assertEqual(b.run("document.activeElement.dataset.speak"), "en")
        b.open(self.site + "/sign-in")
        b.until("!document.getElementById('signed-in').hidden")
        check(zh=True)
        b.open(self.site + "/")
        b.until("document.getElementById('who').textContent")
        check(zh=True)
        # Chosen meanwhile in another window, or on the page that one comes back from.
        for event, language in (("storage", "en"), ("pageshow", "zh-CN")):
            b.run(f"localStorage.setItem('fundtrail-language', '{language}'); dispatchEvent(new Event('{event}'))")
            check(zh=language == "zh-CN")
        # What is shown already changes too, what is refused as well.
        self.show(b, "flow")
        self.assertIn("资金现状", b.run(SEEN))
        b.click("[data-speak=en]")
        said = b.run(SEEN)
        self.assertIn("Where the money is now", said)
        self.assertNotIn("资金现状", said)
        self.assertIn("came from", b.run("document.title"))
        b.fill(fund="none")
        b.click("button[data-show=flow]")
        b.until("document.getElementById('notice').innerText.includes('fund')")
        self.assertEqual(b.run("document.title"), "FundTrail, ledger of dedicated public funds")
        self.assertIsNone(CHINESE.search(b.run("document.getElementById('notice').innerText")))
        b.click("[data-speak='zh-CN']")
        self.assertIsNotNone(CHINESE.search(b.run("document.getElementById('notice').innerText")))

    def test_whose_browser_does_not_ask_for_english_reads_chinese(self):
        for language in ("zh-CN", "fr-FR"):
            self.assertEqual(self.open(language=language).run("document.documentElement.lang"), "zh-CN")

    # --- long numbers and narrow windows

    def test_long_numbers_break_behind_separators_and_short_ones_nowhere(self):
        b = self.open(width=390, height=800)
        self.claims(b)
        lines = b.run("""(() => {
          const cell = [...document.querySelectorAll('#out td')].find(td => td.textContent.startsWith('HX-'));
          const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), lines = [];
          for (let node, top; node = walker.nextNode();) {
            for (let i = 0; i < node.length; ++i) {
              const range = document.createRange();
              range.setStart(node, i);
              range.setEnd(node, i + 1);
              const at = range.getBoundingClientRect().top;
              if (at !== top) lines.push('');
              top = at;
              lines[lines.length - 1] += node.data[i];
            }
          }
          return lines;
        })()""")
        self.assertEqual("".join(lines), LONG)
        self.assertGreater(len(lines), 1)
        for line in lines[:-1]:
            self.assertTrue(line.endswith("-"), lines)
        # One line each: day, amount, short number.
        for text in ("S-2008-04", "2008-05-20", "1,234,567.89", "123456.00"):
            height = b.run(f"(() => {{ const range = document.createRange(); range.selectNodeContents("
                           f"[...document.querySelectorAll('#out td')].find(td => td.textContent === '{text}')); "
                           "return new Set([...range.getClientRects()].map(r => r.top)).size; })()")
            self.assertEqual(height, 1, text)

    def test_nothing_but_tables_is_wider_than_a_narrow_window(self):
        b = self.open(user="jian", width=390, height=800)
        b.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=False)
        b.picture("narrow")
        for view in ("head", "flow", "checkpoint", "payments"):
            if view == "payments":
                self.claims(b)
            elif view != "flow":
                b.click(f"button[data-show={view}]")
                b.until("document.querySelector('#out dl, #out pre') !== null")
            else:
                self.show(b, view)
            self.assertLessEqual(b.run("document.documentElement.scrollWidth"), 390, view)
            b.picture("narrow-" + view)
        b.open(self.site + "/sign-in")
        b.until("!document.getElementById('signed-in').hidden")
        self.assertLessEqual(b.run("document.documentElement.scrollWidth"), 390)
        b.picture("narrow-sign-in")

    # --- who is there

    def test_who_is_signed_in_is_told_once_and_not_asked_to_sign_in(self):
        b = self.open(user="nameless")
        said = b.run(SEEN)
        self.assertEqual(said.count("nameless"), 1, said)
        self.assertNotIn("登录\n", said)
        self.assertFalse(b.run("document.getElementById('to-sign-in').checkVisibility()"))
        self.assertTrue(b.run("document.getElementById('to-account').checkVisibility()"))
        b.open(self.site + "/sign-in")
        b.until("!document.getElementById('signed-in').hidden")
        said = b.run(SEEN)
        self.assertEqual(said.count("nameless"), 1, said)
        b.click("#out")
        b.until("document.getElementById('message').textContent")
        b.open(self.site + "/")
        b.until("document.getElementById('to-sign-in').checkVisibility()")
        self.assertFalse(b.run("document.getElementById('to-account').checkVisibility()"))

    def test_a_password_to_be_changed_has_a_link_to_where_that_is_done(self):
        b = self.open(user="new", password=self.first, path="/sign-in")
        self.assertEqual(b.run("document.querySelector('#message a').getAttribute('href')"), "/sign-in#change")
        self.assertEqual(b.run("document.activeElement.id"), "present")
        b.open(self.site + "/")
        link = "document.querySelector('#notice a')"
        b.until(f"{link} !== null")  # before anything is asked for
        b.click("button[data-show=flow]")
        b.until("document.getElementById('notice').innerText.includes('须先修改口令')")
        self.assertEqual(b.run(f"{link}.getAttribute('href')"), "/sign-in#change")
        b.click("#notice a")
        b.until("location.hash === '#change' && document.getElementById('change')?.checkVisibility()")

    def test_who_must_sign_in_has_a_link_to_where_that_is_done(self):
        b = self.open()
        b.fill(ledger=LEDGER)
        b.click("button[data-show=flow]")
        b.until("document.querySelector('#notice a')?.getAttribute('href') === '/sign-in'")
        # It is seen, however small the window.
        b.call("Emulation.setDeviceMetricsOverride", width=390, height=500, deviceScaleFactor=1, mobile=False)
        b.run("scrollTo(0, 0)")
        b.click("button[data-show=flow]")
        b.until("(r => r.height > 0 && r.bottom < innerHeight + 1)(document.getElementById('notice').getBoundingClientRect())")

    def test_a_provider_is_offered_what_is_theirs(self):
        b = self.open(user="p-01")
        shown = b.run("[...document.querySelectorAll('[data-show]')].map(button => button.dataset.show)")
        self.assertEqual(shown, ["payments", "checkpoint"])
        self.assertEqual(b.run("document.getElementById('fund')"), None)
        self.assertEqual(b.run("document.getElementById('provider').value"), "p-01")
        self.show(b, "payments")
        said = b.run(SEEN)
        self.assertIn("没有记录", said)
        self.assertIn("养老服务中心 p-01（p-01）", said)
        self.assertIn("截至", said)

    def test_who_answers_for_several_regions_asks_for_one(self):
        b = self.open(user="two")
        b.click("button[data-show=flow]")
        b.until("document.getElementById('notice').innerText.includes('区划')")
        self.assertEqual(b.run("[...document.querySelectorAll('#regions option')].map(option => option.value)"),
                         ["320412901", "320412902"])
        b.fill(region="320412901")
        self.show(b, "flow")
        self.assertIn("320412901 湖塘镇", b.run("document.querySelector('#out dl').innerText"))

    # --- keyboard, names, errors

    def test_every_field_has_a_name_and_everything_is_reached_by_the_keyboard(self):
        b = self.open(user="jian")
        self.claims(b)
        b.run("document.body.tabIndex = -1; document.body.focus(); 0")  # from the top
        reached = []
        for _ in range(14):
            b.press("Tab")
            at = b.run("(() => { const n = document.activeElement; return [n.id || n.dataset.show || n.dataset.speak || "
                       "n.className, getComputedStyle(n).outlineStyle, parseFloat(getComputedStyle(n).outlineWidth)]; })()")
            reached.append(at)
        names = [name for name, *_ in reached]
        for name in ("to-account", "en", "ledger", "token", "provider", "fund", "region", "entries", "head", "flow", "payments",
                     "checkpoint", "wide"):
            self.assertIn(name, names)
        for name, style, width in reached:
            if name:
                self.assertTrue(style == "solid" and width >= 2, (name, style, width))
        nameless = ("[...document.querySelectorAll('input:not([hidden])')].filter(input => !input.labels.length || "
                    "!input.labels[0].innerText.trim()).map(input => input.id)")
        self.assertEqual(b.run(nameless.replace("!input.labels[0].innerText.trim()", "false")), [])
        self.assertEqual(b.run(nameless), [])
        self.assertEqual(b.run("[...document.querySelectorAll('#out th')].filter(th => th.scope !== 'col').length"), 0)
        regions = b.run("[...document.querySelectorAll('[role=region]')].map(r => "
                        "document.getElementById(r.getAttribute('aria-labelledby')).innerText)")
        self.assertEqual(regions, ["核销单与核定", "服务记录", "结算单", "拨付", "追回"])
        # A field that is missing is gone to.
        b.fill(provider="")
        b.click("button[data-show=payments]")
        b.until("document.getElementById('notice').innerText.includes('请先填写服务机构编号')")
        self.assertEqual(b.run("document.activeElement.id"), "provider")

    def test_a_server_that_is_gone_or_says_nothing_of_use_is_told_in_words(self):
        for path, show in (("/", "button[data-show=head]"), ("/sign-in", "#sign-in button")):
            b = self.open(path)
            place = "notice" if path == "/" else "message"
            if path == "/":
                b.fill(ledger=LEDGER)
            else:
                b.fill(user="jian", password=PASSWORD)
            b.run("window.fetch = () => Promise.reject(new TypeError('Failed to fetch')); 0")
            b.click(show)
            said = b.until(f"document.getElementById('{place}').innerText")
            self.assertIn("服务器没有应答", said)
            self.assertNotIn("fetch", said)
            self.answer(b, "<h1>Bad Gateway</h1>", 502, "text/html")
            b.fill(**({"ledger": LEDGER} if path == "/" else {"user": "jian", "password": PASSWORD}))
            b.click(show)
            said = b.until(f"(t => t.includes('502') && t)(document.getElementById('{place}').innerText)")
            self.assertNotIn("token", said)
            self.assertNotIn("JSON", said)

    def test_of_two_questions_the_later_one_is_answered(self):
        b = self.open(user="jian")
        b.run("""(() => {
          const fetched = window.fetch;
          window.fetch = async (...what) => {
            const answer = await fetched(...what);
            if (String(what[0]).includes('fund-flow')) await new Promise(go => window.go = go);
            return answer;
          };
        })()""")
        b.click("button[data-show=flow]")
        b.until("window.go !== undefined")
        b.click("button[data-show=head]")
        b.until("document.querySelector('#out dl') !== null")
        b.run("window.go(); fetch('/healthz').then(() => 0)")
        self.assertEqual(b.run("document.querySelectorAll('#out table').length"), 0)
        self.assertEqual(b.run("document.getElementById('title').innerText"), "测试台账")


if __name__ == "__main__":
    unittest.main()
