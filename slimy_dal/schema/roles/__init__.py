"""What each role may do: tried out, statement by statement, and written down."""
