"""Every problem is said in Chinese too: what the code of the interface says in English has its Chinese in
api/http/phrases.cpp. (Driven.check, in openapi.py, looks at each problem that the tests meet.)"""
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import english_in  # noqa: E402
from world import ROOT  # noqa: E402

SOURCES = sorted((ROOT / "api" / "http").glob("*.cpp")) + sorted((ROOT / "api" / "http").glob("*.h"))
TEXT = r'"((?:[^"\\]|\\.)*)"'
# Where a phrase is said: the problem itself, the readers of parameters and of members of a body.
SAID = [r"problem_of\(\s*Protocol::\w+,\s*" + TEXT, r"read_(?:value|term<\w+>)\(\s*request,\s*\"\w+\",\s*" + TEXT,
        r"(?:parsed|fail)\(\s*\"\w+\",\s*" + TEXT, r"list<\w+>\(\s*\"\w+\",\s*" + TEXT,
        r"refuse_without_row\([^\"]*" + TEXT, r"not_ours\(" + TEXT,
        r"constexpr std::string_view k(?:Id|Number|Formats|OwnPage) = " + TEXT]


class Phrases(unittest.TestCase):
    def test_each_phrase_has_its_chinese(self):
        table = (ROOT / "api" / "http" / "phrases.cpp").read_text(encoding="utf-8")
        known = set(re.findall(r"\{\s*" + TEXT + r",\s*" + TEXT, table))
        english = {en for en, _ in known}
        said = set()
        for path in SOURCES:
            text = path.read_text(encoding="utf-8")
            for pattern in SAID:
                said.update(re.findall(pattern, text))
        neutral = {one for one in said if not re.search("[a-z]{3}", one)}
        self.assertGreater(len(said), 40)
        self.assertEqual(said - neutral - english - {"http", "job", "expected one object of: ", "an integer from "}, set())
        for en, zh in known:
            self.assertEqual(english_in(zh) - set(re.findall("[A-Za-z]{3,}", en)), set(), zh)


if __name__ == "__main__":
    unittest.main()
