"""Budgets of addresses: a bucket that refills, places in flight, and a table that does not grow."""

import pytest

from app.web.border.budgets import BYTES_A_REQUEST, MAX_ADDRESSES, Budgets, address_of
from app.web.border.connections import Connections
from app.web.border.limits import LOCAL, PUBLIC
from app.web.border.refusal import Refusal


@pytest.fixture
def budgets(clock):
    return Budgets(PUBLIC, clock=clock)


def spend(budgets: Budgets, address: str, cost: int = 1) -> bool:
    try:
        with budgets.request(address, cost):
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


def test_what_costs_more_counts_more_and_a_refusal_costs_nothing(budgets):
    assert spend(budgets, "a", PUBLIC.burst - 2)
    assert not spend(budgets, "a", 5) and spend(budgets, "a", 2) and not spend(budgets, "a")
    assert spend(budgets, "b", 5)


def test_a_large_body_costs_as_several_requests_and_later_ones_wait_for_it(budgets, clock):
    size = (PUBLIC.burst + 2 * PUBLIC.requests_per_s) * BYTES_A_REQUEST
    with budgets.request("a") as account:
        for _ in range(100):
            account.charge(int(size / 100))
    assert not spend(budgets, "a") and spend(budgets, "b")
    clock.now += 2.0
    assert not spend(budgets, "a")
    clock.now += 1.0
    assert spend(budgets, "a")


def test_places_in_flight_are_given_back_whatever_happens(budgets):
    open_ = [budgets.request("a") for _ in range(PUBLIC.in_flight)]
    for each in open_:
        each.__enter__()
    assert not spend(budgets, "a") and spend(budgets, "b")
    open_[0].__exit__(ValueError, ValueError(), None)
    assert spend(budgets, "a")


def test_the_table_is_bounded_and_keeps_who_is_being_answered(budgets):
    with budgets.request("busy"):
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
