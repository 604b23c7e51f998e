"""One client of a power-cut run: commits to its database and notes what was acknowledged.

usage: load.py DATABASE JOURNAL_MODE SYNCHRONOUS WRITTEN ACKNOWLEDGED SEED SECONDS

WRITTEN tells how far the recorded disk has written. Each line of ACKNOWLEDGED: the counter that the
commit set, the position of the history then (TXID/checksum, "-" for none yet), and WRITTEN.
"""

import random
import sqlite3
import sys
import time
from pathlib import Path


def position(database):
    try:
        return Path(f"{database}-pos").read_text().strip()
    except FileNotFoundError:
        return "-"


def work(cursor, chance):
    """A transaction of some kind; all of them count up."""
    cursor.execute("BEGIN IMMEDIATE")
    cursor.execute("UPDATE counter SET n = n + 1")
    kind = chance.random()
    rows = 300 if kind < 0.03 else chance.randint(1, 5)
    for _ in range(rows):
        key = chance.randrange(4000)
        if kind > 0.9:
            cursor.execute("DELETE FROM work WHERE id = ?", (key,))
        else:
            blob = chance.randbytes(chance.randint(10, 900))
            cursor.execute("INSERT OR REPLACE INTO work VALUES (?, ?)", (key, blob))
    if chance.random() < 0.05:
        cursor.execute("ROLLBACK")
        return False
    cursor.execute("COMMIT")
    return True


def main():
    database, mode, synchronous, written, acknowledged, seed, seconds = sys.argv[1:]
    chance = random.Random(int(seed))
    cursor = sqlite3.connect(database, isolation_level=None, timeout=60).cursor()
    cursor.execute(f"PRAGMA journal_mode = {mode}")
    cursor.execute(f"PRAGMA synchronous = {synchronous}")
    cursor.execute("CREATE TABLE IF NOT EXISTS counter(n INTEGER)")
    cursor.execute("CREATE TABLE IF NOT EXISTS work(id INTEGER PRIMARY KEY, b BLOB)")
    cursor.execute("INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter)")
    end = time.monotonic() + float(seconds)
    with open(acknowledged, "w") as out:
        while time.monotonic() < end:
            if work(cursor, chance):
                n = cursor.execute("SELECT n FROM counter").fetchone()[0]
                out.write(f"{n} {position(database)} {Path(written).read_text().strip()}\n")
                out.flush()
            if chance.random() < 0.01:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if chance.random() < 0.003:
                cursor.execute("VACUUM")
            if chance.random() < 0.2:
                time.sleep(chance.random() * 0.02)


if __name__ == "__main__":
    main()
