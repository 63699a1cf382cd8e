"""Which requests of a visitor are still wanted."""

import asyncio
from contextlib import ExitStack

import pytest

from app.engine.busy import Busy
from app.engine.jobs import EARLY_CANCEL_S, MAX_AHEAD, Ticket, Visits
from core.errors import RequestError


def endings(scene) -> list[str | None]:
    """Runs a scene that returns jobs. Returns how each of them ended, None for one that has not."""

    async def run():
        return [job.ended.result() if job.ended.done() else None for job in scene()]

    return asyncio.run(run())


def test_a_newer_change_ends_older_jobs_of_its_own_lane_only():
    def scene():
        visits = Visits()
        tickets = [Ticket("ann", 1), Ticket("ann", 1, "variations"), Ticket("bob", 1), Ticket("ann", 2)]
        with ExitStack() as stack:
            return [stack.enter_context(visits.job(ticket)) for ticket in tickets]

    assert endings(scene) == ["busy", None, None, None]


def test_a_request_that_is_already_stale_ends_at_once():
    def scene():
        visits = Visits()
        visits.note_newest(Ticket("ann", 5))
        with visits.job(Ticket("ann", 4)) as old, visits.job(Ticket("ann", 5)) as new:
            return [old, new]

    assert endings(scene) == ["busy", None]


def test_cancel_stops_all_lanes_up_to_its_seq_of_that_visitor():
    def scene():
        visits = Visits()
        tickets = [Ticket("ann", 3), Ticket("ann", 3, "variations"), Ticket("bob", 3)]
        with ExitStack() as stack:
            jobs = [stack.enter_context(visits.job(ticket)) for ticket in tickets]
            visits.cancel(Ticket("ann", 3))
            return jobs

    assert endings(scene) == ["stopped", "stopped", None]


def test_a_cancel_that_arrives_before_its_request_is_remembered_once_and_for_a_moment():
    now = 100.0

    def scene():
        nonlocal now
        visits = Visits(clock=lambda: now)
        visits.cancel(Ticket("ann", 3))
        with visits.job(Ticket("ann", 3)) as stopped, visits.job(Ticket("ann", 3)) as continued:
            pass
        visits.cancel(Ticket("ann", 3))
        now += EARLY_CANCEL_S + 0.1
        with visits.job(Ticket("ann", 3)) as late:
            return [stopped, continued, late]

    assert endings(scene) == ["stopped", None, None]


@pytest.mark.parametrize("does", ["note_newest", "cancel", "job"])
def test_a_seq_far_ahead_of_the_newest_is_refused_and_changes_nothing(does):
    def scene():
        visits = Visits()
        with visits.job(Ticket("ann", 7)) as running:
            with pytest.raises(RequestError, match="lost count"), ExitStack() as stack:
                result = getattr(visits, does)(Ticket("ann", 8 + MAX_AHEAD))
                stack.enter_context(result)
            with visits.job(Ticket("ann", 8)) as following:
                return [running, following]

    assert endings(scene) == ["busy", None]


def test_the_first_seq_of_a_visitor_may_be_any_and_later_ones_go_on_from_there():
    visits = Visits()
    for seq in (5_000_000, 5_000_000 + MAX_AHEAD, 3):
        visits.note_newest(Ticket("ann", seq))
    assert visits.newest["ann", "picture"] == 5_000_000 + MAX_AHEAD


def test_a_job_that_is_over_is_forgotten():
    async def scene():
        visits = Visits()
        with visits.job(Ticket("ann", 1)):
            pass
        return visits.jobs

    assert not asyncio.run(scene())


def test_the_tables_stay_bounded():
    visits = Visits(capacity=10)
    for number in range(100):
        visits.note_newest(Ticket(f"visitor {number}", 1))
        visits.cancel(Ticket(f"visitor {number}", 1))
    assert len(visits.newest) == len(visits.early_cancels) == 10


def test_an_address_has_so_many_places_however_many_names_it_uses():
    async def scene():
        visits = Visits(places=2)
        with visits.job(Ticket("ann", 1, address="a")), visits.job(Ticket("bob", 1, address="a")):
            with pytest.raises(Busy, match="your address"), visits.job(Ticket("eve", 1, address="a")):
                pass
            with visits.job(Ticket("ann", 2, address="a")) as newer:  # in the place of her older one
                assert not newer.ended.done()
            with visits.job(Ticket("eve", 1, address="b")), visits.job(Ticket("tom", 1)), visits.job(Ticket("kim", 1)):
                pass
        with visits.job(Ticket("eve", 1, address="a")):
            pass

    asyncio.run(scene())
