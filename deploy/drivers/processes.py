"""Child processes of the drivers: each in a session of its own, with a deadline, and nothing left behind.

The driver makes itself the reaper of orphans, so a server that a test forgot becomes its child and is found.
"""

import ctypes
import os
import signal
import subprocess
import threading
import time

PR_SET_CHILD_SUBREAPER = 36

_running = set()
_lock = threading.Lock()


def adopt_orphans():
    """From now on, what a descendant leaves behind becomes a child of this process."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command, deadline_s, cwd, output=None, env=None, echo=False):
    """Runs to the end or the deadline. Returns (status, text); status is None when time ran out.

    `output` names a file that receives the text too; `echo` shows it while it comes.
    """
    with _lock:
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        _running.add(process)
    late = threading.Event()

    def end():
        late.set()
        end_session(process.pid)

    timer = threading.Timer(deadline_s, end)
    timer.start()
    lines = []
    sink = open(output, "w", encoding="utf-8") if output else None
    try:
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace")
            lines.append(line)
            if sink:
                sink.write(line)
                sink.flush()
            if echo:
                print(line, end="", flush=True)
        status = process.wait()
    finally:
        timer.cancel()
        process.stdout.close()
        if sink:
            sink.close()
        with _lock:
            _running.discard(process)
    return (None if late.is_set() else status), "".join(lines)


def members(session):
    """The processes of a session, by id."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(name))
    return found


def end_session(session, grace_s=10):
    """SIGTERM to each process of a session, SIGKILL to those that stay."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in members(session):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        until = time.monotonic() + grace_s
        while members(session) and time.monotonic() < until:
            time.sleep(0.05)


def end_all():
    with _lock:
        running = list(_running)
    for process in running:
        end_session(process.pid)


def end_orphans():
    """Ends what was left behind by children that have ended. Returns their command lines."""
    left = []
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + (10 if number == signal.SIGTERM else 2)
        told = set()
        while time.monotonic() < until:
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return left
            for pid in _children():
                if pid in told:
                    continue
                told.add(pid)
                command = _command(pid)
                if number == signal.SIGTERM and command:
                    left.append(f"{pid} {command}")
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
    return left


def _children():
    found = []
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as children:
                found += [int(pid) for pid in children.read().split()]
        except OSError:
            pass
    return found


def _command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            return line.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def quit_cleanly_on_signals():
    """Ctrl-C, SIGTERM or SIGHUP end the children first."""
    def leave(number, _frame):
        end_all()
        end_orphans()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
