"""The schemas of documents and commands in api/openapi.yaml against the program itself: document_shapes
(tests/http/shapes) prints what fields() has, who may record a kind, and what people call it."""
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import DOCUMENT, SCHEMAS, resolve, validator  # noqa: E402
from world import ROOT, policy  # noqa: E402

SHAPES = json.loads(subprocess.run(
    [os.environ.get("DOCUMENT_SHAPES", str(ROOT / "build" / "tests" / "document_shapes"))],
    capture_output=True, text=True, check=True).stdout)
KINDS = SHAPES["kinds"]
# Schemas that stand for one type of the program each; all others are compared member by member.
TYPES = {"Money", "Quantity", "Date", "Month", "Region", "Pseudonym", "VoucherNumber", "Reference", "Text", "Id",
         "Index", "Policy"}
MADE = {"beneficiary", "commitment"}  # by the engine, from the identity; docs/FORMAT.md, "Commitments"


def shape(schema):
    """A schema as document_shapes writes it."""
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name in TYPES:
            return name
        schema = SCHEMAS[name]
    if "enum" in schema:
        return {"enum": schema["enum"]}
    if schema["type"] == "array":
        return [shape(schema["items"])]
    if schema["type"] != "object":
        return schema["type"]
    if "properties" not in schema:
        assert schema["additionalProperties"]["type"] == "string"
        return "ImportedRow"
    assert schema["additionalProperties"] is False, schema
    return {"required": schema["required"], "fields": {k: shape(v) for k, v in schema["properties"].items()}}


def command_of(kind):
    return resolve({"$ref": SCHEMAS["Command"]["discriminator"]["mapping"][kind]})


