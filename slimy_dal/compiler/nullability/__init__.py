"""Proves which columns of a statement can be null, from its analysed tree."""
