"""A model whose evaluations are made elsewhere: the same pictures, whatever becomes of those who make them."""

import asyncio
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
import torch

import core
from app.cluster.engine import RemoteCalls
from app.cluster.remote_model import RemoteModel
from app.cluster.replica import ModelReplica
from app.cluster.replicas import NOBODY, Asked, Replicas
from app.edits.paint import PaintRequest
from app.edits.requests import evaluations_of
from app.engine.engine import Engine
from app.engine.jobs import Ticket
from app.engine.sharing import BorrowedModel
from core.errors import NotEnoughMemory, RequestError
from core.noise import SeededNoise
from tests import tiny
from tests.app.conftest import TinyModel

ray_errors = pytest.importorskip("ray.exceptions")
HANDS = ThreadPoolExecutor(8)


class Response:
    """As Serve's: an answer that a thread makes."""

    def __init__(self, answer):
        self.answer, self.cancelled = HANDS.submit(answer), threading.Event()

    def result(self, timeout_s):
        while not self.answer.done():
            if self.cancelled.wait(0.01):
                raise ray_errors.TaskCancelledError
        return self.answer.result()

    def cancel(self):
        self.cancelled.set()


class Handle:
    """As Serve's, of one replica in this process. deaths: how many questions it takes with it first."""

    def __init__(self, model, deaths: int = 0, dead: Exception | None = None):
        self.replica, self.deaths, self.dead = ModelReplica(lambda: model), deaths, dead or ray_errors.ActorDiedError()
        self.asked = 0
        self.answer = self.about = self
        self.free = threading.Event()
        self.free.set()

    def remote(self, *question):
        self.asked += 1
        return Response(lambda: self._answered(*question))

    def _answered(self, *question):
        self.free.wait(10)
        if self.asked <= self.deaths:
            raise self.dead
        if not question:
            return asyncio.run(self.replica.about())
        try:
            return asyncio.run(self.replica.answer(*question))
        except Exception as error:
            raise ray_errors.RayTaskError("answer", "", error) from None


def remote(model, **options) -> tuple[RemoteModel, Handle]:
    handle = Handle(model, **options)
    return RemoteModel(model.card, Replicas(handle, patience_s=1.0)), handle


