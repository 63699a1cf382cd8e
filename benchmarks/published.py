"""`python -m benchmarks.published`: the published networks in Onestroke, diffusers and OpenVINO, side by side.

Random weights in the exact architectures: the time does not depend on them. Every program runs in a process of its own:
it loads the network, makes a picture (the first one, with all that is prepared at first use), then pictures in one
and in two steps. Measured are seconds by the clock and the most memory that the process ever had (Linux). The rate of
convolutions is that of one 3x3 convolution of 256 to 256 channels at 64x64, by the same torch; how much of it an
evaluation reaches counts all of the evaluation's arithmetic.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

import core
from benchmarks.timing import milliseconds, print_table
from core.card import ModelCard
from core.checkpoint import network_of
from core.convert import main as convert
from core.models import ConsistencyModel
from core.networks import build_network, empty_network
from core.open_model import open_model
from core.runtime import machine, use_threads
from core.unet import UNetConfig
from training.metrics.torchvision_shim import import_torchvision

PUBLISHED = {"patch": 1, "patch_prior": False, "attention_grids": (32, 16, 8), "time_scale": 1000.0}
NETWORKS = {
    "bedroom256": UNetConfig(resolution=256, width=256, multipliers=(1, 1, 2, 2, 4, 4), blocks=2, **PUBLISHED),
    "imagenet64": UNetConfig(
        resolution=64, width=192, multipliers=(1, 2, 3, 4), blocks=3, scale_shift=True, classes=1000, **PUBLISHED
    ),
}
SIGMAS = ([80.0], [80.0, 4.0])  # of one step and of two
Sampler = Callable[[int, int], object]  # pictures of a batch of that size in so many steps


def onestroke(folder: Path, dtype: str) -> Sampler:
    """Our own file, as `core.load_model` loads it."""
    return _sampler(core.load_model(folder / "ours.safetensors", "cpu", dtype))


def _sampler(model) -> Sampler:
    def sample(batch: int, steps: int) -> Tensor:
        labels = torch.zeros(batch, dtype=torch.long) if model.card.classes else None
        return core.sample(model, SIGMAS[steps - 1], core.SeededNoise(range(batch)), labels=labels)

    return sample


def diffusers(folder: Path, dtype: str) -> Sampler:
    """The diffusers folder in `ConsistencyModelPipeline`, as its documentation loads it."""
    import_torchvision()
    from diffusers import ConsistencyModelPipeline

    pipeline = ConsistencyModelPipeline.from_pretrained(folder / "theirs", torch_dtype=getattr(torch, dtype))
    pipeline.set_progress_bar_config(disable=True)
    classes = pipeline.unet.config.num_class_embeds

    def sample(batch: int, steps: int) -> object:
        how = {"num_inference_steps": 1} if steps == 1 else {"num_inference_steps": None, "timesteps": [39, 17]}
        labels = {"class_labels": torch.zeros(batch, dtype=torch.long)} if classes else {}
        return pipeline(batch_size=batch, output_type="pt", **how, **labels)

    return sample


def openvino(folder: Path, dtype: str) -> Sampler:
    """Our network compiled by OpenVINO; it is compiled again for each batch size, at the first picture."""
    from benchmarks.model import OpenVinoNetwork

    card, weights = open_model(folder / "ours.safetensors")
    plain = network_of(card, weights)
    precision = {"float32": "f32", "bfloat16": "bf16"}[dtype]
    compiled: dict[int, Sampler] = {}

    def sample(batch: int, steps: int) -> object:
        if batch not in compiled:
            network = OpenVinoNetwork(plain, batch, threads=torch.get_num_threads(), precision=precision)
            compiled[batch] = _sampler(ConsistencyModel(network, card))
        return compiled[batch](batch, steps)

    return sample


PROGRAMS = {"Onestroke": onestroke, "diffusers": diffusers, "OpenVINO": openvino}


def measured(program: str, folder: Path, dtype: str, batches: list[int], repeats: int) -> dict:
    """What one program needs, in this process: seconds and megabytes."""
    began = time.perf_counter()
    with torch.inference_mode():
        sample = PROGRAMS[program](folder, dtype)
        loaded = time.perf_counter()
        sample(1, 1)
        first = time.perf_counter()
        seconds = {
            f"{batch},{steps}": milliseconds(partial(sample, batch, steps), repeats=repeats, warm_up=1) / 1000
            for batch, steps in product(batches, (1, 2))
        }
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return {"load": loaded - began, "first": first - loaded, "seconds": seconds, "peak": peak / 1e3}


def in_its_own_process(program: str, folder: Path, dtype: str, options: argparse.Namespace) -> dict | None:
    """What `measured` says in a fresh process; None, with its last words printed, if that fails."""
    command = [sys.executable, "-m", "benchmarks.published", "--inside", program, dtype, str(folder)]
    command += ["--network", options.network, "--threads", str(options.threads), "--repeats", str(options.repeats)]
    command += ["--batches", *map(str, options.batches)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{program}, {dtype}: {(done.stderr.strip().splitlines() or ['no word'])[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def write_models(config: UNetConfig, folder: Path) -> None:
    """Random weights as a diffusers folder in float32 and as a file of ours in bfloat16."""
    generator = torch.Generator().manual_seed(0)
    shapes = {name: value.shape for name, value in empty_network(config).state_dict().items()}
    weights = {name: 0.02 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    names = tuple(map(str, range(config.classes)))
    card = ModelCard(name="random", network=config, parameterisation="consistency", classes=names)
    core.save_model(folder / "float32.safetensors", card, weights)
    for options in (["theirs", "--to", "diffusers"], ["ours.safetensors", "--dtype", "bfloat16"]):
        if convert([str(folder / "float32.safetensors"), str(folder / options[0]), *options[1:]]):
            raise SystemExit("The random model cannot be converted.")
    (folder / "float32.safetensors").unlink()


def arithmetic(config: UNetConfig) -> float:
    """TFLOP of one evaluation of one picture, as torch counts them."""
    with FakeTensorMode():
        network = build_network(config)
        side, labels = config.resolution, torch.zeros(1, dtype=torch.long) if config.classes else None
        with FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, 3, side, side), torch.ones(1), labels)
    return counter.get_total_flops() / 1e12


def convolution_rate() -> float:
    """TFLOP a second of one large convolution in bfloat16, its weights in oneDNN's order."""
    from core.packed import PackedConv2d

    conv = torch.nn.Conv2d(256, 256, 3, padding=1).to(torch.bfloat16, memory_format=torch.channels_last)
    packed = PackedConv2d(conv.requires_grad_(False))
    x = torch.randn(1, 256, 64, 64).bfloat16().contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        return 2 * 9 * 256 * 256 * 64 * 64 / 1e9 / milliseconds(lambda: packed(x), repeats=50, warm_up=10)


