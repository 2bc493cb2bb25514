"""api/openapi.yaml itself: examples, order, languages, the same routes and codes as the program. Each of its
subjects is driven by a test of its own, test_openapi_*.py."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import DOCUMENT, operations, resolve, validator  # noqa: E402
from world import run  # noqa: E402


class OpenApi(unittest.TestCase):
    def test_1_examples_fit_their_schemas(self):
        count = 0
        for _, _, operation in operations():
            places = [resolve(r) for r in operation["responses"].values()]
            places += [operation["requestBody"]] if "requestBody" in operation else []
            for place in places:
                for media, content in place.get("content", {}).items():
                    examples = [e["value"] for e in content.get("examples", {}).values()]
                    examples += [content["example"]] if "example" in content else []
                    for example in examples:
                        validator(content["schema"]).validate(example)
                        count += 1
        self.assertGreater(count, 25)

    def test_1_everything_is_said_in_both_languages_and_shown(self):
        for method, path, operation in operations():
            where = f"{method} {path}"
            self.assertRegex(operation["summary"], "[A-Za-z]", where)
            if operation.get("security") != []:
                self.assertRegex(operation["summary"], "[\u4e00-\u9fff]", where)
            shown = [content for status, r in operation["responses"].items() if status < "300"
                     for media, content in resolve(r).get("content", {}).items() if "json" in media]
            for content in shown[-1:]:
                self.assertTrue("example" in content or "examples" in content, where)
            for p in operation.get("parameters", []):
                self.assertTrue("example" in resolve(p) or resolve(p)["name"] == "cursor", where)

    def test_1_path_items_stand_in_order(self):
        self.assertEqual(list(DOCUMENT["paths"]), sorted(DOCUMENT["paths"]))

    def test_1_routes_are_the_same(self):
        listed = json.loads(run("--json", "serve", "--list-routes").stdout)["routes"]
        ours = {(m, p) for m, p, _ in operations()}
        self.assertEqual({(r["method"], r["path"]) for r in listed}, ours)


if __name__ == "__main__":
    unittest.main()
