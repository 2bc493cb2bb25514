"""64 kept connections at work beside 1,000 idle and 50 slow ones. FUNDTRAIL_CROWD_SECONDS=60 runs it for
a minute (3 s otherwise), FUNDTRAIL_CROWD_TLS=1 over TLS. One thread plays all clients: its own time is part
of every figure."""
import errno
import os
import random
import select
import socket
import ssl
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_tls import TlsWorld  # noqa: E402
from world import BASE, World  # noqa: E402

SECONDS = float(os.environ.get("FUNDTRAIL_CROWD_SECONDS", "3"))
TLS = os.environ.get("FUNDTRAIL_CROWD_TLS") == "1"
BUSY, IDLE, SLOW = 64, 1000, 50


class Client:
    """A connection of one of three tempers, driven by a poll loop."""

    def __init__(self, crowd, temper, number):
        self.crowd, self.temper, self.number = crowd, temper, number
        self.answers, self.ended, self.received = 0, 0, b""
        self.open()

    def open(self):
        self.socket = socket.create_connection(("127.0.0.1", self.crowd.world.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.crowd.context:
            self.socket = self.crowd.context.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.setblocking(False)
        self.crowd.by_descriptor[self.socket.fileno()] = self
        self.crowd.poll.register(self.socket.fileno(), select.EPOLLIN)

    def close(self):
        self.crowd.poll.unregister(self.socket.fileno())
        del self.crowd.by_descriptor[self.socket.fileno()]
        self.socket.close()

    def send(self, data):
        self.begin = time.monotonic()
        while data:
            try:
                data = data[self.socket.send(data):]
            except (BlockingIOError, ssl.SSLWantWriteError):
                select.select([], [self.socket], [], 10)

    def ask(self):
        self.send(self.crowd.next_request())

    def drip(self):
        """One byte more of a request that never ends."""
        try:
            self.socket.send(b"x")
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        except OSError:
            self.again()

    def again(self):
        """The server ended it, as it should: a slow client comes back at once."""
        self.ended += 1
        self.close()
        self.received = b""
        self.open()
        if self.temper == "slow":
            self.send(self.crowd.slow_beginning(self.number))

    def readable(self):
        try:
            data = self.socket.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError as e:
            if e.errno not in (errno.ECONNRESET, None) and not isinstance(e, ssl.SSLError):
                raise
            data = b""
        if not data:
            if self.temper == "busy":
                raise AssertionError("a busy connection was ended")
            return self.again()
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if self.temper != "busy" or head < 0:
            return
        length = int(self.received.split(b"Content-Length: ", 1)[1].split(b"\r\n", 1)[0])
        if len(self.received) < head + 4 + length:
            return
        self.crowd.latencies.append(time.monotonic() - self.begin)
        status = int(self.received[9:12])
        self.crowd.statuses[status] = self.crowd.statuses.get(status, 0) + 1
        self.received = b""
        self.answers += 1
        self.ask()


def processor_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Crowd:
    def __init__(self, world, tls):
        self.world = world
        self.context = world.context() if tls else None
        self.poll = select.epoll()
        self.by_descriptor, self.latencies, self.statuses = {}, [], {}
        self.sent = 0
        self.token = world.tokens["registrar"]

    def next_request(self):
        """Nine writes and a read of the head."""
        self.sent += 1
        common = f"Host: x\r\nAuthorization: Bearer {self.token}\r\n"
        if self.sent % 10 == 0:
            return f"GET {BASE} HTTP/1.1\r\n{common}\r\n".encode()
        body = ('{"kind":"region_registration","date":"2008-04-01","doc":{"name":"x","region":"33%010d"}}'
                % self.sent)
        return (f"POST {BASE}/entries HTTP/1.1\r\n{common}Content-Type: application/json\r\n"
                f"Idempotency-Key: crowd-{self.sent}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def slow_beginning(self, number):
        if number % 3 == 0:
            return b"GET /healthz HTTP/1.1\r\nX-Slow: "
        head = (f"POST {BASE}/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
                f"Content-Type: application/json\r\nIdempotency-Key: slow\r\nContent-Length: 100000\r\n\r\n")
        return head.encode() if number % 3 == 1 else head.encode()[: random.randrange(1, len(head))]

    def run(self, seconds):
        idle = [Client(self, "idle", n) for n in range(IDLE)]
        for client in idle[: IDLE // 2]:
            client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        slow = [Client(self, "slow", n) for n in range(SLOW)]
        for client in slow:
            client.send(self.slow_beginning(client.number))
        busy = [Client(self, "busy", n) for n in range(BUSY)]
        begin = time.monotonic()
        for client in busy:
            client.ask()
        drip = begin + 0.5
        while (now := time.monotonic()) < begin + seconds:
            for descriptor, _ in self.poll.poll(0.1, 128):
                client = self.by_descriptor.get(descriptor)
                if client:
                    client.readable()
            if now > drip:
                drip = now + 0.5
                for client in slow:
                    client.drip()
        took = time.monotonic() - begin
        for client in [*idle, *slow, *busy]:
            client.close()
        return idle, slow, busy, took


class Crowded(unittest.TestCase):
    def test_busy_clients_beside_idle_and_slow_ones(self):
        world = (TlsWorld() if TLS else World()).start()
        try:
            crowd = Crowd(world, TLS)
            used = processor_seconds(world.process)
            idle, slow, busy, took = crowd.run(SECONDS)
            used = processor_seconds(world.process) - used
            latencies = sorted(crowd.latencies)

            def at(part):
                return latencies[min(len(latencies) - 1, int(len(latencies) * part))] * 1000
            print(f"crowd{' over TLS' if TLS else ''}: {took:.1f} s, {len(latencies)} answers, "
                  f"{len(latencies) / took:.0f}/s, p50 {at(.5):.1f} ms, p99 {at(.99):.1f} ms, "
                  f"p99.9 {at(.999):.1f} ms, slowest {at(1):.0f} ms; server {used / len(latencies) * 1e6:.0f} µs "
                  f"of processor time an answer; {sum(c.ended for c in idle)} idle and "
                  f"{sum(c.ended for c in slow)} slow connections ended by the server")
            self.assertEqual(set(crowd.statuses), {200, 201})
            # Nobody at work is forgotten for the others' sake.
            self.assertGreater(min(c.answers for c in busy), 0.5 * len(latencies) / BUSY)
            self.assertLess(at(1), 2000)
            if SECONDS < 50:
                self.assertEqual(sum(c.ended for c in idle), 0, "an idle connection had to go")
            if SECONDS > 40:
                self.assertGreater(sum(c.ended for c in slow), SLOW - 1, "slow clients are never ended")
            self.assertEqual(world.stop(), 0, world.read_log()[-2000:])
        finally:
            world.close()


if __name__ == "__main__":
    unittest.main()
