"""How the server is run: it tells its supervisor when it is ready and when it stops, and logs as much as
it is told to, with the request's id on everything that is about a request."""
import json
import os
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "http"))
from world import BASE, World, region, run  # noqa: E402


class Run(unittest.TestCase):
    def setUp(self):
        self.world = World(threads=2)
        self.addCleanup(self.world.close)

    def lines(self):
        return [json.loads(line) for line in self.world.read_log().splitlines()]

    def test_the_supervisor_is_told(self):
        path = str(self.world.directory / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.bind(path)
            supervisor.settimeout(60)
            self.world.start(env={**os.environ, "NOTIFY_SOCKET": path})
            self.assertEqual(supervisor.recv(100), b"READY=1")
            self.assertEqual(self.world.get("/healthz", role=None).status, 200)
            self.assertEqual(self.world.stop(), 0)
            self.assertEqual(supervisor.recv(100), b"STOPPING=1")

    def test_every_request_has_its_line_and_id(self):
        self.world.start()
        answer = self.world.post(region("320000000001"), "r1", "registrar")
        self.world.stop()
        (line,) = [x for x in self.lines() if x.get("request") == answer.headers["x-request-id"]]
        self.assertEqual((line["status"], line["level"], line["actor"]), (201, "info", "zhou.jing"))
        self.assertEqual(self.lines()[-1]["event"], "stopped")

    def test_as_much_as_is_wanted(self):
        file = self.world.directory / "fundtrail.toml"
        file.write_text('log_level = "warning"\n', encoding="utf-8")
        self.world.start(env={**os.environ, "FUNDTRAIL_CONFIG": str(file)})
        self.assertEqual(self.world.get(BASE).status, 200)
        self.world.stop()
        self.assertEqual([line for line in self.lines() if line["level"] == "info"], [])

    def test_half_of_tls_is_not_passed_over(self):
        done = run("--ledger", self.world.ledger, "serve", "--tls-certificate", "x.pem", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--tls-key", done.stderr)


if __name__ == "__main__":
    unittest.main()
