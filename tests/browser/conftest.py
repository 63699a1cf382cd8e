"""A real Chromium, real servers, and visitors. Every test ends with a look at the page's console and requests.

Without a Chromium these tests are skipped; where CI is set they fail instead.
"""

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.server import Server
from tests.browser.studio import Studio

DESKTOP = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def browser():
    """One for each module and no longer: while it runs, this thread has an event loop, which other tests need too."""
    found = find_chromium()
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("There is no Chromium on the PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def servers():
    """The servers that run, by their options."""
    running: dict[tuple[str, ...], Server] = {}
    yield running
    for server in running.values():
        server.end()


@pytest.fixture(scope="module")
def start(servers, request):
    """start(*options) serves the page over the stand-in; a server is shared by all who ask for the same options.

    The one without options stays to the end, the others to the end of their module: an idle server costs time too.
    """

    def serve(*options: str) -> Server:
        if options not in servers:
            servers[options] = Server("tests.browser.serve", "--engine", request.config.getoption("engine"), *options)
        return servers[options]

    yield serve
    for options in filter(None, list(servers)):
        servers.pop(options).end()


@pytest.fixture(scope="module")
def browsers(browser):
    """browsers(**options) is a window of that kind, with its own cache; opened once."""
    opened = {}

    def window(**options):
        kind = repr(options)
        if kind not in opened:
            opened[kind] = browser.new_context(**DESKTOP | options)
        return opened[kind]

    yield window
    for context in opened.values():
        context.close()


@pytest.fixture
def visit(browsers):
    """visit(address, **options) opens a page for a new visitor, who has nothing but the page's own storage."""
    studios: list[Studio] = []

    def open_studio(address: str, script: str = "", **options) -> Studio:
        studios.append(Studio(browsers(**options), address, script))
        return studios[-1]

    yield open_studio
    for studio in studios:
        studio.page.close()
    assert [problem for studio in studios for problem in studio.problems] == []


@pytest.fixture
def studio(visit, start):
    """A visitor at a desk."""
    return visit(start().address)
