"""Some seconds of what `make soak` does for minutes: visitors who paint, and one who does all that could harm them."""

import asyncio
import time
from collections.abc import Callable

import pytest

from app.web.border.limits import PUBLIC
from app.web.launch import MAX_SESSIONS
from benchmarks.visitors import paintings
from tests.app.web.served import send, serve
from tests.load.hostile import ACTS, ADDRESS, CLOSED, STALLED, Hostile
from tests.load.page import Page, visit
from tests.load.visitors import Visitor

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # event loops that Gradio never closes

VISITORS, SHEETS = 3, 3
REFUSED = {
    "closed routes": {"404"},
    "foreign origins": {"403"},
    "deep, wide and odd JSON": {"400", "404", "413", "429", CLOSED},
    "odd uploads": {"400", "415", "429"},
    "calls of scripts": {"400", "404", "422", "429", "done", "error"},
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A public page whose folder for files is its own: other tests of this process leave theirs in the usual one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("files")))
        yield from serve(public=True)


async def soaked(page: Page, visitors: list[Visitor]):
    """Everybody paints until the hostile one has done everything once. Returns the strokes, what came of the acts."""
    for visitor in visitors:
        await visitor.look_alone(page)
    async with visit(page, ADDRESS) as client:
        hostile = Hostile(page, client, tuple(each.name for each in visitors), hold_s=0.2, times=3)
        acts = asyncio.ensure_future(hostile.do_all())
        painted = await asyncio.gather(*(each.paint(page, lambda: not acts.done(), 0.5) for each in visitors))
        await acts
    return [stroke for strokes in painted for stroke in strokes], hostile.came


def until(so: Callable[[], bool]) -> bool:
    """Whether this becomes so within a time in which it must."""
    end = time.monotonic() + 40
    while not so() and time.monotonic() < end:
        time.sleep(0.05)
    return so()


def test_one_hostile_visitor_harms_nobody_and_leaves_nothing(served, capfd):
    page, visitors = Page.at(served.address), [Visitor(k, paintings()[:SHEETS]) for k in range(VISITORS)]
    strokes, came = asyncio.run(soaked(page, visitors))
    assert len(strokes) >= VISITORS and not [stroke.said for stroke in strokes if stroke.said]
    assert {stroke.apart for stroke in strokes} == {0}  # this model makes the same in company
    assert set(came) == set(ACTS) and not [act for act, counts in came.items() if STALLED in counts]
    for act, allowed in REFUSED.items():
        assert set(came[act]) <= allowed, (act, came[act])
    check_tables(served)
    assert not [
        mark for mark in ("198.51.100.", ADDRESS, "visitor-of", "invented-", "base64") if mark in printed(capfd)
    ]
    assert send(served.address, "theme.css")[0] == 200


def printed(capfd) -> str:
    """What the server has put into its log."""
    return "".join(capfd.readouterr())


def check_tables(served) -> None:
    """What the server remembers is bounded, and nothing of the hostile visitor's is under way."""
    events, guard = served.events, served.page.app.middleware_stack
    accounts, visits = guard.budgets.accounts, events.engine.visits
    assert until(lambda: not visits.jobs and not events.engine.gate.line and not events.engine.gate.turns)
    assert until(lambda: not events.listeners.streams)
    assert until(lambda: not any(account.in_flight for account in accounts.values()))
    assert len(accounts) <= VISITORS + 2  # the hostile one and this computer
    assert len(served.page.app.state_holder.session_data) <= MAX_SESSIONS
    assert len(visits.newest) <= visits.capacity and len(visits.early_cancels) <= visits.capacity
    uploads, results = events.uploads, events.results
    assert sum(stored.size for stored in uploads.files.values()) <= PUBLIC.upload_bytes

    def accounted() -> bool:
        files = {path for path in uploads.folder.rglob("*") if path.is_file() and path.name != ".in-use"}
        return files == set(uploads.files) | {stored.file for stored in results.stored.values() if stored.file}

    assert until(accounted)  # what was broken off is still being written for a moment
    assert sum(photo.size for photo in events.photos.photos.values()) <= events.photos.max_bytes
