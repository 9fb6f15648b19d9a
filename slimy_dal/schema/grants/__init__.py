"""Which privileges the named queries need, and which a role has: the difference is a finding."""
