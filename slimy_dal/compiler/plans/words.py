"""Says numbers as a person would: rounded, with thousands, so that kept plans change only when plans do."""

__all__ = ["about", "count", "plural", "rounded", "size"]

MILLION = 1_000_000
BILLION = 1_000_000_000
EXACT = 100
PAGE_BYTES = 8192


def rounded(number: float) -> int:
    """Return the number with two digits that count, at least 1 for what is not zero."""
    if number < EXACT:
        return max(1, round(number)) if number else 0
    size = 10 ** (len(str(round(number))) - 2)
    return int(round(number / size) * size)


def count(number: float) -> str:
    """Return `51`, `1,500`, `33 million`."""
    value = rounded(number)
    for size, word in ((BILLION, "billion"), (MILLION, "million")):
        if value >= size:
            return f"{value / size:g} {word}"
    return f"{value:,}"


def plural(number: float, noun: str) -> str:
    """Return `1 row`, `1,500 rows`."""
    return f"{count(number)} {noun}{'' if rounded(number) == 1 else 's'}"


def about(number: float) -> str:
    """Return `1 row`, `about 51 rows`."""
    return plural(number, "row") if rounded(number) <= 1 else f"about {plural(number, 'row')}"


def size(pages: float) -> str:
    """Return pages of 8 kB in bytes, as a DBA reads them: `80 kB`, `12 MB`, `3.1 GB`."""
    value, units = pages * PAGE_BYTES / 1024, ["kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:  # noqa: PLR2004 -- three digits at most
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}" if value >= 10 else f"{value:.1f} {units[0]}"  # noqa: PLR2004
