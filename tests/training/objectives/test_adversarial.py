"""Adversarial consistency against data whose exact answers are known, and its weights against their formulas."""

import pytest
import torch

from core import ConfigError
from core.schedule import SIGMA_MAX
from tests import tiny
from tests.oracles import Gaussian, Mixture
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, step_for, terms_of
from training.adversary.critic import Critic
from training.adversary.views import View
from training.draws import Draws
from training.metrics.efficientnet import map_distance
from training.objectives.adversarial import AdversarialConsistency, leaky_clamp
from training.objectives.base import Batch, Step, expand

COLOUR = (3, 8, 8)


def objective(**settings) -> AdversarialConsistency:
    """One that sees with random maps, with only what a test asks of it."""
    bare = {"reconstruct": 0.0, "perceive": 0.0, "agree": 0.0, "turned": 0.0}
    return tiny.adversarial(**(bare | settings))


def at(sigma: float, **settings) -> AdversarialConsistency:
    """The same at (very nearly) one noise level."""
    return objective(levels=(sigma, sigma * (1 + 1e-6)), shares=(1.0,), **settings)


class Indifferent(Critic):
    """A critic whose score of a picture is a number times its mean."""

    def __init__(self, score: float = 0.0):
        super().__init__("random")
        self.score = score

    def scores(self, features, labels, band_B):
        return [self.score * features.pixels.flatten(1).mean(1, keepdim=True)]


def losses(adversarial: AdversarialConsistency, student, batch, critic: Critic | None = None, **lent) -> torch.Tensor:
    return terms_of(adversarial, student, batch, critic=critic or Indifferent(), **lent).per_picture


# ---- the weights


@pytest.mark.parametrize("sigma", [0.2, 1.0, 5.0, 40.0])
def test_a_shift_costs_the_wiener_gains_of_all_scales(sigma):
    """Means over k x k pixels of power 0.09 keep 0.09 / (0.09 + sigma^2 / k^2) under the noise of a mean."""
    batch = batch_of(shape=COLOUR, count=16)
    found = losses(at(sigma, reconstruct=2.0), lambda *_: batch.x0 + 0.1, batch)
    gains = [0.09 / (0.09 + sigma**2 / k**2) for k in (1, 2, 4)]
    torch.testing.assert_close(found, torch.full((16,), 2 * 0.01 * sum(gains) / 3), rtol=1e-4, atol=0)


def test_a_fine_pattern_costs_at_the_finest_scale_only():
    batch = batch_of(shape=COLOUR, count=4)
    board = torch.tensor([[0.1, -0.1], [-0.1, 0.1]]).tile(4, 4)
    found = losses(at(1.0, reconstruct=1.0), lambda *_: batch.x0 + board, batch)
    torch.testing.assert_close(found, torch.full((4,), 0.01 * 0.09 / 1.09 / 3), rtol=1e-3, atol=0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_grid_of_patches_costs_if_it_is_stronger_than_in_the_picture(sign):
    """Under a strong noise, where the reconstruction says nothing of it."""
    batch = batch_of(shape=COLOUR, count=4)
    board = 0.5 * torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).tile(4, 4)
    batch = Batch(0.1 * batch.x0 + (board if sign < 0 else 0), batch.labels)
    found = losses(at(40.0, even=3.0, patch=2), lambda *_: batch.x0 + sign * board, batch)
    if sign > 0:
        assert (found > 0.2).all()
    else:
        assert torch.equal(found, torch.zeros(4))


