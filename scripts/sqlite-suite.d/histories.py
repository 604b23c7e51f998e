"""Proves the histories that a mount left: each chain verifies and ends at its database."""

import json
import shutil
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor

from mounted import LITETOOL

COMPANIONS = ("-wal", "-journal")


def broken_chains(folder):
    """Lines that say what does not verify; nothing to verify is not a problem."""
    if not databases(folder):
        return []
    done = subprocess.run(
        [LITETOOL, "ltx", "verify", "--json", folder / ".litetool"], capture_output=True, text=True
    )
    problems = [line for line in done.stdout.splitlines() if '"problem"' in line]
    if done.returncode not in (0, 4, 5) or (done.returncode and not problems):
        problems.append(f"ltx verify ended with {done.returncode}: {done.stderr.strip()}")
    return problems


def databases(folder):
    """Paths, below `folder`, of what has a history."""
    root = folder / ".litetool" / "db"
    parents = {path.parent for path in root.rglob("*.ltxs")} | {
        path.parent for path in root.rglob("*.ltx")
    }
    return sorted(path.relative_to(root) for path in parents)


def committed_bytes(database, scratch):
    """The database as a reader would see it: a copy, with what stands beside it brought in."""
    copy = scratch / "live"
    for old in scratch.glob("live*"):
        old.unlink()
    shutil.copyfile(database, copy)
    beside = [end for end in COMPANIONS if database.with_name(database.name + end).exists()]
    for end in beside:
        shutil.copyfile(database.with_name(database.name + end), f"{copy}{end}")
    if beside:
        connection = sqlite3.connect(copy, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
    return copy.read_bytes()


def check_end(folder, name, scratch):
    """None when the history of `name` ends at what stands there, else what is wrong."""
    scratch.mkdir(parents=True, exist_ok=True)
    database, output = folder / name, scratch / "restored"
    done = subprocess.run(
        [LITETOOL, "restore", "--json", "--force", database, "-o", output],
        capture_output=True,
        text=True,
    )
    stands = database.is_file() and database.stat().st_size > 0
    if done.returncode == 6 and not stands:
        return None
    if done.returncode != 0:
        return f"{name}: restore ended with {done.returncode}: {done.stderr.strip()}"
    if not stands:
        return f"{name}: the history goes on, the database is gone"
    try:
        live = committed_bytes(database, scratch)
    except sqlite3.Error as error:
        live = database.read_bytes()
        if live == output.read_bytes():
            return None
        return f"{name}: unlike its history, and SQLite says: {error}"
    restored = output.read_bytes()
    if live == restored:
        return None
    txid = json.loads(done.stdout).get("txid")
    return f"{name}: ends at TXID {txid} with {first_difference(restored, live)}"


def first_difference(restored, live):
    size = int.from_bytes(live[16:18], "big") if len(live) > 18 else 0
    size = 65536 if size == 1 else size or 1024
    if len(restored) != len(live):
        return f"{len(restored)} bytes, the database has {len(live)}"
    pages = [
        at // size + 1
        for at in range(0, len(live), size)
        if restored[at : at + size] != live[at : at + size]
    ]
    return f"other bytes in {len(pages)} of {len(live) // size} pages, first {pages[0]}"


def check(folder, scratch, jobs):
    """(histories that are right, lines that say what is wrong)."""
    problems = broken_chains(folder)
    names = databases(folder)
    with ThreadPoolExecutor(jobs) as pool:
        ends = pool.map(lambda i: check_end(folder, names[i], scratch / str(i)), range(len(names)))
        wrong = [end for end in ends if end]
    return len(names) - len(wrong), problems + wrong
