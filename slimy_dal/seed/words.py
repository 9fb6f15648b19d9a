"""What people call themselves and write: ordinary names and sentences, and those that break things."""

from random import Random
from typing import Final

__all__ = [
    "EDGE_GUILDS",
    "EDGE_NAMES",
    "EDGE_TEXTS",
    "LANGUAGES",
    "filled",
    "guild_name",
    "hexadecimal",
    "longest",
    "sentence",
    "user_name",
]

EDGE_NAMES: Final[tuple[tuple[str | None, str | None], ...]] = (
    ("slimy_user", "Slimy User"),
    ("nelly", "Nelly 🦎"),
    ("mason", None),
    ("yael", "יעל הלוי"),
    ("x" * 100, "The Longest Name " + "m" * 83),
    (None, None),
    ("o'brien", 'Pat "Ace" O\'Brien'),
    ("zoë", "Zoë Ångström"),
    ("samira", "سميرة الخطيب"),
    ("family", "👨‍👩‍👧‍👦🏳️‍🌈"),
    ("zalgo", "Z̷͉̈a̸l̶g̵o̶"),
    ("null", "NULL"),
    ("semi;colon--", "Robert'); DROP TABLE students;--"),
    ("tab\there", "two  blanks"),
    ("漢字", "山田太郎"),
    (None, "only a display name"),
)
"""Username and display name. The first eight are what the demo shows."""

EDGE_GUILDS: Final = (
    "Slimy Club",
    "Discord Testers",
    "1337 Krew",
    "Empty Hall",
    "🦎" * 100,
    "نادي الأصدقاء",
    "g" * 100,
    "O'Neill & Söhne \\ Co.",
)

EDGE_TEXTS: Final = (
    "🦎",
    "w" * 32_000,
    "מה שלומך היום?",
    "line one\nline two\r\n\ttabbed",
    "'; SELECT pg_sleep(10); --",
    '<script>alert(1)</script> & "quotes" \\ backslash',
    "👩🏽‍🚀 à la carte, naïve, Straße",
    " ",
)

LANGUAGES: Final = (
    "en",
    "de",
    "pt-BR",
    "he",
    "ar",
    "zh-Hant-TW",
    "sl-rozaj-biske-1994-x-private-a1b2c",
)
"""The last one is as long as a tag may be."""

# Lists written as words: a quote around each would hide them.
ADJECTIVES: Final = "amber brave calm daring eager fuzzy gentle happy icy jolly keen lively".split()  # noqa: SIM905
ANIMALS: Final = "axolotl badger crane dingo ermine ferret gecko heron ibis jackal koala".split()  # noqa: SIM905
PLACES: Final = "Arena Bastion Club Den Embassy Forge Guild Harbour Isle Junction Keep".split()  # noqa: SIM905
WORDS: Final = (  # noqa: SIM905
    "sim power total roster screenshot upload member week guild raid score baseline latest tier "
    "who where when again still maybe please thanks checked missing report officer promote bench"
).split()


def user_name(number: int, randomness: Random) -> tuple[str | None, str | None]:
    """Return the username and display name of the user with a number; one in twenty has no display name."""
    if number < len(EDGE_NAMES):
        return EDGE_NAMES[number]
    adjective, animal = randomness.choice(ADJECTIVES), randomness.choice(ANIMALS)
    shown = None if number % 20 == 0 else f"{adjective.title()} {animal.title()}"
    return f"{adjective}_{animal}_{number}", shown


def guild_name(number: int, randomness: Random) -> str:
    """Return the name of the guild with a number."""
    if number < len(EDGE_GUILDS):
        return EDGE_GUILDS[number]
    animal, place = randomness.choice(ANIMALS), randomness.choice(PLACES)
    return f"{animal.title()} {place} {number}"


def sentence(randomness: Random, most: int = 16) -> str:
    """Return a few words as people of such guilds write them."""
    words = randomness.choices(WORDS, k=randomness.randint(2, most))
    return " ".join(words).capitalize() + randomness.choice((".", "!", "?", " 👍", ""))


def longest(length: int) -> str:
    """Return a text of exactly so many characters: the most that its column takes."""
    words = " ".join(WORDS)
    return (f"{words} " * (length // len(words) + 1))[: length - 1] + "."


def filled(size: int) -> dict[str, str]:
    """Return an object that the database writes in exactly so many bytes: the most that its column takes."""
    return {"filler": "x" * (size - len('{"filler": ""}'))}


def hexadecimal(digits: int, randomness: Random) -> str:
    """Return so many hexadecimal digits, as hashes of pictures and ids of requests have."""
    return f"{randomness.getrandbits(digits * 4):0{digits}x}"
