#!/usr/bin/env python3
"""Checks a FundTrail evidence bundle offline: Python 3.9 or later and the `openssl` command.
核验 FundTrail 证据包：只需 Python 3.9 以上和 openssl 命令。

    python3 verify.py [--key FILE] [--json] [BUNDLE]

It shares no code with FundTrail; docs/FORMAT.md specifies both. Exit: 0 everything holds,
1 something does not (the first bad entry and the reason are printed), 2 used wrongly or unreadable.
"""
import argparse
import base64
import binascii
import bisect
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

FORMAT_VERSION = 1
ZERO = bytes(32)
STATES = {"available", "allotted", "committed", "accrued", "payable", "paid", "advanced",
          "in_recovery", "recovered", "due_to_treasury", "carried", "lapsed"}
MEMORANDUM = {"pledged": "debit", "pledge_source": "credit"}
DEBIT_ACCOUNTS = STATES | {"pledged"}
ACCOUNTS = STATES | set(MEMORANDUM) | {"source"}

# reason: (Chinese, English); {0} the entry's number, {1} a file, account, checkpoint or the detail
TEXTS = {
    "altered": ("第 {0} 号记录被改动。", "Entry {0} was altered."),
    "missing": ("缺少第 {0} 号记录，其后的记录仍在。", "Entry {0} is missing; later ones are there."),
    "inserted": ("第 {0} 号位置多出一条记录。", "There is a record too many at number {0}."),
    "reordered": ("自第 {0} 号起记录次序被调换。",
                  "Records were put in another order from number {0} on."),
    "truncated": ("自第 {0} 号起末尾的记录缺失。",
                  "The records at the end, from number {0} on, are gone."),
    "unreadable": ("第 {0} 号记录无法读取：{1}。", "Entry {0} cannot be read ({1})."),
    "unknown_version": ("第 {0} 号记录的格式版本未知。", "Entry {0} is of an unknown format version."),
    "root_mismatch": ("账目与已签名的检查点（{1} 条）矛盾：第 {0} 号起有记录被改动并重新串链。",
                      "The entries contradict the signed checkpoint of size {1}: records from "
                      "number {0} on were changed and chained anew."),
    "lines_altered": ("第 {0} 号记录的明细被改动。", "Lines of entry {0} were altered."),
    "lines_missing": ("第 {0} 号记录的明细缺失。", "Lines of entry {0} are missing."),
    "lines_inserted": ("第 {0} 号记录的明细多出。", "Entry {0} has lines too many."),
    "unbalanced": ("第 {0} 号记录借贷不平。", "Debits and credits of entry {0} differ."),
    "negative_balance": ("第 {0} 号记录使“{1}”出现负数。", "Entry {0} takes \"{1}\" below zero."),
    "signature_invalid": ("第 {0} 号记录的命令签名不成立：{1}。",
                          "The command's signature in entry {0} does not hold ({1})."),
    "restoration_mismatch": ("第 {0} 号恢复记录所载条数或根与此前的记录不符。",
                             "The restoration in entry {0} does not state the size and root of the "
                             "entries before it."),
    "wrong_signature": ("检查点（{1}）的签名不是本账套密钥所签。",
                        "The checkpoint ({1}) is not signed by the ledger's key."),
    "wrong_key": ("第 {0} 号记录所载公钥不是所信任的公钥。", "Entry {0} does not name the trusted key."),
    "checkpoint_missing": ("缺少检查点。", "The checkpoint is missing."),
    "proof_mismatch": ("证明文件“{1}”不成立。", "The proof \"{1}\" does not hold."),
    "file_altered": ("文件“{1}”被改动。", "The file \"{1}\" was altered."),
    "file_missing": ("缺少文件“{1}”。", "The file \"{1}\" is missing."),
    "file_unlisted": ("文件“{1}”不在清单中。", "The file \"{1}\" is not in the manifest."),
}


class Malformed(ValueError):
    """Bytes that are not what they should be, in both languages."""

    def __init__(self, zh, en):
        super().__init__(en)
        self.both = (zh, en)


def in_both(why):
    """What a ValueError says; those of Python itself have no Chinese."""
    return getattr(why, "both", ("格式不符", str(why)))


class Finding(Exception):
    """What is first wrong; the detail is (Chinese, English)."""

    def __init__(self, reason, entry=None, subject="", checkpoint=None, line=None, detail=None):
        super().__init__(reason)
        self.reason, self.entry, self.subject = reason, entry, subject
        self.checkpoint, self.line, self.detail = checkpoint, line, detail

    def text(self, language):
        subject = self.subject
        if not subject:
            subject = self.checkpoint if self.checkpoint is not None else (self.detail or ("", ""))[language]
        return TEXTS[self.reason][language].format("-" if self.entry is None else self.entry, subject)


# --- canonical JSON -------------------------------------------------------------------------------

def canonical(line):
    """The object that the line spells. ValueError unless it is spelled canonically."""
    def refuse(zh, en):
        raise Malformed("不是规范的 JSON（" + zh + "）", "not canonical JSON: " + en)

    def refuse_number(text):
        refuse("不允许数字 %s" % text, "the number %s is not allowed" % text)

    def integer(text):
        number = int(text) if len(text) <= 17 else 2**53
        return number if abs(number) < 2**53 else refuse_number(text)

    def check(value, depth):
        if value is None or depth > 32:
            refuse("null，或嵌套超过 32 层", "null, or more than 32 levels")
        elif isinstance(value, str):
            if not unicodedata.is_normalized("NFC", value):
                refuse("有字符串不是 NFC 形式", "a string that is not NFC")
            if not value.isascii() and any(
                    ord(c) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(c) <= 0xFDEF for c in value):
                refuse("含非字符码位", "a noncharacter")
        elif isinstance(value, dict):
            for key, inner in value.items():
                if not key or any(not " " <= c <= "~" or c in '"\\' for c in key):
                    refuse("键为空，或含不允许的字符", "a key that is empty, or a character of one")
                check(inner, depth + isinstance(inner, (dict, list)))
        elif isinstance(value, list):
            for inner in value:
                check(inner, depth + isinstance(inner, (dict, list)))

    try:
        value = json.loads(line.decode("utf-8"), parse_float=refuse_number,
                           parse_constant=refuse_number, parse_int=integer)
    except RecursionError:
        refuse("嵌套超过 32 层", "more than 32 levels")
    except (UnicodeDecodeError, json.JSONDecodeError) as why:
        refuse("不是 UTF-8 编码的 JSON", str(why))
    if not isinstance(value, dict):
        refuse("不是对象", "not an object")
    check(value, 1)
    again = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if again.encode("utf-8") != line:
        refuse("写法不规范", "another spelling")
    return value


