from collections.abc import Iterator

import pytest
from flask import Flask

from sandbox.app import create_app
from sandbox.settings import Settings
from tests.stories.integrator import Integrator

A_TUESDAY_AT_NOON = "2026-05-12T12:00:00+01:00"


@pytest.fixture(scope="session")
def app() -> Iterator[Flask]:
    app = create_app(Settings(now=A_TUESDAY_AT_NOON))
    yield app
    app.extensions["sandbox"].close()


@pytest.fixture
def desk(app: Flask) -> Integrator:
    """The default world as it starts, its clock standing still, and the demo reseller's key."""
    integrator = Integrator(app.test_client())
    integrator.begin()
    return integrator
