"""Signed commands from outside: keys and signatures of the stock openssl command, the statement built
again from the entry alone, and what both verifiers say of forgeries by whoever holds the ledger's own
key, for whom chaining anew and signing a new checkpoint is easy."""
import base64
import hashlib
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
FUNDTRAIL = os.environ.get("FUNDTRAIL", str(SOURCE / "build" / "fundtrail"))
VERIFY = SOURCE / "audit" / "verify.py"
CLOCK = "2009-12-31T17:00:00+08:00"
DIST = "distid:1234567812345678"

spec = importlib.util.spec_from_file_location("verify", VERIFY)
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)


def openssl(*words, cwd, expect=0):
    done = subprocess.run(["openssl", *words], cwd=cwd, capture_output=True, check=False)
    assert (done.returncode == 0) == (expect == 0), (words, done.stderr)
    return done.stdout


def spelled(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def leaf(suite, entry):
    return hashlib.new("sha256" if suite == "sha256-ed25519" else "sm3",
                       b"\0" + spelled(entry)).hexdigest()


def statement_of(entry, genesis):
    """As docs/FORMAT.md says, from the entry and the hash of entry 0."""
    fields = ("actor", "command", "content", "date", "kind", "ledger", "policy")
    said = {field: entry[field] for field in fields if field in entry}
    return spelled(dict(said, genesis=genesis, not_after=entry["signature"]["not_after"],
                        purpose="fundtrail/command/v2"))


def key_statement(command, genesis, ledger="test"):
    doc = {k: v for k, v in command["doc"].items() if k != "consent"}
    if "proof" in doc:
        doc["proof"] = ""
    return spelled({"doc": doc, "genesis": genesis, "kind": command["kind"], "ledger": ledger,
                    "purpose": "fundtrail/key/v1"})


def end_of(key, name="end", **more):
    return {"kind": "actor_key_end", "date": "2009-01-03", "id": name,
            "doc": dict({"key": key, "reason": "replaced"}, **more)}


def town(number):
    return {"kind": "region_registration", "date": "2009-01-05", "id": "town-%d" % number,
            "doc": {"name": "横林镇%d" % number, "region": "3204121%02d" % number}}


class Person:
    """Somebody with a key that only openssl has touched."""

    def __init__(self, folder, name, algorithm):
        self.folder, self.name, self.algorithm = folder, name, algorithm
        openssl("genpkey", "-algorithm", "ED25519" if algorithm == "ed25519" else "SM2",
                "-out", name, cwd=folder)
        os.chmod(folder / name, 0o600)
        self.spki = openssl("pkey", "-in", name, "-pubout", "-outform", "DER", cwd=folder)

    def registration(self, key, genesis, **more):
        doc = {"actor": self.name.split("-")[0], "algorithm": self.algorithm, "from": "2009-01-01",
               "key": key, "proof": "", "public_key": base64.b64encode(self.spki).decode(),
               "required": True}
        command = {"kind": "actor_key_registration", "date": "2009-01-02", "id": "key-" + key,
                   "doc": dict(doc, **more)}
        command["doc"]["proof"] = self.signature(key_statement(command, genesis))
        return command

    def consent(self, key, command, genesis):
        value = self.signature(key_statement(command, genesis))
        return dict(command, doc=dict(command["doc"], consent={"key": key, "value": value}))

    def signature(self, statement):
        return base64.b64encode(self.sign(statement)).decode()

    def sign(self, statement):
        (self.folder / "body").write_bytes(statement)
        if self.algorithm == "ed25519":
            return openssl("pkeyutl", "-sign", "-inkey", self.name, "-rawin", "-in", "body",
                           cwd=self.folder)
        return openssl("dgst", "-sm3", "-sign", self.name, "-sigopt", DIST, "body", cwd=self.folder)

    def check(self, statement, signature, expect=0):
        (self.folder / "body").write_bytes(statement)
        (self.folder / "signature").write_bytes(signature)
        openssl("pkey", "-in", self.name, "-pubout", "-out", "public", cwd=self.folder)
        if self.algorithm == "ed25519":
            openssl("pkeyutl", "-verify", "-pubin", "-inkey", "public", "-rawin", "-in", "body",
                    "-sigfile", "signature", cwd=self.folder, expect=expect)
        else:
            openssl("dgst", "-sm3", "-verify", "public", "-sigopt", DIST, "-signature", "signature",
                    "body", cwd=self.folder, expect=expect)


class Signatures(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fundtrail-signatures-"))
        self.ledger = self.folder / "ledger"
        self.clock = CLOCK

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_json(self, *words, stdin="", code=0):
        done = subprocess.run([FUNDTRAIL, "--json", "--clock", self.clock, *map(str, words)], input=stdin,
                              text=True, capture_output=True, check=False, encoding="utf-8")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def on_ledger(self, *words, **more):
        return self.run_json("--ledger", self.ledger, *words, **more)

    def init(self, suite):
        self.on_ledger("init", "--id", "test", "--name", "账套", "--region", "320412", "--actor",
                       "zhou.jing", "--date", "2009-01-01", "--suite", suite)
        self.genesis = leaf(suite, self.entry(0))

    def submit(self, command, *more, actor="zhou.jing", code=0):
        return self.on_ledger("submit", "-", "--actor", actor, "--role", "registrar", *more,
                              stdin=json.dumps(command, ensure_ascii=False), code=code)

    def refused(self, command, *more, actor):
        answer = self.submit(command, *more, actor=actor, code=3)["answers"][0]
        return answer["reason"]["code"]

    def entry(self, index):
        return self.on_ledger("entry", index)["entry"]

    def test_openssl_signs_and_checks(self):
        for suite in ("sha256-ed25519", "sm3-sm2"):
            for algorithm in ("ed25519", "sm2"):
                with self.subTest(suite=suite, algorithm=algorithm):
                    self.ledger = self.folder / (suite + algorithm)
                    self.init(suite)
                    self.signs_and_checks(Person(self.folder, "li-" + suite + algorithm, algorithm),
                                          suite)

    def signs_and_checks(self, li, suite):
        registration = li.registration("k1", self.genesis)
        shown = self.run_json("--ledger", self.ledger, "key", "prove", "--proof", li.folder / li.name,
                              stdin=json.dumps(registration))
        self.assertEqual(shown["statement"].encode(), key_statement(registration, self.genesis))
        li.check(key_statement(registration, self.genesis),
                 base64.b64decode(shown["command"]["doc"]["proof"]))
        self.submit(shown["command"])
        self.assertEqual(self.refused(town(1), actor="li"), "signature-required")
        # What the program shows is what openssl signs.
        shown = self.submit(town(1), "--statement", "--not-after", "2010-01-31",
                            actor="li")["statements"][0]["statement"]
        signed = dict(town(1), signature={"key": "k1", "not_after": "2010-01-31",
                                          "value": li.signature(shown.encode())})
        self.assertEqual(self.refused(dict(signed, id="town-2"), actor="li"), "signature-wrong")
        # The mode is part of what is signed, and no signature makes another one than atomic good.
        by_line = dict(town(1), mode="line_by_line")
        self.assertEqual(self.refused(dict(signed, mode="line_by_line"), actor="li"), "signature-wrong")
        other = self.submit(by_line, "--statement", "--not-after", "2010-01-31", actor="li")["statements"][0]["statement"]
        value = li.signature(other.encode())
        self.assertEqual(self.refused(dict(by_line, signature=dict(signed["signature"], value=value)), actor="li"),
                         "invalid-value")
        self.clock = "2010-02-01T00:00:00+08:00"
        self.assertEqual(self.refused(signed, actor="li"), "signature-expired")
        self.clock = CLOCK
        index = self.submit(signed, actor="li")["answers"][0]["index"]
        entry = self.entry(index)
        self.assertEqual(entry["signature"], signed["signature"])
        # From the entry alone: the digest of what was said, the statement, the signature.
        said = {field: entry[field] for field in ("actor", "date", "doc", "kind")}
        self.assertEqual(entry["content"], leaf(suite, dict(said, mode="atomic")))
        statement = statement_of(entry, self.genesis)
        self.assertEqual(statement.decode(), shown)
        li.check(statement, base64.b64decode(entry["signature"]["value"]))
        li.check(statement + b" ", base64.b64decode(entry["signature"]["value"]), expect=1)
        # The program's own signature is one that openssl accepts, with the same key file.
        index = self.submit(town(2), "--sign", li.folder / li.name, "--key", "k1",
                            actor="li")["answers"][0]["index"]
        entry = self.entry(index)
        self.assertEqual(entry["signature"]["not_after"], CLOCK[:10])
        li.check(statement_of(entry, self.genesis), base64.b64decode(entry["signature"]["value"]))
        self.assertTrue(self.on_ledger("verify")["ok"])

    def test_a_key_that_the_program_makes(self):
        self.init("sha256-ed25519")
        for algorithm in ("ed25519", "sm2"):
            file = self.folder / ("own-" + algorithm)
            made = self.run_json("key", "new", file, "--algorithm", algorithm)
            self.assertEqual(made, self.run_json("key", "show", file))
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            der = openssl("pkey", "-in", file.name, "-pubout", "-outform", "DER", cwd=self.folder)
            self.assertEqual(base64.b64decode(made["public_key"]), der)
            self.run_json("key", "new", file, code=3)  # never over another
        self.run_json("key", "new", self.folder / "x", "--algorithm", "rsa", code=2)

    def test_who_may_not_sign(self):
        self.init("sha256-ed25519")
        li, wu = (Person(self.folder, name, "ed25519") for name in ("li", "wu"))
        self.submit(li.registration("k1", self.genesis))
        self.submit(wu.registration("k2", self.genesis))
        sign = lambda who, key: ("--sign", self.folder / who.name, "--key", key)
        self.assertEqual(self.refused(town(1), *sign(wu, "k2"), actor="li"), "key-of-another")
        self.assertEqual(self.refused(town(1), *sign(wu, "k1"), actor="li"), "signature-wrong")
        self.assertEqual(self.refused(town(1), *sign(li, "k9"), actor="li"), "unknown-key")
        own = Person(self.folder, "li-2", "ed25519").registration("k3", self.genesis)
        self.assertEqual(self.refused(own, *sign(li, "k1"), actor="li"), "same-person")
        self.submit(end_of("k1"))
        self.assertEqual(self.refused(town(1), *sign(li, "k1"), actor="li"), "key-not-valid")
        self.assertEqual(self.refused(town(1), actor="li"), "signature-required")
        self.submit(end_of("k1", "end-2"), actor="sun.li")
        self.submit(town(1), actor="li")  # nothing obliges any more

    def test_a_registrar_cannot_give_the_approver_another_key(self):
        """Finding of a review: the registrar's own key for somebody else counted, and both verifiers
        said so."""
        self.init("sha256-ed25519")
        li, evil = Person(self.folder, "li", "ed25519"), Person(self.folder, "li-evil", "sm2")
        self.submit(li.registration("k1", self.genesis))
        unproven = evil.registration("k2", self.genesis)
        unproven["doc"]["proof"] = li.registration("k2", self.genesis)["doc"]["proof"]
        self.assertEqual(self.refused(unproven, actor="zhou.jing"), "signature-wrong")
        self.submit(evil.registration("k2", self.genesis))
        sign = ("--sign", self.folder / "li-evil", "--key", "k2")
        self.assertEqual(self.refused(town(1), *sign, actor="li"), "key-not-confirmed")
        # With consent it counts; the program's own consent is that of openssl's key.
        new = Person(self.folder, "li-new", "ed25519").registration("k3", self.genesis)
        given = self.run_json("key", "prove", "--proof", self.folder / "li-new", "--consent",
                              self.folder / "li", "--key", "k1", "--genesis", self.genesis, "--id",
                              "test", stdin=json.dumps(new))["command"]
        li.check(key_statement(new, self.genesis), base64.b64decode(given["doc"]["consent"]["value"]))
        self.submit(given)
        self.submit(town(2), "--sign", self.folder / "li-new", "--key", "k3", actor="li")
        self.assertTrue(self.on_ledger("verify")["ok"])

    def test_a_signature_is_for_one_ledger(self):
        self.init("sha256-ed25519")
        li = Person(self.folder, "li", "ed25519")
        self.submit(li.registration("k1", self.genesis))
        sign = ("--sign", self.folder / "li", "--key", "k1", "--not-after", "2019-01-01")
        index = self.submit(town(1), *sign, actor="li")["answers"][0]["index"]
        signed = dict(town(1), signature=self.entry(index)["signature"])
        first = self.genesis
        self.ledger = self.folder / "twin"  # of the same id, opened at the same time
        self.init("sha256-ed25519")
        self.assertNotEqual(self.genesis, first)
        self.submit(li.registration("k1", self.genesis))
        self.assertEqual(self.refused(signed, actor="li"), "signature-wrong")

    # --- forgeries ----------------------------------------------------------------------------------

    def bundle(self):
        """0 opening, 1 key of li, 2 signed, 3 unsigned of zhou, 4 end of the key, 5 key of wu, 6 signed
        with it, 7 another key of li, proposed, 8 confirmed, 9 signed with it, 10 its end by consent."""
        self.init("sha256-ed25519")
        li, wu = Person(self.folder, "li", "ed25519"), Person(self.folder, "wu", "sm2")
        self.li, self.second = li, Person(self.folder, "li-2", "ed25519")
        second = self.second
        self.submit(li.registration("k1", self.genesis))
        self.submit(town(1), "--sign", self.folder / "li", "--key", "k1", actor="li")
        self.submit(town(2))
        self.submit(end_of("k1"))
        self.submit(wu.registration("k2", self.genesis))
        self.submit(town(3), "--sign", self.folder / "wu", "--key", "k2", actor="wu")
        self.submit(second.registration("k3", self.genesis))
        self.submit(dict(second.registration("k3", self.genesis), id="again"), actor="sun.li")
        self.submit(town(4), "--sign", self.folder / "li-2", "--key", "k3", actor="li")
        self.submit(second.consent("k3", end_of("k3", "end-3"), self.genesis))
        self.on_ledger("checkpoint")
        place = self.folder / "bundle"
        self.on_ledger("export", "--bundle", place)
        return place

    def forge(self, place, change):
        """The bundle with changed entries, chained anew, and signed with the ledger's own key."""
        forged = self.folder / "forged"
        shutil.rmtree(forged, ignore_errors=True)
        shutil.copytree(place, forged)
        entries = [json.loads(line) for line in (place / "entries.jsonl").read_text().splitlines()]
        change(entries)
        suite, prev, leaves, lines = verify.Suite("sha256-ed25519"), "0" * 64, [], []
        for index, entry in enumerate(entries):
            entry.update(prev=prev, index=index)
            lines.append(spelled(entry))
            leaves.append(suite.leaf(lines[-1]))
            prev = leaves[-1].hex()
        (forged / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        root, size = verify.root_of(suite, leaves), len(leaves)
        key = verify.Key.parse((place / "keys/ledger.vkey").read_text().strip())
        body = b"%s\n%d\n%s\n" % (key.name.encode(), size, base64.b64encode(root))
        (self.folder / "body").write_bytes(body)
        signature = openssl("pkeyutl", "-sign", "-inkey", str(self.ledger / "keys/signing.pem"),
                            "-rawin", "-in", "body", cwd=self.folder)
        signed = base64.b64encode(key.id() + signature).decode()
        (forged / "checkpoint").write_bytes(body + "\n\u2014 {} {}\n".format(key.name, signed).encode())
        for old in (forged / "proofs").iterdir():
            old.unlink()
        proof = {"index": size - 1, "size": size, "leaf": prev,
                 "proof": [h.hex() for h in self.path(suite, size - 1, leaves)]}
        (forged / ("proofs/entry-%08d.json" % (size - 1))).write_text(json.dumps(proof))
        description = json.loads((forged / "bundle.json").read_text())
        (forged / "bundle.json").write_text(json.dumps(dict(description, size=size)))
        names = sorted(str(f.relative_to(forged)) for f in forged.rglob("*") if f.is_file())
        (forged / "manifest.sha256").write_text("".join(
            "%s  %s\n" % (hashlib.sha256((forged / name).read_bytes()).hexdigest(), name)
            for name in names if name != "manifest.sha256"))
        return forged

    def path(self, suite, index, leaves):
        """RFC 9162 section 2.1.3.1."""
        if len(leaves) == 1:
            return []
        half = 1 << ((len(leaves) - 1).bit_length() - 1)
        if index < half:
            return self.path(suite, index, leaves[:half]) + [verify.root_of(suite, leaves[half:])]
        return self.path(suite, index - half, leaves[half:]) + [verify.root_of(suite, leaves[:half])]

    def answers(self, place):
        """What both verifiers say: "ok", or the reason, the entry and the detail; the detail in Chinese, too."""
        said = []
        for command in ([FUNDTRAIL, "verify", "--json", "--bundle", str(place)],
                        ["/usr/bin/python3", str(VERIFY), "--json", str(place)]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found = json.loads(done.stdout).get("finding")
            said.append((found["reason"], found.get("entry"), found.get("detail"), found.get("detail_zh"))
                        if found else "ok")
        self.assertEqual(said[0], said[1])
        if said[0] == "ok":
            return "ok"
        if said[0][2] is not None:
            self.assertRegex(said[0][3], "^[\u3000-\u9fff\uff00-\uffef]+$")
        return said[0][:3]

    def test_forgeries_by_the_holder_of_the_ledger_key(self):
        place = self.bundle()
        self.assertEqual(self.answers(place), "ok")
        self.assertEqual(self.answers(self.forge(place, lambda entries: None)), "ok")

        def content(entry):
            said = {k: entry[k] for k in ("actor", "date", "doc", "kind")}
            return hashlib.sha256(b"\0" + spelled(dict(said, mode="atomic"))).hexdigest()

        def another_town(entries):
            entries[2]["doc"]["name"] = "别的镇"

        def another_town_and_content(entries):
            another_town(entries)
            entries[2]["content"] = content(entries[2])

        def another_actor(entries):
            entries[2]["actor"]["id"] = "wu"
            entries[2]["content"] = content(entries[2])

        def another_command(entries):
            entries[2]["command"] = "town-9"

        def without(entries):
            del entries[2]["signature"]

        def another_signature(entries):
            entries[2]["signature"]["value"] = entries[6]["signature"]["value"]

        def another_key(entries):
            entries[2]["signature"]["key"] = "k2"

        def before_its_key(entries):
            entries[1], entries[2] = entries[2], entries[1]

        def behind_its_end(entries):
            entries[2], entries[3], entries[4] = entries[3], entries[4], entries[2]

        def reproven(entry, **changed):
            """By the person's own hand: everything else is to be as it should."""
            entry["doc"].update(changed)
            entry["doc"]["proof"] = Person.signature(self.li, key_statement(entry, self.genesis))

        def before_its_day(entries):
            reproven(entries[1], **{"from": "2010-01-01"})

        def past_its_day(entries):
            reproven(entries[1], until="2009-06-30")

        def foreign_key(entries):
            entries[1]["doc"]["public_key"] = entries[5]["doc"]["public_key"]

        def another_duty(entries):
            entries[1]["doc"]["required"] = False

        def longer(entries):
            entries[2]["signature"]["not_after"] = "2019-01-01"

        def too_late(entries):
            entries[2]["signature"]["not_after"] = "2009-12-30"

        def another_genesis(entries):
            entries[0]["doc"]["name"] = "别的账套"

        def unconfirmed(entries):
            del entries[8]

        def confirmed_by_the_same(entries):
            entries[8]["actor"]["id"] = "ZHOU.jing"

        def confirmed_by_the_holder(entries):
            entries[8]["actor"]["id"] = "Li"
            del entries[9]

        def confirmed_otherwise(entries):
            entries[8]["doc"]["required"] = False
            entries[8]["doc"]["proof"] = Person.signature(self.second, key_statement(
                entries[8], self.genesis))

        def without_consent(entries):
            del entries[10]["doc"]["consent"]
            entries.append(dict(entries[3], command="late", actor=dict(entries[2]["actor"])))

        def consent_of_another(entries):
            entries[10]["doc"]["consent"]["key"] = "k2"

        def consent_to_another(entries):
            entries[10]["doc"]["reason"] = "lost"

        def consent_of_an_ended_key(entries):
            entries[10]["doc"]["consent"]["key"] = "k1"

        expected = {
            another_town: (2, "the content is not that of the entry"),
            another_town_and_content: (2, "it does not fit the key"),
            another_actor: (2, "the key is somebody else's"),
            another_command: (2, "it does not fit the key"),
            without: (2, "the actor has to sign"),
            another_signature: (2, "it does not fit the key"),
            another_key: (2, "no such key is registered"),
            before_its_key: (1, "no such key is registered"),
            behind_its_end: (4, "the key was ended"),
            before_its_day: (2, "the key was not valid on the day"),
            past_its_day: (2, "the key was not valid on the day"),
            foreign_key: (1, "proof: it does not fit the key"),
            another_duty: (1, "proof: it does not fit the key"),
            longer: (2, "it does not fit the key"),
            too_late: (2, "the signature was out of date"),
            another_genesis: (1, "proof: it does not fit the key"),
            unconfirmed: (8, "the key was not confirmed"),
            confirmed_by_the_same: (9, "the key was not confirmed"),
            confirmed_by_the_holder: (8, "the actor has to sign"),
            confirmed_otherwise: (9, "the key was not confirmed"),
            without_consent: (11, "the actor has to sign"),
            consent_of_another: (10, "consent: the key is somebody else's"),
            consent_to_another: (10, "consent: it does not fit the key"),
            consent_of_an_ended_key: (10, "consent: the key was ended"),
        }
        for change, (entry, detail) in expected.items():
            with self.subTest(change.__name__):
                self.assertEqual(self.answers(self.forge(place, change)),
                                 ("signature_invalid", entry, detail))

    def test_a_restoration_that_lies(self):
        self.init("sha256-ed25519")
        old = self.folder / "old"
        shutil.copytree(self.ledger, old)
        for n in range(3):
            self.submit({"kind": "region_registration", "date": "2009-01-05", "id": f"r{n}",
                         "doc": {"region": f"32041290{n}", "name": "某镇"}})
        known, signature = self.on_ledger("verify"), self.on_ledger("checkpoint")["note"].split()[-1]
        shutil.rmtree(self.ledger)
        old.rename(self.ledger)
        at = self.on_ledger("checkpoint")
        root = self.on_ledger("verify")["root"]
        command = {"kind": "ledger_restoration", "date": "2009-01-05", "id": "restored",
                   "doc": {"known_root": known["root"], "known_signature": signature, "known_size": 4,
                           "ordered_by": "head", "reason": "磁盘损坏", "restored_root": root,
                           "restored_size": at["size"]}}
        nothing = dict(command, doc=dict(command["doc"], known_root="00" * 32))
        self.assertEqual(self.refused(nothing, actor="zhou.jing"), "invalid-value")
        lie = dict(command, doc=dict(command["doc"], restored_root="cd" * 32))
        self.assertEqual(self.refused(lie, actor="zhou.jing"), "invalid-value")
        self.submit(command)
        self.on_ledger("checkpoint")
        place = self.folder / "bundle"
        self.on_ledger("export", "--bundle", place)
        self.assertEqual(self.answers(place), "ok")

        def larger(entries):
            entries[1]["doc"]["restored_size"] = 2

        def another_root(entries):
            entries[1]["doc"]["restored_root"] = "cd" * 32

        for change in (larger, another_root):
            with self.subTest(change.__name__):
                self.assertEqual(self.answers(self.forge(place, change))[:2],
                                 ("restoration_mismatch", 1))

    def test_part_of_a_ledger(self):
        """A partial bundle has the keys, so that its signatures can be checked."""
        self.bundle()
        part = self.folder / "part"
        self.on_ledger("export", "--bundle", part, "--from", "2009-01-05", "--to", "2009-01-05")
        listed = json.loads((part / "bundle.json").read_text())["entries"]
        self.assertEqual(listed, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        self.assertEqual(self.answers(part), "ok")
        # Whoever holds the ledger's key can only leave keys out, and proves nothing with that.
        shutil.rmtree(part)
        self.on_ledger("export", "--bundle", part, "--from", "2009-01-03", "--to", "2009-01-03")
        self.assertEqual(json.loads((part / "bundle.json").read_text())["entries"], [0, 1, 4, 5, 7, 8, 10])
        self.assertEqual(self.answers(part), "ok")


if __name__ == "__main__":
    unittest.main()
