"""Where the parts meet. `create_app` is for tests in process; `build` for whoever needs the parts."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from sandbox import places
from sandbox.api.gateway import Gateway
from sandbox.api.mock import Mock
from sandbox.api.operations import bind, handlers
from sandbox.api.promise import Promise
from sandbox.control.gateway import Control
from sandbox.domain.moments import Millis, day_of, from_datetime, midnight
from sandbox.settings import BadSetting, Settings
from sandbox.spec import Document
from sandbox.store import Store, open_store
from sandbox.web.doors import WsgiDoor
from sandbox.web.pages import make_mock_pages, make_pages
from sandbox.world.base import Bases
from sandbox.world.clock import real_now
from sandbox.world.fixtures import read_cast
from sandbox.world.journal import Journal
from sandbox.world.own_journal import OwnJournal
from sandbox.world.shared_journal import SharedJournal
from sandbox.world.state import WorldState
from sandbox.world.worlds import NewWorld, Worlds

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Everything that is running."""

    settings: Settings
    document: Document
    store: Store
    worlds: Worlds
    journal: Journal
    gateway: Gateway
    control: Control
    pages: Flask

    def close(self) -> None:
        self.journal.close()
        self.store.close()


def create_app(settings: Settings | None = None) -> Flask:
    """The whole sandbox as a Flask application, for Flask's test client or any WSGI server."""
    sandbox = build(settings or Settings())
    app = sandbox.pages
    app.extensions["sandbox"] = sandbox
    app.wsgi_app = WsgiDoor(sandbox.gateway, app.wsgi_app)  # type: ignore[method-assign]  # as Flask tells one to
    return app


def build(settings: Settings, document: Path = places.DOCUMENT) -> Sandbox:
    promise = Promise(Document.load(document, strict=True))
    found = handlers()
    bind(promise.document.operations, found, document.name)
    store = open_store(settings.database)
    journal = SharedJournal(store, settings.journal) if store.shared else OwnJournal(settings.journal)
    cast = read_cast(places.FIXTURES)
    worlds = Worlds(store, Bases(cast), journal, settings.seed, cast.api_keys)
    gateway = Gateway(worlds, journal, promise, found, only_tls=settings.only_tls)
    control = Control(worlds, gateway, promise.document, settings)
    cast.on(
        midnight(day_of(real_now())), control.parts.scenarios.fits
    )  # a mistake in a fixture stops the start
    seed_default(worlds, control, settings)
    pages = make_pages(promise.document, control.respond)
    return Sandbox(settings, promise.document, store, worlds, journal, gateway, control, pages)


def build_mock(settings: Settings) -> tuple[Mock, Flask]:
    """Any OpenAPI document, answered from its examples and schemas; no state, no control API."""
    document = Document.load(Path(settings.spec or ""))
    mock = Mock(document, settings.seed)
    return mock, make_mock_pages(document)


def seed_default(worlds: Worlds, control: Control, settings: Settings) -> None:
    """Once for a database: a restart finds the world as it was left."""
    with worlds.store.write(WorldState.DEFAULT) as rows:
        if rows.world(WorldState.DEFAULT) is None:
            plan = NewWorld(id=WorldState.DEFAULT, now=_moment(settings.now), scenario=settings.scenario)
            worlds.make(rows, *control.plan(plan))


def _moment(text: str | None) -> Millis | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadSetting(f"now is '{text}'; an RFC 3339 moment is wanted, e.g. 2026-03-01T08:00:00Z.")
    return from_datetime(moment)
