"""The arguments of scripts/bench; what is measured is in *_bench.py."""

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import history_bench
import ltx_bench
import mount_bench
import mount_standing
import scale_bench
import speedtest_bench
from measure import BenchError
from mounted import TIERS, MountError


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    commands = parser.add_subparsers(dest="what", required=True)
    for name, run in (
        ("ltx", ltx_bench.run),
        ("mount", mount_bench.run),
        ("history", history_bench.run),
        ("speedtest", speedtest_bench.run),
        ("scale", scale_bench.run),
    ):
        sub = commands.add_parser(name)
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true", help="one JSON document instead of a table")
        sub.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
        sub.add_argument(
            "--idle-wait",
            type=float,
            default=5,
            metavar="SECONDS",
            help="longest wait for a quiet machine before a timed run (default 5)",
        )
    ltx = commands.choices["ltx"]
    ltx.add_argument(
        "--only", metavar="TEXT", default="", help="only rows whose name contains TEXT"
    )
    ltx.add_argument(
        "--size", type=int, default=256, metavar="MIB", help="database size (default 256)"
    )
    ltx.add_argument(
        "--keep", action="store_true", help="keep the data in build/bench for the next run"
    )
    ltx.add_argument(
        "--install-peers",
        action="store_true",
        help="go install the reference command when it is missing",
    )
    history = commands.choices["history"]
    history.add_argument(
        "--size", type=int, default=1024, metavar="MIB", help="database size (default 1024)"
    )
    history.add_argument(
        "--transactions", type=int, default=1000, help="behind the base (default 1000)"
    )
    history.add_argument(
        "--long",
        type=int,
        default=1_000_000,
        metavar="N",
        help="transactions of the long history (default 1000000)",
    )
    mount = commands.choices["mount"]
    mount.add_argument(
        "--seconds", type=float, default=0.4, help="per test and round (default 0.4)"
    )
    mount.add_argument("--tests", metavar="GLOB", default="*", help="only tests that match")
    mount.add_argument("--tier", choices=TIERS, help="only this tier (default: both)")
    for name, help_text in mount_standing.RUNS:
        mount.add_argument(f"--{name}", action="store_true", help=help_text)
    speedtest = commands.choices["speedtest"]
    speedtest.add_argument(
        "--size", type=int, default=100, help="speedtest1's relative size (default 100)"
    )
    speedtest.add_argument("--journal", metavar="MODE", help="journal mode (default: delete)")
    speedtest.add_argument("--tier", choices=TIERS, help="only this tier (default: both)")
    scale = commands.choices["scale"]
    scale.add_argument("--loads", metavar="GLOB", default="*", help="only loads that match")
    scale.add_argument("--tier", choices=TIERS, help="of the mount (default: passthrough)")
    return parser.parse_args()


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: stopped"))
    if options.rounds < 1:
        print("bench: --rounds must be at least 1", file=sys.stderr)
        return 2
    try:
        options.run(options)
    except (BenchError, MountError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
