"""The compiler proves things: query files and a database become types and generated code."""
