"""A small ledger behind a real server, for the tests of this folder: one town, two providers, three
elders with vouchers (synthetic people, valid check digits)."""
import http.client
import io
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zipfile

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = os.environ.get("FUNDTRAIL", str(ROOT / "build" / "fundtrail"))
LEDGER = "test-2008"
BASE = f"/v1/ledgers/{LEDGER}"
STAFF = {"registrar": "zhou.jing", "preparer": "wang.fang", "reviewer": "chen.guo",
         "approver": "lu.ming", "cashier": "xu.li", "inspector": "jian.cha",
         "administrator": "guan.li"}
ACCOUNTS = {"p-01": "9988919470461090", "p-02": "9988874404350425"}
USCC = {"p-01": "52320412MJ100001XN", "p-02": "52320412MJ1000087R"}
ELDERS = ["320412194107309666", "320412193107121300", "320412192105208037"]


def run(*arguments, check=True):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def packed(folder, around=""):
    """A folder as the bytes of a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file()):
            archive.write(path, around + str(path.relative_to(folder)))
    return out.getvalue()


def policy():
    path = ROOT / "fixtures" / "wujin-2008" / "policies"
    return json.loads(next(iter(sorted(path.glob("*.json")))).read_text(encoding="utf-8"))


class Answer:
    def __init__(self, response):
        self.status = response.status
        names = [k.lower() for k, _ in response.getheaders()]
        assert len(set(names)) == len(names), names  # no answer of ours says anything twice
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.bytes = response.read()
        self.media_type = self.headers.get("content-type", "").split(";")[0]

    @property
    def json(self):
        return json.loads(self.bytes)

    @property
    def code(self):
        """The last part of the problem's type."""
        return self.json["type"].rsplit(":", 1)[1]


class World:
    """Makes the ledger and its tokens; start() and stop() the server."""

    def __init__(self, threads=128, suite="sha256-ed25519"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-http-"))
        self.ledger = self.directory / "ledger"
        self.threads = threads
        self.process = None
        self.log = open(self.directory / "log", "w+", encoding="utf-8")
        run("--ledger", self.ledger, "init", "--id", LEDGER, "--name", "测试台账", "--region", "320412",
            "--actor", STAFF["registrar"], "--date", "2008-04-01", "--suite", suite)
        self.tokens = {}
        for role, actor in STAFF.items():
            self.tokens[role] = self.new_token(actor, role)
        for provider in ACCOUNTS:
            self.tokens[provider] = self.new_token(provider, "provider")

    def new_token(self, actor, role):
        made = run("--ledger", self.ledger, "--json", "token", "new", "--actor", actor, "--role", role)
        return json.loads(made.stdout)["token"]

    def new_user(self, user, *roles, **scopes):
        """Adds a user to the book; answers the first password."""
        options = [o for role in roles for o in ("--role", role)]
        for name, values in scopes.items():
            for value in [values] if isinstance(values, str) else values:
                options += [f"--{name.replace('_', '-')}", value]
        made = run("--ledger", self.ledger, "--json", "user", "add", user, *options)
        return json.loads(made.stdout)["password"]

    def start(self, port=0, more=(), prefix=(), **popen):
        """`more` arguments of serve; `prefix`: a command that runs the server; the rest for Popen."""
        self.process = subprocess.Popen(
            [*prefix, BINARY, "--ledger", str(self.ledger), "--json", "serve", "--port", str(port),
             "--threads", str(self.threads), *map(str, more)],
            stdout=subprocess.PIPE, stderr=self.log, text=True, **popen)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the server did not start:\n" + self.read_log())
        self.port = json.loads(line)["port"]
        return self

    def read_log(self):
        return (self.directory / "log").read_text(encoding="utf-8")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(30)
        self.process.stdout.close()
        self.process = None
        return code

    def close(self):
        if self.process:
            self.stop(signal.SIGKILL)
        self.log.close()
        shutil.rmtree(self.directory)

    # --- requests

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(self, method, path, body=None, role=None, headers=None, connection=None):
        own = connection or self.connect()
        all_headers = dict(headers or {})
        if role:
            all_headers["Authorization"] = "Bearer " + self.tokens[role]
        own.request(method, path, body=body, headers=all_headers)
        answer = Answer(own.getresponse())
        if connection is None:
            own.close()
        return answer

    def get(self, path, role="inspector", **more):
        return self.request("GET", path, role=role, **more)

    def post(self, body, key, role, headers=None, path=BASE + "/entries", **more):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False)
        if isinstance(body, str):
            body = body.encode("utf-8")
        all_headers = {"Content-Type": "application/json"}
        if key is not None:
            all_headers["Idempotency-Key"] = key
        all_headers.update(headers or {})
        return self.request("POST", path, body, role, all_headers, **more)

    def job(self, body, key, role, path=BASE + "/jobs", **more):
        """Asks for work and waits for its end; answers the job."""
        asked = self.post(body, key, role, path=path, **more)
        if asked.status not in (200, 201):
            raise AssertionError(f"{asked.status} {asked.bytes.decode()}")
        return self.ended(key)

    def ended(self, key):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            job = self.get(f"{BASE}/jobs/{key}").json
            if job["state"] not in ("queued", "running"):
                return job
        raise AssertionError(f"still {job}")

    def import_folder(self, folder, key, role="registrar", query="", **more):
        return self.post(packed(folder), key, role, {"Content-Type": "application/zip"},
                         BASE + "/imports" + query, **more)

    def record(self, key, role, kind, date, doc, **more):
        """Posts a command that must be recorded; answers the index of its entry."""
        answer = self.post({"kind": kind, "date": date, "doc": doc, **more}, key, role)
        if answer.status != 201:
            raise AssertionError(f"{kind}: {answer.status} {answer.bytes.decode()}")
        return answer.json["index"]

    # --- the year so far

    def fill(self):
        """Everything up to vouchers in the hands of elders."""
        self.record("fund", "registrar", "fund_registration", "2008-04-01",
                    {"fund": "care", "name": "养老服务专项资金", "fiscal_year": 2008,
                     "functional_code": "2081002"})
        self.record("policy", "registrar", "policy_registration", "2008-04-01", {"policy": policy()})
        self.record("region", "registrar", "region_registration", "2008-04-01",
                    {"region": "320412901", "name": "湖塘镇"})
        self.record("account", "registrar", "designated_account_registration", "2008-04-01",
                    {"account": "za", "approval_no": "武财库批〔2008〕3号",
                     "mode": "treasury_single_account",
                     "bank": {"bank": "国库", "holder": "财政局", "number": "888800000002"}})
        for provider, number in ACCOUNTS.items():
            self.record(provider, "registrar", "provider_registration", "2008-04-01",
                        {"provider": provider, "name": f"养老服务中心 {provider}",
                         "uscc": USCC[provider], "bank": self.bank(provider),
                         "contract": {"from": "2008-04-01", "to": "2008-12-31",
                                      "number": f"XY-{provider}"}})
        self.record("receipt", "preparer", "fund_receipt", "2008-04-02",
                    {"account": "za", "amount": "100000.00", "bank_reference": "B1",
                     "document_no": "武财〔2008〕1号", "fund": "care", "source": "district"})
        self.record("allotment", "preparer", "allotment", "2008-04-03",
                    {"amount": "90000.00", "document_no": "武财〔2008〕2号", "from_counterpart": False,
                     "fund": "care", "programme": "services", "region": "320412901"},
                    policy="wujin-2008@1")
        self.elders = [self.register(i, number) for i, number in enumerate(ELDERS[:2])]
        return self

    def bank(self, provider):
        return {"bank": "农村合作银行", "holder": f"养老服务中心 {provider}",
                "number": ACCOUNTS[provider]}

    def register(self, i, number):
        index = self.record(f"elder-{i}", "registrar", "beneficiary_registration", "2008-04-10",
                            {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01",
                             "region": "320412901"},
                            identity={"name": "合成老人", "id_number": number},
                            policy="wujin-2008@1")
        return self.get(f"{BASE}/entries/{index}").json["doc"]["beneficiary"]

    def issue(self, first, month="2008-04"):
        """One voucher for each elder; answers their numbers."""
        vouchers = [f"T{first + i:08d}".replace("T", "T-", 1) for i in range(len(self.elders))]
        last = {"2008-04": "30", "2008-05": "31", "2008-06": "30"}[month]
        self.record(f"issue-{month}", "preparer", "voucher_issue", f"{month}-11",
                    {"fund": "care", "month": month, "programme": "services",
                     "region": "320412901", "valid_from": f"{month}-11",
                     "valid_to": f"{month}-{last}"},
                    lines=[{"beneficiary": elder, "face": "100.00", "voucher": voucher}
                           for elder, voucher in zip(self.elders, vouchers)],
                    policy="wujin-2008@1")
        return vouchers

    @staticmethod
    def claim(provider, number, vouchers, date="2008-04-20", **more):
        return {"kind": "redemption", "date": date,
                "doc": {"claim_no": number, "provider": provider},
                "lines": [{"voucher": v, "service_date": date, "item": "zhuyu", "hours": "1.50"}
                          for v in vouchers], **more}