def test_disagreement_costs_its_mean_and_only_at_coarse_scales():
    """Half of the pictures are asked, and count twice."""
    batch, sigma = batch_of(shape=COLOUR, count=10), 2.0
    board = 0.3 * torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).tile(4, 4)

    def student(x, sigma_B, *rest):
        return 0.2 * expand((sigma_B > 1.5).float()) * torch.ones_like(x) + board

    def target(x, sigma_B, *rest):
        assert sigma_B.tolist() == pytest.approx([0.5 * sigma] * 5)
        return torch.zeros_like(x)

    found = losses(at(sigma, agree=3.0, spread=0.5), student, batch, target=target)
    torch.testing.assert_close(found, torch.tensor([2 * 3 * 0.04, 0.0] * 5), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("quiet", [0.5, 2.0])
def test_the_critics_weight_depends_on_the_noise_level(sigma, quiet):
    """A student that answers 0.25 everywhere, a critic that likes brightness: the view's own change drops out."""
    batch = batch_of(shape=COLOUR, count=500)
    for convince in (0.0, 3.0):
        adversarial = at(sigma, quiet=quiet, convince=convince)
        found = losses(adversarial, lambda x, *_: torch.full_like(x, 0.25), batch, Indifferent(2.0))
        expected = -convince * 0.5 * sigma**2 / (sigma**2 + quiet**2)
        assert found.mean().item() == pytest.approx(expected, rel=0.05)


def test_the_perceptual_distance_has_weight_where_the_critic_has_none():
    batch, quiet = batch_of(shape=COLOUR, count=6), 1.5
    critic = Indifferent()
    for sigma in (0.5, 6.0):
        found = losses(at(sigma, perceive=1.0, quiet=quiet), lambda *_: 0.5 * batch.x0, batch, critic)
        draws = draws_for(6)
        draws.stratified(), draws.normal(*COLOUR)
        view = View.draw(draws, 8)
        distance = map_distance(critic.extract(view(0.5 * batch.x0)).maps, critic.extract(view(batch.x0)).maps)
        torch.testing.assert_close(found, distance / (1 + (sigma / quiet) ** 4), rtol=1e-4, atol=1e-7)


def test_the_critics_loss_is_the_hinge_of_both_pictures():
    class Judge(Indifferent):
        def scores(self, features, labels, band_B):
            return [features.pixels.mean(dim=(1, 2, 3)).sign()[:, None] * 0.25 for _ in range(2)]

    batch = batch_of(Gaussian(m=0.5, s=0.01), shape=COLOUR, count=4)
    terms = terms_of(at(1.0), lambda x, *_: torch.full_like(x, -0.5), batch, critic=Judge())
    torch.testing.assert_close(terms.critic, torch.full((4,), 2 * (0.75 + 0.75)))


def test_beyond_the_range_a_tenth_of_the_gradient_leads_back():
    y = torch.tensor([-3.0, 0.5, 2.0], requires_grad=True)
    leaky_clamp(y).sum().backward()
    torch.testing.assert_close(y.grad, torch.tensor([0.1, 1.0, 0.1]))


# ---- levels, hues, parts


def test_levels_fall_into_the_bands_in_the_given_proportions():
    adversarial = objective(levels=(0.1, 1.0, 10.0, 80.0), shares=(0.5, 0.3, 0.2))
    levels = adversarial.sigmas(draws_for(20_000))
    assert levels.min() >= 0.1 and levels.max() <= SIGMA_MAX
    assert (levels < 1).float().mean().item() == pytest.approx(0.5, abs=2e-3)
    assert (levels < 10).float().mean().item() == pytest.approx(0.8, abs=2e-3)
    assert levels[levels < 1].log10().mean().item() == pytest.approx(-0.5, abs=5e-3)


def test_a_level_belongs_to_the_band_that_its_borders_enclose():
    adversarial = objective(levels=(0.1, 1.0, 6.0, 80.0), shares=(1.0, 1.0, 1.0))
    assert adversarial.bands(torch.tensor([0.1, 0.99, 1.0, 5.9, 6.0, 80.0])).tolist() == [0, 0, 1, 1, 2, 2]


def test_a_small_batch_covers_the_levels():
    adversarial = objective(levels=(0.1, 1.0, 10.0), shares=(0.5, 0.5))
    for seed in range(20):
        assert (adversarial.sigmas(draws_for(8, seed)) < 1).sum() == 4


def watched(step_name: str, adversarial: AdversarialConsistency, x0: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What one step of the loss makes of the pictures, and its arguments after the pictures."""
    calls = []

    class Recorder(AdversarialConsistency):
        pass

    def recorded(self, pictures, *rest):
        answer = getattr(AdversarialConsistency, step_name)(self, pictures, *rest)
        calls.append((answer, rest))
        return answer

    setattr(Recorder, step_name, recorded)
    losses(Recorder(**vars(adversarial)), DATA.denoiser, type(batch_of(count=1))(x0, None))
    return calls[0]


def differs(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """[B] bool."""
    return (a - b).abs().amax(dim=(1, 2, 3)) > 1e-3


@pytest.mark.parametrize("painted", [0.0, 1.0])
def test_hues_are_turned_where_the_noise_or_strokes_show_them_and_nowhere_else(painted):
    x0 = batch_of(Gaussian(m=0.0, s=0.2), shape=(3, 16, 16), count=400).x0
    adversarial = objective(levels=(0.1, 1.0, 10.0), shares=(0.5, 0.5), turned=0.5, hue_known=1.0, painted=painted)
    answer, (known_B, _) = watched("_with_turned_hues", adversarial, x0)
    assert not differs(answer, x0)[~known_B].any()
    assert differs(answer, x0)[known_B].float().mean().item() == pytest.approx(0.5, abs=0.1)
    # half of the levels are below 1; with strokes, all of those from 0.5 to 8 as well
    assert known_B.float().mean().item() == pytest.approx(0.5 + painted * 0.45, abs=0.01)


@pytest.mark.parametrize(("sigma", "expected"), [(0.4, 0.0), (2.0, 0.25), (12.0, 0.0)])
def test_strokes_are_the_input_of_the_given_fraction_at_their_levels_only(sigma, expected):
    x0 = batch_of(shape=(3, 16, 16), count=400).x0
    clean, _ = watched("_clean_input", at(sigma, painted=0.25), x0)
    assert differs(clean, x0).float().mean().item() == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("sigma", [0.6, 1.5, 6.0])
def test_strokes_are_mixed_in_as_by_painting_that_started_at_a_higher_level(sigma, monkeypatch):
    """core.paint_steps: the weight of the strokes at a level is that level over the first one, 1 at the first."""
    monkeypatch.setattr("training.objectives.adversarial.flat_strokes", lambda x, draws: torch.full_like(x, 3.0))
    x0 = torch.zeros(400, 3, 4, 4)
    clean, _ = watched("_clean_input", at(sigma, painted=1.0, painted_from=1.0), x0)
    weight_B = clean.mean(dim=(1, 2, 3)) / 3
    torch.testing.assert_close(clean, 3 * weight_B[:, None, None, None].expand_as(clean))
    assert weight_B.min().item() == pytest.approx(sigma / 8, abs=0.02) and weight_B.max() <= 1
    starts = torch.logspace(0, torch.tensor(8.0).log10(), 4000)
    assert weight_B.mean().item() == pytest.approx((sigma / starts).clamp(max=1).mean().item(), abs=0.03)


@pytest.mark.parametrize(("sigma", "expected"), [(0.1, 0.0), (0.4, 0.5), (2.0, 0.0)])
def test_enlarged_pictures_are_the_input_of_the_given_fraction_at_their_levels_only(sigma, expected):
    x0 = batch_of(shape=(3, 16, 16), count=400).x0
    clean, _ = watched("_clean_input", at(sigma, enlarged=0.5), x0)
    assert differs(clean, x0).float().mean().item() == pytest.approx(expected, abs=0.07)


def test_pictures_with_strokes_are_not_enlarged(monkeypatch):
    monkeypatch.setattr("training.objectives.adversarial.flat_strokes", lambda x, draws: x)
    x0 = batch_of(shape=(3, 16, 16), count=50).x0
    clean, _ = watched("_clean_input", at(0.7, painted=1.0, enlarged=1.0), x0)
    torch.testing.assert_close(clean, x0)


def test_however_a_batch_is_divided_every_picture_has_the_same_loss():
    whole, critic = batch_of(shape=COLOUR, count=10), Critic("random")
    adversarial = objective(reconstruct=1.0, perceive=1.0, agree=1.0, turned=0.5, every=3)

    def terms(first, last):
        draws = Draws(torch.Generator().manual_seed(3), 10, first, last)
        part = type(whole)(whole.x0[first:last], None)
        step = Step(DATA.denoiser, draws, 0.5, critic=critic, target=DATA.denoiser)
        found = adversarial.loss(part, step)
        return torch.stack([found.per_picture, found.critic])

    parts = torch.cat([terms(0, 1), terms(1, 4), terms(4, 10)], dim=1)
    torch.testing.assert_close(parts, terms(0, 10), rtol=1e-4, atol=1e-5)


def test_student_and_critic_get_no_gradient_from_each_others_loss():
    scale, critic = torch.ones(1, requires_grad=True), Critic("random")
    batch = batch_of(shape=COLOUR, count=6)
    terms = terms_of(objective(), lambda x, *rest: scale * DATA.denoiser(x, *rest), batch, critic=critic)
    terms.critic.sum().backward()
    assert scale.grad is None
    critic.zero_grad()
    terms.per_picture.sum().backward()
    assert scale.grad.abs() > 0
    assert all(parameter.grad is None for parameter in critic.parameters())


def test_only_the_student_has_a_gradient_and_the_teacher_is_evaluated_at_the_upper_level():
    student, target, teacher = (Watched(DATA.denoiser) for _ in range(3))
    batch = batch_of(shape=COLOUR, count=8)
    losses(objective(agree=1.0, every=4), student, batch, target=target, teacher=teacher)
    assert (student.grads, target.grads, teacher.grads) == ([True], [False], [False])
    torch.testing.assert_close(teacher.calls[0][1], student.calls[0][1][::4])
    torch.testing.assert_close(target.calls[0][1], 0.55 * student.calls[0][1][::4])


# ---- at rest at the exact solution, and towards it from beside it


def drift_of(adversarial: AdversarialConsistency, function, data, teacher=None, count: int = 4000) -> float:
    """How the loss changes with the scale of the answers about their mean, at scale 1."""
    scale, batch = torch.ones(1, requires_grad=True), batch_of(data, shape=(3, 4, 4), count=count)
    mean = batch.x0.mean()

    def student(x, *rest):
        return mean + scale * (function(x, *rest) - mean)

    losses(adversarial, student, batch, target=function, teacher=teacher).mean().backward()
    return scale.grad.item()


@pytest.mark.parametrize("data", [Gaussian(m=0.1, s=0.2), Mixture(m=(-0.4, 0.3))], ids=["gaussian", "mixture"])
def test_the_gradient_of_distillation_at_the_consistency_function_vanishes_with_its_step(data):
    """Of pixels alone; the denoiser's answers, which differ along the flow, would be moved."""
    tuned = {"agree": 1.0, "coarse": (1,), "every": 1}
    rests, moves = [], []
    for spread in (0.8, 0.95):
        adversarial = at(1.0, spread=spread, **tuned)
        for found, function in ((rests, data.consistency), (moves, data.denoiser)):
            found.append(abs(drift_of(adversarial, function, data, data.denoiser)) / (1 - spread))
    assert rests[1] < 0.4 * rests[0]
    assert rests[1] < 0.15 * moves[1]


def test_the_gradient_of_reconstruction_vanishes_at_the_posterior_mean():
    data = Gaussian(m=0.1, s=0.3)
    adversarial = at(1.0, reconstruct=1.0, scales=(1,))
    lost = 2 * 0.09 / 1.09 * 0.3**4 / (0.3**2 + 1)  # of the slope of answers that are 0
    assert abs(drift_of(adversarial, data.denoiser, data)) < 0.1 * lost
    assert drift_of(adversarial, data.consistency, data) > lost  # their spread is too large for it


@pytest.mark.parametrize(("data", "start"), [(Gaussian(m=0.0, s=0.3), 0.5), (Mixture(m=(-0.4, 0.3)), 1.6)])
def test_against_the_critic_answers_get_the_standard_deviation_of_the_data(data, start):
    """One number is learnt: the scale of the exact answers. A loss that compares pictures would let it shrink to the
    denoiser's, 0.29 of the data's spread."""
    torch.manual_seed(0)
    log_scale, critic = torch.tensor(start).log().requires_grad_(), Critic("random")
    adversarial = at(1.0, quiet=0.01)
    mean = data.pictures(4000, COLOUR).mean()
    movers = [torch.optim.Adam([log_scale], 0.02, betas=(0.0, 0.9))]
    movers.append(torch.optim.Adam([p for p in critic.parameters() if p.requires_grad], 2e-3, betas=(0.0, 0.9)))
    late = []
    for n in range(120):
        batch = batch_of(data, 16, COLOUR, seed=n)
        exact = data.pictures(16, COLOUR, seed=1000 + n)  # what the exact function answers, in distribution

        def student(x, *_, exact=exact):
            return mean + log_scale.exp() * (exact - mean)

        terms = adversarial.loss(batch, step_for(student, batch, seed=n, critic=critic))
        (terms.per_picture.mean() + terms.critic.mean()).backward()
        for mover in movers:
            mover.step()
            mover.zero_grad()
        critic.update_spectral_norms()
        late.append(log_scale.exp().item())
    assert sum(late[-50:]) / 50 == pytest.approx(1.0, abs=0.15)


# ---- settings


@pytest.mark.parametrize(
    "bad",
    [
        {"levels": (1.0, 0.5), "shares": (1.0,)},
        {"levels": (1.0, 2.0), "shares": (1.0, 1.0)},
        {"levels": (1.0, 200.0), "shares": (1.0,)},
        {"levels": (1.0, 2.0), "shares": (0.0,)},
        {"quiet": 0.0},
        {"reconstruct": -1.0},
        {"convince": -1.0},
        {"even": -1.0},
        {"patch": 0},
        {"scales": ()},
        {"coarse": (0,)},
        {"every": 0},
        {"spread": 1.0},
        {"mu": 1.0},
        {"turned": 1.1},
        {"painted": -0.1},
        {"painted_from": 0.0},
        {"enlarged": 1.5},
    ],
)
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ConfigError, match=r"\.$"):
        AdversarialConsistency(**bad)
