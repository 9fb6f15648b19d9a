"""Runs migrations on a copy with rows and traffic, and measures what they do to both."""
