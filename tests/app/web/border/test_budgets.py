"""Budgets of addresses: buckets that refill, places in flight, and a table that does not grow."""

import asyncio

import pytest

from app.web.border.budgets import BYTES_A_REQUEST, MAX_ADDRESSES, Budgets, address_of
from app.web.border.connections import Connections
from app.web.border.limits import LOCAL, PUBLIC
from app.web.border.refusal import Refusal


@pytest.fixture
def budgets(clock):
    return Budgets(PUBLIC, clock=clock)


def spend(budgets: Budgets, address: str) -> bool:
    try:
        with budgets.request(budgets.account(address)):
            return True
    except Refusal as refusal:
        assert refusal.status == 429 and refusal.retry_s >= 1
        return False


def test_a_burst_and_then_the_rate(budgets, clock):
    assert sum(spend(budgets, "a") for _ in range(2 * PUBLIC.burst)) == PUBLIC.burst
    for seconds in (1, 3):
        clock.now += seconds
        assert sum(spend(budgets, "a") for _ in range(PUBLIC.burst)) == seconds * PUBLIC.requests_per_s
    clock.now += 1e6
    assert sum(spend(budgets, "a") for _ in range(2 * PUBLIC.burst)) == PUBLIC.burst


def test_what_costs_more_counts_more_and_a_refusal_costs_nothing(budgets, clock):
    budgets.account("a").charge(PUBLIC.burst - 2)
    assert [spend(budgets, "a") for _ in range(100)] == [True, True] + [False] * 98 and spend(budgets, "b")
    clock.now += 1
    assert spend(budgets, "a")


def test_who_goes_on_although_told_to_wait_is_turned_away_for_some_seconds(budgets, clock):
    asked = [budgets.turns_away("a") or spend(budgets, "a") for _ in range(10 * PUBLIC.burst)]
    assert asked.count(False) == PUBLIC.burst
    assert budgets.turns_away("a") and not budgets.turns_away("b")
    for _ in range(20):  # still far too much
        clock.now += 0.1
        assert all(budgets.turns_away("a") for _ in range(20))
    clock.now += 2 * PUBLIC.burst / PUBLIC.requests_per_s
    assert not budgets.turns_away("a") and spend(budgets, "a")


def test_a_class_that_tries_again_each_second_is_never_turned_away(budgets, clock):
    """Thirty at one address, of whom twenty a second find room."""
    assert sum(spend(budgets, "school") for _ in range(PUBLIC.burst)) == PUBLIC.burst
    for _ in range(100):
        clock.now += 1
        assert sum(spend(budgets, "school") for _ in range(30)) == PUBLIC.requests_per_s
        assert not budgets.turns_away("school")


def waits(monkeypatch, budgets: Budgets, clock, address: str, seconds: list[float]) -> list[float]:
    """When requests of an address go on that come in one moment and take so much of the processor."""

    async def pass_time(for_s: float) -> None:
        clock.now += for_s

    monkeypatch.setattr("app.web.border.budgets.asyncio.sleep", pass_time)
    went_on = []

    async def request(use: float) -> None:
        account = budgets.account(address)
        await budgets.processor_time(account)
        went_on.append(clock.now)
        account.use(use)

    async def together() -> None:
        await asyncio.gather(*(request(use) for use in seconds))

    asyncio.run(together())
    return went_on


def test_an_address_waits_for_its_share_of_the_processor(monkeypatch, budgets, clock):
    use, began = 0.05, clock.now
    times = waits(monkeypatch, budgets, clock, "a", [use] * 40)
    at_once = round(PUBLIC.processor_burst_s / use) + 1
    assert times[:at_once] == [began] * at_once
    assert times[-1] - began == pytest.approx((39 * use - PUBLIC.processor_burst_s) / PUBLIC.processor_share, abs=0.1)
    assert waits(monkeypatch, budgets, clock, "b", [use]) == [clock.now]


def test_strokes_of_a_class_at_one_address_do_not_wait_for_the_processor(monkeypatch, budgets, clock):
    """As many a second as it may send, of 5 ms each, for a minute."""
    for second in range(60):
        clock.now = 1000.0 + second
        assert waits(monkeypatch, budgets, clock, "school", [0.005] * int(PUBLIC.requests_per_s)) == [clock.now] * 20


def test_a_large_body_costs_as_several_requests_and_later_ones_wait_for_it(budgets, clock):
    size = (PUBLIC.burst + 2 * PUBLIC.requests_per_s) * BYTES_A_REQUEST
    account = budgets.account("a")
    with budgets.request(account):
        for _ in range(100):
            account.charge_bytes(int(size / 100))
    assert not spend(budgets, "a") and spend(budgets, "b")
    clock.now += 2.0
    assert not spend(budgets, "a")
    clock.now += 1.0
    assert spend(budgets, "a")


def test_places_in_flight_are_given_back_whatever_happens(budgets):
    open_ = [budgets.request(budgets.account("a")) for _ in range(PUBLIC.in_flight)]
    for each in open_:
        each.__enter__()
    assert not spend(budgets, "a") and spend(budgets, "b")
    open_[0].__exit__(ValueError, ValueError(), None)
    assert spend(budgets, "a")


def test_the_table_is_bounded_and_keeps_who_is_being_answered(budgets):
    with budgets.request(budgets.account("busy")):
        for n in range(MAX_ADDRESSES + 100):
            assert spend(budgets, str(n))
        assert len(budgets.accounts) <= MAX_ADDRESSES + 1 and "busy" in budgets.accounts


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("198.51.100.7", "198.51.100.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("testclient", "testclient", True),
    ],
)
def test_one_household_is_one_address(one, other, same):
    assert (address_of((one, 1)) == address_of((other, 2))) == same


def test_connections_are_bounded_for_each_address_and_in_all():
    connections = Connections(PUBLIC)
    assert sum(connections.admit("a") for _ in range(100)) == PUBLIC.connections
    connections.leave("a")
    assert connections.admit("a") and not connections.admit("a")
    others = sum(connections.admit(str(n)) for n in range(PUBLIC.all_connections))
    assert others == PUBLIC.all_connections - PUBLIC.connections
    for n in range(others):
        connections.leave(str(n))
    for _ in range(PUBLIC.connections):
        connections.leave("a")
    assert not connections.open


def test_one_s_own_computer_may_ask_more_than_a_stranger():
    numbers = [(getattr(LOCAL, name), getattr(PUBLIC, name)) for name in vars(PUBLIC)]
    assert all(local >= public > 0 for local, public in numbers)
