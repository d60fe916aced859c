"""From what people write to records: the cast, and the `given:` of a scenario.

Every record is checked twice, as a value (names, types, references) and as the API would show
it (the schema of openapi.yaml, through `check`), and all mistakes are told at once, each with
file, line and field. A record whose id exists already is changed, field by field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, TypeAlias

import msgspec

from sandbox.domain.moments import Millis
from sandbox.domain.records import Record
from sandbox.world.desk import Desk, Spoilt, Unfit
from sandbox.world.placing import fill, follow
from sandbox.world.sheets import FixtureError, Mistake, Path, Sheet, read_sheet
from sandbox.world.vocabulary import COLLECTIONS, Collection, Field

Check: TypeAlias = Callable[[str, Any], list[tuple[Path, str]]]  # a schema's name and a value: what is wrong


# A value of a sort that nobody expected there, say a list where a number is added up.
_NOT_UNDERSTOOD = (TypeError, KeyError, AttributeError, ValueError, OverflowError)


def unchecked(_schema: str, _value: Any) -> list[tuple[Path, str]]:
    """For those who know that the document's schemas were asked before."""
    return []


def _nothing_there(_kind: type[Record], _id: str) -> None:
    """The cast stands on no other records."""


@dataclass(frozen=True, slots=True)
class Given:
    """The records of one collection, where they stand in a file."""

    collection: str
    items: Any
    sheet: Sheet
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """The fixtures as they were read; a world's first day makes records of them."""

    givens: tuple[Given, ...]

    def on(self, start: Millis, check: Check = unchecked) -> list[Record]:
        """The cast around the day that begins at `start`."""
        desk = Desk(start, _nothing_there)
        place(self.givens, desk, check)
        return list(desk.placed.values())

    @property
    def api_keys(self) -> dict[str, str]:
        """The key of each account that has one, by the account's id; others are made with each world."""
        accounts = [one for given in self.givens if given.collection == "accounts" for one in given.items]
        try:
            return {one["id"]: one["sandbox"]["api_key"] for one in accounts if "sandbox" in one}
        except (KeyError, TypeError):
            return {}  # what is written otherwise is told when the accounts are placed


def read_cast(folder: FilePath) -> Cast:
    """The files of a folder, one collection each, named after it."""
    mistakes: list[Mistake] = []
    givens = []
    for file in sorted(folder.glob("*.yaml")):
        shown = f"{folder.name}/{file.name}"
        if file.stem not in COLLECTIONS:
            mistakes.append(
                Mistake(shown, 1, "", f"'{file.stem}' is no collection.{_meant(file.stem, COLLECTIONS)}")
            )
            continue
        try:
            sheet = read_sheet(file.read_text("utf-8"), shown)
        except FixtureError as error:
            mistakes += error.mistakes
        else:
            givens.append(Given(file.stem, sheet.value or [], sheet))
    if mistakes:
        raise FixtureError(mistakes)
    return Cast(tuple(sorted(givens, key=lambda given: list(COLLECTIONS).index(given.collection))))


def given_in(sheet: Sheet, value: Any, path: Path) -> list[Given]:
    """The collections of a scenario's `given:`, in the order in which one may name the other."""
    if not isinstance(value, dict):
        raise FixtureError([Mistake(sheet.file, sheet.line(path), "given", "Write `collection: [records]`.")])
    unknown = [name for name in value if name not in COLLECTIONS]
    if unknown:
        raise FixtureError(
            [
                Mistake(
                    sheet.file,
                    sheet.line((*path, name)),
                    f"given.{name}",
                    f"is no collection.{_meant(name, COLLECTIONS)}",
                )
                for name in unknown
            ]
        )
    return [Given(name, value[name] or [], sheet, (*path, name)) for name in COLLECTIONS if name in value]


