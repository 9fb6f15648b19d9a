"""Judges migrations before anybody runs them: squawk's rules, and ours, which know the history and the sizes."""
