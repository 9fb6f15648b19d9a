"""The guard on JSON bodies, by itself: it lets through what PostgreSQL and every parser agree on, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import jsoninput
from service.problems import Refusal

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(jsoninput.LOWEST, jsoninput.HIGHEST)
    | st.floats(-1e18, 1e18)
    | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_what_json_can_say_passes(value: Any, ascii_only: bool) -> None:  # noqa: FBT001
    jsoninput.check(json.dumps(value, ensure_ascii=ascii_only).encode())


@given(st.binary(max_size=200))
@pytest.mark.fault("V7")
def test_any_bytes_pass_or_are_refused_with_a_problem(body: bytes) -> None:
    try:
        jsoninput.check(body)
    except Refusal:
        return
    json.loads(body)


@given(st.text(st.sampled_from('{}[]",:\\u0dae1 n'), max_size=60))
def test_anything_made_of_the_signs_of_json_passes_or_is_refused(body: str) -> None:
    try:
        jsoninput.check(body.encode())
    except Refusal:
        return
    json.loads(body)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ('{"a": {"b": 1, "b": 2}}', "duplicate_key", "/a/b"),
        ('[{"x": 1}, {"a/b~": [{"k": 1, "k": 1}]}]', "duplicate_key", "/1/a~1b~0/0/k"),
        ('{"a": [1, NaN]}', "unusable_number", "/a/1"),
        ('{"a": [1, -Infinity]}', "unusable_number", "/a/1"),
        ('{"a": 1e400}', "unusable_number", "/a"),
        ('{"a": ' + "1" * 31 + "}", "unusable_number", "/a"),
        ('{"a": 18446744073709551616}', "unusable_number", "/a"),
        ('{"a": -9223372036854775809}', "unusable_number", "/a"),
        ('{"a": 1e20}', "unusable_number", "/a"),
        ('{"a": 0.' + "3" * 29 + "}", "unusable_number", "/a"),
        ('{"a": ' + "1" * 5000 + "}", "unusable_number", "/a"),
        ('["\\u0000"]', "nul_character", "/0"),
        ('["\\ud83d"]', "lone_surrogate", "/0"),
        ('["\\udd25\\ud83d"]', "lone_surrogate", "/0"),
        ('{"\\u0000": 1}', "nul_character", ""),
        ("[" * 65 + "]" * 65, "too_deep", ""),
        ('{"a":' * 65 + "1" + "}" * 65, "too_deep", ""),
        ("[" + "1," * 100_000 + "1]", "too_many_values", ""),
        ("[" + "[],{}," * 50_000 + "1]", "too_many_values", ""),
    ],
)
@pytest.mark.fault("V7")
def test_what_is_wrong_is_named_and_pointed_at(body: str, code: str, pointer: str) -> None:
    with pytest.raises(Refusal) as caught:
        jsoninput.check(body.encode())
    (error,) = caught.value.errors
    assert (error.code, error.pointer) == (code, pointer)


@pytest.mark.parametrize(
    "body",
    [
        '["\\ud83d\\udd25"]',
        '["\\\\u0000"]',
        '["' + "[" * 500 + '"]',
        '["\\"' + "{" * 500 + '"]',
        "[" * 64 + "]" * 64,
        "[" + ",".join(["[]"] * 500) + "]",
        '["' + ",[{" * 100_000 + '"]',
        "[" + "1," * 99_998 + "1]",
        '{"a": [18446744073709551615, -9223372036854775808, 1e19, -1.5e-300, -0]}',
    ],
)
def test_what_only_looks_wrong_passes(body: str) -> None:
    jsoninput.check(body.encode())


@pytest.mark.parametrize("body", ['{"a": NaN', '{"a": 1, "a": 2, ', '["\\u0000", 1e999 x]'])
def test_what_is_wrong_before_its_end_and_no_json_at_its_end_is_no_json(body: str) -> None:
    with pytest.raises(Refusal) as caught:
        jsoninput.check(body.encode())
    assert caught.value.code == "malformed_json"


@pytest.mark.fault("V7")
def test_a_string_without_an_end_costs_no_more_than_its_length() -> None:
    """Quadratic work on this would take hours; the test would not end."""
    with pytest.raises(Refusal):
        jsoninput.check(b"[" * 65 + b'"' + b'\\"' * 500_000)
