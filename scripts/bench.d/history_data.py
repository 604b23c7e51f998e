"""The data of "bench history": a database in a mounted directory, a base and many transactions.

  data/app.db        rows with a random half and a half that compresses, and an index
  data/.litetool     its history: the base as TXID 1, then transactions of about 20 rows each
"""

import hashlib
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mounted import BUILD, LITETOOL, Mount

ROW_BYTES = 1000
ROWS_PER_TRANSACTION = 20
SCHEMA = """
CREATE TABLE item(id INTEGER PRIMARY KEY, owner INTEGER, body TEXT);
CREATE INDEX item_owner ON item(owner);
"""


@dataclass
class Data:
    database: Path
    size_bytes: int
    sha256: str  # of the last state
    middle: int  # a TXID half way


def fill(path, size_mib):
    """The base; returns the number of rows."""
    rows = size_mib * (1 << 20) // (ROW_BYTES + 100)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = off")
    db.execute("PRAGMA synchronous = off")
    db.executescript(SCHEMA)
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO item SELECT i, i % 1000, hex(randomblob(?)) || printf('%0*d', ?, i) FROM n",
        (rows, ROW_BYTES // 4, ROW_BYTES // 2),
    )
    db.commit()
    db.close()
    return rows


def change(path, rows, transactions):
    """Every transaction rewrites rows that are spread over the table."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = wal")
    for n in range(1, transactions + 1):
        ids = [(n * 7919 + k * 104729) % rows + 1 for k in range(ROWS_PER_TRANSACTION)]
        marks = ", ".join("?" * len(ids))
        db.execute("BEGIN IMMEDIATE")
        db.execute(f"UPDATE item SET body = '{n} ' || body WHERE id IN ({marks})", ids)
        db.execute("COMMIT")
    db.close()


def last_txid(database):
    """One image a transaction, from TXID 1 on."""
    listed = subprocess.run(
        [LITETOOL, "ltx", "list", "--tsv", database.parent / ".litetool"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return len(listed) - 1  # the titles


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_long(folder, transactions, note):
    """A small database and a history of very many small transactions, written directly."""
    note(f"making a history of {transactions} transactions ...")
    data = folder / "long"
    data.mkdir(parents=True)
    subprocess.run([BUILD / "tests/bench/bench_long_history", data, str(transactions)], check=True)
    return data / "app.db"


def make(folder, size_mib, transactions, note):
    note(f"making a database of {size_mib} MiB and {transactions} transactions ...")
    data = folder / "data"
    data.mkdir(parents=True)
    database = data / "app.db"
    rows = fill(database, size_mib)
    with Mount(data):
        change(database, rows, transactions)
    middle = last_txid(database) - transactions // 2
    return Data(database, database.stat().st_size, digest(database), middle)
