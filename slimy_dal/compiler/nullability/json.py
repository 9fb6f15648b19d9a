"""SQL/JSON and XML expressions, JSON_TABLE and XMLTABLE."""

from collections.abc import Callable

from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.scope import Frame
from slimy_dal.compiler.verdict import Verdict, any_of, maybe, never

__all__ = ["RULES", "table_function_column"]

OBJECT, ARRAY = 1, 2
PARSE, SCALAR, SERIALIZE = 5, 6, 7
JSON_EXISTS, JSON_QUERY, JSON_VALUE, JSON_TABLE = range(4)
UNKNOWN = 5
XML_ELEMENT, XML_PARSE = 1, 3
IS_JSON_TABLE = 1


def constructor(node: Node, frame: Frame) -> Verdict:
    """JSON_OBJECT, JSON_ARRAY and the aggregates of them, JSON, JSON_SCALAR, JSON_SERIALIZE."""
    offset = frame.prover.offset(node, frame.scope)
    if node["func"] is not None:
        return frame.prover.expression(node["func"], frame)
    if node["type"] in {OBJECT, ARRAY}:
        return never("a JSON constructor", offset)
    if node["type"] in {PARSE, SCALAR, SERIALIZE}:
        verdicts = (frame.prover.expression(arg, frame) for arg in node["args"] or ())
        return any_of(verdicts, never("JSON of a known value", offset))
    return maybe("a JSON constructor of no rows is NULL", offset)


def path(node: Node, frame: Frame) -> Verdict:
    """JSON_EXISTS, JSON_QUERY, JSON_VALUE."""
    offset = frame.prover.offset(node, frame.scope)
    if node["op"] != JSON_EXISTS:
        return maybe("the path may find nothing, or a JSON null", offset)
    error = node["on_error"]
    if error is not None and error["btype"] == UNKNOWN:
        return maybe("JSON_EXISTS with UNKNOWN ON ERROR", offset)
    parts = (node["formatted_expr"], node["path_spec"])
    return any_of(
        (frame.prover.expression(part, frame) for part in parts),
        never("JSON_EXISTS of a known document", offset),
    )


def value(node: Node, frame: Frame) -> Verdict:
    """Answer for a document given as text or bytes."""
    inner = node["formatted_expr"] if node["formatted_expr"] is not None else node["raw_expr"]
    return frame.prover.expression(inner, frame)


def predicate(node: Node, frame: Frame) -> Verdict:
    """`x IS JSON`."""
    return frame.prover.expression(node["expr"], frame)


def xml(node: Node, frame: Frame) -> Verdict:
    """Answer for XMLELEMENT, XMLFOREST, XMLPARSE and their like."""
    offset = frame.prover.offset(node, frame.scope)
    if node["op"] == XML_ELEMENT:
        return never("an XML element", offset)
    if node["op"] == XML_PARSE:
        verdicts = (frame.prover.expression(arg, frame) for arg in node["args"] or ())
        return any_of(verdicts, never("XML of a known text", offset))
    return maybe("an XML expression may be NULL", offset)


def table_function_column(table: Node, number: int) -> Verdict:
    """Answer for a column of XMLTABLE or JSON_TABLE."""
    if table.get("functype", 0) == IS_JSON_TABLE:
        return maybe("a column of JSON_TABLE may find nothing")
    # ordinalitycol and notnulls count from 0.
    if table["ordinalitycol"] == number - 1:
        return never("FOR ORDINALITY numbers the rows")
    if number - 1 in (table["notnulls"] or ()):
        return never("a NOT NULL column of XMLTABLE")
    return maybe("a column of XMLTABLE may find nothing")


RULES: dict[str, Callable[[Node, Frame], Verdict]] = {
    "JSONCONSTRUCTOREXPR": constructor,
    "JSONEXPR": path,
    "JSONVALUEEXPR": value,
    "JSONISPREDICATE": predicate,
    "XMLEXPR": xml,
}
