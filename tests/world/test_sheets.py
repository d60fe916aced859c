"""A sheet is YAML as people mean it, and nothing in it can hurt."""

import pytest

from sandbox.world.sheets import DEEPEST_NESTING, LARGEST_TEXT, FixtureError, read_sheet


def complaint(text: str) -> str:
    with pytest.raises(FixtureError) as caught:
        read_sheet(text, "a.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("18:00", "18:00"),
        ("2026-05-19", "2026-05-19"),
        ("+2348000000001", "+2348000000001"),
        ("no", "no"),
        ("on", "on"),
        ("007", "007"),
        ("100_000", 100_000),
        ("-4", -4),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("'null'", "null"),
    ],
)
def test_only_numbers_true_false_and_null_are_not_text(written: str, meant: object) -> None:
    assert read_sheet(f"value: {written}\n", "a.yaml").value == {"value": meant}


def test_every_value_keeps_its_line() -> None:
    sheet = read_sheet("- id: a\n  name: A\n- id: b\n  inside:\n    - 1\n    - x: 2\n", "a.yaml")
    assert sheet.value == [{"id": "a", "name": "A"}, {"id": "b", "inside": [1, {"x": 2}]}]
    assert sheet.line((0, "name")) == 2
    assert sheet.line((1,)) == 3
    assert sheet.line((1, "inside", 1, "x")) == 6
    assert sheet.line((1, "nothing", "there")) == 3  # the nearest thing around it


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: 'a' stands twice"),
        ("a: &x [1]\nb: *x\n", "a.yaml:2: *x: aliases are not taken here"),
        ("a: 1\nb: !!python/object:os.system x\n", "a.yaml:2: The tag"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: A second document"),
        ("a: 1\nb: [1, 2\n", "a.yaml:3: is not YAML"),
        ("a: 1\n? [b]\n: 2\n", "a.yaml:2: A name is a single word"),
        ("a: \x00\n", "is not text"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, says: str) -> None:
    assert says in complaint(text)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_endless_nesting_is_refused_before_it_hurts(opening: str) -> None:
    assert f"more than {DEEPEST_NESTING} levels" in complaint(opening * 100_000)


def test_a_file_has_a_largest_size() -> None:
    assert "Split it" in complaint("#" * (LARGEST_TEXT + 1))
