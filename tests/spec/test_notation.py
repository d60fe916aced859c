"""Reading JSON and YAML 1.2, within limits."""

import re

import pytest

from sandbox.spec import SpecError
from sandbox.spec.notation import line_of, read


def value_of(text: str) -> object:
    return read(text.encode(), "x.yaml").value


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "12:30", "2024-01-31", "0o8", "1_000", "=", "2001-12-14t21:59:43Z"]
)
def test_what_yaml_1_1_would_turn_into_something_else_stays_a_text(text: str) -> None:
    assert value_of(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0o14", 12),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("010", 10),
        ("true", True),
        ("~", None),
        ("-.5", -0.5),
        ("", None),
    ],
)
def test_numbers_booleans_and_null_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert value_of(f"a: {text}") == {"a": value}


def test_keys_are_texts_even_if_they_look_like_numbers_or_booleans() -> None:
    reading = read(b"200: a\nyes: b\n", "x.yaml")
    assert reading.value == {"200": "a", "yes": "b"}
    assert reading.remarks == ["x.yaml:1: the status 200 is a number; quote it, a key is a text"]


def test_a_key_given_twice_is_remarked_and_the_last_counts() -> None:
    reading = read(b"a: 1\nb: 2\na: 3\n", "x.yaml")
    assert reading.value == {"a": 3, "b": 2}
    assert reading.remarks == ["x.yaml:3: the key `a` stands here twice; the last one counts"]


def test_merges_put_in_what_is_not_there_yet() -> None:
    assert value_of("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n")["y"] == {"a": 1, "b": 3}  # type: ignore[index]


def test_json_is_read_as_json_and_json_with_a_trailing_comma_as_yaml() -> None:
    assert value_of('{"a": "\\u00e9"}') == {"a": "é"}
    assert value_of('{"a": 1,}') == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2\nb: 3\n", "x.yaml:2: "),
        ("a: {b: *nothing}", "x.yaml:1: found undefined alias"),
        ("? [a, b]\n: c\n", "x.yaml:1: a key must be a plain name"),
        ("a: &a [*a]\n", "x.yaml:1: an alias contains itself"),
        ("[" * 100_000, "nested deeper than"),
        ("{a: " * 100_000, "nested deeper than"),
        ("- " * 100_000 + "a", "nested deeper than"),
        ("x: &x 1\ny: {<<: *x}\n", "x.yaml:2: `<<` takes a map"),
    ],
)
def test_what_cannot_be_read_is_told_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=re.escape(message)):
        value_of(text)


def test_bytes_that_are_no_utf_8_are_told_with_their_line() -> None:
    with pytest.raises(SpecError, match=r"x\.yaml:2: the text is not UTF-8"):
        read(b"a: b\nc: \xff\n", "x.yaml")


def test_aliases_that_multiply_are_refused_before_anybody_walks_them() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(SpecError, match=r"Use \$ref instead"):
        value_of("\n".join(lines))


def test_a_chain_of_merges_costs_no_more_than_its_keys() -> None:
    lines = ["m0: &m0 {k: v}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    assert value_of("\n".join(lines))["m11"] == {"k": "v"}  # type: ignore[index]


def test_the_line_of_a_value_is_found_by_its_path() -> None:
    text = b"a:\n  b:\n    - c\n    - d: 1\n"
    assert line_of(text, ("a", "b", 1, "d")) == 4
    assert line_of(text, ("a", "nothing", "here")) == 1
