"""A receipt is checked with nothing but this file and openssl, in both suites."""
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, World  # noqa: E402

ED25519 = bytes.fromhex("302a300506032b6570032100")  # what stands before the key in its SPKI


class Refuted(Exception):
    pass


def root_of(new, leaf, index, size, path):
    """RFC 9162, 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Refuted("the path is too long")
        if fn & 1 or fn == sn:
            r = new(b"\1" + p + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = new(b"\1" + r + p)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Refuted("the path is too short")
    return r


def check(receipt):
    """What docs/FORMAT.md, "Receipts", says; raises Refuted."""
    name = "sm3" if receipt["suite"] == "sm3-sm2" else "sha256"

    def new(data):
        return hashlib.new(name, data).digest()

    def proven(part, bytes_, index, size):
        leaf = new(b"\0" + bytes_.encode())
        return root_of(new, leaf, index, size, [bytes.fromhex(h) for h in part["path"]])
    entry = json.loads(receipt["entry"])
    if (entry["ledger"], entry["index"]) != (receipt["ledger"], receipt["index"]):
        raise Refuted("another entry")
    root = proven(receipt, receipt["entry"], receipt["index"], receipt["size"])
    if "line" in receipt:
        line = receipt["line"]
        if proven(line, line["bytes"], line["line"], entry["lines"]["count"]).hex() != entry["lines"]["root"]:
            raise Refuted("the line is not of this document")
    body, signatures = receipt["checkpoint"].split("\n\n")
    origin, size, signed_root = body.split("\n")
    key_name, _, key = receipt["verifier_key"].split("+", 2)
    if (origin, int(size), base64.b64decode(signed_root)) != (key_name, receipt["size"], root):
        raise Refuted("not the root that was signed")
    signature = base64.b64decode(signatures.split(" ")[2])[4:]
    key = base64.b64decode(key)
    spki = ED25519 + key[1:] if key[0] == 1 else key.split(b"\n", 1)[1]
    if new(spki).hex() != receipt["fingerprint"]:
        raise Refuted("not the key of that fingerprint")
    with tempfile.TemporaryDirectory() as folder:
        for file, content in (("key", spki), ("body", body.encode() + b"\n"), ("signature", signature)):
            (Path(folder) / file).write_bytes(content)
        command = ("openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in body -sigfile signature"
                   if key[0] == 1 else "openssl dgst -sm3 -verify key -keyform DER "
                   "-sigopt distid:1234567812345678 -signature signature body")
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refuted(done.stdout + done.stderr)


class Receipts(unittest.TestCase):
    def forge(self, receipt):
        other = json.loads(receipt["entry"])
        other["doc"] = {**other["doc"], "forged": "yes"}
        yield {**receipt, "entry": json.dumps(other, ensure_ascii=False, sort_keys=True, separators=(",", ":"))}
        yield {**receipt, "index": receipt["index"] - 1}
        yield {**receipt, "path": receipt["path"][1:]}
        yield {**receipt, "path": receipt["path"] + receipt["path"][:1]}
        yield {**receipt, "checkpoint": receipt["checkpoint"].replace("\n" + str(receipt["size"]) + "\n",
                                                                      "\n" + str(receipt["size"] + 1) + "\n")}
        yield {**receipt, "fingerprint": "0" * 64}
        if "line" in receipt:
            yield {**receipt, "line": {**receipt["line"], "bytes": receipt["line"]["bytes"].replace("1.50", "9.50")}}
            yield {**receipt, "line": {**receipt["line"], "line": 1 - receipt["line"]["line"]}}

    def drive(self, suite):
        world = World(suite=suite).start().fill()
        try:
            vouchers = world.issue(1)
            made = world.post(World.claim("p-01", "HX-1", vouchers), "c1", "p-01").json
            receipts = [world.get(f"{BASE}/receipts/{made['index']}", role="p-01").json,
                        world.get(f"{BASE}/receipts/{made['index']}?line=1", role="p-01").json]
            receipts += [world.get(f"{BASE}/receipts/{i}").json for i in range(1, made["index"])]
            for receipt in receipts:
                check(receipt)
            self.assertEqual(receipts[0]["leaf"], made["leaf"])
            # What people's signatures are bound to.
            self.assertEqual(world.get(BASE).json["genesis"], world.get(f"{BASE}/receipts/0").json["leaf"])
            for receipt in receipts[:2]:
                forged = list(self.forge(receipt))
                for n, one in enumerate(forged):
                    with self.assertRaises(Refuted, msg=n):
                        check(one)
            # Nobody else's, and nothing that names somebody else beside oneself.
            for index, role in ((made["index"], "p-02"), (1, "p-01"), (10**6, "p-01")):
                self.assertEqual(world.get(f"{BASE}/receipts/{index}", role=role).status, 403)
        finally:
            world.close()

    def test_sha256_ed25519(self):
        self.drive("sha256-ed25519")

    def test_sm3_sm2(self):
        self.drive("sm3-sm2")


if __name__ == "__main__":
    unittest.main()
