"""Who makes way in a full store: never somebody who has less there than somebody else."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from app.store.fullness import too_much


@dataclass
class Thing:
    owner: str
    size: int


things = st.lists(st.builds(Thing, st.sampled_from("abc"), st.integers(1, 9)), max_size=12)


def stored(given_: list[Thing]) -> dict[str, Thing]:
    return {str(k): thing for k, thing in enumerate(given_)}


@given(things, st.integers(0, 60))
def test_no_more_leaves_than_has_to_and_the_new_one_stays(given_, limit):
    store = stored(given_)
    gone = list(too_much(store, limit, lambda thing: thing.size))
    left = [thing for name, thing in store.items() if name not in gone]
    assert len(gone) == len(set(gone)) and left[-1:] == given_[-1:]
    assert len(left) <= 1 or sum(thing.size for thing in left) <= limit
    if gone:
        assert sum(thing.size for thing in left) + store[gone[-1]].size > limit


@given(things, st.integers(0, 60))
def test_every_one_that_leaves_is_the_oldest_of_whoever_has_most_among_those_who_can_lose_one(given_, limit):
    store = stored(given_)
    new = len(given_) - 1
    for name in list(too_much(store, limit, lambda thing: thing.size)):
        held: Counter[str] = Counter()
        for thing in store.values():
            held[thing.owner] += thing.size
        old = {key: thing for key, thing in store.items() if key != str(new)}
        assert held[store[name].owner] == max(held[thing.owner] for thing in old.values())
        assert name == next(key for key, thing in old.items() if thing.owner == store[name].owner)
        del store[name]


def test_a_stranger_who_fills_a_store_loses_their_own():
    crowd = [Thing("ann", 3), *[Thing("stranger", 1)] * 20]
    gone = list(too_much(stored(crowd), 10, lambda thing: thing.size))
    assert "0" not in gone and len(gone) == 13
