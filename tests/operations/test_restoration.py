"""That a ledger was restored is recorded once it is so: with a checkpoint that the ledger's own key signed, and by
two people whom the book of users knows."""
import json
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "http"))
from world import BASE, STAFF, World, region, run  # noqa: E402


class Restoration(unittest.TestCase):
    def setUp(self):
        self.world = World(threads=4)
        self.addCleanup(self.world.close)

    def verified(self):
        return json.loads(run("--ledger", self.world.ledger, "--json", "verify").stdout)

    def checkpoint(self):
        return run("--ledger", self.world.ledger, "checkpoint").stdout.split()[-1]

    def back_up(self):
        """Of a ledger that was served, and refused somebody, which its access log says."""
        self.world.start()
        for _ in range(3):
            self.assertEqual(self.world.get(BASE, role=None).status, 401)
        self.world.stop()
        self.backup = self.world.directory / "b"
        return json.loads(run("--ledger", self.world.ledger, "--json", "backup", self.backup).stdout)

    def restore(self, name, *options):
        return run("--ledger", self.world.directory / name, "--keys", self.world.ledger / "keys", "--json", "restore",
                   self.backup, *options, check=False)

    def test_a_head_of_the_access_log_is_no_checkpoint(self):
        self.back_up()
        done = self.restore("new", "--checkpoint", self.world.ledger / "access-log" / "HEAD")
        error = json.loads(done.stdout)["error"]
        self.assertEqual(error["code"], "invalid-argument")
        self.assertIn("/access-log", error["en"])

    def test_an_access_log_that_is_gone_or_cut_is_missed(self):
        world, made = self.world, self.back_up()["access_log"]["records"]
        log = self.backup / "access-log"
        (file,) = log.glob("*.jsonl")
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-1]))
        (log / "HEAD").unlink()
        done = self.restore("cut")
        self.assertEqual((done.returncode, json.loads(done.stdout)["access_log"]["records"]), (1, made - 1))
        shutil.rmtree(log)
        done = self.restore("gone")
        finding = json.loads(done.stdout)["access_log"]["finding"]
        self.assertEqual(done.returncode, 1)
        for language in ("zh", "en"):
            self.assertIn(str(made), finding[language])
        # It is in place; the server begins a new log, and says so.
        gone = world.directory / "gone"
        shutil.copytree(world.ledger / "keys", gone / "keys")
        (gone / "users.json.restored").rename(gone / "users.json")
        world.ledger = gone
        world.start()
        self.assertIn("access-log-new", world.get("/readyz", role=None).bytes.decode())

    def test_recorded_over_http(self):
        world, old = self.world, self.world.directory / "old"
        shutil.copytree(world.ledger, old)
        world.start()
        for n in range(5):
            self.assertEqual(world.post(region(f"32041290{n}"), f"r{n}", "registrar").status, 201)
        world.stop()
        known, signature = self.verified(), self.checkpoint()
        shutil.rmtree(world.ledger)
        old.rename(world.ledger)
        restored = self.verified()
        doc = {"known_root": known["root"], "known_signature": signature, "known_size": known["entries"],
               "ordered_by": STAFF["approver"], "reason": "磁盘损坏", "restored_root": restored["root"],
               "restored_size": restored["entries"]}
        world.start()
        run("--ledger", world.ledger, "user", "add", "gone", "--role", "approver", "--no-password")
        run("--ledger", world.ledger, "user", "disable", "gone")

        def asked(key, **changes):
            return world.post({"kind": "ledger_restoration", "date": "2008-04-30", "doc": {**doc, **changes}}, key,
                              "registrar")

        for n, (changes, status, code, field) in enumerate((
                ({"ordered_by": STAFF["registrar"]}, 403, "same-person", "actor"),
                ({"ordered_by": "nobody.at.all"}, 422, "invalid-value", "doc.ordered_by"),
                ({"ordered_by": "gone"}, 422, "invalid-value", "doc.ordered_by"),
                ({"known_root": "00" * 32}, 422, "invalid-value", "doc.known_signature"),
                ({"known_size": 1000}, 422, "invalid-value", "doc.known_signature"),
                ({"known_signature": signature[:-4] + "AAA="}, 422, "invalid-value", "doc.known_signature"),
                ({"known_size": restored["entries"]}, 422, "invalid-value", "doc.restored_size"))):
            answer = asked(f"no-{n}", **changes)
            self.assertEqual((answer.status, answer.code, answer.json["field"]), (status, code, field), answer.bytes)
        del doc["known_signature"]
        self.assertEqual(asked("bare").code, "missing-field")
        doc["known_signature"] = signature
        made = asked("restored")
        self.assertEqual(made.status, 201, made.bytes)
        self.assertEqual(asked("restored").status, 200)
        # The same checkpoint once more: as if entries behind this one had been lost, too.
        world.stop()
        now = self.verified()
        world.start()
        again = asked("again", restored_root=now["root"], restored_size=now["entries"])
        self.assertEqual((again.status, again.code, again.json["field"]), (422, "invalid-value", "doc.known_root"),
                         again.bytes)
        world.stop()
        self.verified()


if __name__ == "__main__":
    unittest.main()
