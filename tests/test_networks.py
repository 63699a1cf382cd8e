"""A kind of network beside the U-Net: one class and one line in the table of kinds are all that it needs."""

import ast
import json
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
import torch
from torch import nn

import core
from core.checkpoint import read_tensors
from core.network_base import Network
from core.networks import NETWORKS, Kind, build_network
from tests import tiny
from tests.test_walls import FILES, ROOT, modules_of
from tests.training.loop.test_trainer import assert_resumes_exactly, state_of
from training.config import from_dict, load_config, to_dict, to_toml
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES


@dataclass(frozen=True)
class MixerConfig:
    """Sizes of a Mixer, which has neither step counts nor labels of augmentation."""

    resolution: int = tiny.SIDE
    channels: int = 3
    patch: int = 2
    width: int = 16
    classes: int = 0

    step_counts: ClassVar[tuple[int, ...]] = ()
    augment_labels: ClassVar[int] = 0

    def __post_init__(self):
        if self.resolution % self.patch:
            raise core.CheckpointError("The picture does not divide into patches.")


class Mixer(Network):
    """Patches mixed over positions, then over channels (Tolstikhin et al. 2021); the level is one channel more."""

    REDUCED_IN_FILES = ("tokens.",)
    config: MixerConfig

    def __init__(self, config: MixerConfig):
        super().__init__(config)
        positions = (config.resolution // config.patch) ** 2
        self.register_buffer("mean", torch.zeros(config.channels))
        self.embed = nn.Conv2d(config.channels + 1, config.width, config.patch, config.patch)
        self.tokens = nn.Linear(positions, positions)
        self.mix = nn.Linear(config.width, config.width)
        self.classes = nn.Embedding(config.classes, config.width) if config.classes else None
        self.out = nn.ConvTranspose2d(config.width, config.channels, config.patch, config.patch)

    def forward(
        self, u, sigma_B, labels_B=None, dropout_mask=None, steps_B=None, augmented_BA=None, guidance=0.0
    ):  # fmt: skip
        if guidance:
            raise core.RequestError("A mixer cannot be guided.")
        level = (0.25 * sigma_B.log())[:, None, None, None].expand(-1, 1, *u.shape[2:])
        h = self.embed(torch.cat([u - self.mean[:, None, None], level], dim=1))
        if self.classes is not None:
            h = h + self.classes(labels_B)[:, :, None, None]
        with self.precision():
            h = h + self.tokens(h.flatten(2)).reshape(h.shape).float()
        h = h + self.mix(h.movedim(1, -1)).movedim(-1, 1)
        if dropout_mask is not None:
            h = h * dropout_mask[:, :, None, None]
        return self.out(torch.relu(h))

    @property
    def dropout_grids(self):
        return [self.config.resolution // self.config.patch] * self.config.width

    @property
    def prior_pictures(self):
        return 5

    def fit_prior(self, pictures):
        self.mean.copy_(pictures.mean((0, 2, 3)))

    def compiled_modules(self):
        return [self.tokens]


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """The line that a kind needs in core/networks.py."""
    monkeypatch.setitem(NETWORKS, "mixer", Kind(MixerConfig, Mixer))


def run_config(tmp_path, objective: str = "edm", **run):
    return replace(
        tiny.run_config(tiny.write_pictures(tmp_path / "pictures", 6), objective, **run), network=MixerConfig()
    )


def model_file(tmp_path, **card):
    network = build_network(MixerConfig(classes=2))
    card = core.ModelCard(name="mixer", network=network.config, classes=("a", "b"), **card)
    return network, core.save_model(tmp_path / "m.safetensors", card, network.state_dict(), dtype=torch.bfloat16)


def test_its_card_names_the_kind_and_comes_back():
    card = core.ModelCard(network=MixerConfig(width=24))
    assert json.loads(card.to_json())["network"]["kind"] == "mixer"
    assert core.ModelCard.from_json(card.to_json()) == card


def test_a_u_nets_card_names_none_as_before_there_were_kinds():
    assert "kind" not in json.loads(core.ModelCard(network=tiny.network_config()).to_json())["network"]


@pytest.mark.parametrize(
    "network", [{"kind": "unheard"}, {"kind": 3}, {"kind": ["mixer"]}, {"kind": "mixer", "patch": 3}]
)
def test_a_card_of_an_unknown_kind_or_of_impossible_sizes_is_refused(network):
    with pytest.raises(core.CheckpointError):
        core.ModelCard.from_json(json.dumps({"format": 1, "network": network}))


def test_its_model_file_opens_and_answers_as_it_did(tmp_path):
    network, path = model_file(tmp_path)
    stored = {name: value.dtype for name, value in read_tensors(path).items()}
    assert stored["tokens.weight"] == torch.bfloat16
    assert stored["embed.weight"] == torch.float32
    model = core.load_model(path, "cpu")
    u, sigma, labels = torch.randn(2, 3, 8, 8), torch.tensor([0.5, 5.0]), torch.tensor([0, 1])
    torch.testing.assert_close(model.network(u, sigma, labels), network(u, sigma, labels), rtol=0, atol=1e-2)


@pytest.mark.parametrize("parameterisation", ["consistency", "edm", "trigflow"])
def test_it_samples_edits_and_paints(tmp_path, parameterisation):
    _, path = model_file(tmp_path, parameterisation=parameterisation)
    model, noise, photo = core.load_model(path, "cpu"), core.SeededNoise([1, 2]), tiny.photos(2)
    labels = model.labels("b", 2)
    assert core.sample(model, [80.0, 1.0], noise, labels=labels).shape == (2, 3, 8, 8)
    assert core.paint(model, photo, [1.0, 0.5], noise, labels=labels).isfinite().all()
    known = core.Inpaint(photo, torch.zeros(1, 1, 8, 8))
    assert torch.equal(core.edit(model, known, [2.0, 1.0], noise, labels=labels), photo)


def test_a_configuration_names_it_and_comes_back(tmp_path):
    config = run_config(tmp_path)
    assert to_dict(config)["network"]["kind"] == "mixer"
    (tmp_path / "run.toml").write_text(to_toml(config))
    assert load_config(tmp_path / "run.toml") == from_dict(to_dict(config)) == config
    with pytest.raises(core.ConfigError, match=r"network\.multipliers"):
        load_config(tmp_path / "run.toml", ["network.multipliers=[1]"])
    with pytest.raises(core.ConfigError, match=r'network\.kind is "dit"; mixer, unet are known'):
        load_config(tmp_path / "run.toml", ["network.kind=dit"])


def test_its_run_in_two_halves_is_the_whole_run_and_leaves_a_model(tmp_path):
    assert_resumes_exactly(run_config(tmp_path, kimg=0.024, sample_kimg=0.008, validate_kimg=0.008), tmp_path)
    assert state_of(tmp_path / "halves")["settings"]["network.kind"] == "mixer"
    model = core.load_model(tmp_path / "halves" / "model.safetensors", "cpu")
    assert isinstance(model.network, Mixer)
    assert model.network.mean.any()  # its prior was fitted
    assert core.sample(model, [80.0, 1.0], core.SeededNoise([3])).isfinite().all()


def test_it_is_distilled_from_its_own_kind_and_not_started_from_another(tmp_path):
    teacher = Trainer(run_config(tmp_path, kimg=0.008), tmp_path / "teacher").train()
    student = replace(run_config(tmp_path), objective=OBJECTIVES["cd"](), teacher=str(teacher), start="teacher")
    assert isinstance(Trainer(student, tmp_path / "student").learner.network, Mixer)
    with pytest.raises(core.ConfigError, match="mixer, not unet"):
        Trainer(replace(student, network=tiny.network_config()), tmp_path / "other")


def test_dropout_is_refused_for_a_network_that_drops_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(Mixer, "dropout_grids", [])
    with pytest.raises(core.ConfigError, match=r"run\.dropout"):
        Trainer(run_config(tmp_path), tmp_path / "run")


def test_the_table_of_kinds_alone_knows_the_u_net():
    for path in FILES:
        named = {name for name in modules_of(path) if name.startswith("core.unet")}
        knows = path in (ROOT / "core" / "networks.py", ROOT / "core" / "unet.py")
        knows |= path.parent == ROOT / "core" / "published"  # which holds U-Nets alone
        assert not named or knows, path
        if path != ROOT / "core" / "unet.py":
            texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
            assert not [text for text in texts if isinstance(text, str) and text.startswith("trunk.")], path
