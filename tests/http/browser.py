"""A headless Chromium driven over its debugging pipe (Chrome DevTools Protocol): enough to open a page, run
scripts in it and take a picture, without any library beside Python's own."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time


class Chromium:
    def __init__(self, width=900, height=1000, language="zh-CN"):
        self.profile = tempfile.mkdtemp(prefix="fundtrail-chromium-")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The pipe is on descriptors 3 (to read) and 4 (to write) of the browser.
        script = f"exec 3<&{theirs_in} 4>&{theirs_out}; exec \"$@\""
        self.process = subprocess.Popen(
            ["bash", "-c", script, "-", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe", "--hide-scrollbars",
             f"--accept-lang={language}", f"--user-data-dir={self.profile}", f"--window-size={width},{height}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.to, self.back = os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")
        self.number, self.session, self.problems = 0, None, []
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.to.close()
        self.back.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self):
        message = bytearray()
        while (byte := self.back.read(1)) != b"\0":
            if not byte:
                raise AssertionError("the browser has gone")
            message += byte
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            if answer.get("method") == "Log.entryAdded":
                self.problems.append(answer["params"]["entry"]["text"])
            if answer.get("method") == "Runtime.exceptionThrown":
                self.problems.append(json.dumps(answer["params"]["exceptionDetails"]))

    def run(self, script):
        """What the script gives; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, script, seconds=20):
        """Waits until the script gives something true in the page."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.run(script):
                return value
            time.sleep(0.02)
        raise AssertionError(f"never: {script}; the page says: {self.run('document.body.innerText')}")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def fill(self, **values):
        for name, value in values.items():
            self.run(f"document.getElementById({json.dumps(name)}).value = {json.dumps(value)}; 0")

    def click(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, key):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9}[key])

    def keep(self, name, data):
        """Into the folder of FUNDTRAIL_PICTURES, if somebody wants to look."""
        if folder := os.environ.get("FUNDTRAIL_PICTURES"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)

    def picture(self, name):
        self.keep(name + ".png", base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def printed(self, name):
        """The page as a printer gets it: the bytes of a PDF file."""
        data = base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        self.keep(name + ".pdf", data)
        return data
