"""Proves the plans of queries at the size of production: explains, judges, suggests, keeps."""
