"""Which translation belongs to which kind of statement; a kind that no rule asks about is `other`."""

import re
from typing import Any

from slimy_dal.schema.lint import making, running
from slimy_dal.schema.lint.acts import Act

__all__ = ["acts_of"]


TRANSLATIONS = {**making.TRANSLATIONS, **running.TRANSLATIONS}


def acts_of(node: Any, base: int, start: int) -> tuple[Act, ...]:
    """Return what a parsed statement does; `base` is where its text begins in the file, `start` its first word."""
    translate = TRANSLATIONS.get(type(node).__name__)
    if translate is None:
        name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(node).__name__.removesuffix("Stmt")).upper()
        return (Act("other", start, name=name),)
    return tuple(translate(node, base, start))
