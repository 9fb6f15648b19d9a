"""Runs a fuzz on a throw-away server, and prints what came of it; exits with 1 where something is wrong."""

import argparse
import asyncio
import sys

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from tests.conftest import MIGRATIONS
from tests.service.fuzz.run import Report, fuzz


def main() -> Report:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.service.fuzz")
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of the one request to send")
    given = parser.parse_args()
    numbers = range(given.requests) if given.only is None else range(given.only, given.only + 1)
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), MIGRATIONS)
        return asyncio.run(fuzz(server.dsn(), given.seed, numbers))


if __name__ == "__main__":
    report = main()
    sys.stdout.write(f"{report}\n")
    sys.exit(1 if report.faults or report.said else 0)