def wait(condition) -> None:
    """Until another thread has come there."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def noisy(model, count: int = 2) -> torch.Tensor:
    return SeededNoise(range(count)).draw(0, model.shape)


MODELS = {
    "plain": lambda: tiny.model(),
    "classes": lambda: tiny.model(classes=2),
    "teacher": lambda: tiny.model("edm"),
    "step counts": lambda: tiny.model("multistep", step_counts=(1, 2, 4)),
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("sigmas", [[3.0], [3.0, 1.0]])
def test_a_replica_s_estimate_is_the_model_s(kind, sigmas):
    model = MODELS[kind]()
    far, _ = remote(model)
    x, labels = noisy(model), torch.tensor([0, 1]) if kind == "classes" else None
    guidance = 1.5 if kind == "teacher" else 0.0
    with torch.inference_mode():
        for near_one, far_one in ((model, far), (model.walking(sigmas, guidance), far.walking(sigmas, guidance))):
            assert torch.equal(far_one(x, sigmas[0], labels), near_one(x, sigmas[0], labels))
            levels = torch.tensor([2.0, 0.5])
            assert torch.equal(far_one(x, levels, labels), near_one(x, levels, labels))


def painted(engine: Engine, steps: int = 3) -> list[bytes]:
    """Every picture of a painting in so many steps."""
    material = core.png_bytes(tiny.picture(0, 16, 16))

    async def all_of_them():
        request = PaintRequest(strokes=material, seeds=(3, 4), steps=steps)
        return [picture.png async for answer in engine.run(request, Ticket("ann", 1)) for picture in answer.pictures]

    engine.start().result()
    try:
        return asyncio.run(all_of_them())
    finally:
        engine.close()


def test_an_engine_gives_the_same_pictures_also_when_replicas_die():
    model = tiny.model()
    far, handle = remote(model, deaths=2)
    here = painted(Engine(model.card, lambda: model))
    there = painted(Engine(model.card, lambda: far, calls=RemoteCalls()))
    assert here == there and len(here) == 6
    assert handle.asked == 2 + 3


DEAD = [ray_errors.ActorDiedError(), ray_errors.ActorUnavailableError("gone", None), TimeoutError()]


@pytest.mark.parametrize("dead", DEAD, ids=lambda dead: type(dead).__name__)
def test_where_nobody_answers_there_is_a_sentence(dead):
    model = tiny.model()
    far, handle = remote(model, deaths=10**6, dead=dead)
    with pytest.raises(RequestError, match=NOBODY[:30]):
        far(noisy(model), 1.0)
    assert 2 <= handle.asked <= 10


def test_what_the_model_says_is_heard_as_it_says_it():
    class Full(TinyModel):
        def __call__(self, x, sigma, labels=None):
            raise NotEnoughMemory("There is not enough memory.")

    far, handle = remote(Full())
    with pytest.raises(NotEnoughMemory, match=r"^There is not enough memory\.$"):
        far(torch.zeros(1, 3, 8, 8), 1.0, torch.tensor([0]))
    assert handle.asked == 1  # another replica would say the same


def test_an_evaluation_that_is_dropped_ends_at_once_and_is_not_put_again():
    model = tiny.model()
    far, handle = remote(model)
    handle.free.clear()
    borrowed = BorrowedModel(far, RemoteCalls())
    asking = HANDS.submit(borrowed, noisy(model), 1.0)
    wait(lambda: handle.asked)
    borrowed.drop()
    with pytest.raises(CancelledError):
        asking.result(5)
    handle.free.set()
    assert handle.asked == 1


def test_the_time_of_a_shared_evaluation_is_divided_among_its_pictures():
    model = tiny.model()
    far, _ = remote(model)
    borrowed = BorrowedModel(far, RemoteCalls())
    borrowed(noisy(model), 1.0)
    assert borrowed.pictures == 2 and 0 < borrowed.seconds < 5


def test_questions_that_arrive_together_are_one_evaluation():
    sizes, began, go = [], threading.Event(), threading.Event()

    class Slow(TinyModel):
        def __call__(self, x, sigma, labels=None):
            sizes.append(len(x))
            began.set()
            go.wait(10)
            return super().__call__(x, sigma, labels)

    far, handle = remote(Slow())
    labels, x = torch.tensor([1]), torch.zeros(1, 3, 8, 8)
    asking = [HANDS.submit(far, x, 1.0, labels)]
    assert began.wait(10)
    asking += [HANDS.submit(far, x + k, 1.0 + k, labels) for k in (1, 2, 3)]
    wait(lambda: len(handle.replica._sharing.waiting) == 3)
    go.set()
    answers = [each.result(10) for each in asking]
    assert sizes == [1, 3]
    right = TinyModel()
    assert all(torch.equal(answer, right(x + k, 1.0 + k, labels)) for k, answer in enumerate(answers))


def test_about_says_which_model_it_is():
    model = tiny.model()
    _, handle = remote(model, deaths=1)
    about = Asked(handle.about.remote, 5).result()
    assert about["card"] == model.card and about["device"] == "cpu"


def test_a_walk_needs_nothing_but_the_card_here():
    """The page process knows no network: every kind of walk is a name until a replica sees it."""
    model = tiny.model("multistep", step_counts=(1, 2))
    far, _ = remote(model)
    request = PaintRequest(strokes=core.png_bytes(tiny.picture(0, 16, 16)), seeds=(1,), steps=2)
    near_ones, far_ones = evaluations_of(model, request), evaluations_of(far, request)
    assert [each.pictures for each in near_ones] == [each.pictures for each in far_ones]
    assert not hasattr(far, "network")
