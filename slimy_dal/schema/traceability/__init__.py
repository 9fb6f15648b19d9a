"""Holds what the source documents name against where it is now: read, resolve, examine, print."""
