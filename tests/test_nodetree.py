import random

import pytest

from slimy_dal.compiler.nodetree import Node, NodeTreeError, parse, walk

TREE = (
    r"{QUERY :commandType 1 :hasAggs false :alias <> :name a\ b\(c :colnames (\"id\" \"x y\" \"q\"\" \"<>\") "
    r":cols (b 8 9) :none (b) :oids (o 23 25) :numbers (i -1 2) :list ({VAR :varno 1} <> {VAR :varno 2}) "
    r":value {CONST :constlen 4 :constvalue 4 [ 1 0 -1 0 ]} :empty <> :first [x :text \"\"}"
).replace(r"\"", '"')


def test_a_tree_is_read_with_all_its_kinds_of_values() -> None:
    tree = parse(TREE.replace('"x y"', r'"x\ y"'))
    assert tree.kind == "QUERY"
    assert (tree["commandType"], tree["hasAggs"], tree["alias"]) == (1, False, None)
    assert tree["name"] == "a b(c"
    assert tree["colnames"] == ["id", "x y", 'q"', "<>"]
    assert tree["cols"] == frozenset({8, 9})
    assert tree["none"] == frozenset()
    assert tree["oids"] == [23, 25]
    assert tree["numbers"] == [-1, 2]
    assert [node and node["varno"] for node in tree["list"]] == [1, None, 2]
    assert tree["value"]["constvalue"] == b"\x01\x00\xff\x00"
    assert tree["first"] == "[x"
    assert tree["text"] == ""


def test_a_name_that_looks_like_a_word_of_the_format_is_still_a_name() -> None:
    tree = parse(r"{CTE :ctename true :aliasname \12 :other \<>}")
    assert tree.name("ctename") == "true"
    assert tree.name("aliasname") == "12"
    assert tree.name("other") == "<>"
    assert tree.name("missing") == ""


def test_line_breaks_of_the_log_do_not_matter() -> None:
    assert repr(parse("{A :b\n1 :c (i 1\n2)}")) == repr(parse("{A :b 1 :c (i 1 2)}"))


def test_the_depth_of_an_expression_is_no_limit() -> None:
    depth = 100_000
    tree = parse("{A :x " * depth + "1" + "}" * depth)
    assert sum(1 for _ in walk(tree)) == depth


def test_walking_goes_from_parents_to_children_in_order() -> None:
    tree = parse("({A :x {B :y ({C :z 1} {D :z 2})} :w {E :v 1}})")
    assert [node.kind for node in walk(tree)] == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize(
    "text", ["", "}", "{", "{A :x", "{A x}", "{A :x 1", ")", "(b x)", "1 2", "([ 1 ])"]
)
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(NodeTreeError):
        parse(text)


def test_damage_is_refused_or_read_but_never_crashes() -> None:
    chance = random.Random(3)
    for _ in range(3000):
        text = list(TREE)
        for _ in range(chance.randrange(1, 6)):
            text[chance.randrange(len(text))] = chance.choice('{}() :"\\[]<>b1')
        try:
            value = parse("".join(text))
        except NodeTreeError:
            continue
        assert value is None or isinstance(value, Node | list | str | int | frozenset | bytes)
