"""The page for signing in, in a real browser: first password, its change, the console with the session and
without a token, signing out. No script outside our own files runs, and the cookie is hidden from scripts."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from browser import Chromium  # noqa: E402
from world import LEDGER, World  # noqa: E402

PASSWORD = "Right-Horse-7"


class SignInPage(unittest.TestCase):
    def test_from_the_first_password_to_signing_out(self):
        world = World()
        browser = None
        try:
            first = world.new_user("jian", "inspector", name="检查员")
            world.start().fill()
            site = f"http://127.0.0.1:{world.port}"
            browser = b = Chromium()
            message = "document.getElementById('message').textContent"
            b.open(site + "/sign-in")
            b.until("!document.getElementById('sign-in').hidden")
            b.picture("1-sign-in")
            b.fill(user="jian", password="Wrong-Horse-7")
            b.click("#sign-in button")
            said = b.until(message)
            self.assertIn("用户名或口令不正确", said)
            self.assertIn("password is wrong", said)
            self.assertEqual(b.run("document.getElementById('password').value"), "")
            b.picture("2-wrong")

            b.fill(user="jian", password=first)
            b.click("#sign-in button")
            b.until("!document.getElementById('change').hidden")
            self.assertIn("须先修改口令", b.run(message))
            self.assertTrue(b.run("document.getElementById('go-on').hidden"))
            b.picture("3-first-password")
            b.fill(present=first, new="Password1234!", again="Password1234!")
            b.click("#change button")
            b.until(f"{message}.includes('太容易猜到')")
            b.fill(present=first, new=PASSWORD, again=PASSWORD + "x")
            b.click("#change button")
            b.until(f"{message}.includes('两次输入')")
            b.fill(present=first, new=PASSWORD, again=PASSWORD)
            b.click("#change button")
            b.until(f"{message}.includes('口令已修改')")
            self.assertEqual(b.run("document.cookie"), "")
            b.picture("4-changed")

            b.open(site + "/")
            b.until(f"document.getElementById('ledger').value === '{LEDGER}'")
            b.click("button[data-show=payments]")
            b.until("document.getElementById('notice').textContent.includes('请先填写服务机构编号')")
            b.click("button[data-show=flow]")
            b.until("document.querySelector('#out table')?.textContent.includes('90,000.00')")
            self.assertIn("检查员", b.run("document.getElementById('who').textContent"))
            b.fill(fund="none")
            b.click("button[data-show=flow]")
            b.until("document.getElementById('notice').textContent.includes('fund')")
            b.fill(fund="care")
            b.click("button[data-show=flow]")
            b.until("document.querySelector('#out table')?.textContent.includes('90,000.00')")
            b.picture("5-console")
            b.fill(provider="p-01")
            b.click("button[data-show=payments]")
            b.until("document.getElementById('title').textContent.includes('p-01') && document.querySelector('#out th') !== null")
            b.picture("6-payments")

            b.open(site + "/sign-in")
            b.until("!document.getElementById('signed-in').hidden")
            b.click("#out")
            b.until(f"{message}.includes('已退出')")
            self.assertEqual(b.run("fetch('/v1/session').then(a => a.status)"), 401)
            # What the browser complained about: the 401s and 422s that were asked for, and nothing else.
            strange = [p for p in b.problems if "the server responded with a status of 4" not in p]
            self.assertEqual(strange, [])
            # The page runs no script but its own file: a policy that nobody can talk it out of.
            b.run("const s = document.createElement('script'); s.textContent = 'window.run = 1'; "
                  "document.body.append(s); 0")
            self.assertIsNone(b.run("window.run ?? null"))
        finally:
            if browser:
                browser.close()
            world.close()


if __name__ == "__main__":
    unittest.main()
