"""Reads the dialects of query files: ours, aiosql's and sqlc's."""
