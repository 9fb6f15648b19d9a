"""Proves that migrations can be undone: up, down, up, with equal schemas and the rows that are to be kept."""
