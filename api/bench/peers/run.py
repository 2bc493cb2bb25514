#!/usr/bin/env python3
"""The same work done by others, for the table of `fundtrail bench --beside FILE`: redemptions by
PostgreSQL and SQLite, a trial balance by ledger and hledger, and what a hash costs by `openssl speed`.

Started by script/bench, which removes the directory it is given. A peer that is not installed is a row
without figures. Writes sections of figures as JSON; medians and ratios are the program's business."""
import argparse
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NOT_INSTALLED = {"zh": "未安装", "en": "not installed"}
# Clients, batch size, the statement, and the figure of ours that does the same.
POSTGRES_RUNS = [
    ("postgresql.chain_1", "PostgreSQL 15，哈希链，1 个客户端", "PostgreSQL 15, hash chain, 1 client",
     1, 1, "select redeem(next_voucher())", "http.single"),
    ("postgresql.chain_8", "PostgreSQL 15，哈希链，8 个客户端", "PostgreSQL 15, hash chain, 8 clients",
     8, 1, "select redeem(next_voucher())", "http.single"),
    ("postgresql.chain_64", "PostgreSQL 15，哈希链，64 个客户端", "PostgreSQL 15, hash chain, 64 clients",
     64, 1, "select redeem(next_voucher())", "http.single"),
    ("postgresql.no_chain_64", "PostgreSQL 15，无链，64 个客户端", "PostgreSQL 15, no chain, 64 clients",
     64, 1, "select redeem_without_chain(next_voucher())", "http.single"),
    ("postgresql.batch", "PostgreSQL 15，哈希链，每批 1,000 行", "PostgreSQL 15, hash chain, batches of 1,000",
     4, 1000, "select redeem_many(1000)", "http.batch"),
]
MOST_A_SECOND = 240_000  # redemptions by PostgreSQL, so that the vouchers always suffice; 90,000 were seen
POSTGRES_SETTINGS = {
    "listen_addresses": "''", "fsync": "on", "synchronous_commit": "on", "wal_sync_method": "fdatasync",
    "shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min",
    "autovacuum": "off",  # in its favour: nothing disturbs so short a run
    "max_connections": "100", "logging_collector": "off",
}


def progress(what):
    print(f"measuring: {what}", file=sys.stderr, flush=True)


def figure(name, zh, en, unit, samples, against=None):
    made = {"name": name, "label": {"zh": zh, "en": en}, "unit": unit, "samples": samples}
    if against:
        made["against"] = against
    if not samples:
        made["note"] = NOT_INSTALLED
    return made


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def warm_ups(options):
    return 1 if options.runs > 1 else 0


def slow(options):
    """The environment of a peer on a slower disk."""
    if not options.sync_delay_us:
        return {}
    return {"LD_PRELOAD": str(options.tools / "libslow_sync.so"), "SLOW_SYNC_US": str(options.sync_delay_us)}


class Postgres:
    """A cluster of its own in a directory of its own; its server refuses to run as root."""

    def __init__(self, bin_directory, directory, environment):
        self.bin = bin_directory
        self.home = directory
        self.home.mkdir()
        self.as_user = []
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.home, user.pw_uid, user.pw_gid)
            self.as_user = ["runuser", "-u", "postgres", "--"]
        self.data = self.home / "data"
        self.call("initdb", "-D", self.data, "-A", "trust", "-U", "bench", "--locale=C", "-E", "UTF8")
        settings = "".join(f"{name} = {value}\n" for name, value in POSTGRES_SETTINGS.items())
        settings += f"unix_socket_directories = '{self.home}'\n"
        run(*self.as_user, "sh", "-c", f"cat >> {self.data}/postgresql.conf", input=settings)
        arguments = [*self.as_user, "env", *(f"{k}={v}" for k, v in environment.items()),
                     str(self.bin / "postgres"), "-D", str(self.data)]
        self.log = open(directory.parent / "postgres.log", "w", encoding="utf-8")
        self.server = subprocess.Popen(arguments, stdout=self.log, stderr=self.log,
                                       start_new_session=True)
        for _ in range(600):
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", self.home]).returncode == 0:
                return
            if self.server.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start")

    def call(self, program, *arguments):
        return run(*self.as_user, self.bin / program, *arguments, cwd=self.home)

    def sql(self, *arguments):
        return self.call("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.home, "-U", "bench",
                         "-d", "postgres", *arguments)

    def bench(self, statement, clients, seconds):
        """Calls of the statement a second, each a transaction of its own."""
        script = self.home / "script.sql"
        run(*self.as_user, "sh", "-c", f"cat > {script}", input=statement + "\n")
        for longer in (1, 5, 25):  # a machine so busy that it finishes none says no rate
            told = self.call("pgbench", "-n", "-M", "prepared", "-h", self.home, "-U", "bench", "-f", script,
                             "-c", clients, "-j", min(clients, 2), "-T", seconds * longer, "postgres")
            rate = re.search(r"tps = ([0-9.]+)", told)
            if "number of failed transactions: 0 " not in told:
                break
            if rate:
                return float(rate[1])
        raise RuntimeError("pgbench: " + told[-500:])

    def close(self):
        if self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGINT)  # fast shutdown
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGQUIT)
                self.server.wait(30)
        self.log.close()


