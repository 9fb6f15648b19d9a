"""What a database's schema is, as plain data that can be compared, told and mended."""