def place(givens: Iterable[Given], desk: Desk, check: Check) -> None:
    """Puts every record on the desk, or raises `FixtureError` with everything that is wrong."""
    mistakes: list[Mistake] = []
    for given in givens:
        if not isinstance(given.items, list):
            where = given.sheet.line(given.path)
            mistakes.append(
                Mistake(given.sheet.file, where, given.collection, "Write a list: one `-` per record.")
            )
            continue
        for n, item in enumerate(given.items):
            mistakes += _Item(given, n, item, desk).told(check)
    if mistakes:
        raise FixtureError(sorted(mistakes, key=lambda mistake: (mistake.file, mistake.line)))


class _Item:
    """One record as it is written, on its way to the desk."""

    def __init__(self, given: Given, n: int, item: Any, desk: Desk) -> None:
        self.given = given
        self.path: Path = (*given.path, n)
        self.item = item
        self.desk = desk
        self.collection = COLLECTIONS[given.collection]
        self.mistakes: list[Mistake] = []
        self.attributes: dict[str, Any] = {}
        self.acts: dict[str, Any] = {}

    def told(self, check: Check) -> list[Mistake]:
        """Puts the record on the desk, or says what is wrong with it."""
        if not isinstance(self.item, dict):
            self._mistake("", "Write a record: `name: value`, one per line.")
            return self.mistakes
        try:
            self._place(check)
        except Spoilt:
            self._spoil()
        if self.mistakes:
            self._spoil()
        return self.mistakes

    def _spoil(self) -> None:
        if isinstance(self._id(), str):
            self.desk.spoilt.add((self.collection.kind, self._id()))

    def _place(self, check: Check) -> None:
        before = self._before()
        self._read_names(self.item, self.collection.fields, "")
        self._read_names(self.item.get("sandbox") or {}, self.collection.sandbox, "sandbox.")
        if self.mistakes:
            return
        record = self._made(before)
        if record is not None:
            self._check_schema(record, check)
        if record is not None and not self.mistakes:
            self._put(record, before)

    def _put(self, record: Record, before: Record | None) -> None:
        self.desk.put(record)
        try:
            follow(self.desk, record, self.acts, before)
        except Unfit as unfit:
            self._mistake(unfit.field, unfit.message)
        except _NOT_UNDERSTOOD as error:
            self._mistake("", f"cannot be understood: {error}.")

    def _before(self) -> Record | None:
        id_ = self._id()
        before = self.desk.find(self.collection.kind, id_) if isinstance(id_, str) else None
        if before is not None:
            self.attributes = {name: getattr(before, name) for name in before.__struct_fields__}
        return before

    def _id(self) -> Any:
        """Most records are known by `id`; sessions and co-pay purchases by names of their own."""
        name = next((name for name, field in self.collection.fields.items() if field.attribute == "id"), "id")
        return self.item.get(name)

    def _read_names(self, written: Any, fields: Mapping[str, Field], prefix: str) -> None:
        if not isinstance(written, dict):
            self._mistake("sandbox", "Write a record: `name: value`.")
            return
        for name, value in written.items():
            if prefix + name in self.collection.acts:
                self.acts[prefix + name] = value
            elif prefix + name in self.collection.of_cast:
                self._judge_name_of_cast(prefix + name, value)
            elif name in fields:
                self._read_value(prefix + name, value, fields[name])
            elif prefix or name != "sandbox":
                self._mistake(prefix + name, _unknown(name, prefix, self.collection))

    def _judge_name_of_cast(self, name: str, value: Any) -> None:
        """A key: the fixtures tell the default world's. A scenario lies over any, and no two share one."""
        if self.given.path:
            self._mistake(name, "is for the fixtures alone; the world makes one. Leave it out.")
        elif not isinstance(value, str):
            self._mistake(name, f"{value!r} is no text. Write the key, or leave it out.")

    def _read_value(self, name: str, value: Any, field: Field) -> None:
        try:
            read = field.codec.read(value, self.desk.start)
        except (ValueError, OverflowError) as error:
            self._mistake(name, str(error))
            return
        self.attributes[field.attribute] = read
        if field.names is not None:
            for id_ in read if isinstance(read, list) else [read]:
                self._require_known(name, field.names, id_)

    def _require_known(self, name: str, kind: type[Record], id_: Any) -> None:
        if (kind, id_) in self.desk.spoilt:
            raise Spoilt
        if not isinstance(id_, str) or self.desk.find(kind, id_) is None:
            self._mistake(name, f"No {kind.noun} has the id '{id_}'.{_meant(str(id_), self.desk.ids(kind))}")

    def _made(self, before: Record | None) -> Record | None:
        kind = self.collection.kind
        try:
            fill(self.desk, kind, self.attributes, self.acts, before)
            return msgspec.convert(self.attributes, kind)
        except Unfit as unfit:
            self._mistake(unfit.field, unfit.message)
        except msgspec.ValidationError as error:
            self._tell_types(str(error))
        except _NOT_UNDERSTOOD as error:
            self._mistake("", f"cannot be understood: {error}.")
        return None

    def _tell_types(self, first: str) -> None:
        """msgspec stops at the first fault; asked attribute by attribute it tells them all."""
        names = {field.attribute: name for name, field in self.collection.fields.items()}
        names |= {field.attribute: f"sandbox.{name}" for name, field in self.collection.sandbox.items()}
        told = len(self.mistakes)
        for field in msgspec.structs.fields(self.collection.kind):
            name = names.get(field.name, field.name)
            if field.name not in self.attributes:
                if field.required:
                    self._mistake(name, "is missing. Write it.")
                continue
            try:
                msgspec.convert(self.attributes[field.name], field.type)
            except msgspec.ValidationError as error:
                self._mistake(name, f"{error}.")
        if len(self.mistakes) == told:
            self._mistake("", f"{first}.")

    def _check_schema(self, record: Record, check: Check) -> None:
        prefix = self.collection.prefix
        if not record.id.startswith(prefix):
            self._mistake("id", f"'{record.id}' must begin with '{prefix}'.")
        if not self.collection.schema:
            return
        shown = dict(self.collection.derived)
        for name, field in self.collection.fields.items():
            shown[name] = field.codec.show(_whole(getattr(record, field.attribute)))
        for path, message in check(self.collection.schema, shown):
            self._mistake(".".join(map(str, path)), message)

    def _mistake(self, name: str, message: str) -> None:
        sheet, id_ = self.given.sheet, self._id() if isinstance(self.item, dict) else None
        steps = tuple(int(step) if step.isdecimal() else step for step in name.split(".") if step)
        which = f"{self.given.collection}[{id_ or self.path[-1]}]"
        line = sheet.line((*self.path, *steps))
        self.mistakes.append(Mistake(sheet.file, line, f"{which}.{name}" if name else which, message))


def _whole(value: Any) -> Any:
    """Plain values, with every field: a record leaves out what is as usual, the API does not."""
    if isinstance(value, tuple):
        return [_whole(one) for one in value]
    if isinstance(value, msgspec.Struct):
        return {name: _whole(one) for name, one in msgspec.structs.asdict(value).items()}
    return value


def _unknown(name: str, prefix: str, collection: Collection) -> str:
    if not prefix and name in collection.derived:
        return "follows from other records. Leave it out."
    if not prefix and (name in collection.sandbox or f"sandbox.{name}" in collection.acts):
        return f"is the sandbox's own. Write it under `sandbox:`, as `sandbox: {{{name}: …}}`."
    if prefix and name in collection.fields:
        return "is the API's own. Write it outside `sandbox:`."
    acts = {act.removeprefix(prefix) for act in collection.acts if act.startswith("sandbox.") == bool(prefix)}
    names = [*(collection.sandbox if prefix else collection.fields), *acts]
    return f"is not a field of it.{_meant(name, names)} It has {', '.join(sorted(names)) or 'none'}."


def _meant(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
