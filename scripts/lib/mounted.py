"""`litetool mount` around a piece of work, and the child processes of a script."""

import ctypes
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LITETOOL = BUILD / "cmd" / "litetool"
TIERS = ("passthrough", "cached")
MOUNT_WAIT_S = 60
END_WAIT_S = 120


class MountError(Exception):
    """A mount that did not begin or did not end as it should."""


def die_with_parent():
    """For preexec_fn: the child ends when the script does, whatever ends it."""
    ctypes.CDLL(None).prctl(1, 15)  # PR_SET_PDEATHSIG, SIGTERM


def is_mounted(path):
    with open("/proc/self/mounts") as mounts:
        return any(line.split()[1] == str(path) for line in mounts)


class Mount:
    """`litetool mount` over a directory while the with block runs; unmounted whatever happens."""

    def __init__(self, path, tier="passthrough", litetool=LITETOOL):
        self.path = path
        self.tier = tier
        self.litetool = litetool
        self.log = tempfile.TemporaryFile("w+")

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.litetool, "mount", "--tier", self.tier, self.path],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + MOUNT_WAIT_S
        while not is_mounted(self.path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise MountError(f"litetool mount {self.path}: {self.said()}")
            time.sleep(0.01)
        return self

    def __exit__(self, kind, *_):
        code = self.end()
        if kind is None and code != 0:
            raise MountError(f"litetool mount ended with {code}: {self.said()}")

    def said(self):
        """All that it printed until now."""
        self.log.seek(0)
        return self.log.read().strip()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=END_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if is_mounted(self.path):
            subprocess.run(["umount", "-l", self.path], check=False)
        return code
