"""The clients of api/clients, against a real server. The TypeScript one is generated from api/openapi.yaml and
compiled here, with the packages that script/bootstrap installed; nothing is downloaded."""
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import LEDGER, ROOT, World  # noqa: E402

CLIENTS = ROOT / "api" / "clients"


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start()
        cls.environment = {**os.environ, "FUNDTRAIL_URL": f"http://127.0.0.1:{cls.world.port}",
                           "FUNDTRAIL_LEDGER": LEDGER, "FUNDTRAIL_TOKEN": cls.world.tokens["registrar"]}

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def run_here(self, *command, cwd=None):
        done = subprocess.run([str(c) for c in command], cwd=cwd, env=self.environment, capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_python(self):
        source = CLIENTS / "python" / "example.py"
        for _ in range(2):  # the second time it finds what it recorded
            index, *listed = self.run_here(sys.executable, source).splitlines()
            self.assertIn(f"{index} 320412111 横山桥镇", listed)
        refused = subprocess.run([sys.executable, str(source)], capture_output=True, text=True, check=False,
                                 env={**self.environment, "FUNDTRAIL_TOKEN": "wrong"})
        self.assertIn("令牌", refused.stderr)

    def test_typescript(self):
        source = CLIENTS / "typescript"
        modules = source / "node_modules"
        self.assertTrue(modules.is_dir(), "run script/bootstrap: it installs the packages of api/clients")
        place = self.world.directory / "typescript"
        place.mkdir()
        for name in ("package.json", "tsconfig.json", "example.ts"):
            shutil.copy(source / name, place)
        (place / "node_modules").symlink_to(modules)
        bin_ = modules / ".bin"
        self.run_here(bin_ / "openapi-typescript", ROOT / "api" / "openapi.yaml", "--output", "schema.d.ts",
                      cwd=place)
        self.run_here(bin_ / "tsc", cwd=place)
        result = json.loads(self.run_here("node", "build/example.js", cwd=place))
        self.assertEqual(result["found"], [result["index"]])
        self.assertEqual((result["holds"], result["forged"]), (True, False))

    def test_the_lock_file_names_no_registry(self):
        text = (CLIENTS / "typescript" / "package-lock.json").read_text(encoding="utf-8")
        self.assertNotIn("://", text)
        self.assertIn("integrity", text)


if __name__ == "__main__":
    unittest.main()
