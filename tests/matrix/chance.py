"""Where these tests take their chances from: the same ones in each run, and in a soak those of its seed."""

import os
import random

__all__ = ["seed", "seeded"]


def seed() -> int:
    """Return the seed of a soak, which prints it (SLIMY_SOAK_SEED); 0 without."""
    return int(os.environ.get("SLIMY_SOAK_SEED", "0"))


def seeded(number: int) -> random.Random:
    """Return chances of their own for one thing that is left to chance: the same for the same number and seed."""
    return random.Random(f"{seed()} {number}" if seed() else number)
