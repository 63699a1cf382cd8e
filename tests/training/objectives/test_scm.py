"""sCM (Lu & Song 2024): its tangent, its fixed points, its weighting, and short training."""

from math import log

import pytest
import torch
from torch import Tensor, nn

from core import ConfigError
from core.scalings import angle_of, sigma_of
from core.schedule import SIGMA_DATA
from tests import tiny
from tests.oracles import Gaussian
from tests.training.objectives.discrete import Bent, Flow, trained
from tests.training.objectives.smooth import SmoothMixture
from tests.training.objectives.steps import DATA, Watched, batch_of, loss_of, step_for, terms_of
from training.objectives.base import Batch, expand
from training.objectives.scm import AngleWeighting, SimplifiedConsistency, tangent

UNIT = Gaussian(m=0.0, s=SIGMA_DATA)  # the same spread at every angle: no flow in the mean


class Angular(nn.Module):
    """A consistency function in sigma as a TrigFlow student: velocity = (cos(t) x_t - f) / sin(t)."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def velocity(self, x_t: Tensor, t_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        answer = self.function(x_t / expand(t_B.cos()), sigma_of(t_B), labels, dropout_mask)
        return (expand(t_B.cos()) * x_t - answer) / expand(t_B.sin())


class Weightless(nn.Module):
    """w = 0 everywhere."""

    def forward(self, t_B: Tensor) -> Tensor:
        return torch.zeros_like(t_B)


class Curved(nn.Module):
    """A student in float64 with no meaning: a smooth function of x_t and t."""

    def velocity(self, x_t: Tensor, t_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        return torch.tanh(0.7 * x_t + expand(t_B.sin())) + x_t.roll(1, 3) * expand(t_B)

    def consistency(self, x_t: Tensor, t_B: Tensor) -> Tensor:
        return expand(t_B.cos()) * x_t - expand(t_B.sin()) * self.velocity(x_t, t_B)


def place(data: Gaussian = DATA, count: int = 6) -> tuple[Batch, Tensor, Tensor, Tensor]:
    """(batch, x_t, t_B, flow), float64: the flow's direction on the straight line from x0 to one noise."""
    batch, t_B = batch_of(data, count), torch.linspace(0.05, 1.5, count, dtype=torch.float64)
    x0 = batch.x0.double()
    z = SIGMA_DATA * torch.randn(x0.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    cos, sin = expand(t_B.cos()), expand(t_B.sin())
    return batch, cos * x0 + sin * z, t_B, cos * z - sin * x0


def test_with_the_whole_tangent_g_is_cos_t_times_the_change_of_f_along_the_flow():
    student = Curved()
    batch, x_t, t_B, flow = place()
    h = 1e-5
    up, down = (student.consistency(x_t + d * flow, t_B + d) for d in (h, -h))
    g = tangent(batch, step_for(student, batch), x_t, t_B, flow, r=1.0)
    torch.testing.assert_close(g, expand(t_B.cos()) * (up - down) / (2 * h), rtol=1e-7, atol=1e-8)


def test_without_its_unstable_part_g_is_that_of_denoising():
    student = Curved()
    batch, x_t, t_B, flow = place()
    g = tangent(batch, step_for(student, batch), x_t, t_B, flow, r=0.0)
    torch.testing.assert_close(g, expand(t_B.cos().square()) * (flow - student.velocity(x_t, t_B)))


def test_the_unstable_part_comes_in_linearly():
    batch, x_t, t_B, flow = place()
    none, half, whole = (tangent(batch, step_for(Curved(), batch), x_t, t_B, flow, r=r) for r in (0.0, 0.5, 1.0))
    torch.testing.assert_close(half, (none + whole) / 2)
    scm = SimplifiedConsistency(warmup=0.2)
    assert [scm.warmup_factor(progress) for progress in (0.0, 0.05, 0.2, 1.0)] == [0.0, 0.25, 1.0, 1.0]
    assert SimplifiedConsistency(warmup=0.0).warmup_factor(0.0) == 1.0


def g_of(objective: SimplifiedConsistency, student, batch: Batch, **lent) -> tuple[Tensor, Tensor]:
    """(g as the loss takes it, x_t): read from the gradient by the student's answer and from what it was asked."""
    asked = []

    class Noting(nn.Module):
        def velocity(self, x_t, t_B, labels=None, dropout_mask=None):
            answer = student.velocity(x_t, t_B, labels, dropout_mask)
            if torch.is_grad_enabled():
                answer = answer.detach().requires_grad_()
                asked.append((x_t, answer))
            return answer

    terms = terms_of(objective, Noting(), batch, weighting=Weightless(), **lent)
    ((x_t, answer),) = asked
    (gradient,) = torch.autograd.grad(terms.per_picture.sum(), answer)
    return -gradient * x_t[0].numel() * SIGMA_DATA / 2, x_t


def test_training_at_the_exact_function_has_no_gradient_in_the_mean():
    """sd F = -tan(t/2) x_t on data with the spread sd; the denoiser there is F = 0."""

    class Exact(nn.Module):
        def velocity(self, x_t, t_B, labels=None, dropout_mask=None):
            return -expand((t_B / 2).tan()) * x_t

    class Denoiser(nn.Module):
        def velocity(self, x_t, t_B, labels=None, dropout_mask=None):
            return 0 * x_t

    batch = batch_of(UNIT, 20_000)

    def pull(student, progress):
        g, x_t = g_of(SimplifiedConsistency(warmup=0.5), student, batch, progress=progress)
        return float((g * x_t).mean() / (g.square().mean() * x_t.square().mean()).sqrt())

    assert abs(pull(Exact(), 1.0)) < 0.01
    assert pull(Denoiser(), 1.0) < -0.3
    assert abs(pull(Denoiser(), 0.0)) < 0.01
    assert pull(Exact(), 0.0) > 0.2


@pytest.mark.parametrize("data", [UNIT, DATA, SmoothMixture(s=0.3)], ids=["sigma_data", "other", "mixture"])
def test_distillation_at_the_exact_function_has_no_gradient_at_all(data):
    g, _ = g_of(SimplifiedConsistency(distil=True), Angular(data.consistency), batch_of(data), teacher=data.denoiser)
    other, _ = g_of(SimplifiedConsistency(distil=True), Angular(data.denoiser), batch_of(data), teacher=data.denoiser)
    assert g.abs().max() < 2e-3
    assert other.abs().mean() > 0.02


def slope_of(bend: float, objective: SimplifiedConsistency) -> float:
    """The derivative of the loss by the bend of the exact function."""
    student = Angular(Bent(DATA, bend))
    loss_of(objective, student, batch_of(DATA, 4000), teacher=DATA.denoiser, weighting=Weightless()).backward()
    return student.function.bend.grad.item()


OBJECTIVES = [
    SimplifiedConsistency(),
    SimplifiedConsistency(distil=True),
    SimplifiedConsistency(tangent="clip"),
    SimplifiedConsistency(distil=True, tangent="clip"),
]
NAMES = ["training", "distillation", "training, clipped", "distillation, clipped"]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=NAMES)
def test_the_gradient_points_to_the_exact_function(objective):
    below, at, above = (slope_of(bend, objective) for bend in (-0.3, 0.0, 0.3))
    assert below < 0 < above
    assert abs(at) < 0.05 * min(-below, above)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=NAMES)
