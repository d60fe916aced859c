"""The journal: bounded, newest first, and without a secret."""

import json
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import pytest

from sandbox import app
from sandbox.domain.moments import Millis
from sandbox.domain.records import Client, IssuedPass
from sandbox.settings import Settings
from sandbox.store import open_store
from sandbox.wire import Request, Response
from sandbox.world import shared_journal
from sandbox.world.journal import Entry
from sandbox.world.own_journal import OwnJournal
from sandbox.world.secrets import strike_out
from sandbox.world.shared_journal import SharedJournal
from sandbox.world.worlds import NewWorld
from tests.world.bare import a_world, bare_worlds

KEY = "sk_sandbox_demo"


def entry(n: int, body: bytes = b"", answer: bytes = b"{}", **more) -> Entry:
    headers = {
        "authorization": f"Bearer {KEY}",
        "bardge-lookup-token": "lkpt_ABCDEFGH",
        "x-note": f"my {KEY}",
    }
    request = Request("POST", "/v3/x", f"key={KEY}", headers, body)
    response = Response(200, (("Content-Type", "application/json"),), answer)
    whole = {
        "id": f"req_{n}", "at": Millis(n), "world_time": Millis(n), "request": request, "response": response,
        "operation": "book_class", "micros": 10, "caller": "demo", "client_id": None, "rule": "BOOK-1",
        "changes": [],
    }  # fmt: skip
    return Entry(**{**whole, **more})


@pytest.fixture
def journal() -> OwnJournal:
    return OwnJournal(most_entries=5, most_bytes=10_000)


def test_entries_come_newest_first_and_the_oldest_go(journal):
    for n in range(1, 9):
        journal.note("w", entry(n))
    assert [told["id"] for told in journal.told("w")] == ["req_8", "req_7", "req_6", "req_5", "req_4"]
    assert [told["id"] for told in journal.told("w", since=6)] == ["req_8", "req_7"]


def test_bytes_bound_it_too(journal):
    for n in range(1, 5):
        journal.note("w", entry(n, body=b"x" * 6_000))
    assert len(list(journal.told("w"))) == 1


def test_all_worlds_together_are_bounded(monkeypatch):
    monkeypatch.setattr("sandbox.world.own_journal.BYTES_IN_ALL_WORLDS", 20_000)
    journal = OwnJournal()
    for n in range(1, 100):
        journal.note(f"w{n}", entry(n))
    kept = [n for n in range(1, 100) if list(journal.told(f"w{n}"))]
    assert kept == list(range(kept[0], 100))
    assert 5 < len(kept) < 30


def test_a_world_forgets_its_own(journal):
    journal.note("one", entry(1))
    journal.note("two", entry(2))
    journal.forget("one")
    assert list(journal.told("one")) == []
    assert len(list(journal.told("two"))) == 1


def test_no_secret_is_ever_told(journal):
    issued = IssuedPass(
        id="brgpass_1", owner="acct_demo", client_id="client_ada", package_id="p", starts=Millis(0),
        expires=Millis(1), passcode="PASS1234", transaction_id="t", tx_ref="r",
    )  # fmt: skip
    body = json.dumps({"passcode": "PASS1234", "lookup_token": "lkpt_SECRETSECRET", "note": KEY}).encode()
    journal.note("w", entry(1, body, body, changes=[("issued_pass", issued.id, None, issued)]))
    journal.note("w", entry(2, b'{"passcode": "PASS1234'))
    journal.note("w", entry(3, b'{"deep": {"api_key" : "sk_live_xyzw"}}'))
    told = json.dumps(list(journal.told("w")))
    for secret in (KEY, "PASS1234", "lkpt_SECRET", "lkpt_ABCDEFGH", "sk_live_xyzw"):
        assert secret not in told
    assert "[struck out]" in told


@pytest.mark.parametrize(
    "body",
    [
        "passcode=PASS1234&x=1",
        "x=1&new_passcode=PASS1234",
        '{"passcode": PASS1234',
        '{"passcode": 1234567800}',
        '{"Passcode": "PASS1234", }',
        r'{"passcode": "\"PASS1234"}',
        '{"newPasscode": "PASS1234", "access_token": "PASS1234", "token": null}',
    ],
)
def test_a_passcode_is_struck_out_of_a_body_that_is_wrong(journal, body):
    journal.note("w", entry(1, body.encode()))
    (told,) = journal.told("w")
    assert "PASS1234" not in json.dumps(told)
    assert "1234567800" not in json.dumps(told)


@pytest.mark.parametrize("body", ["key" + "a-" * 16_000, '"token' * 6_000, '"token":"' + "\\" * 32_000])
def test_striking_out_costs_no_more_for_a_body_made_to_be_costly(body):
    began = time.process_time()
    strike_out(body)
    assert time.process_time() - began < 0.5