# --- hashes, tree, proofs -------------------------------------------------------------------------

class Suite:
    def __init__(self, name):
        self.name = name
        algorithm = {"sha256-ed25519": "sha256", "sm3-sm2": "sm3"}[name]
        self.new = hashlib.sha256 if algorithm == "sha256" else lambda d: hashlib.new("sm3", d)

    def digest(self, data):
        return self.new(data).digest()

    def leaf(self, line):
        return self.new(b"\x00" + line).digest()

    def node(self, left, right):
        return self.new(b"\x01" + left + right).digest()


class Tree:
    """Appends leaves; knows the root at every moment."""

    def __init__(self, suite):
        self.suite, self.peaks, self.size = suite, [], 0

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf = self.suite.node(self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return self.suite.digest(b"")
        value = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            value = self.suite.node(peak, value)
        return value


def root_of(suite, leaves):
    tree = Tree(suite)
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_holds(suite, index, size, leaf, proof, expected_root):
    if index >= size:
        return False
    node, last, value = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = suite.node(other, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = suite.node(value, other)
        node, last = node >> 1, last >> 1
    return last == 0 and value == expected_root


def consistency_holds(suite, old, new, old_root, new_root, proof):
    if old > new:
        return False
    if old in (0, new):
        return not proof and old_root == (new_root if old == new else suite.digest(b""))
    node, last, proof = old - 1, new - 1, list(proof)
    while node & 1:
        node, last = node >> 1, last >> 1
    if old & (old - 1) == 0:
        seed = old_root
    elif proof:
        seed = proof.pop(0)
    else:
        return False
    from_old = from_new = seed
    for other in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            from_old, from_new = suite.node(other, from_old), suite.node(other, from_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            from_new = suite.node(from_new, other)
        node, last = node >> 1, last >> 1
    return last == 0 and from_old == old_root and from_new == new_root


def from_hex(text):
    if not isinstance(text, str) or not re.fullmatch("[0-9a-f]{64}", text):
        raise Malformed("不是摘要", "not a hash")
    return bytes.fromhex(text)


# --- keys and checkpoints -------------------------------------------------------------------------

SM2_TYPE = b"\xfffundtrail/sm2-sm3/v1\n"
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")


def decode64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Malformed("base64 写法不规范", "base64 in another spelling")
    return data


def encode_pem(spki):
    text = base64.b64encode(spki).decode()
    rows = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----"] + rows + ["-----END PUBLIC KEY-----", ""]).encode()


class Key:
    """A verifier key: "name+id+base64(typed key)"."""

    def __init__(self, name, typed):
        self.name, self.typed = name, typed
        if typed[:1] == b"\x01" and len(typed) == 33:
            self.suite, self.spki = "sha256-ed25519", ED25519_SPKI + typed[1:]
        elif typed.startswith(SM2_TYPE) and len(typed) == len(SM2_TYPE) + 91:
            self.suite, self.spki = "sm3-sm2", typed[len(SM2_TYPE):]
        else:
            raise Malformed("密钥类型未知", "unknown key type")

    @staticmethod
    def parse(text):
        name, number, typed = text.split("+", 2)
        key = Key(name, decode64(typed))
        if key.id().hex() != number:
            raise Malformed("密钥编号与密钥不符", "the key id does not fit")
        return key

    def id(self):
        return hashlib.sha256(self.name.encode() + b"\n" + self.typed).digest()[:4]

    def text(self):
        return "%s+%s+%s" % (self.name, self.id().hex(), base64.b64encode(self.typed).decode())

    def fingerprint(self):
        return Suite(self.suite).digest(self.spki).hex()

    def signed(self, message, signature):
        return fits(self.suite, self.spki, message, signature)


def fits(suite, spki, message, signature):
    """Whether this key signed it. Asks openssl: Python has neither Ed25519 nor SM2 of its own."""
    if suite == "sha256-ed25519":
        command = "pkeyutl -verify -pubin -inkey key -rawin -in body -sigfile signature"
    else:
        command = ("dgst -sm3 -verify key -sigopt distid:1234567812345678 "
                   "-signature signature body")
    files = {"key": encode_pem(spki), "body": message, "signature": signature}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as out:
                out.write(data)
        return subprocess.run(["openssl"] + command.split(), cwd=folder, check=False,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0


def parse_note(note):
    """(text, [(name, key id, signature)])."""
    if len(note) > 1 << 20 or re.search(rb"[\x00-\x09\x0b-\x1f]", note) or not note.endswith(b"\n"):
        raise Malformed("含控制字符，或末尾没有换行符",
                        "a control character, or no line feed at the end")
    note.decode("utf-8")
    text, separator, rest = note.rpartition(b"\n\n")
    if not separator or not rest:
        raise Malformed("没有签名", "no signatures")
    signatures = []
    for line in rest.decode("utf-8")[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        data = decode64(match[2]) if match else b""
        if len(data) <= 4:
            raise Malformed("签名行格式不对", "a malformed signature line")
        signatures.append((match[1], data[:4], data[4:]))
    return text + b"\n", signatures


def read_checkpoint(note, key):
    """(size, root) of a checkpoint that the key signed. ValueError otherwise."""
    text, signatures = parse_note(note)
    lines = text.decode("utf-8").split("\n")
    if lines.pop() != "" or len(lines) < 3 or not all(lines):
        raise Malformed("不是检查点", "not a checkpoint")
    if not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]) or int(lines[1]) >= 2**64:
        raise Malformed("条数格式不对", "not a size")
    root = decode64(lines[2])
    mine = [s for name, number, s in signatures if (name, number) == (key.name, key.id())]
    if len(root) != 32 or lines[0] != key.name or not mine:
        raise Malformed("不是本账套的检查点，或未签名",
                        "not a checkpoint of this ledger, or not signed")
    if not all(key.signed(text, signature) for signature in mine):
        raise Malformed("签名与内容不符", "the signature does not fit")
    return int(lines[1]), root


# --- entries --------------------------------------------------------------------------------------

DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONEY = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{2}")
HEADER = {"actor": dict, "command": str, "content": str, "date": str, "doc": dict, "index": int,
          "kind": str, "ledger": str, "postings": list, "prev": str, "time": str, "v": int}
POSTING = {"account", "amount", "counterparty", "fund", "programme", "region", "side"}


def fen(text):
    if not isinstance(text, str) or not MONEY.fullmatch(text) or text == "-0.00":
        raise Malformed("金额格式不对", "not an amount")
    return int(text.replace(".", ""))


def yuan(amount):
    return "%s%d.%02d" % ("-" if amount < 0 else "", abs(amount) // 100, abs(amount) % 100)


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# The strings in the documents that a verifier has to read.
GOVERNANCE = {
    "actor_key_registration": {"actor", "algorithm", "from", "key", "proof", "public_key"},
    "actor_key_end": {"key", "reason"},
    "ledger_restoration": {"known_root", "ordered_by", "reason", "restored_root"},
}
NOT_STRINGS = {"consent", "required", "until", "known_signature", "known_size", "restored_size"}


def are_strings(value, names):
    return (isinstance(value, dict) and set(value) == names
            and all(isinstance(text, str) for text in value.values()))


def misfit(field):
    return Malformed("内容不合格式（字段 " + field + "）", "malformed content: the field " + field)


def check_shape(entry):
    """ValueError when the entry lacks a field of its header, or has one that is not known."""
    for field, kind in HEADER.items():
        if not isinstance(entry.get(field), kind):
            raise misfit(field)
    if not are_strings(entry["actor"], {"id", "role"}):
        raise misfit("actor")
    unknown = set(entry) - set(HEADER) - {"lines", "policy", "signature"}
    if unknown or not isinstance(entry.get("policy", ""), str):
        raise misfit(", ".join(sorted(unknown)) or "policy")
    lines = entry.get("lines")
    if lines is not None and (not isinstance(lines, dict) or set(lines) != {"count", "root"}
                              or not whole(lines["count"])):
        raise misfit("lines")
    if "signature" in entry and (
            not are_strings(entry["signature"], {"key", "not_after", "value"})
            or not DATE.fullmatch(entry["signature"]["not_after"])):
        raise misfit("signature")
    fields = GOVERNANCE.get(entry["kind"])
    if fields is not None and not are_strings(
            {k: v for k, v in entry["doc"].items() if k not in NOT_STRINGS}, fields):
        raise misfit("doc")
    if fields is not None and "consent" in entry["doc"] and not are_strings(
            entry["doc"]["consent"], {"key", "value"}):
        raise misfit("doc.consent")
    if fields is not None and not isinstance(entry["doc"].get("known_signature", ""), str):
        raise misfit("doc.known_signature")
    for posting in entry["postings"]:
        if (not isinstance(posting, dict) or set(posting) - POSTING
                or posting.get("account") not in ACCOUNTS or "fund" not in posting
                or posting.get("side") not in ("debit", "credit")):
            raise misfit("postings")
        fen(posting.get("amount"))


class Replay:
    """The fund view, folded from the postings alone."""

    def __init__(self):
        self.balances = {}

    def add(self, entry):
        index, difference, touched = entry["index"], {}, []
        for p in entry["postings"]:
            amount, debit = fen(p["amount"]), p["side"] == "debit"
            group = (p["fund"], p["account"] in MEMORANDUM)
            difference[group] = difference.get(group, 0) + (amount if debit else -amount)
            row = (p["account"], p["fund"], p.get("programme", ""), p.get("region", ""),
                   p.get("counterparty", ""))
            normal = debit == (p["account"] in DEBIT_ACCOUNTS)
            self.balances[row] = self.balances.get(row, 0) + (amount if normal else -amount)
            touched.append(row)
        if any(difference.values()):
            return Finding("unbalanced", index)
        for row in touched:
            if row[0] in STATES and self.balances[row] < 0:
                return Finding("negative_balance", index, "/".join(row))
        return None

    def total(self, accounts):
        return sum(amount for row, amount in self.balances.items() if row[0] in accounts)


def spelled(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False,
                      separators=(",", ":")).encode("utf-8")


def folded(actor):
    """Ids that differ in case only are one person's."""
    return actor.lower()


# What can be wrong with a signature: (Chinese, English), as a Finding's detail.
MISFIT = ("与密钥不符", "it does not fit the key")
UNSIGNED = ("经办人须签名", "the actor has to sign")
OTHER_CONTENT = ("所签内容不是该记录的内容", "the content is not that of the entry")
OUT_OF_DATE = ("签名已过期", "the signature was out of date")
NO_KEY = ("没有登记过这把密钥", "no such key is registered")
OTHERS_KEY = ("是他人的密钥", "the key is somebody else's")
UNCONFIRMED = ("密钥尚未确认", "the key was not confirmed")
ENDED = ("密钥已停用", "the key was ended")
NOT_VALID = ("密钥当日不在有效期内", "the key was not valid on the day")


def of_consent(wrong):
    return "同意：" + wrong[0], "consent: " + wrong[1]


def of_proof(wrong):
    return "持有证明：" + wrong[0], "proof: " + wrong[1]


class SignatureChecks:
    """Each signature takes an openssl process; several run at once while the entries are read on."""
    AHEAD = 256

    def __init__(self):
        self.pool, self.waiting, self.wrong = None, [], None

    def add(self, entry, key, statement, signature, detail):
        if self.pool is None:
            self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1)
        self.waiting.append((entry, detail, self.pool.submit(self.fits, key, statement, signature)))
        if len(self.waiting) > self.AHEAD:
            self.settle()

    @staticmethod
    def fits(key, statement, signature):
        suite = {"ed25519": "sha256-ed25519", "sm2": "sm3-sm2"}.get(key["algorithm"])
        try:
            spki, value = decode64(key["public_key"]), decode64(signature)
        except (ValueError, binascii.Error):
            return False
        return suite is not None and fits(suite, spki, statement, value)

    def settle(self):
        entry, detail, fitting = self.waiting.pop(0)
        if not fitting.result() and self.wrong is None:
            self.wrong = Finding("signature_invalid", entry, detail=detail)

    def finish(self):
        """The first that does not fit."""
        while self.waiting:
            self.settle()
        if self.pool is not None:
            self.pool.shutdown()
        return self.wrong


class Signers:
    """People's own keys and signatures (docs/FORMAT.md, "Signed commands")."""

    def __init__(self, suite, genesis, everything):
        self.suite, self.genesis = suite, genesis.hex()
        self.everything = everything  # no entry is left out
        self.keys, self.held, self.obliged = {}, {}, {}
        self.checks = SignatureChecks()

    def follow(self, entry):
        """What is wrong with the signature of the next entry, its absence, or what it says of keys.
        Whether signatures fit comes out of the checks."""
        actor = folded(entry["actor"]["id"])
        wrong = of_key = None
        if "signature" in entry:
            wrong = self.check(entry, actor)
        elif self.everything and self.obliged.get(actor, 0) > 0:
            wrong = UNSIGNED
        if entry["kind"] == "actor_key_registration":
            of_key = self.register(entry, actor)
        elif entry["kind"] == "actor_key_end":
            of_key = self.end(entry, actor)
        wrong = wrong or of_key
        return Finding("signature_invalid", entry["index"], detail=wrong) if wrong else None

    def check(self, entry, actor):
        doc = entry["doc"]
        if entry["kind"] == "beneficiary_registration":
            doc = dict(doc, commitment="")
        said = {"actor": entry["actor"], "date": entry["date"], "doc": doc, "kind": entry["kind"],
                "mode": "atomic"}
        said.update({k: entry[k] for k in ("lines", "policy") if k in entry})
        if self.suite.leaf(spelled(said)).hex() != entry["content"]:
            return OTHER_CONTENT
        signature = entry["signature"]
        wrong = self.unusable(signature["key"], actor, entry)
        if wrong:
            return wrong
        if signature["not_after"] < entry["time"][:10]:
            return OUT_OF_DATE
        statement = {k: entry[k] for k in ("actor", "command", "content", "date", "kind", "ledger",
                                           "policy") if k in entry}
        statement.update(genesis=self.genesis, not_after=signature["not_after"],
                         purpose="fundtrail/command/v2")
        self.queue(entry, signature, spelled(statement), MISFIT)
        return None

    def queue(self, entry, signature, statement, detail):
        key = self.keys.get(signature["key"])
        if key is not None:
            self.checks.add(entry["index"], key, statement, signature["value"], detail)

    def unusable(self, name, holder, entry):
        """Why the holder cannot sign with this key on the day of the entry."""
        key = self.keys.get(name)
        if key is None:
            return NO_KEY if self.everything else None
        if folded(key["actor"]) != holder:
            return OTHERS_KEY
        if key["status"] == "proposed":
            return UNCONFIRMED
        if key["status"] != "in_force":
            return ENDED
        day = entry["time"][:10]
        if day < key["from"] or day > key.get("until", day):
            return NOT_VALID
        return None

    def key_statement(self, entry):
        doc = {k: v for k, v in entry["doc"].items() if k != "consent"}
        if "proof" in doc:
            doc["proof"] = ""
        return spelled({"doc": doc, "genesis": self.genesis, "kind": entry["kind"],
                        "ledger": entry["ledger"], "purpose": "fundtrail/key/v1"})

    def consent(self, entry, holder, statement):
        consent = entry["doc"].get("consent")
        if consent is None:
            return None
        wrong = self.unusable(consent["key"], holder, entry)
        if wrong:
            return of_consent(wrong)
        self.queue(entry, consent, statement, of_consent(MISFIT))
        return None

    def count(self, key, change):
        holder = folded(key["actor"])
        self.held[holder] = self.held.get(holder, 0) + change
        if key.get("required") is True:
            self.obliged[holder] = self.obliged.get(holder, 0) + change

    def register(self, entry, actor):
        doc, statement = entry["doc"], self.key_statement(entry)
        holder = folded(doc["actor"])
        self.checks.add(entry["index"], doc, statement, doc["proof"], of_proof(MISFIT))
        wrong = self.consent(entry, holder, statement)
        if wrong:
            return wrong
        key = self.keys.get(doc["key"])
        if key is None:
            key = dict(doc, status="proposed", proposer=actor, said=statement)
            self.keys[doc["key"]] = key
            alone = self.held.get(holder, 0) > 0
        else:
            alone = key["said"] != statement or actor in (key["proposer"], holder)
        if key["status"] == "proposed" and ("consent" in doc or not alone):
            key["status"] = "in_force"
            self.count(key, 1)
        return None

    def end(self, entry, actor):
        doc = entry["doc"]
        key = self.keys.get(doc["key"])
        if key is None or key["status"] == "ended":
            return None
        holder = folded(key["actor"])
        wrong = self.consent(entry, holder, self.key_statement(entry))
        if wrong:
            return wrong
        if key["status"] == "proposed":
            key["status"] = "ended"
        elif "consent" in doc or (key["status"] == "ending"
                                  and actor not in (key["proposer"], holder)):
            key["status"] = "ended"
            self.count(key, -1)
        elif key["status"] == "in_force":
            key["status"], key["proposer"] = "ending", actor
        return None


def check_lines(suite, entry, block):
    index, lines = entry["index"], entry.get("lines")
    if lines is None:
        return Finding("lines_inserted", index) if block is not None else None
    if block is None:
        return Finding("lines_missing", index)
    rows = block.split(b"\n")
    cut = rows.pop() != b""
    if cut or len(rows) < lines["count"]:
        return Finding("lines_missing", index)
    if len(rows) > lines["count"]:
        return Finding("lines_inserted", index)
    if root_of(suite, [suite.leaf(row) for row in rows]).hex() != lines["root"]:
        return Finding("lines_altered", index)
    for number, row in enumerate(rows):
        try:
            canonical(row)
        except ValueError:
            return Finding("unreadable", index, line=number,
                           detail=("有一行不是规范的 JSON", "a line is not canonical"))
    return None


NO_PLACE = ("index 或 prev 格式不对", "index or prev is malformed")


class Record:
    """One line of entries.jsonl, and what can be said of it alone."""

    def __init__(self, suite, line, cut):
        self.fault = self.malformed = self.entry = None
        self.leaf = suite.leaf(line)
        if cut:
            self.fault = Finding("truncated")
            return
        try:
            entry = canonical(line)
        except ValueError as why:
            self.fault = Finding("unreadable", detail=in_both(why))
            return
        if not whole(entry.get("v")):
            self.fault = Finding("unreadable", detail=("没有格式版本", "there is no format version"))
        elif entry["v"] != FORMAT_VERSION:
            self.fault = Finding("unknown_version")
        elif not whole(entry.get("index")):
            self.fault = Finding("unreadable", detail=NO_PLACE)
        else:
            try:
                self.prev = from_hex(entry.get("prev"))
            except ValueError:
                self.fault = Finding("unreadable", detail=NO_PLACE)
                return
            self.index, self.entry = entry["index"], entry
            try:
                check_shape(entry)
            except ValueError as why:
                self.malformed = Finding("unreadable", self.index, detail=in_both(why))


def read_records(suite, path):
    with open(path, "rb") as lines:
        for line in lines:
            cut = not line.endswith(b"\n")
            yield Record(suite, line if cut else line[:-1], cut)


# --- naming the first bad entry (docs/FORMAT.md) --------------------------------------------------

class Chain:
    """The entries of a full bundle, in their order."""

    def __init__(self, suite, genesis, checkpoints, all_valid, last_leaf, block_of):
        self.suite, self.checkpoints, self.block_of = suite, checkpoints, block_of
        self.all_valid = all_valid        # none of the bundle's checkpoints is absent or refused
        self.last_leaf = last_leaf        # what the proof of the last entry says of its leaf
        self.leaves, self.prevs = [], []  # of the records in their right places
        self.records = 0
        self.numbers = []                 # from the first record whose number is not its place
        self.stopped = self.content = None
        self.ledger = None
        self.replay = Replay()
        self.signers = Signers(suite, genesis, True)
        self.lines = 0
        self.newest = max(checkpoints, default=0)
        self.unbroken = None              # how many leaves no broken link casts doubt on

    def run(self, records):
        for record in records:
            if self.numbers:
                if record.fault is None:
                    self.numbers.append(record.index)
            elif record.fault is not None:
                self.stopped = record.fault
                self.stopped.entry = self.records
                return
            elif record.index != self.records:
                self.numbers.append(record.index)
            else:
                self.follow(record)
            self.records += 1

    def follow(self, record):
        if record.index == 0:
            self.ledger = record.entry.get("ledger")
        bad = None
        block = self.block_of(record.index)
        if record.malformed is None:
            bad = check_lines(self.suite, record.entry, block)
            of_postings = self.replay.add(record.entry)
            of_governance = self.check_governance(record.entry)
            bad = bad or of_postings or of_governance
            self.lines += record.entry.get("lines", {}).get("count", 0)
        if record.index == 0 and record.prev != ZERO:
            bad = Finding("altered", 0)
        elif record.malformed is None and record.entry["ledger"] != self.ledger:
            bad = Finding("altered", record.index)
        elif record.malformed is not None:
            bad = record.malformed
        self.content = self.content or bad
        self.leaves.append(record.leaf)
        self.prevs.append(record.prev)

    def check_governance(self, entry):
        if entry["kind"] == "ledger_restoration":
            doc = entry["doc"]
            root = root_of(self.suite, self.leaves).hex()
            if (doc.get("restored_size"), doc["restored_root"]) != (entry["index"], root):
                return Finding("restoration_mismatch", entry["index"])
        return self.signers.follow(entry)

    def finish(self):
        if not self.records and not self.stopped:
            return Finding("truncated", 0)  # a ledger begins with its opening
        first = self.of_links()
        if self.numbers:
            explained = self.explain()
            if explained.reason == "inserted" and first and explained.entry <= first.entry + 1:
                first = None
            first = earlier(first, explained)
        first = earlier(first, self.stopped)
        if not self.numbers and not self.stopped:
            first = earlier(first, self.of_ending())
        return earlier(earlier(first, self.content), self.signers.checks.finish())

    def claimed(self, begin, end):
        """The leaves that successors claim for the places from `begin` on."""
        leaves = self.prevs[begin + 1:end + 1]
        if len(leaves) < end - begin:  # the last one has no successor
            complete = self.records == self.newest and not self.numbers and not self.stopped
            known = self.last_leaf if complete and self.last_leaf else self.leaves[end - 1]
            leaves.append(known)
        return leaves

    def of_links(self):
        """The entry that the first broken link convicts: the one before it or the one behind it?"""
        for i in range(1, len(self.leaves)):
            if self.prevs[i] != self.leaves[i - 1]:
                break
        else:
            return None
        before, behind = i - 1, i
        self.unbroken = before
        for size in sorted(self.checkpoints):
            if behind < size <= len(self.leaves):
                root = self.checkpoints[size]
                if root_of(self.suite, self.leaves[:before] + self.claimed(before, size)) == root:
                    return Finding("altered", before)
                if root_of(self.suite, self.leaves[:behind] + self.claimed(behind, size)) == root:
                    return Finding("altered", behind)
        contradicted = self.claimed(behind, behind + 1) != [self.leaves[behind]]
        return Finding("altered", behind if contradicted else before)

    def explain(self):
        """Why a record does not have the number of its place."""
        place, number = len(self.leaves), self.numbers[0]
        following = self.numbers[1] if len(self.numbers) > 1 else None
        complete = self.newest and self.newest == self.records
        if number + 1 == place and following in (None, place):
            if following is not None or not complete:
                return Finding("inserted", number)
        if place in self.numbers[1:]:
            extra = number < place or number in self.numbers[1:]
            return Finding("inserted" if extra else "reordered", place)
        if following == place + 1 if following is not None else complete:
            return Finding("altered", place)
        return Finding("missing" if number > place else "inserted", place)

    def of_ending(self):
        count = len(self.leaves)
        if count < self.newest:
            return Finding("truncated", count)
        tree, confirmed, contradicted = Tree(self.suite), 0, None
        for leaf in self.leaves[:self.unbroken]:
            tree.append(leaf)
            expected = self.checkpoints.get(tree.size)
            if expected is not None and contradicted is None:
                if tree.root() == expected:
                    confirmed = tree.size
                else:
                    contradicted = tree.size
        if contradicted is not None:
            if (self.unbroken is None and count == self.newest
                    and self.last_leaf not in (None, self.leaves[-1])):
                if root_of(self.suite, self.leaves[:-1] + [self.last_leaf]) == \
                        self.checkpoints[count]:
                    return Finding("altered", count - 1)
            return Finding("root_mismatch", confirmed, checkpoint=contradicted)
        if self.newest and self.all_valid and count > self.newest:
            return Finding("inserted", self.newest)
        return None


def earlier(one, other):
    if one is None or (other is not None and other.entry < one.entry):
        return other
    return one


# --- bundles --------------------------------------------------------------------------------------

class Bundle:
    def __init__(self, folder, trusted):
        self.folder, self.trusted = folder, trusted
        self.report = {"kind": "bundle", "ledger": "", "suite": "", "entries": 0, "lines": 0,
                       "root": "", "checkpoints": [], "key": "", "fingerprint": "",
                       "key_was_given": trusted is not None, "states": "", "sources": ""}

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def read_json(self, name):
        try:
            value = json.loads((self.read(name) or b"").decode("utf-8"))
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def verify(self):
        """The first finding, or None."""
        strange = self.check_kinds()
        if strange:
            return strange
        if not os.path.isfile(self.path("entries.jsonl")):
            return Finding("file_missing", subject="entries.jsonl")
        description = self.describe()
        if description is None:
            there = self.read("bundle.json") is not None
            return Finding("file_altered" if there else "file_missing", subject="bundle.json")
        unknown_suite = self.begin()
        if unknown_suite:
            return Finding("unknown_version", 0)
        partial = description["kind"] == "partial"
        found = self.check_partial(description["entries"]) if partial else self.check_full()
        return found or self.check_rest(description)

    def check_kinds(self):
        """What is neither a file nor a folder: a pipe would be waited for, a link leads out of the bundle."""
        strange, folders = [], [self.folder]
        while folders:
            with os.scandir(folders.pop()) as there:
                for each in there:
                    if each.is_dir(follow_symlinks=False):
                        folders.append(each.path)
                    elif not each.is_file(follow_symlinks=False):
                        strange.append(os.path.relpath(each.path, self.folder))
        return Finding("file_altered", subject=min(strange, key=os.fsencode), detail=(
            "不是普通文件", "it is no ordinary file")) if strange else None

    def describe(self):
        value = self.read_json("bundle.json")
        if value is None or value.get("format") != "fundtrail-bundle/1":
            return None
        if value.get("kind") == "full":
            return value
        entries = value.get("entries")
        if value.get("kind") != "partial" or not isinstance(entries, list):
            return None
        if not all(whole(i) for i in entries) or any(a >= b for a, b in zip(entries, entries[1:])):
            return None
        return value

    def begin(self):
        """What entry 0 says: suite and key. True when the suite is unknown."""
        self.suite, self.key, self.key_fault = Suite("sha256-ed25519"), None, None
        with open(self.path("entries.jsonl"), "rb") as lines:
            first = lines.readline().rstrip(b"\n")
        stated, unknown = None, False
        try:
            entry = canonical(first)
            check_shape(entry)
            if entry["kind"] == "ledger_opening" and entry["v"] == FORMAT_VERSION:
                self.report["ledger"] = entry["ledger"]
                unknown = entry["doc"].get("suite") not in ("sha256-ed25519", "sm3-sm2")
                if not unknown:
                    self.suite = Suite(entry["doc"]["suite"])
                    self.report["suite"] = self.suite.name
                stated = Key.parse(entry["doc"].get("public_key", ""))
        except (ValueError, KeyError, AttributeError, TypeError):
            pass
        self.genesis = self.suite.leaf(first)
        self.key = self.trusted(stated) if self.trusted else stated
        if stated is None or self.key.text() != stated.text():
            self.key_fault = Finding("wrong_key", 0)
        self.read_checkpoints()
        return unknown

    def read_checkpoints(self):
        self.checkpoints, self.checkpoint_fault = {}, None
        self.has_checkpoint = self.read("checkpoint") is not None
        if self.key is None:
            return
        self.report["key"], self.report["fingerprint"] = self.key.text(), self.key.fingerprint()
        names = ["checkpoint"] if self.has_checkpoint else []
        if os.path.isdir(self.path("checkpoints")):
            names += ["checkpoints/" + n for n in sorted(os.listdir(self.path("checkpoints")))]
        for name in names:
            try:
                size, root = read_checkpoint(self.read(name) or b"", self.key)
                if self.checkpoints.setdefault(size, root) != root:
                    self.checkpoint_fault = self.checkpoint_fault or Finding(
                        "root_mismatch", 0, name, size)
            except ValueError as why:
                self.checkpoint_fault = self.checkpoint_fault or Finding(
                    "wrong_signature", subject=name, detail=in_both(why))
        self.report["checkpoints"] = sorted(self.checkpoints)

    def check_full(self):
        newest = max(self.checkpoints, default=0)
        proof = self.entry_proof(newest - 1) if newest else None
        all_valid = self.has_checkpoint and self.checkpoint_fault is None
        chain = Chain(self.suite, self.genesis, self.checkpoints, all_valid, proof and proof[1],
                      lambda index: self.read("lines/%08d.jsonl" % index))
        chain.run(read_records(self.suite, self.path("entries.jsonl")))
        self.report.update(entries=chain.records, lines=chain.lines,
                           root=root_of(self.suite, chain.leaves).hex(),
                           states=yuan(chain.replay.total(STATES)),
                           sources=yuan(chain.replay.total({"source"})),
                           balances={"/".join(row): yuan(amount) for row, amount
                                     in sorted(chain.replay.balances.items()) if amount})
        found = chain.finish()
        if found or not newest or self.key_fault or not all_valid:
            return found
        if proof and proof[0] == newest and proof[1] == chain.leaves[-1] and inclusion_holds(
                self.suite, newest - 1, newest, proof[1], proof[2], self.checkpoints[newest]):
            return None
        return Finding("proof_mismatch", subject="proofs/entry-%08d.json" % (newest - 1))

    def entry_proof(self, index):
        """(size, leaf, path), or None."""
        value = self.read_json("proofs/entry-%08d.json" % index)
        try:
            if value["index"] != index or not whole(value["index"]) or not whole(value["size"]):
                return None
            return value["size"], from_hex(value["leaf"]), [from_hex(h) for h in value["proof"]]
        except (ValueError, KeyError, TypeError):
            return None

    # A partial bundle.

    def check_partial(self, expected):
        self.report["kind"] = "partial_bundle"
        newest = max(self.checkpoints, default=0)
        self.report["root"] = self.checkpoints[newest].hex() if newest else ""
        found, actual, stopped = None, [], False
        self.signers = Signers(self.suite, self.genesis, False)
        for record in read_records(self.suite, self.path("entries.jsonl")):
            place = len(actual)
            if record.fault:
                record.fault.entry = expected[place] if place < len(expected) else place
                found, stopped = earlier(found, record.fault), True
                break
            actual.append(record.index)
            if place < len(expected) and record.index == expected[place]:
                found = earlier(found, self.check_proven(record))
        found = earlier(found, self.signers.checks.finish())
        self.report["entries"] = len(actual)
        return found if stopped else earlier(found, self.compare_numbers(actual, expected))

    def check_proven(self, record):
        index = record.index
        bad = Finding("proof_mismatch", index, "proofs/entry-%08d.json" % index)
        proof = self.entry_proof(index)
        if proof is None:
            return bad
        size, leaf, path = proof
        if size in self.checkpoints:
            if not inclusion_holds(self.suite, index, size, leaf, path, self.checkpoints[size]):
                return bad
            if leaf != record.leaf:
                return Finding("altered", index)
        elif self.checkpoints:
            return bad
        if record.malformed:
            return record.malformed
        found = self.check_some_lines(record.entry)
        if found:
            return found
        found = Replay().add(record.entry)
        if found and found.reason == "unbalanced":
            return found
        return self.signers.follow(record.entry)

    def check_some_lines(self, entry):
        index = entry["index"]
        block = self.read("lines/%08d.jsonl" % index)
        value = self.read_json("proofs/lines-%08d.json" % index)
        try:
            proofs = [(p["line"], [from_hex(h) for h in p["proof"]]) for p in value["lines"]]
            if value["index"] != index or not all(whole(line) for line, _ in proofs):
                proofs = None
        except (ValueError, KeyError, TypeError):
            proofs = None
        if proofs is None or "lines" not in entry or block is None:
            self.report["lines"] += entry.get("lines", {}).get("count", 0)
            return check_lines(self.suite, entry, block)
        try:
            root = from_hex(entry["lines"]["root"])
        except ValueError:
            root = None
        for line, path in proofs:
            row, end, block = block.partition(b"\n")
            if not end:
                return Finding("lines_missing", index, line=line)
            self.report["lines"] += 1
            try:
                canonical(row)
            except ValueError:
                return Finding("lines_altered", index, line=line)
            if not inclusion_holds(self.suite, line, entry["lines"]["count"],
                                   self.suite.leaf(row), path, root):
                return Finding("lines_altered", index, line=line)
        return Finding("lines_inserted", index) if block else None

    @staticmethod
    def compare_numbers(actual, expected):
        both = min(len(actual), len(expected))
        place = next((i for i in range(both) if actual[i] != expected[i]), both)
        if place == len(actual) == len(expected):
            return None
        if place == len(expected):
            return Finding("inserted", actual[place])
        wanted, known = expected[place], bisect.bisect_left
        if wanted in actual:
            number = actual[place]
            at = known(expected, number)
            listed = at < len(expected) and expected[at] == number
            extra = not listed or actual.count(number) > 1
            return Finding("inserted" if extra else "reordered", wanted)
        if len(actual) == len(expected):
            return Finding("altered", wanted)
        return Finding("missing" if len(actual) < len(expected) else "inserted", wanted)

    # Everything but the entries.

    def check_rest(self, description):
        if self.key_fault:
            return self.key_fault
        if not self.has_checkpoint:
            return Finding("checkpoint_missing", subject="checkpoint")
        return (self.checkpoint_fault or self.check_consistency() or self.check_keys()
                or self.check_description(description) or self.check_manifest())

    def check_description(self, description):
        said = [description.get(key) for key in ("ledger", "suite", "size")]
        if whole(said[2]) and said == [self.report["ledger"], self.suite.name, max(self.checkpoints, default=0)]:
            return None
        return Finding("file_altered", subject="bundle.json", detail=(
            "所载账套、算法或条数与记录和检查点不符",
            "ledger, suite or size are not those of the entries and the checkpoint"))

    def check_consistency(self):
        sizes = sorted(self.checkpoints)
        for old, new in zip(sizes, sizes[1:]):
            name = "proofs/consistency-%08d-%08d.json" % (old, new)
            value = self.read_json(name)
            if value is None:
                return Finding("file_missing", subject=name)
            try:
                holds = (value["old_size"], value["new_size"]) == (old, new) and consistency_holds(
                    self.suite, old, new, self.checkpoints[old], self.checkpoints[new],
                    [from_hex(h) for h in value["proof"]])
            except (ValueError, KeyError, TypeError):
                holds = False
            if not holds:
                return Finding("proof_mismatch", subject=name)
        return None

    def check_keys(self):
        for name, content in (("keys/ledger.vkey", self.key.text().encode() + b"\n"),
                              ("keys/ledger.pub.pem", encode_pem(self.key.spki)),
                              ("keys/fingerprint.txt", self.key.fingerprint().encode() + b"\n")):
            found = self.read(name)
            if found is None:
                return Finding("file_missing", subject=name)
            if found != content:
                return Finding("file_altered", subject=name)
        return None

    def check_manifest(self):
        manifest = self.read("manifest.sha256")
        if manifest is None:
            return Finding("file_missing", subject="manifest.sha256")
        named = {"manifest.sha256"}
        rows = manifest.split(b"\n")
        malformed = Finding("file_altered", subject="manifest.sha256")
        if rows.pop() != b"":
            rows.append(b"")  # the last line was cut
        for row in rows:
            digest, name = row[:64], os.fsdecode(row[66:])
            if len(row) < 67 or row[64:66] != b"  " or name.startswith("/") or ".." in name \
                    or name in named:
                return malformed
            named.add(name)
            sha256 = self.digest(name)
            if sha256 is None:
                return Finding("file_missing", subject=name)
            if sha256.encode() != digest:
                return Finding("file_altered", subject=name)
        there = set()
        for folder, _, files in os.walk(self.folder):
            for file in files:
                there.add(os.path.relpath(os.path.join(folder, file), self.folder))
        unlisted = sorted(there - named)
        return Finding("file_unlisted", subject=unlisted[0]) if unlisted else None

    def digest(self, name):
        sha256 = hashlib.sha256()
        try:
            with open(self.path(name), "rb") as file:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    sha256.update(piece)
        except (OSError, ValueError):
            return None
        return sha256.hexdigest()


# --- the command ----------------------------------------------------------------------------------

def load_key(file):
    """A function from the key that entry 0 states to the trusted one: a PEM file has no name."""
    with open(file, "rb") as content:
        data = content.read()
    if not data.startswith(b"-----BEGIN PUBLIC KEY-----"):
        key = Key.parse(data.decode("utf-8").strip())
        return lambda stated: key
    spki = base64.b64decode(b"".join(data.split(b"-----")[2].split()))
    ed25519 = spki.startswith(ED25519_SPKI) and len(spki) == 44
    typed = b"\x01" + spki[12:] if ed25519 else SM2_TYPE + spki
    Key("?", typed)
    return lambda stated: Key(stated.name if stated else "?", typed)


def turns(c):
    """The direction of what follows."""
    return "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"


def say(text, file=None):
    """For people: a bundle may hold anything, and what a terminal would obey (control characters but our own line feeds)
    or cannot show is U+FFFD."""
    shown = "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") and not turns(c) else "\ufffd" for c in text)
    print(shown, file=file)


def print_report(bundle, finding):
    r = bundle.report
    if finding:
        say("不成立：" + finding.text(0) + "［" + finding.reason + "］")
        say("DOES NOT HOLD: " + finding.text(1) + " [" + finding.reason + "]")
        if finding.detail:
            say("　细节：" + finding.detail[0])
            say("  detail: " + finding.detail[1])
    else:
        say("全部成立。 Everything holds.")
    say("账套 ledger: %s  %s  (%s)" % (r["ledger"], r["suite"], r["kind"]))
    say("记录 entries: %d  明细 lines: %d" % (r["entries"], r["lines"]))
    say("树根 root: %s" % r["root"])
    say("有效检查点 signed checkpoints: %s" % (", ".join(map(str, r["checkpoints"])) or "-"))
    say("公钥指纹 key fingerprint: %s" % r["fingerprint"])
    if not r["key_was_given"]:
        say("注意：公钥取自证据包本身，请与其他途径得到的指纹比对。")
        say("Note: the key comes from the bundle itself; compare its fingerprint with one that "
              "you got some other way.")
    if r["states"]:
        say("各状态合计 states: %s  来源合计 sources: %s" % (r["states"], r["sources"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--key", metavar="FILE",
                        help="a verifier key or PEM file from a source that you trust")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        trusted = load_key(options.key) if options.key else None
    except (OSError, ValueError, IndexError, binascii.Error) as why:
        say("公钥文件无法读取 / cannot read the key file: %s" % why, file=sys.stderr)
        return 2
    if not os.path.isdir(options.bundle):
        say("没有这个目录 / no such directory: %s" % options.bundle, file=sys.stderr)
        return 2
    bundle = Bundle(options.bundle, trusted)
    try:
        finding = bundle.verify()
    except OSError as why:
        say("无法读取 / cannot read: %s" % why, file=sys.stderr)
        return 2
    if options.json:
        answer = dict(bundle.report, ok=finding is None)
        if finding:
            detail = finding.detail or (None, None)
            answer["finding"] = {k: v for k, v in {
                "reason": finding.reason, "entry": finding.entry, "line": finding.line,
                "checkpoint": finding.checkpoint, "subject": finding.subject or None,
                "detail": detail[1], "detail_zh": detail[0], "zh": finding.text(0),
                "en": finding.text(1)}.items() if v is not None}
        print(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8"))
    else:
        print_report(bundle, finding)
    return 1 if finding else 0


if __name__ == "__main__":
    sys.exit(main())
