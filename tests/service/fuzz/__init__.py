"""Sends what is nearly right to a running service, over and over, and judges each answer.

    python -m tests.service.fuzz --requests 100000 --seed 1
    python -m tests.service.fuzz --seed 1 --only 4711

Each request follows from the seed and its number alone, so that one of a hundred thousand can be sent again by itself.
"""
