"""Made-up data of any size, the same for the same seed: to show, to test and to measure with (SPEC B7)."""
