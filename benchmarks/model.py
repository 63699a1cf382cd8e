"""`python -m benchmarks.model`: the time of the bundled model in torch, as the app runs it, and in OpenVINO.

It measures 1, 2 and 4 steps at batch sizes 1 and 16, on a quiet machine and while other processes keep all cores busy.
The yardstick is OpenVINO in its faster precision (float32 or bfloat16), once with as many threads as the app uses and
once in its best setting. Both run inside the same sampling loop.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

import core
from app.engine.loading import interactive_threads
from benchmarks.timing import busy_machine, milliseconds, print_table
from core.checkpoint import read_tensors
from core.network_base import Network, at_once
from core.networks import build_network
from core.runtime import machine, use_threads

MODEL = Path("assets/models/bedroom-128.safetensors")
STEPS, BATCHES = (1, 2, 4), (1, 16)  # sampling steps; pictures in a batch
REPEATS = {1: 25, 16: 7}  # timed calls by batch size


class OpenVinoNetwork(torch.nn.Module):
    """The network compiled by OpenVINO for one batch size, in place of the torch one, which is set to inference."""

    def __init__(self, network: Network, batch: int, *, threads: int, precision: str):
        super().__init__()
        import openvino

        self.config, self.evaluate = network.config, at_once
        network.eval().requires_grad_(False)  # tracing with gradients and without them finds other operators
        side = network.config.resolution
        example = (torch.zeros(batch, 3, side, side), torch.ones(batch), torch.zeros(batch, dtype=torch.long))
        graph = openvino.convert_model(network, example_input=example[: 3 if network.config.classes else 2])
        options = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self.request = openvino.Core().compile_model(graph, "CPU", options).create_infer_request()
        self.register_parameter("on_cpu", torch.nn.Parameter(torch.zeros(1), requires_grad=False))

    def forward(self, u, sigma_B, labels_B=None, *unused, guidance=0.0):
        """F(u, sigma) [B,C,H,W], as core.unet.UNet without guidance."""
        inputs = [value.numpy() for value in (u.contiguous(), sigma_B.contiguous(), labels_B) if value is not None]
        return torch.from_numpy(next(iter(self.request.infer(inputs).values())).copy())


def painting(model, batch: int, steps: int):
    """A function without arguments that paints over a batch of grey papers, with one plain evaluation per step."""
    strokes = torch.zeros(batch, *model.shape)
    labels = torch.zeros(batch, dtype=torch.long) if model.card.classes else None
    sigmas = core.paint_sigmas(model.card, 0.5, steps)
    noise = core.SeededNoise(range(batch))
    rules = replace(model.rules, guidance=0.0, shifts=1)
    return lambda: core.paint(model, strokes, sigmas, noise, labels=labels, rules=rules)


def openvino_models(path: Path, batch: int) -> dict[str, torch.nn.Module]:
    """The model in OpenVINO, by its setting (threads and precision); empty if the package is not installed."""
    try:
        import openvino  # noqa: F401
    except ImportError:
        return {}
    card = core.read_card(path)
    plain = build_network(card.network)
    plain.load_state_dict({name: value.float() for name, value in read_tensors(path).items()})
    kind = type(core.load_model(path, "cpu"))
    threads = sorted({1, torch.get_num_threads(), use_threads()})
    models = {}
    for count in threads:
        for precision in ("f32", "bf16"):
            network = OpenVinoNetwork(plain, batch, threads=count, precision=precision)
            models[f"{count} threads {precision}"] = kind(network, card)
    use_threads(interactive_threads())
    return models


def fidelity(path: Path) -> float:
    """PSNR in dB of the results in the app's precision against those in float32, over 16 papers."""
    exact = painting(core.load_model(path, "cpu", "float32"), 16, 1)()
    ours = painting(core.load_model(path, "cpu"), 16, 1)()
    return float(-10 * np.log10(float((ours - exact).square().mean().clamp(min=1e-12)) / 4))


def measure(model, yardsticks: dict, batch: int, state: str) -> list[list]:
    """Rows: state, batch, steps, torch ms, OpenVINO ms with as many threads, the ratio, its best ms and setting."""
    rows = []
    for steps in STEPS:
        ours = milliseconds(painting(model, batch, steps), repeats=REPEATS[batch])
        theirs = {
            name: milliseconds(painting(other, batch, steps), repeats=REPEATS[batch])
            for name, other in yardsticks.items()
        }
        rows.append([state, batch, steps, ours, *_compared(ours, theirs)])
    return rows


def _compared(ours: float, theirs: dict[str, float]) -> list:
    if not theirs:
        return ["not installed", "-", "-", "-"]
    alike = min(ms for name, ms in theirs.items() if name.startswith(f"{torch.get_num_threads()} "))
    best = min(theirs, key=theirs.get)
    return [alike, f"{ours / alike:.2f}", theirs[best], best]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    path = parser.parse_args().model
    use_threads(interactive_threads())
    model = core.load_model(path, "cpu")
    rows = []
    for batch in BATCHES:
        yardsticks = openvino_models(path, batch)
        rows += measure(model, yardsticks, batch, "quiet")
        with busy_machine():
            rows += measure(model, yardsticks, batch, "busy")
    print(f"{model.card.name} on {machine()}; {core.choose_runtime('cpu').reason}; {torch.get_num_threads()} thread(s)")
    print(f"PSNR against float32: {fidelity(path):.1f} dB\n")
    head = ["machine", "batch", "steps", "torch ms", "OpenVINO ms, as many threads", "ratio", "its best ms", "with"]
    print_table(head, rows)


if __name__ == "__main__":
    main()
