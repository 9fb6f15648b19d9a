"""Holds a live database against what its migrations make, in words and as SQL that mends it."""
