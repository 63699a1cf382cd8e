"""The sheet of samples: that its pictures from noise are made as the model's card says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import core
from core.segments import equal_segments
from tests import tiny
from training.config import load_config
from training.loop.cards import make_card
from training.loop.preview import levels_from_noise
from training.loop.trainer import Trainer
from training.objectives.ect import EasyConsistencyTuning
from training.objectives.edm import Denoising
from training.objectives.flow import flow_sigmas
from training.objectives.mcm import MultistepConsistency

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


def card_of(preset: str, folder: Path) -> core.ModelCard:
    """The card of a preset's model, whose teacher and start are not there."""
    config = load_config(CONFIGS / f"{preset}.toml")
    teacher = str(tiny.teacher_file(folder)) if config.teacher else ""
    return make_card(replace(config, start="", teacher=teacher, card=replace(config.card, credits_file="")))


@pytest.mark.parametrize(
    ("preset", "levels"),
    [
        ("paper/ect-cifar10-32", [80.0, 0.821]), ("paper/scm_cd-imagenet-64", [80.0, 0.982]),
        ("paper/mcm_cd-imagenet-64", equal_segments(4)), ("photos-64-multistep", equal_segments(4)),
        ("paper/pd-cifar10-32", [80.0]), ("tiny/pd", core.karras_sigmas(3)[:-1]), ("paper/kd-cifar10-32", [80.0]),
        ("paper/flow-cifar10-32", flow_sigmas(16)), ("paper/reflow-cifar10-32", flow_sigmas(4)),
        ("paper/reflow_distil-cifar10-32", [80.0]), ("tiny/walk", [80.0]),
    ],
)  # fmt: skip
def test_a_model_is_walked_from_noise_down_the_levels_that_it_was_made_for(preset, levels, tmp_path):
    assert levels_from_noise(card_of(preset, tmp_path)) == pytest.approx(levels)


@pytest.mark.parametrize(
    ("preset", "steps", "end"),
    [
        ("photos-64", 16, 0.5),
        ("bedroom-128-denoiser", 16, 1.0),
        ("paper/edm-cifar10-32", 18, 0.05),
        ("tiny/edm", 16, 0.05),
    ],
)
def test_a_denoiser_is_walked_in_its_cards_steps_but_not_in_so_few_as_it_paints_with(preset, steps, end, tmp_path):
    levels = levels_from_noise(card_of(preset, tmp_path))
    assert (len(levels), levels[0], levels[-1]) == (steps, 80.0, end)


@pytest.mark.parametrize("objective", [Denoising(), EasyConsistencyTuning(), MultistepConsistency(distil=False)])
def test_the_last_row_of_the_sheet_is_that_walk(objective, tmp_path):
    config = tiny.run_config(tiny.write_pictures(tmp_path / "pictures", 3), kimg=0.004)
    trainer = Trainer(replace(config, objective=objective), tmp_path / "run")
    trainer.train()
    sheet = np.asarray(Image.open(tmp_path / "run" / "samples" / "000000.png"))
    walked = core.sample(trainer.average_model(), levels_from_noise(trainer.card), core.SeededNoise(range(3)))
    assert np.array_equal(sheet[-tiny.SIDE :], np.concatenate(list(core.to_uint8(walked)), axis=1))