class Documents(unittest.TestCase):
    maxDiff = None

    def test_every_kind_has_a_command_and_a_document(self):
        command = SCHEMAS["Command"]
        mapping = command["discriminator"]["mapping"]
        self.assertEqual(set(mapping), set(KINDS))
        self.assertEqual({r["$ref"] for r in command["oneOf"]}, set(mapping.values()))
        self.assertEqual(set(SCHEMAS["Kind"]["enum"]), set(KINDS))
        entry = [arm["properties"] for arm in SCHEMAS["Entry"]["oneOf"]]
        self.assertEqual({arm["kind"]["const"] for arm in entry}, set(KINDS))

    def test_documents_have_the_fields_of_the_program(self):
        for arm in SCHEMAS["Entry"]["oneOf"]:
            kind = arm["properties"]["kind"]["const"]
            with self.subTest(kind):
                self.assertEqual(shape(arm["properties"]["doc"]), KINDS[kind]["doc"])

    def test_commands_have_the_fields_of_the_program(self):
        for kind, expected in KINDS.items():
            with self.subTest(kind):
                command = command_of(kind)
                doc = expected["doc"]
                if kind == "beneficiary_registration":
                    doc = {"required": [r for r in doc["required"] if r not in MADE],
                           "fields": {k: v for k, v in doc["fields"].items() if k not in MADE}}
                self.assertEqual(command["properties"]["kind"], {"const": kind})
                self.assertEqual(shape(command["properties"]["doc"]), doc)
                self.assertEqual("line" in expected, "lines" in command["properties"])
                self.assertEqual("line" in expected, "lines" in command["required"])
                if "line" in expected:
                    self.assertEqual(shape(command["properties"]["lines"]["items"]), expected["line"])
                self.assertIs(command["unevaluatedProperties"], False)

    def test_commands_say_who_records_them_and_what_they_are_called(self):
        for kind, expected in KINDS.items():
            command = command_of(kind)
            said = " ".join(command["description"].split())
            self.assertIn(f"Recorded by {', '.join(expected['roles'])} (", said, kind)
            self.assertEqual(command["title"], f"{expected['title']['en']} {expected['title']['zh']}")
            self.assertEqual("`policy` is needed." in said or "`policy` is needed. " in said,
                             "policy" in command["required"], kind)

    def test_the_parts_of_a_command(self):
        self.assertEqual(shape(SCHEMAS["NewIdentity"]), SHAPES["identity"])
        self.assertEqual(shape(SCHEMAS["CommandSignature"]), SHAPES["signature"])

    def test_a_command_of_one_kind_is_no_command_of_another(self):
        schema = validator({"$ref": "#/components/schemas/Command"})
        good = {"kind": "fund_registration", "date": "2008-04-01",
                "doc": {"fiscal_year": 2008, "functional_code": "2081002", "fund": "care", "name": "资金"}}
        self.assertTrue(schema.is_valid(good))
        for change in ({"kind": "period_close"}, {"lines": []}, {"doc": {**good["doc"], "name": ""}},
                       {"doc": {**good["doc"], "x": 1}}, {"identity": {"name": "x", "id_number": "x"}},
                       {"surprise": 1}):
            self.assertFalse(schema.is_valid({**good, **change}), change)
        self.assertTrue(schema.is_valid({"kind": "policy_registration", "date": "2008-04-01",
                                         "doc": {"policy": policy()}}))

    def test_what_a_command_needs_beside_the_fields_that_every_one_has(self):
        """What the program refuses of old documents' freedom is refused by the schema of the command, too."""
        schema = validator({"$ref": "#/components/schemas/Command"})

        def fits(kind, **doc):
            return schema.is_valid({"kind": kind, "date": "2008-04-01", "doc": doc})
        who = {"beneficiary": "0" * 16, "evidence": "e"}
        back = {"from": "2008-04-01"}
        for kind, doc, more in (
                ("entitlement_reinstatement", who, {"reason": "error"}),
                ("entitlement_reinstatement", {**who, "reason": "returned"}, back),
                ("provider_amendment", {"provider": "p", "reason": "r"},
                 {"contract": {"from": "2008-04-01", "to": "2008-12-31", "number": "n"}}),
                ("beneficiary_amendment", who, {"region": "320412"}),
                ("ledger_restoration", {"known_root": "0" * 64, "known_size": 30, "ordered_by": "lu.ming", "reason": "r",
                                        "restored_root": "0" * 64, "restored_size": 20}, {"known_signature": "c2ln"}),
                ("provider_assessment", {"assessment": "rating", "document_no": "d", "effective": "2008-04-01",
                                         "provider": "p"}, {"rating": "five"})):
            self.assertTrue(fits(kind, **doc, **more), kind)
            self.assertFalse(fits(kind, **doc), kind)
        self.assertFalse(fits("entitlement_reinstatement", **who, **back, reason="error"))
        settlement = {"provider": "p", "settlement": "S1", "total": "1.00"}
        grant = {"fund": "f", "economic_code": "31001", "invoice_no": "1", "programme": "p", "region": "320412"}
        for basis, redemptions, more, good in (
                ("redemptions", [17], {}, True), ("redemptions", [], {}, False),
                ("redemptions", [17], {"grant": grant}, False), ("redemptions", [17], {"calculations": [18]}, False),
                ("grant", [], {"grant": grant}, True), ("grant", [], {}, False), ("grant", [17], {"grant": grant}, False),
                ("grant", [], {"grant": grant, "calculations": [18]}, False),
                ("entitlements", [], {"calculations": [18]}, True), ("entitlements", [], {}, False),
                ("entitlements", [], {"calculations": []}, False), ("entitlements", [17], {"calculations": [18]}, False),
                ("entitlements", [], {"calculations": [18], "grant": grant}, False)):
            self.assertEqual(fits("settlement_preparation", **settlement, basis=basis, redemptions=redemptions, **more),
                             good, (basis, redemptions, more))
        money = validator({"$ref": "#/components/schemas/Money"})
        amounts = ("0.00", "0.05", "-0.05", "-0.50", "-10.00", "100.00", "-0.00", "00.10", "1.0", "+1.00", "-01.00")
        self.assertEqual([a for a in amounts if money.is_valid(a)], list(amounts[:6]))
        fund = {"fund": "f", "name": "n", "functional_code": "2081002"}
        self.assertEqual([year for year in (1899, 1900, 2999, 3000) if fits("fund_registration", **fund, fiscal_year=year)],
                         [1900, 2999])
        day = validator({"$ref": "#/components/schemas/Date"})
        self.assertEqual([d for d in ("1899-12-31", "1900-01-01", "2999-12-31", "3000-01-01", "2008-13-01")
                          if day.is_valid(d)], ["1900-01-01", "2999-12-31"])

    def test_no_schema_is_forgotten(self):
        """Each schema of the file is used by something in it."""
        text = json.dumps(DOCUMENT)
        unused = [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text]
        self.assertEqual(unused, [])


if __name__ == "__main__":
    unittest.main()
