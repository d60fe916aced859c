"""A real Chromium, headless, and a sandbox of its own for every test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.console import Town
from tests.conftest import missing
from tests.running import Line, RunningSandbox

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
SCREENSHOTS = Path(__file__).parent.parent.parent / "docs" / "screenshots"
PATIENCE = 20_000  # ms, before something counts as not happening; machines that test are busy
expect.set_options(timeout=PATIENCE)

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser is enough: all of them in one worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house() -> Iterator[RunningSandbox]:
    """One sandbox for all tests; each has a world of its own in it."""
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def town(house: RunningSandbox) -> Iterator[Town]:
    asking = house.line()
    made = asking.post("/_sandbox/worlds", {}).body
    key = next(one["api_key"] for one in made["accounts"] if one["name"] == "demo")
    line = house.line(key)
    yield Town(house.url, made["id"], key, line)
    asking.ask("DELETE", f"/_sandbox/worlds/{made['id']}")
    line.close()
    asking.close()


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A process of one's own, for tests that change the default world or end it."""
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def line(sandbox: RunningSandbox) -> Iterator[Line]:
    opened = sandbox.line()
    yield opened
    opened.close()


class Watch:
    """What a page must never do: complain, open a dialog of the browser's, or ask anybody else."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        self._of_the_machine = "ERR_NETWORK_CHANGED"  # its interfaces come and go; the console asks again

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(
            word in message.text for word in (*self.expected, self._of_the_machine)
        ):
            self.complaints.append(f"console {message.type}: {message.text}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watching = Watch()
    yield watching
    assert watching.complaints == []


@pytest.fixture
def open_page(chromium: Browser, watch: Watch) -> Iterator[OpenPage]:
    """`open_page(url, width=1280, theme="light")`; nothing but that host is ever asked."""
    contexts = []

    def opened(url: str, width: int = 1280, height: int = 860, theme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            permissions=["clipboard-read", "clipboard-write"],
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        host = "/".join(url.split("/")[:3]) + "/"

        def only_here(request: Request) -> None:
            if not request.url.startswith((host, "data:", "blob:")):
                watch.complaints.append(f"asked elsewhere: {request.url}")

        context.on("request", only_here)
        page = context.new_page()
        page.on("console", watch.hear)
        page.on("pageerror", lambda error: watch.complaints.append(f"error in the page: {error}"))
        page.on("dialog", lambda dialog: (watch.complaints.append("a dialog opened"), dialog.dismiss()))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
