"""Explains an answer: why a column of a query can, or cannot, be null."""

from slimy_dal.compiler.description import Column, Description, Parameter

__all__ = ["why"]


def why(description: Description, name: str) -> str:
    """Return the chain of reasons for a column, or for a parameter written `:name`, as lines of text.

    Raises KeyError where the query has no such column or parameter.
    """
    answer = _find(description, name)
    kind = "can be null" if answer.nullable else "is never null"
    lines = [f"{description.query.full_name}.{name}: {answer.type.name}, {kind}"]
    if isinstance(answer, Column) and answer.origin is not None:
        lines.append(f"  it is {answer.origin}")
    for depth, reason in enumerate(answer.reasons, start=1):
        place = f"  ({reason.location})" if reason.location is not None else ""
        lines.append(f"{'  ' * depth}because of {reason.text}{place}")
    return "\n".join(lines)


def _find(description: Description, name: str) -> Column | Parameter:
    wanted: tuple[Column | Parameter, ...] = description.columns
    if name.startswith(":"):
        wanted, name = description.parameters, name[1:]
    for answer in wanted:
        if answer.name == name:
            return answer
    raise KeyError(name)