def test_a_key_sent_as_a_clients_id_is_struck_out_wherever_it_is_told(journal):
    journal.note("w", msgspec.structs.replace(entry(1), client_id=KEY))
    assert KEY not in json.dumps(list(journal.told("w")))


def test_what_only_speaks_of_a_secret_is_told_as_it_was(journal):
    body = b'{"message": "body.passcode: not the pass\'s.", "token_expires_at": 17, "key": "k"}'
    journal.note("w", entry(1, body))
    (told,) = journal.told("w")
    assert told["request"]["body"] == json.loads(body)


def test_a_change_is_told_with_before_and_after(journal):
    before = Client(id="client_ada", owner="acct_demo", first_name="Ada", last_name="Obi")
    after = Client(id="client_ada", owner="acct_demo", first_name="Adaeze", last_name="Obi")
    journal.note("w", entry(1, changes=[("client", "client_ada", before, after)]))
    (told,) = journal.told("w")
    (change,) = told["changes"]
    assert (change["before"]["first_name"], change["after"]["first_name"]) == ("Ada", "Adaeze")
    assert told["rule"] == ["BOOK-1"]


def test_what_several_processes_share_is_read_from_the_store(tmp_path):
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    stores = [open_store(url), open_store(url)]
    writer, reader = (SharedJournal(store) for store in stores)
    with a_world(bare_worlds(stores[0])):
        pass
    writer.note("w", entry(1))
    writer.note("dropped", entry(2))
    writer.flush()
    assert [told["id"] for told in reader.told("w")] == ["req_1"]
    assert list(reader.told("dropped")) == []  # whoever makes a world of that name finds it clean
    assert KEY not in (tmp_path / "journal.db").read_bytes().decode("latin-1")
    for closing in (writer, reader, *stores):
        closing.close()


def test_a_journal_that_is_closed_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_journal, "FLUSH_SECONDS", 60)
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    store = open_store(url)
    with a_world(bare_worlds(store)):
        pass
    leaving = SharedJournal(store)
    leaving.note("w", entry(1))
    leaving.close()
    with store.read() as rows:
        assert len(rows.journal("w", 0, 9)) == 1
    store.close()


# --- several processes, and a new chapter

READ = Request("GET", "/v3/api/business/reseller/passes", headers={"authorization": f"Bearer {KEY}"})
STRANGE = Request("GET", READ.path, headers={"authorization": "Bearer sk_nobody"})


def ask_and_carry_late(database: str, line: Connection) -> None:
    """Another process: it answers a request, and carries it to the store only when it is told to."""
    shared_journal.FLUSH_SECONDS = 3_600
    sandbox = app.build(Settings(database=database))
    sandbox.gateway.respond(READ)
    line.send("answered")
    line.recv()
    sandbox.journal.flush()
    sandbox.close()


def reset(sandbox: app.Sandbox) -> None:
    worlds = sandbox.worlds
    with worlds.store.write("default") as rows:
        worlds.reset(rows, worlds.state(rows, "default"))


def clear(sandbox: app.Sandbox) -> None:
    sandbox.journal.clear("default")


def make_anew(sandbox: app.Sandbox) -> None:
    with sandbox.worlds.store.write("default") as rows:
        sandbox.worlds.drop(rows, "default")
        sandbox.worlds.make(rows, NewWorld(id="default"))


@pytest.mark.parametrize("begin_a_new_chapter", [reset, clear, make_anew])
def test_what_another_process_carries_to_a_world_that_was_reset_meanwhile_is_dropped(
    tmp_path: Path, begin_a_new_chapter: Callable[[app.Sandbox], None]
) -> None:
    database = f"sqlite:///{tmp_path / 'shared.db'}"
    sandbox = app.build(Settings(database=database))
    here, there = multiprocessing.get_context("spawn").Pipe()
    other = multiprocessing.get_context("spawn").Process(target=ask_and_carry_late, args=(database, there))
    other.start()
    assert here.recv() == "answered"
    begin_a_new_chapter(sandbox)
    sandbox.gateway.respond(READ)
    sandbox.gateway.respond(STRANGE)
    here.send("carry it now")
    other.join()
    assert other.exitcode == 0
    assert [told["status"] for told in sandbox.journal.told("default")] == [401, 200]
    sandbox.close()


def test_a_snapshot_does_not_bring_its_chapter_back(tmp_path: Path) -> None:
    """The journal is of the world, not of its data: what was asked since the snapshot stays, and comes."""
    sandbox = app.build(Settings(database=f"sqlite:///{tmp_path / 'shared.db'}"))
    worlds = sandbox.worlds
    with worlds.store.write("default") as rows:
        worlds.take_snapshot(rows, worlds.state(rows, "default"), "before")
    clear(sandbox)
    sandbox.gateway.respond(READ)
    with worlds.store.write("default") as rows:
        worlds.restore(rows, worlds.state(rows, "default"), "before")
    sandbox.gateway.respond(READ)
    assert len(list(sandbox.journal.told("default"))) == 2
    sandbox.close()
