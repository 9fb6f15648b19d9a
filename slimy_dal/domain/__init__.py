"""The domain decides: one module per noun, the same word as its query file."""
