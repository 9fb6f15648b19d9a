"""`python -m service`: serve with the settings of the environment, on a database that is migrated already."""

import sys

from service import supervisor
from service.server import plainly
from service.settings import Settings
from slimy_dal.engine.settings import PoolSettings


def main() -> int:
    """Serve; the exit code is 2 for settings that cannot be used, 1 when it could not start."""
    return plainly(_serve)


def _serve() -> int:
    settings, pool = Settings.from_environment(), PoolSettings.from_environment()
    return supervisor.run(settings, pool, _tell)


def _tell(address: str) -> None:
    sys.stderr.write(f"serving at {address}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
