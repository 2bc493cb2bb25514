"""Jobs: results, cancelling, restarts, and what an import over HTTP may do."""
import io
import json
import signal
import stat
import subprocess
import sys
import time
import unittest
import warnings
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from world import BASE, ROOT, World, packed, run  # noqa: E402

JOBS = BASE + "/jobs"
YEAR = ROOT / "fixtures" / "wujin-2008"
RUN = {"kind": "run", "programme": "services", "period": "2008-06", "date": "2008-06-02"}


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().start().fill()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def result(self, key):
        return self.world.get(f"{JOBS}/{key}/result")

    def test_a_bundle_is_verified_by_its_own_program(self):
        self.assertEqual(self.world.job({"kind": "export"}, "bundle", "inspector")["state"], "done")
        answer = self.result("bundle")
        self.assertEqual(answer.media_type, "application/zip")
        folder = self.world.directory / "taken-away"
        with zipfile.ZipFile(io.BytesIO(answer.bytes)) as archive:
            self.assertIsNone(archive.testzip())
            archive.extractall(folder)
        inside, = folder.iterdir()
        done = subprocess.run([sys.executable, "verify.py"], cwd=inside, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_verify_says_what_the_command_line_says(self):
        self.world.job({"kind": "verify"}, "verify", "inspector")
        result = self.result("verify").json
        self.assertTrue(result["ok"])
        self.assertEqual(result["entries"], self.world.get(BASE).json["size"])

    def test_a_run_is_tried_then_recorded_once(self):
        world = self.world
        self.assertEqual(world.job(RUN, "trial", "preparer")["state"], "done")
        trial = self.result("trial").json
        self.assertEqual((trial["dry_run"], trial["recorded"]), (True, 0))
        size = world.get(BASE).json["size"]
        real = {**RUN, "dry_run": False}
        job = world.job(real, "real", "preparer", headers={"If-Match": trial["head"]})
        self.assertEqual(job["state"], "done", job)
        first = self.result("real").json
        self.assertGreaterEqual(first["lines"], 2)
        self.assertEqual(first["picture"], trial["picture"])
        # The head has moved: what was decided on the old picture is refused; without it nothing is new.
        late = world.post(real, "late", "preparer", {"If-Match": trial["head"]}, JOBS)
        self.assertEqual((late.status, late.code), (412, "precondition-failed"))
        # But whoever asks once more, because the answer was lost, has what was recorded.
        lost = world.post(real, "real", "preparer", {"If-Match": trial["head"]}, JOBS)
        self.assertEqual((lost.status, lost.headers.get("idempotency-hit")), (200, "true"), lost.bytes)
        self.assertEqual(lost.json["state"], "done")
        world.job(real, "again", "preparer")
        self.assertEqual(self.result("again").json["recorded"], 0)
        self.assertEqual(world.get(BASE).json["size"], size + first["recorded"])
        entry = world.get(f"{BASE}/entries?kind=voucher_issue").json["entries"][-1]["entry"]
        self.assertEqual(entry["actor"], {"id": "wang.fang", "role": "preparer"})
        # Who is no preparer has nothing recorded in his name.
        for role in ("inspector", "administrator", "registrar"):
            self.assertEqual(world.post(real, f"by-{role}", role, path=JOBS).status, 403)

    def test_what_is_missing_is_asked_at_once(self):
        answer = self.world.post({**RUN, "programme": "unknown"}, "q", "preparer", path=JOBS)
        self.assertEqual((answer.status, answer.code), (422, "incomplete-request"))
        self.assertRegex(answer.json["detail_zh"], "[\u4e00-\u9fff]")
        # It is asked for by the names of the members, not by options of the command line.
        for words in ({"payee": "p-01"}, {"region": "320412001"}, {"policy": "x"}, {"date": "x"}):
            answer = self.world.post({**RUN, **words}, "q", "preparer", path=JOBS)
            self.assertEqual(answer.code, "incomplete-request", words)
            for detail in (answer.json["detail"], answer.json["detail_zh"]):
                self.assertIn(*words, detail)
                self.assertNotIn("--", detail)
        self.assertEqual(self.world.get(JOBS + "/q").status, 404)
        for body in ({"kind": "run"}, {"kind": "verify", "x": 1}, {"kind": "audit", "rules": "R-BEN-01"},
                     {"kind": "audit", "rules": ["R-X"]}, {"kind": "export", "from": "yesterday"},
                     {"kind": "run", "programme": 1, "period": "2008-06"}, [], {"kind": ["verify"]}):
            self.assertEqual(self.world.post(body, "q", "preparer", path=JOBS).status, 400, body)
        double = b'{"kind":"export","provider":"p-01","provider":"p-02"}'
        self.assertEqual(self.world.post(double, "q", "preparer", path=JOBS).status, 400)

    def test_the_key_is_the_job(self):
        first = self.world.post({"kind": "verify"}, "same", "inspector", path=JOBS)
        again = self.world.post({"kind": "verify"}, "same", "inspector", path=JOBS)
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual(again.headers["idempotency-hit"], "true")
        self.assertEqual(first.headers["location"], JOBS + "/same")
        # A condition is for runs, but whoever repeats is told of the job whatever comes with it.
        for kind, key, status in (("verify", "same", 200), ("verify", "bound", 400), ("export", "bound", 400)):
            bound = self.world.post({"kind": kind}, key, "inspector", {"If-Match": '"1-00"'}, JOBS)
            self.assertEqual(bound.status, status, bound.bytes)
        self.assertEqual(self.world.get(JOBS + "/bound").status, 404)
        other = self.world.post({"kind": "audit"}, "same", "inspector", path=JOBS)
        self.assertEqual((other.status, other.code), (422, "command-id-reused"))

    def test_a_key_is_its_users(self):
        theirs = self.world.post({"kind": "verify"}, "mine", "inspector", path=JOBS)
        mine = self.world.post({"kind": "audit"}, "mine", "reviewer", path=JOBS)
        self.assertEqual((theirs.status, mine.status), (201, 201))
        self.assertEqual(mine.json["key"], "mine")
        self.assertEqual(mine.headers["location"], f"{JOBS}/{mine.json['job']}")
        self.assertNotEqual(mine.headers["location"], theirs.headers["location"])
        # An address means one job, whoever asks.
        for role in ("inspector", "reviewer", "preparer"):
            self.assertEqual(self.world.get(JOBS + "/mine", role=role).json["kind"], "verify")
            self.assertEqual(self.world.get(mine.headers["location"], role=role).json["kind"], "audit")
        self.assertEqual(self.world.request("DELETE", JOBS + "/mine", role="reviewer").status, 403)
        self.assertEqual(self.world.request("DELETE", mine.headers["location"], role="reviewer").json["kind"], "audit")
        again = self.world.post({"kind": "audit"}, "mine", "reviewer", path=JOBS)
        self.assertEqual((again.status, again.headers["location"]), (200, mine.headers["location"]))

    def test_a_head_that_the_log_does_not_have_is_found(self):
        head = self.world.get(BASE + "/access-log/head").bytes.decode()
        for key, heads, ok in (("log-1", [head], True), ("log-2", [head.replace("\n", "x\n", 1)], False)):
            self.assertEqual(self.world.job({"kind": "access_log", "heads": heads}, key, "inspector")["state"], "done")
            self.assertEqual(self.result(key).json["ok"], ok)

    def test_a_second_state_does_not_take_the_room_that_entries_need(self):
        world = World()
        self.addCleanup(world.close)
        world.start(more=["--disk-reserve-mb", 1_000_000_000])
        job = world.job({"kind": "verify", "state": True}, "state", "inspector")
        self.assertEqual((job["state"], job["problem"]["status"]), ("failed", 503), job)
        self.assertIn("disk_reserve_mb", job["problem"]["detail"])
        self.assertEqual(world.job({"kind": "verify"}, "entries", "inspector")["state"], "done")

    def test_jobs_come_in_pages(self):
        for n in range(3):
            self.world.job({"kind": "verify"}, f"paged-{n}", "inspector")
        whole = [j["job"] for j in self.world.get(JOBS).json["jobs"]]
        seen, query = [], "?limit=2"
        while query:
            page = self.world.get(JOBS + query).json
            self.assertLessEqual(len(page["jobs"]), 2)
            seen += [j["job"] for j in page["jobs"]]
            query = f"?limit=2&cursor={page['next']}" if "next" in page else ""
        self.assertEqual(seen, whole)
        first = self.world.get(JOBS + "?limit=1").json["next"]
        for path in (JOBS, BASE + "/checkpoints"):
            for cursor in ("/", "zz", "", "zz" + first, first + "0", first if path != JOBS else first[1:]):
                answer = self.world.get(f"{path}?cursor={cursor}")
                self.assertEqual((answer.status, answer.code, answer.json.get("field")),
                                 (400, "bad-parameter", "cursor"), (path, cursor))


class Imports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.year = packed(YEAR)  # once: what is asked for must outrun the work

    def setUp(self):
        self.world = World().start()

    def tearDown(self):
        self.world.close()

    def bring(self, key, query=""):
        made = self.world.post(self.year, key, "registrar", {"Content-Type": "application/zip"},
                               BASE + "/imports" + query)
        self.assertEqual(made.status, 201, made.bytes)

    def ended(self, key):
        job = self.world.ended(key)
        return job, self.world.get(f"{JOBS}/{key}/result", role="registrar")

    def test_only_rows_of_ones_own_are_recorded(self):
        folder = self.world.directory / "mine"
        folder.mkdir()
        (folder / "regions.csv").write_text("区划代码,名称,上级代码,登记日期,经办人\n320412901,湖塘镇,,2008-04-01,zhou.jing\n",
                                            encoding="utf-8")
        made = self.world.import_folder(folder, "mine", query="?dry_run=false")
        self.assertEqual(made.status, 201, made.bytes)
        job, result = self.ended("mine")
        self.assertEqual((job["state"], result.json["recorded"]), ("done", 1), result.bytes)
        size = self.world.get(BASE).json["size"]
        text = (folder / "regions.csv").read_text(encoding="utf-8").replace("901", "902")
        (folder / "regions.csv").write_text(text.replace("zhou.jing", "somebody.else"), encoding="utf-8")
        self.world.import_folder(folder, "other", query="?dry_run=false")
        job, result = self.ended("other")
        self.assertEqual([b["code"] for b in result.json["bad"]], ["row-other-actor"])
        self.assertFalse(result.json["changed"])
        self.assertEqual(self.world.get(BASE).json["size"], size)

    def test_a_past_is_recorded_as_facts(self):
        past = ROOT / "fixtures" / "misuse-2008"
        self.world.import_folder(past, "past", query="?past=true&dry_run=false")
        job, result = self.ended("past")
        self.assertEqual(job["state"], "done", job)
        self.assertTrue(result.json["changed"], result.bytes[:2000])
        self.world.job({"kind": "audit"}, "audit", "inspector")
        found = self.world.get(f"{JOBS}/audit/result").json["indicators"]
        self.assertEqual(found, self.world.get(BASE + "/indicators").json["indicators"])
        self.assertGreater(len(found), 10)

    def test_archives_that_are_none(self):
        bad = [b"", b"PK", b"x" * 1000, packed(YEAR)[:1000]]
        # A backslash separates as a slash does: some programs pack so.
        for name in ("../elders.csv", "/etc/elders.csv", "a/b/elders.csv", ".hidden", "..\\elders.csv"):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                archive.writestr(name, "x")
            bad.append(out.getvalue())
        # Programs differ in which of two files of one name they show; what is no file is not followed.
        for names in (("elders.csv", "elders.csv"), ("x/elders.csv", "x\\elders.csv")):
            out = io.BytesIO()
            with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
                warnings.simplefilter("ignore")
                for name in names:
                    archive.writestr(name, "x")
            bad.append(out.getvalue())
        link = zipfile.ZipInfo("elders.csv")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(link, "/etc/passwd")
        bad.append(out.getvalue())
        for n, body in enumerate(bad):
            made = self.world.post(body, f"bad-{n}", "registrar", {"Content-Type": "application/zip"},
                                   BASE + "/imports")
            self.assertEqual(made.status, 201, made.bytes)
            job = self.world.ended(f"bad-{n}")
            self.assertEqual((job["state"], job.get("problem", {}).get("status")), ("failed", 400), (n, job))
        nested = packed(YEAR, "武进".encode().hex() + "/")  # a folder around everything is usual
        self.world.post(nested, "around", "registrar", {"Content-Type": "application/zip"}, BASE + "/imports")
        self.assertEqual(self.world.ended("around")["state"], "done")

    def test_cancelled_work_leaves_nothing(self):
        for n in range(4):
            self.bring(f"c-{n}", "?past=true&dry_run=false")
        for n in (3, 2, 1, 0):
            answer = self.world.request("DELETE", f"{JOBS}/c-{n}", role="registrar")
            self.assertEqual(answer.status, 200)
        states = [self.world.ended(f"c-{n}")["state"] for n in range(4)]
        self.assertEqual(states[2:], ["cancelled", "cancelled"])  # two run at the same time
        for n, state in enumerate(states):
            self.assertEqual(self.world.get(f"{JOBS}/c-{n}/result", role="registrar").status,
                             200 if state == "done" else 409)
        if "done" not in states:
            self.assertEqual(self.world.get(BASE).json["size"], 1)

    def test_nothing_is_recorded_for_somebody_who_was_disabled_meanwhile(self):
        # As many as may wait: more than two at a time can do until the server has read the book again.
        many = 0
        while self.world.post(self.year, f"d-{many}", "registrar", {"Content-Type": "application/zip"},
                              BASE + "/imports?past=true&dry_run=false").status == 201:
            many += 1
        run("--ledger", self.world.ledger, "user", "disable", "zhou.jing")
        self.world.process.send_signal(signal.SIGHUP)  # or within a second
        jobs = [self.world.ended(f"d-{n}") for n in range(many)]
        ends = [job.get("problem", {"type": job["state"]})["type"].rsplit(":")[-1] for job in jobs]
        self.assertLessEqual(set(ends), {"done", "forbidden", "unavailable"})  # of two at once, one is told to wait
        self.assertEqual(ends[-2:], ["forbidden", "forbidden"])
        if all(job["state"] == "failed" for job in jobs):
            self.assertEqual(self.world.get(BASE).json["size"], 1)

    def test_results_go_in_time_though_nobody_asks(self):
        world = self.world
        world.stop()
        world.start(more=["--clock", "2027-01-01T09:00:00+08:00"])
        world.job({"kind": "verify"}, "old", "inspector")
        world.stop()
        self.assertTrue((world.ledger / "jobs" / "old").exists())
        world.start(more=["--clock", "2027-01-02T09:00:00+08:00"])
        until = time.monotonic() + 30
        while (world.ledger / "jobs" / "old").exists():
            self.assertLess(time.monotonic(), until)

    def test_a_kill_fails_what_ran_and_keeps_what_was_done(self):
        world = self.world
        world.job({"kind": "verify"}, "before", "inspector")
        for n in range(4):
            self.bring(f"k-{n}")
        world.stop(signal.SIGKILL)
        left = [p for p in (world.ledger / "jobs").rglob("*.csv")]
        world.start()
        self.assertEqual(world.get(f"{JOBS}/before/result").json["ok"], True)
        job = world.get(f"{JOBS}/k-3").json
        self.assertEqual((job["state"], job["problem"]["type"]),
                         ("failed", "urn:fundtrail:problem:job-interrupted"))
        self.assertEqual([p for p in (world.ledger / "jobs").rglob("*.csv")], [], left)
        self.assertEqual(world.import_folder(YEAR, "k-3").status, 200)  # the same job, not a new one

    def test_a_stop_waits_for_nobody(self):
        for n in range(6):
            self.bring(f"s-{n}")
        self.assertEqual(self.world.stop(), 0)
        self.world.start()
        states = {self.world.get(f"{JOBS}/s-{n}").json["state"] for n in range(6)}
        self.assertLessEqual(states, {"done", "failed"})
        self.assertIn("failed", states)

    def test_nobody_elses_data_stays_behind(self):
        self.world.import_folder(YEAR, "once")
        self.world.ended("once")
        kept = sorted(p.name for p in (self.world.ledger / "jobs" / "once").iterdir())
        self.assertEqual(kept, ["job.json", "result.json"])
        text = (self.world.ledger / "jobs" / "once" / "job.json").read_text(encoding="utf-8")
        self.assertNotIn("杨荣林", text + json.dumps(self.world.get(f"{JOBS}/once/result", role="registrar").json))

    def test_a_result_quotes_nothing_of_people_and_is_its_owners(self):
        folder = self.world.directory / "shifted"
        folder.mkdir()
        people = (YEAR / "elders.csv").read_text(encoding="utf-8-sig").splitlines()
        header, row = people[0], people[1].split(",")
        number = next(cell for cell in row if len(cell) == 18)
        name = row[header.split(",").index("姓名")]
        lines = [",".join([""] + row), ",".join(row[1:]), ",".join(row + [name, number])]
        (folder / "elders.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        # Without a header; and where no column is personal, a name that stands there by mistake.
        (folder / "elder_changes.csv").write_text("\n".join(people[1:3]) + "\n", encoding="utf-8")
        (folder / "regions.csv").write_text(f"区划代码,名称,上级代码,登记日期,经办人,{name}\n{number},湖塘镇,,{name},zhou.jing,x\n"
                                            f"320412901,湖塘镇,,2008/13/01,zhou.jing,x\n", encoding="utf-8")
        (folder / "funds.csv").write_text((YEAR / "funds.csv").read_text(encoding="utf-8-sig").splitlines()[0]
                                          + f"\n{name},{number},{name},{number},2008/13/01,{name},{number}\n",
                                          encoding="utf-8")
        self.world.import_folder(folder, "shifted")
        job, result = self.ended("shifted")
        self.assertEqual(job["state"], "done", job)
        codes = {finding["code"] for finding in result.json["bad"]}
        self.assertLessEqual({"row-extra-cells", "column-unknown"}, codes)
        for cells in (row, people[2].split(",")):
            for cell in cells:
                if len(cell) > 2 and not cell.startswith("2008") and not cell.isascii() or len(cell) == 18:
                    self.assertNotIn(cell, result.bytes.decode())
        self.assertIn('Column 1, "\u2026"', "".join(f["en"] for f in result.json["bad"]))
        for role in ("administrator", "inspector", "cashier"):
            answer = self.world.get(f"{JOBS}/shifted/result", role=role)
            self.assertEqual((answer.status, answer.code), (403, "forbidden"))


if __name__ == "__main__":
    unittest.main()
