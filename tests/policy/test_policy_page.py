"""What a policy says stands on its page: a policy that uses every field of the language, and each of its
values is read there, in words. Somebody signs from this page."""
import copy
import json
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = os.environ.get("FUNDTRAIL", "fundtrail")
SCHEMA = json.loads((ROOT / "docs" / "policy.schema.json").read_text(encoding="utf-8"))


def terms(**more):
    return {"basis": "approved", "cycle": "month", "payee": "claimant", "proration": "months",
            "start": "same_month", "stop": "same_month", **more}


# Numbers and texts differ from each other, so that finding one says something.
FULL = {
    "attachments": [{"present": False, "title": "附件甲"}, {"present": True, "title": "附件乙"}],
    "banned_economic_codes": ["30217"],
    "calendar": {"from": "2026-01-01", "holidays": ["2026-10-01"], "to": "2026-12-31", "workdays": ["2026-10-10"]},
    "counterpart": {"ratio_percent": 87, "required": True},
    "death_day_payable": True,
    "definitions": [{"any_of": ["fact_one", "fact_two"], "id": "alone", "title": "独居者"}],
    "document_no": "文〔2026〕1号",
    "duties": [{"consecutive": True, "count": 41, "id": "satisfaction", "kind": "complaint", "title": "连续不满意",
                "window_days": 43},
               {"id": "visit", "kind": "recurring", "every": "quarter", "region_digits": 12, "title": "走访"}],
    "eligibility": {"care_levels": ["level_of_all"], "categories": ["class_of_all", "class_of_hours"], "channels": ["home"],
                    "conditions": ["alone"], "max_age": 119, "min_age": 61},
    "in_force_from": "2026-01-02", "in_force_to": "2026-12-30", "issuer": "某局", "name": "full",
    "performance": {"allotment_by_assessment": True, "filing_days": 53,
                    "targets": [{"by": "2026-12-29", "id": "coverage", "title": "覆盖率", "unit": "百分点", "value": "71.25"}]},
    "programmes": [
        {"id": "hours", "instrument": "service_hours", "name": "时数名", "purpose": "时数用途",
         "entitlement": terms(
             basis="approved_then_delivered", cycle="quarter", payee="assigned_provider", proration="days",
             rates="next_quarter", start="same_day", stop="same_day",
             cost_shares=[{"parts": [{"level": "county", "weight": 73}, {"level": "town", "weight": 27}],
                           "regions": ["320412001"], "remainder": "town"}],
             eligibility={"categories": ["class_of_hours"], "min_age": 62}, exclusive_group="care_group",
             items=["bathing"], worker_certificates=["health"], max_total="7654321.00",
             tariff=[{"age_from": 63, "age_to": 88, "amount": "15.75", "care_levels": ["level_of_all"],
                      "categories": ["class_of_hours"], "channels": ["home"], "conditions": ["fact_three"],
                      "from": "2026-02-03", "id": "band-hours", "nothing_after": True, "per_day": "1.25",
                      "per_month": "31.50", "regions": ["320412002"], "title": "时数档", "to": "2026-11-28"}])},
        {"id": "bill", "instrument": "bill_share", "name": "账单名", "purpose": "账单用途",
         "entitlement": terms(basis="delivered", payee="serving_provider",
                              tariff=[{"cap": "812.00", "id": "band-bill", "percent": 37, "title": "账单档"}])},
        {"id": "centres", "instrument": "award", "name": "奖补名", "purpose": "奖补用途",
         "entitlement": terms(assessment="star_rating", cycle="once", planned_count=67,
                              tariff=[{"amount": "30123.00", "id": "band-award", "rating": "three_star", "title": "奖补档"}])},
        {"id": "vouchers", "instrument": "voucher", "name": "券名", "purpose": "券用途"}],
    "approval": {"documents": [{"category": "class_of_all", "documents": ["id_card"]}], "effective": "next_quarter",
                 "programmes": ["hours"],
                 "steps": [{"id": "street", "kind": "review", "min_signers": 3, "title": "街道审", "working_days": 17},
                           {"id": "notice", "kind": "notice", "min_days": 7, "notice_in_working_days": True, "title": "公示榜"},
                           {"id": "bureau", "kind": "approval", "title": "局批"}]},
    "recovery_disposition": "treasury",
    "settings": [{"default": "usual", "id": "S-1", "note_en": "an English note", "note_zh": "中文注", "value": "chosen"}],
    "title": "某办法",
    "transition": {"note_en": "served on", "note_zh": "继续服务", "serves_until": "2027-06-30"},
    "version": 1,
    "voucher": {"batches": [{"first": "2026-02", "last": "2026-05", "valid_to": "2026-07-31"}], "channel": "home",
                "denominations": ["5.00"], "face": "60.00", "max_per_month": 13, "replaced_after_working_days": 19,
                "validity_months": 11},
}


def pages(policy):
    """Both languages, one after the other."""
    text = ""
    for language in ("zh", "en"):
        done = subprocess.run([BINARY, "--json", "--lang", language, "policy", "check", "--page", "-"],
                              input=json.dumps(policy), capture_output=True, text=True, encoding="utf-8", timeout=60)
        answer = json.loads(done.stdout)
        assert done.returncode == 0, answer["faults"]
        text += answer["page"]
    return text


def leaves(node, at=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, at + (key,))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from leaves(value, at + (i,))
    else:
        yield at, node


def without(policy, at):
    changed = copy.deepcopy(policy)
    parent = changed
    for key in at[:-1]:
        parent = parent[key]
    parent[at[-1]] = not parent[at[-1]]
    return changed


