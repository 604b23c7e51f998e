"""A file system on a disk that remembers every write and flush, and that disk as power cuts leave it."""

import os
import struct
import subprocess
import time
from bisect import bisect_right
from dataclasses import dataclass

HEAD = struct.Struct(">QI")  # of a record, see tests/power/recording_disk.cc
SECTOR = 4096  # written whole or not at all
DISK_BYTES = 400 << 20
MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-E", "nodiscard"],
    "xfs": ["mkfs.xfs", "-q", "-K"],
    "btrfs": ["mkfs.btrfs", "-q", "-K"],
}
WAIT_S = 20


class DiskError(Exception):
    """The disk or its file system could not be made or mounted."""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DiskError(f"{' '.join(map(str, command))}: {(done.stdout + done.stderr).strip()}")
    return done.stdout.strip()


class LoopMount:
    """The file system in an image, mounted while the with block runs."""

    def __init__(self, image, kind, place):
        self.image, self.kind, self.place = image, kind, place
        self.device = None

    def __enter__(self):
        self.device = run("losetup", "-f", "--show", self.image)
        try:
            run("mount", "-t", self.kind, self.device, self.place)
        except DiskError:
            run("losetup", "-d", self.device)
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.place], check=False)
        run("losetup", "-d", self.device)


class RecordedDisk:
    """Makes the disk with an empty file system of a kind; `place` shows it while the block runs."""

    def __init__(self, program, kind, work):
        self.program, self.kind = program, kind
        self.image, self.base = work / "disk", work / "disk-at-first"
        self.log, self.front = work / "writes", work / "recorded"
        self.place = work / "fs"
        self.loop = None

    def __enter__(self):
        with open(self.image, "wb") as image:
            image.truncate(DISK_BYTES)
        self.front.mkdir()
        self.place.mkdir()
        run(*MAKE[self.kind], self.image)
        run("cp", "--sparse=always", self.image, self.base)
        self.recorder = subprocess.Popen([self.program, self.image, self.log, self.front])
        disk = self.front / "disk"
        deadline = time.monotonic() + WAIT_S
        while not disk.exists():
            if self.recorder.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise DiskError("the recording disk did not start")
            time.sleep(0.02)
        try:
            self.loop = LoopMount(disk, self.kind, self.place)
            self.loop.__enter__()
        except DiskError:
            self.loop = None
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def written(self):
        """Bytes of the log so far."""
        return int((self.front / "written").read_text())

    def end(self):
        if self.loop is not None:
            self.loop.__exit__()
        subprocess.run(["umount", "-l", self.front], stderr=subprocess.DEVNULL, check=False)
        try:
            self.recorder.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.recorder.kill()
            self.recorder.wait()


@dataclass
class Record:
    at: int  # in the log
    offset: int
    size: int  # 0: a flush

    @property
    def end(self):
        return self.at + HEAD.size + self.size


class Writes:
    """What a recorded disk noted."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.records = []
        at, total = 0, os.path.getsize(path)
        while at + HEAD.size <= total:
            self.file.seek(at)
            offset, size = HEAD.unpack(self.file.read(HEAD.size))
            record = Record(at, offset, size)
            if record.end > total:
                break
            self.records.append(record)
            at = record.end
        self.flushes = [i for i, r in enumerate(self.records) if r.size == 0]
        self.flush_ends = [self.records[i].end for i in self.flushes]

    def flush_before(self, at):
        """Number of the last flush that had ended when the log had `at` bytes; -1 for none."""
        return bisect_right(self.flush_ends, at) - 1

    def bytes_of(self, record):
        self.file.seek(record.at + HEAD.size)
        return self.file.read(record.size)

    def behind(self, flush):
        """The writes between a flush and the next one."""
        last = self.flushes[flush + 1] if flush + 1 < len(self.flushes) else len(self.records)
        return self.records[self.flushes[flush] + 1 : last]


class Replay:
    """The disk after one flush after the other, in ascending order."""

    def __init__(self, writes, base, work):
        self.writes, self.image = writes, work / "replayed"
        run("cp", "--sparse=always", base, self.image)
        self.done = 0  # records

    def disk_after(self, flush, copy):
        """Makes `copy` the disk as it was when that flush ended."""
        end = self.writes.flushes[flush]
        with open(self.image, "r+b") as image:
            for record in self.writes.records[self.done : end]:
                write_at(image, record.offset, self.writes.bytes_of(record))
        self.done = end
        run("cp", "--sparse=always", self.image, copy)

    def add_some(self, copy, flush, chance):
        """Then some of the writes behind the flush, sector by sector. Returns how many sectors."""
        behind = self.writes.behind(flush)
        behind = behind[: chance.randint(0, len(behind))]
        share = chance.choice([0, 0.1, 0.5, 0.9, 1])
        added = 0
        with open(copy, "r+b") as image:
            for record in behind:
                data = self.writes.bytes_of(record)
                for i in range(0, len(data), SECTOR):
                    if chance.random() < share:
                        write_at(image, record.offset + i, data[i : i + SECTOR])
                        added += 1
        return added


def write_at(image, offset, data):
    image.seek(offset)
    image.write(data)
