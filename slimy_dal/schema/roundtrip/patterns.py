"""Makes texts that fit the plain kind of regular expression that checks of columns are written in."""

import random
import re

__all__ = ["sample"]

QUANTIFIER = re.compile(r"\{(\d+)(?:,(\d*))?\}|[*+?]")
CLASSES = {"d": "0123456789", "w": "abcdefghij0123456789_", "s": " "}
MORE = 6
"""How many more than the least a quantifier may give."""


def sample(pattern: str, chance: random.Random) -> str:
    """Return a text for literals, sets, groups, alternatives and quantifiers; it need not fit where there is more.

    The server judges what comes out, so nothing is said of what is not understood.
    """
    text, _ = _alternatives(pattern, 0, chance)
    return text


def _alternatives(pattern: str, at: int, chance: random.Random) -> tuple[str, int]:
    """Read up to the group's end; return one of its alternatives, and where it ends."""
    choices, current = [], ""
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            choices.append(current)
            current, at = "", at + 1
            continue
        start = at
        piece, at = _piece(pattern, at, chance)
        found = QUANTIFIER.match(pattern, at)
        if found:
            at = found.end()
            piece = "".join(_piece(pattern, start, chance)[0] for _ in range(_count(found, chance)))
        current += piece
    return chance.choice([*choices, current]), at


def _count(found: re.Match[str], chance: random.Random) -> int:
    if found[1] is None:
        return chance.randint(1 if found[0] == "+" else 0, 1 if found[0] == "?" else MORE)
    least = int(found[1])
    most = least if found[2] is None else int(found[2] or least + MORE)
    return chance.randint(least, max(least, min(most, least + MORE)))


def _piece(pattern: str, at: int, chance: random.Random) -> tuple[str, int]:
    """Return a text for what stands at a place, and where the next thing begins."""
    sign = pattern[at]
    if sign in "^$":
        return "", at + 1
    if sign == "(":
        at += 3 if pattern.startswith("(?:", at) else 1
        text, end = _alternatives(pattern, at, chance)
        return text, end + 1
    if sign == "[":
        end = pattern.find("]", at + 2)
        return _of_set(pattern[at + 1 : end], chance), end + 1 if end > 0 else len(pattern)
    if sign == "\\" and at + 1 < len(pattern):
        return chance.choice(CLASSES.get(pattern[at + 1], pattern[at + 1])), at + 2
    return ("a" if sign == "." else sign), at + 1


def _of_set(inside: str, chance: random.Random) -> str:
    if inside.startswith("^"):
        return "a"
    letters = re.sub(
        r"(.)-(.)",
        lambda ends: "".join(chr(code) for code in range(ord(ends[1]), ord(ends[2]) + 1)),
        inside,
    )
    return chance.choice(letters or "a")
