"""The engine runs statements: it knows PostgreSQL and knows no guild."""