WORDS = {item["const"]: item["description"].split("\n")[0]
         for node in SCHEMA["$defs"].values() for item in node.get("oneOf", [])}


class Page(unittest.TestCase):
    def test_every_field_of_the_language_is_in_the_policy(self):
        used = {key for at, _ in leaves(FULL) for key in at if isinstance(key, str)}
        fields = set(SCHEMA["properties"])
        for node in SCHEMA["$defs"].values():
            fields |= set(node.get("properties", []))
        self.assertEqual(fields - used, set())

    def test_every_value_is_read_on_the_page(self):
        page = pages(FULL)
        for at, value in leaves(FULL):
            with self.subTest(at=at, value=value):
                if isinstance(value, bool):
                    continue
                text = str(value)
                if isinstance(value, str) and text.replace(".", "").isdigit() and "." in text:
                    text = f"{float(text):,.2f}"
                self.assertTrue(text in page or WORDS.get(text, text) in page)

    def test_a_yes_that_becomes_a_no_is_another_page(self):
        page = pages(FULL)
        tried = 0
        for at, value in leaves(FULL):
            # Without these the rest would be at fault, or have no effect.
            if not isinstance(value, bool) or at[-1] == "nothing_after":
                continue
            tried += 1
            with self.subTest(at=at):
                self.assertNotEqual(pages(without(FULL, at)), page)
        self.assertGreater(tried, 5)

    def test_a_code_that_is_the_name_of_its_band_is_said_once(self):
        policy = copy.deepcopy(FULL)
        band = next(b for p in policy["programmes"] for b in p.get("entitlement", {}).get("tariff", []) if "care_levels" in b)
        band["id"] = band["title"] = band["care_levels"][0]
        self.assertNotIn(f"{band['id']}, {band['id']}", pages(policy))

    def test_a_band_without_an_upper_or_lower_age(self):
        at = next(i for i, p in enumerate(FULL["programmes"]) if p["id"] == "hours")
        for gone, zh, en in (("age_to", "63 周岁及以上", "age 63 and above"), ("age_from", "88 周岁及以下", "up to age 88")):
            policy = copy.deepcopy(FULL)
            del policy["programmes"][at]["entitlement"]["tariff"][0][gone]
            page = pages(policy)
            self.assertIn(zh, page)
            self.assertIn(en, page)
            self.assertNotIn("–  ", page)

    def test_a_notice_in_working_days_says_so(self):
        self.assertIn("at least 7 working days", pages(FULL))
        calendar_days = without(FULL, ("approval", "steps", 1, "notice_in_working_days"))
        self.assertIn("at least 7 calendar days", pages(calendar_days))

    def test_from_when_an_approval_counts(self):
        policy = copy.deepcopy(FULL)
        for effective, zh, en in (("same_day", "当日", "from the day itself"), ("next_day", "次日", "from the day after"),
                                  ("next_month", "次月1日", "from the first of the next month")):
            policy["approval"]["effective"] = effective
            page = pages(policy)
            self.assertIn(f"审批（自批准{zh}起享受）\n", page)
            self.assertIn(f"Approval (counts {en})\n", page)

    def test_what_is_given_to_providers_is_parted_in_its_own_words(self):
        def page(instrument, **more):
            policy = copy.deepcopy(FULL)
            policy["programmes"] = [p for p in policy["programmes"] if p["id"] != "bill"]
            award = next(p for p in policy["programmes"] if p["id"] == "centres")
            award["instrument"] = instrument
            award["entitlement"].update(more)
            if instrument != "award":
                del award["entitlement"]["planned_count"]
            return pages(policy).split("奖补名")[1].split("券名")[0]

        beds = page("bed_subsidy", cycle="quarter", proration="days", rates="same_day")
        self.assertIn("按周期天数分段", beds)
        self.assertNotIn("当月天数", beds)
        self.assertNotIn("该月按天分段", beds)
        beds = page("bed_subsidy", cycle="quarter", proration="months", rates="same_day")
        self.assertIn("各月占周期的等份", beds)
        self.assertIn("该月按天分段", beds)
        for once in (page("bed_subsidy", cycle="once"), page("award")):
            self.assertIn("一次", once)
            for months in ("该月按天分段", "不足整月", "当月天数"):
                self.assertNotIn(months, once)

    def test_words_for_a_value_do_not_speak_of_fields(self):
        for name, node in SCHEMA["$defs"].items():
            for item in node.get("oneOf", []):
                if "const" not in item:
                    continue
                zh, en = item["description"].split("\n")
                with self.subTest(type=name, value=item["const"]):
                    self.assertNotRegex(zh, "[a-z_]{4,}")
                    self.assertNotRegex(en, "[`_]")

    def test_check_lists_every_code_with_its_places(self):
        done = subprocess.run([BINARY, "--lang", "en", "policy", "check", "-"], input=json.dumps(FULL),
                              capture_output=True, text=True, encoding="utf-8", timeout=60)
        for line in ("codes    categories: class_of_all ×2, class_of_hours ×3", "codes    care levels: level_of_all ×2",
                     "codes    conditions and facts: alone ×2, fact_one, fact_three, fact_two",
                     "codes    kinds of assessment: star_rating", "codes    service items: bathing",
                     "codes    papers: id_card", "codes    ratings: three_star", "codes    certificates: health",
                     "codes    levels that bear: county, town", "codes    exclusive groups: care_group"):
            self.assertIn(line + "\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
