"""The three stores keep the same promises."""

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from sandbox.store import BadDatabase, Rows, Store, StoreUnavailable, open_store
from sandbox.store.rows import NewRow, Stretch
from sandbox.store.sqlite import SqliteStore


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


def row(id_: str, place: int = 0, nth: int = 0, shelf: str = "s", of_base: int = 0) -> NewRow:
    return NewRow("booking", id_, shelf, place, nth, of_base, id_.encode())


def put(store: Store, *rows: NewRow, world: str = "w") -> None:
    with store.write(world) as tables:
        tables.put(world, rows)


def bodies(shelved) -> list[str]:
    return [body.decode() for body in shelved]


def shelf(name: str = "s") -> tuple[str, str, str]:
    return ("w", "booking", name)


BOTTOM, TOP = (-(2**62), -(2**62)), (2**62, 2**62)


def test_a_record_is_read_back_and_replaced(store):
    put(store, row("a"))
    put(store, NewRow("booking", "a", "other", 7, 0, 0, b"changed"))
    with store.read() as tables:
        assert tables.record("w", "booking", "a") == b"changed"
        assert tables.record("w", "client", "a") is None
        assert tables.record("v", "booking", "a") is None
        assert bodies(tables.standing(shelf("other"), Stretch(BOTTOM, TOP, 9))) == ["changed"]
        assert tables.standing(shelf(), Stretch(BOTTOM, TOP, 9)) == []


def test_a_row_is_rewritten_where_it_stands_and_comes_back_where_it_is_gone(store):
    put(store, row("a", place=1))
    with store.write("w") as tables:
        tables.rewrite("w", [row("a", place=1)._replace(body=b"changed"), row("b", place=2, of_base=1)])
    with store.read() as tables:
        assert bodies(tables.standing(shelf(), Stretch(BOTTOM, TOP, 9))) == ["changed", "b"]
        assert tables.over_base("w", "booking") == {"b"}


def test_a_shelf_is_read_both_ways_from_any_spot(store):
    put(store, *(row(f"{place}{nth}", place, nth) for place in range(3) for nth in range(3)))
    with store.read() as tables:
        rising = bodies(tables.standing(shelf(), Stretch(BOTTOM, TOP, 99)))
        assert rising == ["00", "01", "02", "10", "11", "12", "20", "21", "22"]
        assert bodies(tables.standing(shelf(), Stretch(BOTTOM, TOP, 99, rising=False))) == rising[::-1]
        assert bodies(tables.standing(shelf(), Stretch((1, 1), TOP, 2))) == ["12", "20"]
        assert bodies(tables.standing(shelf(), Stretch(BOTTOM, (1, 1), 2, rising=False))) == ["10", "02"]
        assert bodies(tables.standing(shelf(), Stretch((0, 2), (2, 0), 9))) == ["10", "11", "12"]


def test_an_exception_undoes_everything(store):
    with contextlib.suppress(ZeroDivisionError), store.write("w") as tables:
        tables.put("w", [row("a")])
        tables.count_up("w", "booking", "p")
        _ = 1 / 0
    with store.write("w") as tables:
        assert tables.record("w", "booking", "a") is None
        assert tables.count_up("w", "booking", "p") == 1


def test_counting_up_never_gives_a_number_twice(store):
    def count(_: int) -> int:
        with store.write("w") as tables:
            return tables.count_up("w", "booking", "p")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(count, range(80))) == list(range(1, 81))


def test_two_writers_of_one_world_come_one_after_the_other(store):
    with store.write("w") as tables:
        tables.add_world("w", b"0")

    def add_one(_: int) -> None:
        with store.write("w") as tables:
            tables.put_world("w", b"%d" % (int(tables.world("w") or b"0") + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(64)))
    with store.read() as tables:
        assert tables.world("w") == b"64"


def test_a_reader_sees_one_moment(store):
    put(store, row("a", 1), row("b", 2))
    with store.read() as tables:
        before = bodies(tables.standing(shelf(), Stretch(BOTTOM, TOP, 9)))
        assert before == bodies(tables.standing(shelf(), Stretch(BOTTOM, TOP, 9))) == ["a", "b"]


def test_a_world_is_copied_and_dropped_whole(store):
    with store.write("w") as tables:
        tables.add_world("w", b"state")
        tables.put("w", [row("a", of_base=1)])
        tables.count_up("w", "booking", "p")
        tables.keep_answer("w", "acct", "k", b"kept")
        tables.put_fault("w", "f", 0, b"fault")
        tables.hit_fault("w", "f")
        tables.copy_world("w", "copy")
        tables.drop_world("w")
        assert tables.world("w") is None
        assert tables.record("w", "booking", "a") is None
        assert tables.record("copy", "booking", "a") == b"a"
        assert tables.over_base("copy", "booking") == {"a"}
        assert tables.count_up("copy", "booking", "p") == 2
        assert tables.answer("copy", "acct", "k") == b"kept"
        assert tables.hit_fault("copy", "f") == 2


