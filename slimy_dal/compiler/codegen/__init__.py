"""Writes the typed Python of query files."""
