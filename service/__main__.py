"""`python -m service`: serve with the settings of the environment, on a database that is migrated already."""

import sys

from service.server import DriftError, run
from service.settings import Settings, SettingsError
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.secrets import KeyringError
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.settings import SettingsError as PoolSettingsError


def main() -> int:
    """Serve; the exit code is 2 for settings that cannot be used, 1 when it could not start."""
    try:
        settings, pool = Settings.from_environment(), PoolSettings.from_environment()
    except (SettingsError, PoolSettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        run(settings, pool=pool, started=_tell)
    except (DriftError, SlimyError, KeyringError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _tell(address: str) -> None:
    sys.stderr.write(f"serving at {address}\n")


if __name__ == "__main__":
    sys.exit(main())
