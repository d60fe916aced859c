"""The pages that are made from the code say what the code says."""

import re

import pytest

from sandbox.errors import CATALOGUE
from sandbox.settings import Settings
from tools import reference

PAGES = reference.pages()


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: path.name)
def test_a_made_page_is_up_to_date(path):
    assert path.read_text() == PAGES[path], "Write it anew: python -m tools.reference"


def test_every_error_has_its_section_and_every_setting_its_line():
    errors = (reference.DOCS / "errors.md").read_text()
    assert re.findall(r"^## `(.*)`$", errors, re.MULTILINE) == list(CATALOGUE)
    settings = (reference.DOCS / "settings.md").read_text()
    flags = re.findall(r"^\| `--([a-z-]+)`", settings, re.MULTILINE)
    assert [flag.replace("-", "_") for flag in flags] == list(Settings.__dataclass_fields__)


def test_every_operation_that_is_not_documented_is_admitted():
    guesses = (reference.DOCS / "guesses.md").read_text()
    for operation in ("issue_pass", "cancel_booking", "get_provider", "confirm_access_code"):
        assert f"- `{operation}`" in guesses
    assert "- `book_class`" not in guesses


def test_the_check_says_which_page_is_old(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reference, "DOCS", tmp_path)
    assert reference.main(["--check"]) == 1
    assert "errors.md" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
