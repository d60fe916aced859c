"""Scenarios as a command is given them: a name, or a file."""

from pathlib import Path

from sandbox.commands.connection import NotUsable


def is_file(scenario: str) -> bool:
    return scenario.endswith((".yaml", ".yml", ".json")) or "/" in scenario


def scenario_given(scenario: str) -> str:
    """What the control API is sent: the name, or the text of the file."""
    return file_text(scenario) if is_file(scenario) else scenario


def file_text(name: str) -> str:
    try:
        text = Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise NotUsable(f"{name} cannot be read: {reason}.") from None
    return text if "\n" in text else text + "\n"
