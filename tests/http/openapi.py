"""What the tests of api/openapi.yaml share: the file, and a check of each answer of a real server against it.

Every subject of the file (a tag) is driven by one test file: every operation, every documented answer. A
subclass of Driven names its tags; it fails when an answer of theirs was not seen."""
import json
import re
import sys
from pathlib import Path

import jsonschema
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, LEDGER, ROOT, World, run  # noqa: E402

DOCUMENT = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
REGISTERS = {"accounts": "za", "applications": "A1", "disbursements": "D1", "funds": "care", "policies": "wujin-2008@1",
             "providers": "p-01", "recoveries": "R1", "regions": "320412901", "settlements": "S1"}
ONE = {"policies": "policy", "recoveries": "recovery"}  # of them; of the others it is the name less its last letter
# What stands in an address where it only matters that it is well-formed.
KNOWN = {"ledger": LEDGER, "index": "1", "name": "trial-balance", "provider": "p-02", "user": "officer",
         "token": "x", "certificate": "0" * 64, "job": "x", "voucher": "T-00000001", "file": "index.js",
         **{ONE.get(many, many[:-1]): one for many, one in REGISTERS.items() if many != "providers"}}
# A poisoned store cannot be had from outside; tests/http/faults_test.cpp covers these answers.
NOT_DRIVEN = {("getReady", "503"), ("postEntries", "503"),
              ("postJobs", "503"), ("postImports", "503"),  # tests/operations/test_states.py
              ("getIdentity", "503"), ("postLookup", "503"),  # tests/http/test_access_log.py
              ("postUser", "409")}  # whoever asks is an administrator: only a race leaves none


# Codes of x-problems that take a race, a clock that was set back or a missing key: tests/http/test_writes.py, test_people.py,
# tests/operations/test_states.py, tests/identity/book_test.cpp.
NOT_PROVOKED = {"in-flight", "clock-behind", "vault-key-missing", "last-administrator"}


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield method.upper(), path, item[method]


# The reasons of the rules.
RULES = set(re.findall(r'\{R::\w+, "([a-z-]+)"', (ROOT / "ledger/core/rejection.cpp").read_text(encoding="utf-8")))


def problems_of(method, operation):
    """The codes that an operation can answer, by status; and whether every reason of the rules can be among them."""
    groups = DOCUMENT["x-problems"]
    body = operation.get("requestBody", {}).get("content", {})
    parts = [groups["every"], operation.get("x-problems", {})]
    parts += [groups["signed_in"]] * (operation.get("security") != [])
    parts += [groups["changes"]] * (method != "GET") + [groups["json_body"]] * ("application/json" in body)
    codes = {}
    for part in parts:
        for status, some in part.items():
            if status != "rules":
                codes.setdefault(status, set()).update(some)
    return codes, operation.get("x-problems", {}).get("rules", False)


def parameters_of(path, operation):
    return [resolve(p) for p in DOCUMENT["paths"][path].get("parameters", []) + operation.get("parameters", [])]


VALIDATORS = {}


def validator(schema):
    key = json.dumps(schema, sort_keys=True)
    if key not in VALIDATORS:
        VALIDATORS[key] = jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    return VALIDATORS[key]


def operation_of(method, path):
    bare = path.split("?")[0]
    found = []
    for m, pattern, operation in operations():
        shape = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(pattern))
        if m == method and re.fullmatch(shape, bare):
            found.append((pattern.count("{"), operation))
    assert found, f"{method} {path} is not in the file"
    return min(found, key=lambda f: f[0])[1]


def words_of(node, found):
    """Names and values of the interface, which are the same in every language."""
    if isinstance(node, dict):
        found.update(node.get("properties", {}), node.get("enum", []))
        found.update([node["name"]] if isinstance(node.get("name"), str) else [], [str(node.get("const"))])
        for one in node.values():
            words_of(one, found)
    elif isinstance(node, list):
        for one in node:
            words_of(one, found)
    return found


