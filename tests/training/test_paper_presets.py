"""training/configs/paper against what the papers print: steps, averages a step, levels as points of a grid."""

from math import tan
from pathlib import Path

import pytest

from core.networks import class_of
from core.schedule import SIGMA_DATA
from training.config import Config, load_config
from training.objectives.grid import karras_grid

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs"
BEGINNING = [
    (path, role)
    for path in sorted(CONFIGS.rglob("*.toml"))
    for role in ("teacher", "start")
    if getattr(load_config(path), role).endswith(".toml")
]


def preset(name: str) -> Config:
    return load_config(CONFIGS / "paper" / f"{name}.toml")


@pytest.mark.parametrize(
    ("name", "points", "index"),
    [
        ("cd-cifar10-32", 18, 11), ("cd-imagenet-64", 40, 22), ("ct-imagenet-64", 201, 106), ("cd-lsun-256", 40, 17),
        ("ct-lsun-256", 151, 67), ("ict-cifar10-32", 1281, 788), ("ict-imagenet-64", 1281, 709),
        ("ect-cifar10-32", 1281, 788), ("ect-imagenet-64", 1281, 709),
    ],
)  # fmt: skip
def test_the_second_of_two_steps_is_at_the_released_point_of_the_grid_in_training(name, points, index):
    """The points that scripts/launch.sh and ct_train.py --mid_t name (OpenAI's and Geng et al.'s code)."""
    assert preset(name).card.generate_sigmas == pytest.approx((80.0, karras_grid(points)[index].item()), rel=1e-3)


@pytest.mark.parametrize("kind", ["scm_cd", "scm_ct"])
@pytest.mark.parametrize("data", ["cifar10-32", "imagenet-64"])
def test_scms_second_step_is_at_the_angle_of_the_paper(kind, data):
    """Lu & Song 2024, appendix G.2: t = 1.1."""
    assert preset(f"{kind}-{data}").card.generate_sigmas[1] == pytest.approx(SIGMA_DATA * tan(1.1), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "steps", "decay"),
    [
        ("cd-cifar10-32", 800_000, 0.9999), ("ct-cifar10-32", 800_000, 0.9999), ("cd-imagenet-64", 600_000, 0.999943),
        ("ct-imagenet-64", 800_000, 0.999943), ("cd-lsun-256", 600_000, 0.999943), ("ct-lsun-256", 1e6, 0.999943),
        ("continuous_cd-cifar10-32", 800_000, 0.9999), ("continuous_ct-cifar10-32", 800_000, 0.9999),
        ("edm-cifar10-32", 400_000, 0.5 ** (512 / 500_000)), ("edm-lsun-256", 600_000, 0.9999432),
        ("ict-cifar10-32", 400_000, 0.99993), ("ict-imagenet-64", 800_000, 0.99997), ("ect-cifar10-32", 2e5, 0.9999),
    ],
)  # fmt: skip
def test_a_preset_lasts_and_averages_as_long_as_the_papers_steps(name, steps, decay):
    """Song et al. 2023, table 3 and its code; Song & Dhariwal 2023; Geng et al. 2024. Decays to the printed digits."""
    run = preset(name).run
    assert 1000 * run.kimg == steps * run.batch
    half_life = 1000 * run.ema_half_life_kimg[-1] / run.batch
    assert 0.5 ** (1 / half_life) == pytest.approx(decay, abs=5e-7)


@pytest.mark.parametrize(("path", "role"), BEGINNING, ids=[f"{path.stem}-{role}" for path, role in BEGINNING])
def test_a_configuration_fits_the_one_that_it_begins_with(path, role):
    config = load_config(path)
    first = load_config(path.parent / getattr(config, role))
    assert (config.network.resolution, config.classes) == (first.network.resolution, first.classes)
    assert (config.data.train, config.data.square) == (first.data.train, first.data.square)
    mine, its, kind = vars(config.network), vars(first.network), class_of(config.network)
    if role == "start" or config.start == "teacher":
        assert {name for name in mine if mine[name] != its[name]} <= kind.RETRAINABLE | kind.ADDABLE
