"""The command line, one module per command or group of commands; each parses, makes one call, and prints."""

from slimy_dal.cli.main import main

__all__ = ["main"]
