"""Where scripts/bench mount runs its client: the plain directory, each tier, LiteFS if it is there."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from measure import TOOLS, BenchError
from mounted import BUILD, LITETOOL, MOUNT_WAIT_S, TIERS, Mount, die_with_parent, is_mounted

NOBODY = 65534
CLIENT_LIMIT_S = 900


def ordinary_user():
    """Arguments for Popen: SQLite as root sends a chown for each journal, applications do not."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


class Workshop:
    """A folder on disk that an ordinary user may enter, with a copy of the client in it."""

    def __enter__(self):
        parent = "/var/tmp" if os.geteuid() == 0 else BUILD
        self.work = Path(tempfile.mkdtemp(prefix="litetool-bench-", dir=parent))
        self.work.chmod(0o755)
        self.client = self.work / "client"
        shutil.copy(TOOLS / "bench_sqlite_client", self.client)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.work, ignore_errors=True)

    def folder(self, name):
        """The folder of that name, empty if it is new; the client may write there."""
        folder = self.work / name
        if not folder.is_dir():
            folder.mkdir()
            if os.geteuid() == 0:
                os.chown(folder, NOBODY, NOBODY)
        return folder

    def start(self, folder, seconds, tests, **options):
        command = [self.client, folder, str(seconds), *tests]
        return subprocess.Popen(
            command, cwd="/", stdout=subprocess.PIPE, text=True, **ordinary_user(), **options
        )

    def run(self, folder, seconds, tests):
        """The client's lines by test."""
        client = self.start(folder, seconds, tests, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            out, err = client.communicate(timeout=CLIENT_LIMIT_S)
        except subprocess.TimeoutExpired:
            client.kill()
            raise BenchError(f"in {folder}: not within {CLIENT_LIMIT_S} s") from None
        if client.returncode != 0:
            raise BenchError(f"in {folder}: {err.strip()}")
        return {line["test"]: line for line in map(json.loads, out.splitlines())}


def check_history(folder):
    """Every history must verify; those of databases that are gone are there as well."""
    done = subprocess.run(
        [LITETOOL, "ltx", "verify", folder / ".litetool"], capture_output=True, text=True
    )
    if done.returncode != 0:
        said = f"{done.stdout.strip()} {done.stderr.strip()}"
        raise BenchError(f"the history does not verify: {said}")


def litefs():
    candidates = [os.environ.get("LITEFS_PEER"), shutil.which("litefs")]
    return next((c for c in candidates if c and os.access(c, os.X_OK)), None)


def places(tier):
    """Names of what is compared, the plain directory first."""
    tiers = [tier] if tier else [t for t in TIERS if t == "cached" or os.geteuid() == 0]
    return ["native", *tiers, *(["litefs"] if litefs() and os.geteuid() == 0 else [])]


@contextmanager
def served(place, shop, name):
    """The folder in which the client works while it is served in that way."""
    folder = shop.folder(name)
    if place == "native":
        yield folder
    elif place == "litefs":
        with served_by_litefs(folder) as inside:
            yield inside
    else:
        with Mount(folder, place):
            yield folder


@contextmanager
def served_by_litefs(folder):
    mount, data, config = folder / "mount", folder / "data", folder / "litefs.yml"
    mount.mkdir(exist_ok=True)
    config.write_text(
        f"fuse:\n  dir: {mount}\n  allow-other: true\n"
        f"data:\n  dir: {data}\n"
        "http:\n  addr: 127.0.0.1:0\n"
        "lease:\n  type: static\n  candidate: true\n  advertise-url: http://127.0.0.1:1\n"
    )
    with open(folder / "log", "w+") as log:
        process = subprocess.Popen(
            [litefs(), "mount", "-config", config],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        try:
            deadline = time.monotonic() + MOUNT_WAIT_S
            while not is_mounted(mount):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise BenchError(f"litefs does not mount: see {folder / 'log'}")
                time.sleep(0.01)
            yield mount
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if is_mounted(mount):
                subprocess.run(["umount", "-l", mount], check=False)
