"""One evaluation for several requests: who is in it, what each gets, what it costs, and what becomes of failures."""

import time
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
import torch

import core
from app.edits.requests import evaluations_of
from app.engine.sharing import MAX_OF_CALL, BorrowedModel, Call, Sharing
from core.noise import SeededNoise
from tests import tiny
from tests.app.conftest import TinyModel, paint_request, painting_url


class Later:
    """An executor that runs what was submitted when the test says so."""

    def __init__(self):
        self.tasks = []

    def submit(self, task):
        self.tasks.append(task)

    def run(self):
        while self.tasks:
            self.tasks.pop(0)()


class Noting:
    """A denoiser that doubles its pictures and notes how many it got each time. Equal ones may share."""

    def __init__(self):
        self.sizes, self.levels, self.labels = [], [], []

    def __call__(self, x, sigma, labels=None):
        self.sizes.append(len(x))
        self.levels.append(torch.as_tensor(sigma).tolist())
        self.labels.append(None if labels is None else labels.tolist())
        return 2 * x


def wait(condition) -> None:
    """Until another thread has come there."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline


def pictures(count: int, value: float = 1.0, side: int = 2) -> torch.Tensor:
    return torch.full((count, 3, side, side), value)


def answered(calls: list[Call], **options) -> list[torch.Tensor]:
    evaluate(calls, **options)
    return [call.x0.result(0) for call in calls]


def evaluate(calls: list[Call], **options) -> None:
    """All calls wait before the model is free."""
    later = Later()
    sharing = Sharing(later, **options)
    for call in calls:
        sharing.add(call)
    later.run()


def test_what_waits_is_one_evaluation_and_everybody_gets_their_own():
    model = Noting()
    sizes = (1, 2, 1)
    calls = [Call(model, pictures(n, k), float(k), torch.full((n,), k)) for k, n in enumerate(sizes)]
    answers = answered(calls)
    assert model.sizes == [4] and model.levels == [[0, 1, 1, 2]] and model.labels == [[0, 1, 1, 2]]
    for k, (n, x0) in enumerate(zip(sizes, answers, strict=True)):
        assert torch.equal(x0, pictures(n, 2 * k))


def test_who_is_alone_gets_the_model_s_own_answer_and_the_model_their_own_values():
    model = Noting()
    x, labels = pictures(2), torch.tensor([1, 0])
    given = []
    call = Call(lambda *arguments: given.append(arguments) or model(*arguments), x, 0.5, labels)
    answered([call])
    assert given[0][0] is x and given[0][1] == 0.5 and given[0][2] is labels


@pytest.mark.parametrize("other", ["denoiser", "size", "labels", "dtype"])
def test_what_does_not_fit_waits_and_nobody_is_passed_over_for_ever(other):
    model = Noting()
    odd = {
        "denoiser": Call(Noting(), pictures(1), 1.0, None),
        "size": Call(model, pictures(1, side=4), 1.0, None),
        "labels": Call(model, pictures(1), 1.0, torch.tensor([0])),
        "dtype": Call(model, pictures(1).double(), 1.0, None),
    }[other]
    calls = [Call(model, pictures(1), 1.0, None), odd, *(Call(model, pictures(1), 1.0, None) for _ in range(5))]
    answers = answered(calls, max_pictures=3)
    assert [len(x0) for x0 in answers] == [1] * 7
    order = model.sizes if other != "denoiser" else [model.sizes[0], *odd.denoiser.sizes, *model.sizes[1:]]
    assert order == [3, 1, 3]


def test_an_evaluation_has_no_more_pictures_than_allowed_unless_one_call_has():
    model = Noting()
    answered([Call(model, pictures(n), 1.0, None) for n in (2, 2, 5, 1, 1, 1)], max_pictures=4)
    assert model.sizes == [4, 5, 3]


def test_the_time_of_an_evaluation_is_divided_by_pictures():
    ticks = iter([10.0, 18.0])
    calls = [Call(Noting(), pictures(n), 1.0, None) for n in (1, 3)]
    calls[1].denoiser = calls[0].denoiser
    answered(calls, clock=lambda: next(ticks))
    assert [call.seconds for call in calls] == [2.0, 6.0]


def test_a_call_that_cannot_be_evaluated_fails_alone():
    def model(x, sigma, labels=None):
        if (x < 0).any():
            raise core.PictureError("a negative one")
        return x

    good, bad, other = calls = [Call(model, pictures(1, value), 1.0, None) for value in (1.0, -1.0, 2.0)]
    evaluate(calls)
    with pytest.raises(core.PictureError):
        bad.x0.result(0)
    assert [float(call.x0.result(0).mean()) for call in (good, other)] == [1.0, 2.0]


def test_a_dropped_request_is_not_evaluated_and_its_thread_ends():
    model, later = TinyModel(), Later()
    borrowed = BorrowedModel(model, Sharing(later))
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(borrowed, pictures(1, side=8), 1.0, torch.tensor([0]))
        wait(lambda: later.tasks)
        borrowed.drop()
        with pytest.raises(CancelledError):
            asked.result(10)
    later.run()
    assert borrowed.seconds == 0
    with pytest.raises(CancelledError):
        borrowed(pictures(1, side=8), 1.0)


def test_closing_ends_every_thread_that_waits():
    later = Later()
    sharing = Sharing(later)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(BorrowedModel(TinyModel(), sharing), pictures(1), 1.0) for _ in range(2)]
        wait(lambda: len(later.tasks) == 2)
        sharing.close()
        for each in asked:
            with pytest.raises(CancelledError):
                each.result(10)


@pytest.mark.parametrize("sigma", [2.0, torch.linspace(1.0, 10.0, 10)], ids=["one level", "levels"])
@pytest.mark.parametrize("labels", [None, torch.arange(10)], ids=["no labels", "labels"])
def test_a_call_of_many_pictures_lets_a_stroke_in_between_and_gets_them_all(sigma, labels):
    later, model = Later(), Noting()
    x, sharing = torch.arange(10.0).reshape(10, 1, 1, 1), Sharing(later)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(BorrowedModel(model, sharing)._estimate, model, x, sigma, labels)
        wait(lambda: later.tasks)
        later.run()
        wait(lambda: later.tasks)
        stroke = Call(model, torch.ones(1, 1, 1, 1), 3.0, None)
        sharing.add(stroke)
        later.tasks.pop(0)()
        early = stroke.x0.done()
        while not asked.done():
            later.run()
    assert torch.equal(asked.result(), 2 * x)
    assert early == (labels is None)  # what has labels is no batch with what has none
    assert max(model.sizes) <= MAX_OF_CALL + 1 and sum(model.sizes) == 11
    given = [each for levels in model.levels for each in (levels if isinstance(levels, list) else [levels])]
    assert sorted(given) == sorted([3.0, *torch.as_tensor(sigma).expand(10).tolist()])


def test_walks_of_equal_guidance_share_and_others_do_not():
    model = tiny.model("edm")
    assert model.walking([2.0, 1.0], 1.5) == model.walking([3.0, 0.5], 1.5) != model.walking([2.0, 1.0], 2.0)
    assert model.walking([2.0], 1.5) is model


@pytest.mark.parametrize("kind", ["consistency", "edm", "trigflow"])
def test_in_float32_a_picture_is_the_same_alone_and_in_a_batch(kind):
    model = tiny.model(kind)
    x = SeededNoise(range(5)).draw(0, model.shape)
    sigma = torch.tensor([0.1, 0.5, 1.0, 3.0, 20.0])
    with torch.inference_mode():
        alone = [model(x[k : k + 1], sigma[k : k + 1]) for k in range(5)]
    together = answered([Call(model, x[k : k + 1], float(sigma[k]), None) for k in range(5)])
    for one, other in zip(alone, together, strict=True):
        assert (one - other).abs().max() <= 1e-5 * max(1.0, float(one.abs().max()))


def test_a_borrowed_model_makes_the_same_pictures_as_the_model():
    model = TinyModel()
    request = paint_request(painting_url(), look="render", steps=3, strength=0.5, seed=7)
    with ThreadPoolExecutor(1) as thread:
        borrowed = BorrowedModel(model, Sharing(thread))
        ours = [[picture.png for picture in each.pictures] for each in evaluations_of(borrowed, request)]
    assert ours == [[picture.png for picture in each.pictures] for each in evaluations_of(model, request)]
    assert isinstance(borrowed, core.Model) and borrowed.seconds > 0
