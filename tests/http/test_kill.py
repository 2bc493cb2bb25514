"""kill -9 of a real server under load, through HTTP. FUNDTRAIL_HTTP_KILL_ROUNDS sets the number of
kills (5), FUNDTRAIL_SEED repeats their moments."""
import http.client
import importlib.util
import os
import random
import signal
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ROOT, World, region, run  # noqa: E402

# Hashes, proofs and signatures are checked by the verifier that shares no code with the server.
_spec = importlib.util.spec_from_file_location("verify", ROOT / "audit" / "verify.py")
verify = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verify)

CLIENTS = 8
BATCH = 3
APART = 10_000  # numbers of requests between the rounds


class Client(threading.Thread):
    """One connection kept alive, until the server is gone. What it was told is in `told` (command →
    receipt), its last answered request in `answered`, the one without an answer in `pending`."""

    def __init__(self, world, number, first, told_enough):
        super().__init__()
        self.world, self.number, self.first = world, number, first
        self.told, self.notes, self.strange = {}, [], []
        self.answered = self.pending = None
        self.told_enough = told_enough

    def requests(self):
        for i in range(self.first, self.first + APART):
            key = f"c{self.number}-{i}"
            codes = [f"32{self.number + CLIENTS * n:02d}{i:08d}" for n in range(BATCH)]
            if i % 4 == 3:  # all of it or nothing, one entry behind the other
                yield key, {"mode": "atomic", "commands": [region(code) for code in codes]}
            else:
                yield key, region(codes[0])

    def run(self):
        connection = self.world.connect()
        try:
            for n, (key, body) in enumerate(self.requests()):
                self.pending = (key, body)
                answer = self.world.post(body, key, "registrar", connection=connection)
                if answer.status != 201:
                    self.strange.append(answer.bytes)
                for receipt in receipts(answer):
                    self.told[receipt["command"]] = receipt
                self.answered, self.pending = self.pending, None
                if self.number == 0 and n % 16 == 8:
                    self.notes.append(self.world.get(BASE + "/checkpoint", connection=connection).bytes)
                self.told_enough.release()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server is gone; ValueError: half an answer
        finally:
            connection.close()


def receipts(answer):
    if "results" in answer.json:
        return [result["receipt"] for result in answer.json["results"]]
    return [answer.json]


class Kill(unittest.TestCase):
    def setUp(self):
        self.world = World().start()
        self.key = verify.Key.parse(self.world.get(BASE).json["verifier_key"])
        self.suite = verify.Suite(self.key.suite)
        self.told, self.notes = {}, {}

    def tearDown(self):
        self.world.close()

    def load_and_kill(self, first, answers):
        """The server is killed when the clients have had so many answers together: anywhere in what
        the others are asking. Gives the clients."""
        enough = threading.Semaphore(0)
        clients = [Client(self.world, n, first, enough) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(answers):
            self.assertTrue(enough.acquire(timeout=60), self.world.read_log()[-2000:])
        self.assertEqual(self.world.stop(signal.SIGKILL), -signal.SIGKILL)
        for client in clients:
            client.join()
            self.assertEqual(client.strange, [])
            for command, receipt in client.told.items():
                self.assertNotIn(command, self.told)
                self.told[command] = receipt
            for note in client.notes:
                size, root = verify.read_checkpoint(note, self.key)
                self.assertEqual(self.notes.setdefault(size, root), root)
        return clients

    def repeat(self, client):
        """What was answered gives the same receipt again; what was not is recorded before or now."""
        if client.answered:
            key, body = client.answered
            answer = self.world.post(body, key, "registrar")
            self.assertEqual(answer.status, 200, answer.bytes)
            self.assertEqual(answer.headers.get("idempotency-hit"), "true")
            for receipt in receipts(answer):
                told = self.told[receipt["command"]]
                for name in ("index", "leaf", "time"):
                    self.assertEqual(receipt[name], told[name])
        if client.pending:
            key, body = client.pending
            answer = self.world.post(body, key, "registrar")
            self.assertIn(answer.status, (200, 201), answer.bytes)
            for receipt in receipts(answer):
                self.told[receipt["command"]] = receipt

    def check_notes(self):
        """Every checkpoint handed out is a beginning of the tree there is now."""
        size, root = verify.read_checkpoint(self.world.get(BASE + "/checkpoint").bytes, self.key)
        for old, old_root in list(self.notes.items())[-20:]:
            self.assertLessEqual(old, size)
            proof = self.world.get(f"{BASE}/consistency?old={old}&new={size}").json
            path = [bytes.fromhex(one) for one in proof["path"]]
            self.assertTrue(verify.consistency_holds(self.suite, old, size, old_root, root, path), old)
        self.notes[size] = root

    def check_entries(self):
        """All entries, read through the server: what was told is there once, where it was told, whole;
        the tree over them has all the roots that were signed."""
        found, tree, cursor = {}, verify.Tree(self.suite), ""
        while True:
            page = self.world.get(f"{BASE}/entries?limit=500{cursor}").json
            for item in page["entries"]:
                self.assertEqual(item["index"], tree.size)
                command = item["entry"]["command"]
                self.assertNotIn(command, found)
                found[command] = (item["index"], item["leaf"])
                tree.append(bytes.fromhex(item["leaf"]))
                if tree.size in self.notes:
                    self.assertEqual(self.notes[tree.size], tree.root(), tree.size)
            if "next" not in page:
                break
            cursor = f"&cursor={page['next']}"
        for command, receipt in self.told.items():
            self.assertEqual(found.get(command), (receipt["index"], receipt["leaf"]), command)
        for command, (index, _) in found.items():  # all of a batch or nothing
            if command.endswith(".0"):
                for n in range(1, BATCH):
                    self.assertEqual(found.get(f"{command[:-1]}{n}", (0,))[0], index + n, command)
        self.assertEqual(len(found), tree.size)
        return tree.size

    def test_nothing_acknowledged_is_lost(self):
        rounds = int(os.environ.get("FUNDTRAIL_HTTP_KILL_ROUNDS", "5"))
        seed = int(os.environ.get("FUNDTRAIL_SEED", random.randrange(2**32)))
        moments = random.Random(seed)
        slowest, unanswered = 0.0, 0
        with self.subTest(seed=seed):
            for number in range(rounds):
                clients = self.load_and_kill(number * APART, moments.randint(1, 400))
                unanswered += sum(1 for client in clients if client.pending)
                begun = time.monotonic()
                self.world.start()  # answers when the server says that it listens
                slowest = max(slowest, time.monotonic() - begun)
                self.assertEqual(self.world.get("/readyz").status, 200)
                for client in clients:
                    self.repeat(client)
                self.check_notes()
                if number % 10 == 9 or number + 1 == rounds:
                    size = self.check_entries()
            self.assertEqual(self.world.stop(), 0, self.world.read_log()[-2000:])
            run("--ledger", self.world.ledger, "verify")
            print(f"kill -9 through HTTP: seed {seed}, {rounds} rounds, {len(self.told)} acknowledged "
                  f"of {size} entries, {unanswered} requests without an answer, {len(self.notes)} "
                  f"checkpoints, slowest start {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    unittest.main()
