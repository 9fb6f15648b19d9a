"""Proves how many rows a statement can give or change, from its analysed tree."""