def test_a_key_belongs_to_one_account_of_one_world(store):
    with store.write("w") as tables:
        tables.add_world("w", b"state")
        assert tables.put_key("sk_1", "w", "acct")
        assert not tables.put_key("sk_1", "v", "other")
        assert tables.visitor("sk_1") is not None
        tables.drop_keys("w", "acct")
        assert tables.visitor("sk_1") is None


def test_the_journal_is_trimmed_to_the_newest(store):
    with store.write("w") as tables:
        tables.write_journal(("w", at, f"req_{at}", b"%d" % at) for at in range(10))
        tables.trim_journal("w", 3)
        kept = [int(body) for body in tables.journal("w", -1, 99)]
    assert all(newer > older for newer, older in pairwise(kept))
    assert kept[:3] == [9, 8, 7]
    assert len(kept) <= 4


@pytest.mark.parametrize(
    "url",
    [
        "mysql://here",
        "sqlite:////no/such/folder/x.db",
        "postgresql://nobody@127.0.0.1:1/none",
        "nonsense",
    ],
)
def test_a_database_that_cannot_be_used_says_so_in_one_line(url):
    with pytest.raises(BadDatabase) as told:
        open_store(url)
    assert "\n" not in str(told.value)


def test_what_is_remembered_is_what_stands_in_the_tables():
    """The rows of a database in memory against plain rows over the same connection, whatever was done."""
    chance = random.Random(7)
    store = SqliteStore(None)
    plain = Rows(store._connection.execute, store._connection.executemany)
    things, keys, worlds = ["a", "b", "c"], ["k1", "k2"], ["v", "w"]

    def act(tables: Rows) -> None:
        world, thing, key = chance.choice(worlds), chance.choice(things), chance.choice(keys)
        body = str(chance.random()).encode()
        placed = row(thing, chance.randrange(9), of_base=chance.randrange(2))._replace(body=body)
        account = NewRow("account", thing, "", 0, 0, 0, body)
        chance.choice(
            (
                lambda: tables.put(world, [placed, account]),
                lambda: tables.rewrite(world, [placed, account]),
                lambda: tables.set_counters(world, [("booking", thing, chance.randrange(9))]),
                lambda: tables.count_up(world, "booking", thing),
                lambda: tables.add_world(world, body),
                lambda: tables.put_world(world, body),
                lambda: tables.put_key(key, world, thing),
                lambda: tables.drop_keys(world, thing),
                lambda: tables.empty_world(world, ("records", "counters")),
                lambda: tables.drop_world(world),
                lambda: (
                    tables.copy_world(world, "copy") if not tables.all_of_kind("copy", "booking") else None
                ),
            )
        )()

    def stands(tables: Rows) -> list[object]:
        everywhere = [(world, thing) for world in (*worlds, "copy") for thing in things]
        return [
            [
                tables.record(world, kind, thing)
                for world, thing in everywhere
                for kind in ("booking", "account")
            ],
            [tables.counter(world, "booking", thing) for world, thing in everywhere],
            [tables.over_base(world, "booking") for world in worlds],
            [
                tables.standing((world, "booking", "s"), Stretch(BOTTOM, TOP, 2))
                for world in (*worlds, "copy")
            ],
            [
                tables.standing((world, "booking", "s"), Stretch((3, 0), TOP, 9, rising=False))
                for world in (*worlds, "copy")
            ],
            [tables.world(world) for world in worlds],
            [tables.visitor(key) for key in keys],
        ]

    for _ in range(600):
        with contextlib.suppress(ZeroDivisionError, sqlite3.IntegrityError), store.write("w") as tables:
            for _ in range(chance.randrange(1, 4)):
                act(tables)
                assert stands(tables) == stands(plain)
            _ = 1 / chance.randrange(3)
        with store.read() as tables:
            assert stands(tables) == stands(plain)
    store.close()


def test_a_full_database_refuses_and_lives_on():
    store = SqliteStore(None)
    put(store, row("a"))
    store._connection.execute("PRAGMA max_page_count = 40")
    with pytest.raises(StoreUnavailable, match="full"), store.write("w") as tables:
        tables.put("w", [row(f"b{n}")._replace(body=bytes(4_000)) for n in range(60)])
    with store.read() as tables:
        assert tables.record("w", "booking", "a") == b"a"
        assert tables.record("w", "booking", "b0") is None
    put(store, row("c"))
    store.close()
