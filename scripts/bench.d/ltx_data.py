"""The data of "bench ltx": a database of realistic rows, and LTX files between its states.

Everything follows from a fixed seed. The files hold what real SQLite transactions changed, with
consecutive TXIDs and true checksums:

  base.db            8 % users, 32 % posts, 60 % events, six indexes
  snapshot.ltx       TXID 1, the whole of base.db
  apply/*.ltx        16 files of about 2 % of the pages each; apply.db is the state after them
  compact/*.ltx      8 files of about 10 % each; compact.db likewise
"""

import random
import shutil
import sqlite3
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from measure import TOOLS, BenchError

SEED = 20261121
ROWS_PER_TRANSACTION = 2000
KINDS = ("view", "click", "login", "logout", "purchase", "search", "share")
STATES = ("draft", "review", "public", "hidden", "deleted")
NOW_MS = 1_700_000_000_000
SCHEMA = """
CREATE TABLE users(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE, name TEXT, email TEXT, created INTEGER,
  score REAL, flags INTEGER, settings TEXT);
CREATE INDEX users_email ON users(email);
CREATE TABLE posts(id INTEGER PRIMARY KEY, user INTEGER, title TEXT, body TEXT, created INTEGER,
  updated TEXT, views INTEGER, state TEXT);
CREATE INDEX posts_user ON posts(user, created);
CREATE INDEX posts_state ON posts(state, updated);
CREATE TABLE events(id INTEGER PRIMARY KEY, ts INTEGER, kind TEXT, user INTEGER, ip TEXT,
  payload TEXT, token BLOB);
CREATE INDEX events_ts ON events(ts);
CREATE INDEX events_user ON events(user, kind);
"""


@dataclass
class Chain:
    files: list
    before: Path  # the database the first file applies to
    after: Path
    post_apply: str  # checksum of `after`, 16 hex digits


@dataclass
class Data:
    base: Path
    snapshot: Path  # of `base`, TXID 1
    base_checksum: str
    apply: Chain
    compact: Chain


class Text:
    """Sentences: pieces of one long random text, so that words come in recurring company."""

    def __init__(self, rng):
        self.rng = rng
        syllables = [
            a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "is")
        ]
        words = [
            "".join(rng.choices(syllables, k=rng.choice((1, 1, 2, 2, 3, 4)))) for _ in range(2500)
        ]
        weights = [1 / (rank + 4) for rank in range(len(words))]
        self.corpus = rng.choices(words, weights, k=400_000)

    def words(self, count):
        out = []
        while len(out) < count:
            at = self.rng.randrange(len(self.corpus) - 60)
            out += self.corpus[at : at + min(self.rng.randrange(5, 60), count - len(out))]
        return " ".join(out)


