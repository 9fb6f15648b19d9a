"""Faults done to real servers, lines and processes, and what is promised then; rows.toml lists them."""