NEUTRAL = set(re.findall(r"[A-Za-z]{3,}", " ".join(map(str, words_of(DOCUMENT, set())))))
NEUTRAL |= {"KiB", "MiB", "Bearer", "Content", "Encoding", "Length", "Transfer", "Unicode", "application", "json", "zip", "true",
            "false", "next", "aaaa"}


def english_in(text):
    """English words in Chinese text, but for names of ours and what somebody is quoted with."""
    # Letters beside digits are of a digest or an id.
    words = re.findall(r"(?<![0-9A-Za-z])[A-Za-z]{3,}(?![0-9A-Za-z])", re.sub("“[^”]*”", "", text))
    return {word for word in words if not word.isupper()} - NEUTRAL


class Driven:
    """To be mixed into a TestCase."""
    tags = ()

    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        cls.first = {"admin": w.new_user("admin", "administrator"), "officer": w.new_user("officer", "preparer")}
        w.tokens["slow"] = json.loads(run("--ledger", w.ledger, "--json", "token", "new", "--actor", "slow", "--role",
                                          "inspector", "--per-second", 1).stdout)["token"]
        cls.prepare()
        w.start().fill()
        cls.vouchers = w.issue(1)
        cls.seen, cls.codes = set(), set()

    @classmethod
    def prepare(cls):
        """Before the server starts."""

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def of_this_subject(self):
        for method, path, operation in operations():
            if set(operation["tags"]) & set(self.tags):
                yield method, path, operation

    # --- the check of one answer

    def check(self, answer, method, path, status, code=None, sent=None):
        where = f"{method} {path} → {answer.status} {answer.bytes[:400]!r}"
        self.assertEqual(answer.status, status, where)
        operation = operation_of(method, path)
        responses = operation["responses"]
        named = str(status) if str(status) in responses else "default"
        self.assertIn(named, responses, where)
        self.seen.add((operation["operationId"], named))
        response = resolve(responses[named])
        for name, header in response.get("headers", {}).items():
            header = resolve(header)
            value = answer.headers.get(name.lower())
            if header.get("required"):
                self.assertIsNotNone(value, f"{name}: {where}")
            if value is not None:
                validator(header["schema"]).validate(value)
        if status in (200, 201) and isinstance(sent, dict):
            # What is accepted fits what the file says one may send.
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            validator(body).validate(sent)
        content = response.get("content", {})
        if not content:
            self.assertEqual(answer.bytes, b"", where)
            return answer
        self.assertIn(answer.media_type, content, where)
        schema = content[answer.media_type].get("schema")
        if "json" in answer.media_type and answer.media_type != "application/x-ndjson":
            validator(schema).validate(answer.json)
        if status >= 400:
            self.assertEqual(answer.media_type, "application/problem+json", where)
            self.assertEqual(answer.json["status"], status)
            self.assertEqual(english_in(answer.json["detail_zh"]), set(), where)
            self.assertTrue(answer.json["instance"].endswith(answer.headers["x-request-id"]))
            if code:
                self.assertEqual(answer.code, code, where)
            self.codes.add((operation["operationId"], answer.code))
            codes, rules = problems_of(method, operation)
            if not (rules and answer.code in RULES):
                self.assertIn(answer.code, codes.get(str(status), ()), f"not among its x-problems: {where}")
        return answer

    def get(self, path, status=200, code=None, **more):
        return self.check(self.world.get(path, **more), "GET", path, status, code)

    def post(self, body, key, role, status, code=None, path=BASE + "/entries", **more):
        return self.check(self.world.post(body, key, role, path=path, **more), "POST", path, status,
                          code, sent=body)

    def delete(self, path, status=200, code=None, role="inspector"):
        return self.check(self.world.request("DELETE", path, role=role), "DELETE", path, status, code)

    def ask(self, browser, method, path, status, code=None, body=None, **more):
        return self.check(browser.ask(method, path, body, **more), method, path, status, code, sent=body)

    # --- what all operations have in common

    def address(self, path, known=None):
        return re.sub(r"{(\w+)}", lambda m: (known or KNOWN).get(m[1], self.world.elders[0]), path)

    def good_address(self, path, operation):
        """Of something that is there, with the parameters that must be."""
        needed = [f"{p['name']}={p['example']}" for p in parameters_of(path, operation)
                  if p["in"] == "query" and p.get("required")]
        return self.address(path, self.known()) + ("?" + "&".join(needed) if needed else "")

    def known(self):
        """What is really there, for the addresses of reads."""
        return {**KNOWN, "voucher": self.vouchers[0], "provider": "p-01"}

    def test_6_refusals_common_to_all(self):
        w = self.world
        for method, path, operation in self.of_this_subject():
            if operation.get("security") == []:
                continue
            real = self.address(path)
            body = b"{}" if method == "POST" else None
            media = next(iter(operation["requestBody"]["content"])) if body else ""
            headers = {"Content-Type": media, "Idempotency-Key": "refused"} if body else {}

            def drive(role, status, code, at=real, **more):
                answer = w.request(method, at, body, role, {**headers, **more})
                return self.check(answer, method, at, status, code)
            with self.subTest(path, method=method):
                drive(None, 401, "unauthenticated")
                drive("inspector", 403, "role-not-held", **{"Fundtrail-Role": "cashier"})
                for _ in range(30):  # two at once are let through, more on a slow machine
                    limited = w.request(method, real, body, "slow", headers)
                    if limited.status == 429:
                        break
                self.check(limited, method, real, 429, "too-many-requests")
                self.assertEqual(limited.headers["retry-after"], "1")
                if "{ledger}" in path:
                    drive("inspector", 404, "not-found", real.replace(LEDGER, "another"))

    def ask_anything(self, method, path, body=None, headers=None):
        """As somebody who may call every operation of the subject."""
        return self.world.request(method, path, body, "inspector", headers)

    def test_2_what_every_address_refuses(self):
        """Unknown parameters, methods it has not, addresses that are too long, bodies that are too large."""
        for method, path, operation in self.of_this_subject():
            real = self.address(path)
            media = next(iter(operation.get("requestBody", {"content": {"": 0}})["content"]))
            headers = {"Content-Type": media, "Idempotency-Key": "refused"} if media else {}

            def drive(status, code, asked=method, at=real, body=None):
                answer = self.ask_anything(asked, at, body, headers)
                self.check(answer, method, real, status, code)
            with self.subTest(path, method=method):
                drive(400, "bad-parameter", at=real + "?nonsense=1", body=b"{}" if media else None)
                drive(405, "method-not-allowed", asked="PUT")
                drive(414, "uri-too-long", at=real + "?" + "x" * 9000)
                if media:
                    drive(413, "payload-too-large", body=b" " * (operation["requestBody"]["x-max-bytes"] + 1))

    def test_6_what_all_reads_have_in_common(self):
        for method, path, operation in self.of_this_subject():
            if method != "GET" or not path.startswith("/v1/ledgers/") or "beneficiar" in path:
                continue
            address = self.good_address(path, operation)
            with self.subTest(path):
                names = {p["name"] for p in parameters_of(path, operation)}
                self.assertEqual("304" in operation["responses"], "If-None-Match" in names)
                head = self.world.request("HEAD", address, role="inspector")
                self.assertEqual((head.status, head.bytes), (200, b""))
                if "304" in operation["responses"]:
                    tag = self.get(address).headers["etag"]
                    answer = self.get(address, 304, headers={"If-None-Match": tag})
                    self.assertEqual(answer.headers["etag"], tag)

    def test_9_nothing_was_left_out(self):
        documented = {(o["operationId"], s) for _, _, o in self.of_this_subject() for s in o["responses"]}
        self.assertEqual(documented - self.seen - NOT_DRIVEN, set())
        own = {(o["operationId"], code) for _, _, o in self.of_this_subject()
               for status, codes in o.get("x-problems", {}).items() if status != "rules" for code in codes}
        self.assertEqual({one for one in own - self.codes if one[1] not in NOT_PROVOKED}, set())