class Browser:
    """Signs in and keeps the cookie and the token against requests from other sites, as our page does."""

    def __init__(self, world):
        self.world = world
        self.cookie = None
        self.csrf = None

    def ask(self, method, path, body=None, headers=None, **more):
        origin = f"http://127.0.0.1:{self.world.port}"
        all_headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        if body is not None:
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            all_headers["Content-Type"] = "application/json"
        if self.cookie:
            all_headers["Cookie"] = f"other=1; __Host-fundtrail={self.cookie}"
        if self.csrf and method != "GET":
            all_headers["X-CSRF-Token"] = self.csrf
        all_headers.update(headers or {})
        answer = self.world.request(method, path, body,
                                    headers={k: v for k, v in all_headers.items() if v is not None},
                                    **more)
        set_cookie = answer.headers.get("set-cookie")
        if set_cookie:
            self.cookie = re.match("__Host-fundtrail=([0-9a-f]*);", set_cookie)[1] or None
            self.csrf = answer.json["csrf"] if answer.status in (200, 201) else None
        return answer

    def sign_in(self, user, password, **more):
        return self.ask("POST", "/v1/session", {"user": user, "password": password, **more})

    def change_password(self, present, new):
        return self.ask("POST", "/v1/session/password", {"present": present, "new": new})

    def arrive(self, user, first, password):
        """Signs in with a first password and changes it."""
        assert self.sign_in(user, first).status == 201
        changed = self.change_password(first, password)
        assert changed.status == 200, changed.bytes
        return self


def region(code, name="镇"):
    return {"kind": "region_registration", "date": "2008-04-01", "doc": {"name": name, "region": code}}


def raw(port, data, shut=False, timeout=60):
    """Sends bytes, reads to the end of the connection; answers everything that came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(data)
        if shut:
            s.shutdown(socket.SHUT_WR)
        parts = []
        while True:
            try:
                part = s.recv(65536)
            except ConnectionResetError:
                break
            if not part:
                return b"".join(parts)
            parts.append(part)
        return b"".join(parts)


def statuses(answer):
    return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