class Rows:
    """Makes batches of rows in the shares above."""

    def __init__(self, rng):
        self.rng = rng
        self.text = Text(rng)
        self.users = 0

    def user(self):
        rng = self.rng
        self.users += 1
        name = self.text.words(2).title()
        settings = (
            f'{{"theme":"{rng.choice(("dark", "light"))}",'
            f'"lang":"{rng.choice(("en", "de", "fr"))}",'
            f'"mail":{rng.choice(("true", "false"))},"page":{rng.randrange(10, 100)}}}'
        )
        return (
            str(uuid.UUID(int=rng.getrandbits(128))),
            name,
            name.lower().replace(" ", ".") + f"{self.users}@example.org",
            NOW_MS - rng.randrange(10**11),
            rng.random() * 100,
            rng.randrange(16),
            settings,
        )

    def post(self):
        rng = self.rng
        return (
            rng.randrange(1, self.users + 1),
            self.text.words(rng.randrange(4, 10)),
            self.text.words(rng.randrange(10, 120)),
            NOW_MS - rng.randrange(10**11),
            f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T{rng.randrange(24):02}:"
            f"{rng.randrange(60):02}:{rng.randrange(60):02}Z",
            rng.randrange(10**5),
            rng.choice(STATES),
        )

    def event(self):
        rng = self.rng
        payload = (
            f'{{"path":"/{self.text.words(3).replace(" ", "/")}","ms":{rng.randrange(3000)},'
            f'"ref":"{self.text.words(4)}","ok":{rng.choice(("true", "false"))}}}'
        )
        ip = ".".join(str(rng.randrange(256)) for _ in range(4))
        return (
            NOW_MS + rng.randrange(10**9),
            rng.choice(KINDS),
            rng.randrange(1, self.users + 1),
            ip,
            payload,
            rng.randbytes(16),
        )

    def insert_batch(self, db):
        count = ROWS_PER_TRANSACTION
        users = [self.user() for _ in range(count * 8 // 100)]
        posts = [self.post() for _ in range(count * 32 // 100)]
        events = [self.event() for _ in range(count * 60 // 100)]
        db.executemany("INSERT INTO users VALUES(NULL,?,?,?,?,?,?,?)", users)
        db.executemany("INSERT INTO posts VALUES(NULL,?,?,?,?,?,?,?)", posts)
        db.executemany("INSERT INTO events VALUES(NULL,?,?,?,?,?,?)", events)
        db.commit()


def open_database(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("PRAGMA cache_size=-200000")
    return db


def make_base(path, size_mib):
    db = open_database(path)
    db.executescript("PRAGMA page_size=4096;" + SCHEMA)
    rows = Rows(random.Random(SEED))
    while db.execute("PRAGMA page_count").fetchone()[0] * 4096 < size_mib * 2**20:
        rows.insert_batch(db)
    db.close()


def change_pages(path, rng, share):
    """One transaction that changes about that share of the database's pages."""
    db = open_database(path)
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    posts = db.execute("SELECT max(id) FROM posts").fetchone()[0]
    events = db.execute("SELECT max(id) FROM events").fetchone()[0]
    count = int(pages * share * 0.55)
    db.executemany(
        "UPDATE posts SET views = views + 1 WHERE id = ?",
        [(rng.randrange(1, posts + 1),) for _ in range(count)],
    )
    db.executemany(
        "UPDATE events SET token = ? WHERE id = ?",
        [(rng.randbytes(16), rng.randrange(1, events + 1)) for _ in range(count)],
    )
    db.commit()
    db.close()


def write_difference(before, after, txid, out):
    subprocess.run([TOOLS / "bench_ltx_diff", before, after, str(txid), out], check=True)


def make_chain(base, folder, count, share):
    folder.mkdir()
    state, before = folder.with_suffix(".db"), folder.with_suffix(".before")
    shutil.copyfile(base, state)
    rng = random.Random(SEED + count)
    for txid in range(2, count + 2):
        shutil.copyfile(state, before)
        change_pages(state, rng, share)
        out = folder / f"{txid:016x}-{txid:016x}.ltx"
        write_difference(before, state, txid, out)
    before.unlink()


def trailer_checksum(path):
    """The database checksum after an LTX file, from its trailer."""
    with open(path, "rb") as file:
        file.seek(-16, 2)
        return file.read(8).hex()


def load_chain(base, folder):
    files = sorted(folder.iterdir())
    return Chain(files, base, folder.with_suffix(".db"), trailer_checksum(files[-1]))


def make(folder, size_mib, note):
    """Makes the data in `folder`, or takes what an earlier run finished there."""
    base, ready = folder / "base.db", folder / "ready"
    if not ready.exists():
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        note(f"making a database of {size_mib} MiB ...")
        make_base(base, size_mib)
        note("making LTX files ...")
        write_difference("/dev/null", base, 1, folder / "snapshot.ltx")
        make_chain(base, folder / "apply", 16, 0.02)
        make_chain(base, folder / "compact", 8, 0.10)
        ready.touch()
    snapshot = folder / "snapshot.ltx"
    data = Data(
        base,
        snapshot,
        trailer_checksum(snapshot),
        load_chain(base, folder / "apply"),
        load_chain(base, folder / "compact"),
    )
    if len(data.apply.files) != 16 or len(data.compact.files) != 8:
        raise BenchError(f"{folder} is not complete: remove it")
    return data
