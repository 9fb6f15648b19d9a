"""Lets `python -m slimy_dal.cli` be the command `slimy`, where it is not installed."""

from slimy_dal.cli import main

main(prog_name="slimy")
