"""Health, measures, pages and the access log of api/openapi.yaml against the real server."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openapi import Driven  # noqa: E402
from world import BASE  # noqa: E402


class Operation(Driven, unittest.TestCase):
    tags = ("operation",)

    def test_2_operation(self):
        page = self.get("/", role=None)
        self.assertIn("default-src 'none'", page.headers["content-security-policy"])
        self.get("/healthz", role=None)
        self.get("/readyz", role=None)
        self.assertIn("fundtrail_entries ", self.get("/metrics").bytes.decode())
        self.get("/metrics", 401, "unauthenticated", role=None)
        self.get("/metrics", 403, "forbidden", role="p-01")

    def test_2_pages(self):
        self.assertIn("sign-in.js", self.get("/sign-in", role=None).bytes.decode())
        for name in ("style.css", "shared.js", "index.js", "sign-in.html"):
            self.get(f"/console/{name}", role=None)
        self.get("/console/nothing.js", 404, "not-found", role=None)

    def test_4_access_log(self):
        page = self.get(BASE + "/access-log?limit=2").json
        self.assertEqual([r["n"] for r in page["records"]], [0, 1])
        self.get(f"{BASE}/access-log?limit=2&cursor={page['next']}")
        self.get(BASE + "/access-log?limit=0", 400, "bad-parameter")
        self.get(BASE + "/access-log/head")


if __name__ == "__main__":
    unittest.main()
