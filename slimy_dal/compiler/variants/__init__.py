"""Reads, cuts, enumerates and proves queries of which calls choose parts."""
