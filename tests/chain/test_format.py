"""Runs the Python of docs/FORMAT.md, as its readers would, against the published vectors."""
import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile
import unittest

SOURCE = os.environ.get("SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def vectors(name):
    return json.loads(read("fixtures", "vectors", name))


doc = {}
for block in re.findall(r"```python\n(.*?)```", read("docs", "FORMAT.md"), re.S):
    if "sys.argv" not in block:  # a program of its own: tests/http/test_access_log.py runs it
        exec(block, doc)  # each block may use the ones before it


class Format(unittest.TestCase):
    def test_canonical_lines(self):
        lines = vectors("canonical.json")["lines"]
        self.assertGreater(len(lines), 80)
        for vector in lines:
            line = bytes.fromhex(vector["hex"]) if "hex" in vector else vector["line"].encode()
            with self.subTest(vector["name"]):
                if "reason" in vector:
                    self.assertRaises(ValueError, doc["canonical"], line)
                else:
                    doc["canonical"](line)

    def test_digests(self):
        for vector in vectors("digests.json")["digests"]:
            data = vector["text"].encode() * vector["repeat"]
            self.assertEqual(doc["Suite"](vector["suite"]).digest(data).hex(), vector["hash"])

    def test_tree_of_the_reference_implementation(self):
        tree = vectors("tree.json")
        suite = doc["Suite"]("sha256-ed25519")
        leaves = [suite.leaf(bytes.fromhex(leaf)) for leaf in tree["leaves"]]
        roots = [doc["root"](suite, leaves[:size]) for size in range(9)]
        self.assertEqual([r.hex() for r in roots], tree["roots"])
        for v in tree["inclusion"]:
            proof = doc["inclusion_proof"](suite, v["index"], leaves[:v["size"]])
            self.assertEqual([h.hex() for h in proof], v["proof"])
        for v in tree["consistency"]:
            proof = doc["consistency_proof"](suite, v["old"], leaves[:v["new"]])
            self.assertEqual([h.hex() for h in proof], v["proof"])

    def test_proofs_of_all_small_trees(self):
        suite = doc["Suite"]("sm3-sm2")
        leaves = [suite.leaf(b"%d" % i) for i in range(33)]
        roots = [doc["root"](suite, leaves[:n]) for n in range(34)]
        wrong = suite.digest(b"wrong")
        for n in range(34):
            for i in range(n):
                proof = doc["inclusion_proof"](suite, i, leaves[:n])
                verify = lambda i, leaf, proof: doc["verify_inclusion"](
                    suite, i, n, leaf, proof, roots[n])
                self.assertTrue(verify(i, leaves[i], proof))
                self.assertFalse(verify(i, wrong, proof))
                self.assertFalse(verify(i, leaves[i], proof + [wrong]))
                self.assertFalse(verify(n, leaves[i], proof))
                for k in range(len(proof)):
                    self.assertFalse(verify(i, leaves[i], proof[:k] + [wrong] + proof[k + 1:]))
            for m in range(n + 1):
                proof = doc["consistency_proof"](suite, m, leaves[:n])
                verify = lambda old, new, proof: doc["verify_consistency"](
                    suite, m, n, old, new, proof)
                self.assertTrue(verify(roots[m], roots[n], proof))
                self.assertFalse(verify(wrong, roots[n], proof))
                self.assertFalse(verify(roots[m], roots[n], proof + [wrong]))
                if m:
                    self.assertFalse(verify(roots[m], wrong, proof))

    def test_chain(self):
        suite = doc["Suite"]("sha256-ed25519")
        lines, previous = [], "0" * 64
        for i in range(5):
            lines.append(b'{"index":%d,"ledger":"l","prev":"%s"}' % (i, previous.encode()))
            previous = suite.leaf(lines[-1]).hex()
        self.assertEqual(doc["check_chain"](suite, lines, "l")[-1].hex(), previous)
        for broken in (lines[1:], lines[:2] + lines[3:], lines[:2] + [lines[1]] + lines[2:],
                       [lines[0].replace(b'"l"', b'"m"')] + lines[1:]):
            self.assertRaises(ValueError, doc["check_chain"], suite, broken)
        self.assertRaises(ValueError, doc["check_chain"], suite, lines, "another")

    def test_notes(self):
        notes = vectors("notes.json")
        for v in notes["notes"]:
            note = v["note"].encode()
            self.assertTrue(note.startswith(doc["verify_note"](note, v["key"])))
            self.assertRaises(ValueError, doc["verify_note"], b"x" + note, v["key"])
            self.assertRaises(ValueError, doc["verify_note"], note, notes["keys"][0])
        for key in notes["keys"]:
            doc["verifier_key"](key)
        for note in notes["checkpoints"]:
            origin, size, root = doc["checkpoint"](doc["parse_note"](note.encode())[0])
            self.assertEqual((origin, size, len(root)), ("example.com/behind-the-sofa", 20852163, 32))

    def test_sm2_note(self):
        with tempfile.TemporaryDirectory() as folder:
            def openssl(*arguments):
                return subprocess.run(["openssl", *arguments], cwd=folder, check=True,
                                      capture_output=True).stdout
            openssl("genpkey", "-algorithm", "SM2", "-out", "key")
            spki = openssl("pkey", "-in", "key", "-pubout", "-outform", "DER")
            body = b"ledger.example/1\n0\n" + base64.b64encode(hashlib.new("sm3").digest()) + b"\n"
            with open(os.path.join(folder, "body"), "wb") as out:
                out.write(body)
            signature = openssl("dgst", "-sm3", "-sign", "key", "-sigopt",
                                "distid:1234567812345678", "body")
        name, typed = "ledger.example/1", b"\xfffundtrail/sm2-sm3/v1\n" + spki
        number = doc["key_id"](name, typed)
        key = name + "+" + number.hex() + "+" + base64.b64encode(typed).decode()
        line = "\u2014 %s %s\n" % (name, base64.b64encode(number + signature).decode())
        note = body + b"\n" + line.encode()
        self.assertEqual(doc["checkpoint"](doc["verify_note"](note, key))[:2], (name, 0))
        self.assertRaises(ValueError, doc["verify_note"], note.replace(b"\n0\n", b"\n1\n"), key)


if __name__ == "__main__":
    unittest.main()
