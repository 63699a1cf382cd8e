"""diffusers' folders: what core makes of them computes what diffusers computes; other configurations are refused."""

import os
import warnings

import pytest
import torch

import core
from core.published.diffusers import unet_values
from core.published.layouts import DIFFUSERS
from core.published.translated import our_shapes
from tests.core.published.diffusers_network import (
    AsReference,
    ConsistencyModelPipeline,
    UNet2DModel,
    old_names,
    small_folder,
)
from tests.core.published.openai_network import (
    FULL,
    SIDES,
    OpenAIUNet,
    consistency,
    labels_for,
    noisy,
    randomised,
    relative_error,
    small,
)
from tests.core.published.test_openai_files import IMAGENET, LSUN

KINDS = ["imagenet", "lsun"]


def agrees(model, unet, kind) -> bool:
    """Whether both make the same of pictures at a high, a middle and a low noise level."""
    labels = labels_for(kind)
    for sigma in (80.0, 4.4, 0.01):
        x = noisy(sigma, SIDES[kind])
        expected = consistency(AsReference(unet), x, sigma, labels)
        assert relative_error(model(x, sigma, labels), expected) < 1e-5
    return True


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def test_a_folder_computes_what_diffusers_does(tmp_path, kind):
    unet = small_folder(tmp_path / "model", kind)
    model = core.load_model(tmp_path / "model", "cpu", "float32")
    assert type(model) is core.ConsistencyModel
    assert agrees(model, unet, kind)


def test_the_network_alone_is_enough_where_its_scheduler_lies_beside_it(tmp_path):
    unet = small_folder(tmp_path, "imagenet")
    assert agrees(core.load_model(tmp_path / "unet", "cpu", "float32"), unet, "imagenet")


def as_bin(folder, state):
    (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
    torch.save(state, folder / "unet/diffusion_pytorch_model.bin")


@pytest.mark.parametrize(("kind", "names"), [("imagenet", dict), ("lsun", old_names)], ids=["new names", "old names"])
def test_pytorchs_files_and_old_names_of_attention_are_read(tmp_path, kind, names):
    unet = small_folder(tmp_path, kind)
    as_bin(tmp_path, names(unet.state_dict()))
    assert agrees(core.load_model(tmp_path, "cpu", "float32"), unet, kind)


@pytest.mark.parametrize("safe", [True, False], ids=["safetensors", "bin"])
def test_a_model_in_several_files_is_read(tmp_path, safe):
    unet = small_folder(tmp_path, "lsun", max_shard_size="2MB", safe_serialization=safe)
    assert len(list((tmp_path / "unet").glob("diffusion_pytorch_model-*"))) > 2
    assert agrees(core.load_model(tmp_path, "cpu", "float32"), unet, "lsun")


def test_a_name_that_says_edm_counts_more_than_the_scheduler(tmp_path):
    small_folder(tmp_path / "diffusers-cm_edm_small", "lsun")
    assert core.read_card(tmp_path / "diffusers-cm_edm_small").parameterisation == "edm"


def test_without_scheduler_and_name_the_kind_is_asked_for(tmp_path):
    small_folder(tmp_path / "model", "lsun")
    os.rename(tmp_path / "model/unet", tmp_path / "lonely")
    with pytest.raises(core.CheckpointError, match="whether lonely is a consistency model or its EDM teacher"):
        core.load_model(tmp_path / "lonely", "cpu")
    assert core.load_model(tmp_path / "lonely", "cpu", parameterisation="edm").card.parameterisation == "edm"


@pytest.mark.parametrize("places", [[0], [0, 22]], ids=["one step", "two steps"])
def test_sampling_agrees_with_diffusers_pipeline(tmp_path, kind, places, monkeypatch):
    """With the same noise in both. Its last draw is multiplied by nothing."""
    torch.save(small(kind).state_dict(), tmp_path / "cd_small.pt")
    model = core.load_model(tmp_path / "cd_small.pt", "cpu", "float32")
    noise, side = core.SeededNoise([5]), SIDES[kind]
    exported(tmp_path / "cd_small.pt", tmp_path / "theirs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = ConsistencyModelPipeline.from_pretrained(tmp_path / "theirs")
    pipeline.set_progress_bar_config(disable=True)
    draws = iter([noise.draw(k, (3, side, side)) for k in range(3)])
    for module in (
        "pipelines.consistency_models.pipeline_consistency_models",
        "schedulers.scheduling_consistency_models",
    ):
        monkeypatch.setattr(f"diffusers.{module}.randn_tensor", lambda *_, **__: next(draws))
    labels = torch.tensor([3]) if kind == "imagenet" else None
    timesteps = places[::-1]
    expected = pipeline(num_inference_steps=None, timesteps=timesteps, class_labels=labels, output_type="pt").images
    sigmas = [core.karras_sigmas(40)[k] for k in places]
    found = (core.sample(model, sigmas, noise, labels=labels) / 2 + 0.5).clamp(0, 1)
    assert relative_error(found, expected) < 1e-5


def exported(source, folder):
    from core.convert import main

    assert main([str(source), str(folder), "--to", "diffusers"]) == 0
    return folder


def test_the_same_weights_in_all_three_layouts_compute_the_same(tmp_path, kind):
    network, labels = small(kind), labels_for(kind)
    torch.save(network.state_dict(), tmp_path / "cd_small.pt")
    folder = exported(tmp_path / "cd_small.pt", tmp_path / "theirs")
    theirs = AsReference(UNet2DModel.from_pretrained(folder / "unet"))
    again = core.load_model(folder, "cpu", "float32")
    for sigma in (80.0, 4.4, 0.01):
        x = noisy(sigma, SIDES[kind])
        expected = consistency(network, x, sigma, labels)
        assert relative_error(consistency(theirs, x, sigma, labels), expected) < 1e-5
        assert relative_error(again(x, sigma, labels), expected) < 1e-5


@pytest.mark.parametrize("config", [IMAGENET, LSUN], ids=KINDS)
def test_the_tensors_of_full_size_are_those_of_diffusers(config):
    with torch.device("meta"):
        theirs = {name: tuple(value.shape) for name, value in UNet2DModel(**unet_values(config)).state_dict().items()}
    origins = DIFFUSERS.origins(config, our_shapes(config)).values()
    assert {name: origin.shape for origin in origins for name in origin.names} == theirs


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_full_size_agree_with_diffusers(tmp_path, kind):
    network = randomised(OpenAIUNet(**FULL[kind]))
    torch.save(network.state_dict(), tmp_path / "cd_full.pt")
    folder = exported(tmp_path / "cd_full.pt", tmp_path / "theirs")
    x, labels = noisy(4.4, {"imagenet": 64, "lsun": 256}[kind], 1), labels_for(kind)
    labels = None if labels is None else labels[:1]
    with torch.no_grad():
        expected = consistency(AsReference(UNet2DModel.from_pretrained(folder / "unet")), x, 4.4, labels)
        assert relative_error(core.load_model(folder, "cpu", "float32")(x, 4.4, labels), expected) < 1e-5
