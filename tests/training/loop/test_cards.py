"""What a configuration has to say to the model's card."""

from dataclasses import replace

import pytest
import torch

import core
from app.edits.generate import GenerateRequest, evaluations
from core.edit_schedules import edit_sigmas
from tests import tiny
from training.loop.cards import make_card
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES

LEVELS = (80.0, 0.821)


def naming_levels(pictures, objective: str):
    config = tiny.run_config(pictures, objective)
    return replace(config, card=replace(config.card, generate_sigmas=LEVELS))


@pytest.mark.parametrize("objective", ["ect", "scm"])
def test_a_model_is_walked_down_the_levels_that_its_configuration_names(tmp_path, objective):
    config = naming_levels(tiny.write_pictures(tmp_path / "pictures", 4), objective)
    model, asked = core.load_model(Trainer(config, tmp_path / "run").train(), device="cpu", dtype="float32"), []
    model.register_forward_pre_hook(lambda _, arguments: asked.append(float(torch.as_tensor(arguments[1]).max())))
    list(evaluations(model, [GenerateRequest(seeds=(1,), steps=2)]))
    assert asked == pytest.approx(LEVELS)


def test_other_numbers_of_steps_begin_where_the_named_levels_begin_and_more_go_further_down(tmp_path):
    card = make_card(naming_levels(tmp_path, "ect"))
    assert edit_sigmas(card, "generate", 1) == [80.0]
    walks = [edit_sigmas(card, edit, steps) for edit in ("generate", "interpolate") for steps in (2, 4)]
    assert all(walk[0] == 80.0 for walk in walks)
    assert walks[1][-1] == walks[3][-1] < walks[0][-1] == walks[2][-1] == 0.821


@pytest.mark.parametrize("objective", ["mcm", "pd", "flow", "kd"])
def test_levels_that_an_objective_brings_itself_are_not_named_besides(tmp_path, objective):
    config = replace(tiny.run_config(tmp_path), teacher="t.safetensors", objective=OBJECTIVES[objective]())
    with pytest.raises(core.ConfigError, match="brings its own levels"):
        replace(config, card=replace(config.card, generate_sigmas=LEVELS))