def test_short_training_finds_the_exact_function(objective):
    data = Gaussian(m=0.2, s=0.4)
    lent = {"teacher": data.denoiser, "weighting": AngleWeighting()}
    student = trained(Angular(Flow()), objective, data, 150, rate=0.03, **lent).function
    assert student.m.item() == pytest.approx(data.m, abs=0.03)
    assert student.s.item() == pytest.approx(data.s, abs=0.03)


def test_the_tangent_is_bounded_for_each_picture():
    batch = batch_of(Gaussian(m=0.0, s=40.0), 50)
    student = Angular(Gaussian(m=1.0, s=0.1).denoiser)
    normalised, _ = g_of(SimplifiedConsistency(), student, batch)
    clipped, _ = g_of(SimplifiedConsistency(tangent="clip"), student, batch)
    lengths = normalised.flatten(1).norm(dim=1)
    assert 0.9 < lengths.max() < 1.0001
    assert clipped.abs().max() == pytest.approx(1, abs=1e-4)


def test_a_tangent_is_shortened_by_its_norm_over_the_whole_picture():
    batch = batch_of(DATA, 20)
    student = Angular(DATA.denoiser)
    raw, _ = g_of(SimplifiedConsistency(tangent="clip"), student, batch)  # short enough not to be clipped
    normalised, _ = g_of(SimplifiedConsistency(), student, batch)
    small = raw.abs().amax(dim=(1, 2, 3)) < 0.99
    assert small.sum() > 5
    expected = raw / (raw.flatten(1).norm(dim=1) + 0.1)[:, None, None, None]
    torch.testing.assert_close(normalised[small], expected[small], rtol=1e-3, atol=1e-4)


