"""Writes Python text in its final form: wrapped at 100 columns, the same bytes every time."""

import json
import textwrap
from collections.abc import Iterable, Sequence

from slimy_dal.compiler.codegen.names import WIDTH


def wrapped(
    head: str,
    items: Sequence[str],
    tail: str,
    *,
    indent: int = 0,
    one: str = "",
    inner: bool = False,
) -> str:
    """Return `head item, item tail` on one line where it fits, else one item per line.

    `one` stands behind a single item on one line: the comma of a tuple of one. `inner` says that a
    comma will follow, which needs its place too.
    """
    pad = " " * indent
    line = f"{pad}{head}{', '.join(items)}{one if len(items) == 1 else ''}{tail}"
    if len(line) + inner <= WIDTH and "\n" not in line:
        return line
    lines = "".join(f"{pad}    {item},\n" for item in items)
    return f"{pad}{head}\n{lines}{pad}{tail}"


def string(text: str) -> str:
    """Return a string literal in double quotes."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def block(text: str) -> str:
    """Return a literal of several lines that reads like its text."""
    escaped = "".join(
        char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode()
        for char in text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    )
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    return f'"""\\\n{escaped}"""'


def docstring(text: str, indent: int) -> str:
    """Return a docstring, indented; its closing quotes stand alone where it has several lines."""
    pad = " " * indent
    lines = [line.rstrip() for line in text.replace("\\", "\\\\").splitlines()]
    body = "\n".join(lines).strip().replace('"""', '\\"\\"\\"')
    if body.endswith('"'):
        body += " "
    if "\n" not in body and len(f'{pad}"""{body}"""') > WIDTH:
        body = textwrap.fill(body, WIDTH - indent - 3, break_long_words=False)
    if "\n" not in body:
        return f'{pad}"""{body}"""\n'
    indented = textwrap.indent(body, pad).lstrip()
    return f'{pad}"""{indented}\n{pad}"""\n'


def filled(items: Iterable[str], indent: int) -> str:
    """Return items between commas, as many per line as fit; the lines after the first indented."""
    return f"\n{' ' * indent}".join(
        textwrap.wrap(", ".join(items), WIDTH - indent - 3, break_long_words=False)
    )
