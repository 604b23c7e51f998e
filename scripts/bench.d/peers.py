"""The Go programs that litetool is measured against, where they are installed."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mounted import BUILD

VERSION = "v0.5.2"
MODULE = f"github.com/superfly/ltx/cmd/ltx@{VERSION}"


@dataclass
class Peers:
    ltx: str  # the reference command, or None
    library: str  # the program in peer/, for what the command cannot do, or None

    def describe(self):
        if not self.ltx:
            return "none (ltx is not installed; --install-peers installs it where Go is)"
        return (
            self.ltx if self.library else f"{self.ltx} (no Go, so no peer for encode and compact)"
        )


def go_bin():
    go = shutil.which("go")
    if not go:
        return None
    path = subprocess.run(
        [go, "env", "GOPATH"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return Path(path) / "bin" / "ltx"


def find_ltx():
    candidates = [os.environ.get("LTX_PEER"), shutil.which("ltx"), go_bin()]
    folder = os.environ.get("LTX_PEERS")
    if folder:
        candidates.append(Path(folder) / VERSION / "ltx")
    return next((str(c) for c in candidates if c and os.access(c, os.X_OK)), None)


def build_library_peer(note):
    """The program in peer/; nothing where it cannot be built."""
    source, out = Path(__file__).parent / "peer", BUILD / "bench-peer"
    if not shutil.which("go"):
        return str(out) if out.exists() else None
    done = subprocess.run(
        ["go", "build", "-o", out, "."], cwd=source, capture_output=True, text=True
    )
    if done.returncode != 0:
        note(f"the Go program over the library cannot be built: {done.stderr.strip()}")
        return None
    return str(out)


def find_peers(install, note):
    ltx = find_ltx()
    if not ltx and install and shutil.which("go"):
        note(f"installing {MODULE} ...")
        done = subprocess.run(["go", "install", MODULE], capture_output=True, text=True)
        if done.returncode != 0:
            note(f"it cannot be installed: {done.stderr.strip()}")
        ltx = find_ltx()
    return Peers(ltx, build_library_peer(note) if ltx else None)
