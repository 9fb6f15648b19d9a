"""The schema's tools, for the people who review and apply the SQL."""
