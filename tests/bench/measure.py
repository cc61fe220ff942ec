"""What the benchmarks share: a server on a data folder of its own, and rounds that take turns.

A benchmark is a program in this folder, without an extension, that understands --rounds N and --seconds S
and prints one line of JSON for each figure:

    {"name": "…", "unit": "…", "ours": 1.0, "theirs": 1.0, "wanted": ">= 0.6", "note": "…"}

`theirs` and `wanted` may be missing. With `theirs`, what is wanted is wanted of ours / theirs.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVER = os.path.join(ROOT, "build/release/engine/app/cartwright")
SHOP = "demo.localhost"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    return parser.parse_args()


def report(name, unit, ours, theirs=None, wanted=None, note=""):
    figure = {"name": name, "unit": unit, "ours": round(ours, 4)}
    if theirs is not None:
        figure["theirs"] = round(theirs, 4)
    if wanted:
        figure["wanted"] = wanted
    if note:
        figure["note"] = note
    print(json.dumps(figure, ensure_ascii=False), flush=True)


def interleaved(rounds, *measures):
    """The medians of each measure, taken in turns: a noisy neighbour hits all alike."""
    values = [[] for _ in measures]
    for _ in range(rounds):
        for column, measure in zip(values, measures):
            column.append(measure())
    return [statistics.median(column) for column in values]


def free_port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def get(port, path, host=SHOP, timeout_s=5):
    """Status and body of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for_200(port, path, process, host=SHOP, limit_s=60, pause_s=0.002):
    """Seconds until the first 200, counted from the call."""
    start = time.monotonic()
    while True:
        try:
            if get(port, path, host)[0] == 200:
                return time.monotonic() - start
        except (OSError, http.client.HTTPException):
            pass
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        if time.monotonic() - start > limit_s:
            raise RuntimeError(f"no 200 for {path} within {limit_s} s")
        time.sleep(pause_s)


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


# One address asks for everything here: what keeps a single client or shop in its place is lifted.
UNLIMITED = {
    f"CARTWRIGHT_HTTP_{name}": "1000000"
    for name in ("CONNECTIONS_PER_ADDRESS", "CONNECTIONS_PER_SHOP", "REQUESTS_PER_SHOP",
                 "REQUESTS_PER_SHOP_BURST", "REQUESTS_PER_ADDRESS", "REQUESTS_PER_ADDRESS_BURST")}


class Server:
    """`cartwright serve` with its private PostgreSQL and the demo shops, on a scratch folder."""

    def __init__(self, environment=None, folder=None):
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="cartwright-bench-")
        if self.own:
            os.chmod(self.folder, 0o755)
        self.environment = {**os.environ, **UNLIMITED, **(environment or {})}
        self.process = None
        self.port = None
        self.start()

    def start(self):
        """Seconds from the start of the process to the first 200 of a shop's own data."""
        self.port = free_port()
        log = open(os.path.join(self.folder, "server.log"), "ab")
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [SERVER, "serve", "--data", os.path.join(self.folder, "data"), "--demo",
             "--port", str(self.port)],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True)
        log.close()
        wait_for_200(self.port, "/shop.json", self.process)
        return time.monotonic() - begin

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def database(self, name="cartwright"):
        """The address of its PostgreSQL for the owner, over the same socket."""
        for place, _, names in os.walk(os.path.join(self.folder, "data")):
            sockets = [n for n in names if n.startswith(".s.PGSQL.") and not n.endswith(".lock")]
            if sockets:
                port = sockets[0].rsplit(".", 1)[1]
                return f"postgresql:///{name}?host={place}&port={port}&user=cartwright"
        raise RuntimeError("the server's PostgreSQL has no socket in its data folder")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)


def wrk(port, path, seconds, connections, threads=2, host=SHOP):
    """Requests a second, and the latencies' quantiles in milliseconds. Anything but 2xx is an error."""
    text = subprocess.run(
        ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Host: {host}",
         f"http://127.0.0.1:{port}{path}"],
        check=True, stdout=subprocess.PIPE).stdout.decode()
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    quantiles = {}
    for quantile, value, unit in re.findall(r"^\s+(50|75|90|99)%\s+([\d.]+)(us|ms|s)$", text, re.M):
        quantiles[int(quantile)] = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), quantiles


def pgbench(address, seconds, clients, jobs=2):
    """Transactions a second of single-row SELECTs, prepared."""
    text = subprocess.run(
        ["pgbench", "-n", "-S", "-M", "prepared", "-c", str(clients), "-j", str(jobs), "-T", str(seconds),
         address],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.decode()
    return float(re.search(r"tps = ([\d.]+)", text)[1])