def test_the_levels_are_log_normal_with_the_papers_numbers():
    terms = terms_of(SimplifiedConsistency(), Angular(DATA.consistency), batch_of(), weighting=Weightless())
    assert terms.sigma.log().mean().item() == pytest.approx(-1.0, abs=0.1)
    assert terms.sigma.log().std().item() == pytest.approx(1.4, abs=0.1)


def test_the_weighting_starts_at_one_and_learns_the_inverse_of_the_loss():
    weighting, batch = AngleWeighting(), batch_of(count=500)
    lent = {"weighting": weighting, "teacher": DATA.denoiser}
    student = Angular(DATA.denoiser)
    plain = terms_of(SimplifiedConsistency(), student, batch, **(lent | {"weighting": Weightless()})).per_picture
    torch.testing.assert_close(terms_of(SimplifiedConsistency(), student, batch, **lent).per_picture, plain)
    optimiser = torch.optim.Adam(weighting.parameters(), lr=0.02)
    for seed in range(300):
        loss_of(SimplifiedConsistency(), student, batch, seed=seed, **lent).backward()
        optimiser.step()
        optimiser.zero_grad()
    terms = terms_of(SimplifiedConsistency(), student, batch, **lent)
    middle = (terms.sigma > 0.2) & (terms.sigma < 0.6)
    w = weighting(angle_of(terms.sigma[middle])).mean().item()
    assert w == pytest.approx(-log(plain[middle].mean().item()), abs=0.2)


@pytest.mark.parametrize("distil", [False, True])
def test_both_calls_share_labels_and_mask_and_only_one_learns(distil):
    calls = []

    class Noting(nn.Module):
        def velocity(self, x_t, t_B, labels=None, dropout_mask=None):
            calls.append((labels, dropout_mask, torch.is_grad_enabled()))
            return 0.1 * x_t

    batch, dropout_mask, teacher = Batch(DATA.pictures(4), torch.arange(4)), torch.ones(4, 5), Watched(DATA.denoiser)
    objective = SimplifiedConsistency(distil=distil)
    objective.loss(batch, step_for(Noting(), batch, dropout_mask=dropout_mask, teacher=teacher, weighting=Weightless()))
    assert calls == [(batch.labels, dropout_mask, False), (batch.labels, dropout_mask, True)]
    assert len(teacher.calls) == int(distil) == int(objective.needs_teacher)
    assert not any(teacher.grads)
    assert all(call[2] is batch.labels for call in teacher.calls)


@pytest.mark.parametrize("time_input", ["log", "angle"])
@pytest.mark.parametrize("distil", [False, True])
def test_the_real_network_learns_in_all_its_parts(distil, time_input):
    model = tiny.model("trigflow", classes=2, time_input=time_input)
    teacher = tiny.model("edm", seed=1, classes=2)
    batch, weighting = Batch(DATA.pictures(4), torch.tensor([0, 1, 0, 1])), AngleWeighting()
    dropout_mask = torch.ones(4, model.network.dropout_channels)
    objective = SimplifiedConsistency(distil=distil)
    loss_of(objective, model, batch, dropout_mask=dropout_mask, teacher=teacher, weighting=weighting).backward()
    for name, parameter in [*model.named_parameters(), *weighting.layers[-1].named_parameters()]:
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_it_is_a_consistency_function_from_a_denoisers_weights():
    scm = SimplifiedConsistency()
    assert (scm.parameterisation, scm.sampling().move, scm.uses_jvp) == ("trigflow", "renoise", True)
    assert not scm.needs_teacher


def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(ConfigError, match="normalise, clip"):
        SimplifiedConsistency(tangent="cut")
    with pytest.raises(ConfigError, match="share of the run"):
        SimplifiedConsistency(warmup=2.0)
