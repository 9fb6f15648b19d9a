"""One page about migrations for the person who is to say yes to them."""
