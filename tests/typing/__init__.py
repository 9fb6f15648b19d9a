"""Files that type checkers read; nothing here runs."""
