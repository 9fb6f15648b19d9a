"""The compiler proves things: query files and a database become types, nullability and generated code."""