def main() -> None:
    """Measure every program and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__)
    parser.add_argument("--network", choices=NETWORKS, default="bedroom256")
    parser.add_argument("--threads", type=int, help="of every program (all cores)")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--inside", nargs=3, metavar=("PROGRAM", "DTYPE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.threads = use_threads(options.threads)
    if options.inside:
        program, dtype, folder = options.inside
        print(json.dumps(measured(program, Path(folder), dtype, options.batches, options.repeats)))
        return
    config = NETWORKS[options.network]
    with tempfile.TemporaryDirectory() as folder:
        write_models(config, Path(folder))
        runs = [(program, dtype) for program in PROGRAMS for dtype in ("bfloat16", "float32")]
        found = {run: in_its_own_process(run[0], Path(folder), run[1], options) for run in runs}
    _print(config, options, {run: values for run, values in found.items() if values})


def _print(config: UNetConfig, options: argparse.Namespace, found: dict[tuple[str, str], dict]) -> None:
    rate, work = convolution_rate(), arithmetic(config)
    print(f"{options.network} on {machine()}; {options.threads} threads; torch {torch.__version__}.")
    print(f"One evaluation is {work:.3f} TFLOP; a convolution in bfloat16 makes {rate:.2f} TFLOP/s.\n")
    columns = [f"{batch},{steps}" for batch in options.batches for steps in (1, 2)]
    titles = [f"batch {key.split(',')[0]}, {key.split(',')[1]} step{'s' * key.endswith('2')}, s" for key in columns]
    rows = []
    for (program, dtype), values in found.items():
        seconds = [f"{values['seconds'][key]:.2f}" for key in columns]
        share = f"{100 * work / values['seconds'][f'{options.batches[0]},1'] * options.batches[0] / rate:.0f} %"
        loading = [f"{values['load']:.1f}", f"{values['first']:.1f}"]
        rows.append([program, dtype, *loading, *seconds, share, f"{values['peak']:.0f}"])
    head = ["program", "precision", "to load, s", "first picture, s", *titles, "of that rate", "MB at most"]
    print_table(head, rows)


if __name__ == "__main__":
    main()