def postgres_directory(options):
    if options.postgres:
        return options.postgres if (options.postgres / "pgbench").exists() else None
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    on_path = shutil.which("pgbench") and shutil.which("postgres")
    return found[-1].parent if found else pathlib.Path(on_path).parent if on_path else None


def measure_postgres(options):
    where = postgres_directory(options)
    if where is None:
        return [figure(name, zh, en, "lines/s", [], against)
                for name, zh, en, _, _, _, against in POSTGRES_RUNS]
    progress("PostgreSQL")
    server = Postgres(where, options.dir / "postgres", slow(options))
    try:
        schema = (HERE / "redemption.sql").read_text(encoding="utf-8")
        run(*server.as_user, where / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", server.home, "-U", "bench",
            "-d", "postgres", input=schema, cwd=server.home)
        figures = []
        for name, zh, en, clients, lines, statement, against in POSTGRES_RUNS:
            samples = []
            for i in range(warm_ups(options) + options.runs):
                left = int(server.sql("-At", "-c", "select coalesce(max(no), -1) + 1 from voucher")) - int(
                    server.sql("-At", "-c", "select case when is_called then last_value else 0 end from work"))
                wanted = int(MOST_A_SECOND * options.seconds)
                if left < wanted:
                    more = max(100_000, -(-wanted // 100_000) * 100_000)
                    server.sql("-c", f"select issue({more})", "-c", "vacuum analyze voucher", "-c",
                               "checkpoint")
                rate = server.bench(statement, clients, options.seconds) * lines
                if i >= warm_ups(options):
                    samples.append(rate)
            figures.append(figure(name, zh, en, "lines/s", samples, against))
        return figures
    finally:
        server.close()


def measure_sqlite(options):
    rows = [("single", "SQLite，哈希链，单行", "SQLite, hash chain, single lines", "http.single"),
            ("batch", "SQLite，哈希链，每批 1,000 行", "SQLite, hash chain, batches of 1,000", "in_process.lines_1000")]
    program = options.tools / "fundtrail_peer_sqlite"
    told = {}
    if program.exists():
        progress("SQLite")
        (options.dir / "sqlite").mkdir()
        told = json.loads(run(program, options.dir / "sqlite" / "bench.db", options.runs, options.seconds,
                              env=os.environ | slow(options)))
    return [figure(f"sqlite.{key}", zh, en, "lines/s", told.get(key, []), against)
            for key, zh, en, against in rows]


def measure_balances(options):
    """The balances of the same entries."""
    home = options.dir / "balances"
    home.mkdir()
    progress("ledger, hledger")
    told = json.loads(run(options.fundtrail, "--json", "bench", "--inside", "balances", "--dir", home, "--lines",
                          options.transactions, "--repetitions", options.runs))
    n = f"{options.transactions:,}"
    figures = [
        figure("balances.report", f"本程序：科目余额表，由状态出（{n} 笔单据）", f"ours: trial balance from the state, {n} documents",
               "ms", told["report"]),
        figure("balances.recomputed", "本程序：资金来龙去脉，逐条重算", "ours: flow of the fund, recomputed from every entry",
               "ms", told["recomputed"]),
    ]
    rows = [("ledger", "ledger：同样的分录，读文本并重算", "ledger: the same postings, read from text"),
            ("hledger", "hledger：同样的分录，读文本并重算", "hledger: the same postings, read from text")]
    for name, zh, en in rows:
        samples = []
        if shutil.which(name):
            for i in range(warm_ups(options) + options.runs):
                begin = time.perf_counter()
                run(name, "-f", home / "journal", "balance", "--flat")
                if i >= warm_ups(options):
                    samples.append((time.perf_counter() - begin) * 1000)
        figures.append(figure(f"balances.{name}", zh, en, "ms", samples, "balances.recomputed"))
    return figures


def measure_openssl(options):
    figures = []
    for digest, against in (("sha256", "verify.lines_1000.bytes"), ("sm3", None)):
        samples = []
        if shutil.which("openssl"):
            progress(f"openssl speed {digest}")
            for _ in range(options.runs):
                told = run("openssl", "speed", "-elapsed", "-mr", "-seconds", 1, "-bytes", 1024, "-evp", digest)
                samples.append(float(re.search(r"^\+F:.*:([0-9.]+)$", told, re.M)[1]) / 1e6)
        figures.append(figure(f"openssl.{digest}", f"openssl speed {digest}，1 KiB，单核",
                              f"openssl speed {digest}, 1 KiB, one core", "MB/s", samples, against))
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--fundtrail", type=pathlib.Path, required=True)
    parser.add_argument("--postgres", type=pathlib.Path, help="where its programs are")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--transactions", type=int, default=50_000)
    parser.add_argument("--sync-delay-us", type=int, default=0)
    options = parser.parse_args()
    for name in ("dir", "tools", "fundtrail"):
        setattr(options, name, getattr(options, name).resolve())
    # So that an interrupted run still stops the servers it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sections = [
        {"title": {"zh": "对照：同样的核销由别的系统来做", "en": "beside: the same redemptions by others"},
         "figures": measure_postgres(options) + measure_sqlite(options)},
        {"title": {"zh": "对照：余额与报表", "en": "beside: balances and reports"},
         "figures": measure_balances(options)},
        {"title": {"zh": "对照：摘要算法本身", "en": "beside: the hash alone"},
         "figures": measure_openssl(options)},
    ]
    options.out.write_text(json.dumps({"sections": sections}, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
