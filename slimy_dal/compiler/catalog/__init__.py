"""Reads what the proofs must know of a database's catalogs."""
