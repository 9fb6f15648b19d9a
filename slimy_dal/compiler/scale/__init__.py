"""What production is like, told to the planner of an empty database."""
