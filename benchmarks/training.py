"""`python -m benchmarks.training`: the speed of training, compared with a plain loop around diffusers' UNet2DModel.

The project's trainer trains the network of photos-64.toml with two classes, for several objectives, on synthetic
bedrooms. The plain loop has the EDM loss, float32 and Adam. Its number of channels is chosen so that a forward pass has
the same number of operations: once on pixels, as diffusers is commonly used, and once on patches of 4x4 pixels, as in
this network. All take turns, one step each, in separate processes, so that each has its own peak of memory. The figures
are medians.

Use `--threads 1` on a machine with other work, `--quick` for a run of less than two minutes.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import print_table, time_method
from core.checkpoint import save_model
from core.runtime import choose_runtime, machine, use_threads
from core.schedule import SIGMA_DATA
from core.unet import UNet, UNetConfig
from training.config import Config, load_config
from training.data.memory import load_pictures
from training.loop.cards import make_card
from training.loop.logs import peak_memory
from training.loop.trainer import Trainer
from training.metrics import lpips
from training.metrics.torchvision_shim import import_torchvision
from training.objectives import OBJECTIVES

CONFIG = Path("training/configs/photos-64.toml")
PICTURES = "data.train=[{made = 128, label = 'photo'}, {made = 128, label = 'render'}]"
CLASSES = "network.classes=2"
OURS = {
    "EDM": OBJECTIVES["edm"](),
    "ECT": OBJECTIVES["ect"](),
    "CD, LPIPS": OBJECTIVES["cd"](metric="lpips_random", mu=0.95),
    "CT": OBJECTIVES["ct"](),
    "sCM": OBJECTIVES["scm"](),
}
PLAIN = {  # side of a patch in pixels, channels of each level
    "diffusers, pixels": (1, (32, 32, 64, 96)),
    "diffusers, patches": (4, (96, 208)),
}
GOAL = {"cpu": 1.5, "cuda": 1.3}  # the aim for EDM's pictures per second over the plain loop's
NEAR = 0.1  # largest relative difference of the operations in a forward pass
SECONDS = {"full": 200, "quick": 45}  # seconds of taking turns, after each competitor's first step
LEAST_ROUNDS = 3  # steps of each competitor, at least


@dataclass(frozen=True)
class Settings:
    """The settings of all competitors."""

    device: str
    threads: int
    batch: int
    lpips_side: int  # pixels, the side to which LPIPS resizes both pictures


# ---- competitors: functions that make one optimiser step and return the seconds that it waited for pictures


def config_of(settings: Settings) -> Config:
    """The configuration of the run, with synthetic pictures."""
    return load_config(CONFIG, [PICTURES, CLASSES, f"run.batch={settings.batch}", f"run.device={settings.device}"])


def our_trainer(name: str, settings: Settings, folder: Path) -> Callable[[], float]:
    """A step of one objective in the project's trainer."""
    objective, config = OURS[name], config_of(settings)
    teacher = str(teacher_file(config, folder)) if objective.needs_teacher else ""
    trainer = Trainer(replace(config, objective=objective, teacher=teacher), folder)
    lpips.RANDOM_SIDE = settings.lpips_side  # untrained weights take as long as trained ones at that side
    waits = time_method(trainer, "_batch")

    def step() -> float:
        waits.clear()
        trainer.step()
        return sum(waits)

    return step


def teacher_file(config: Config, folder: Path) -> Path:
    """The file of an untrained denoiser of that network, which takes as long as a trained one."""
    return save_model(folder / "teacher.safetensors", make_card(config), UNet(config.network).state_dict())


def plain_loop(name: str, settings: Settings, folder: Path) -> Callable[[], float]:
    """A step of a plain loop: the EDM loss with diffusers' network, in the simplest code."""
    config, (patch, channels), device = config_of(settings), PLAIN[name], settings.device
    pictures = load_pictures(".", config.data.train, config.classes, config.network.resolution).to(torch.device(device))
    network = diffusers_network(config.network, patch, channels).to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.optimiser.rate)

    def step() -> float:
        started = time.perf_counter()
        chosen = torch.randint(len(pictures), (settings.batch,), device=device)
        x0 = pictures.pixels[chosen].float() / 127.5 - 1
        waited = time.perf_counter() - started
        loss = edm_loss(network, F.pixel_unshuffle(x0, patch), pictures.labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()
        return waited

    return step


def edm_loss(network: nn.Module, x0: Tensor, labels: Tensor) -> Tensor:
    """The EDM loss, a mean over the batch x0 [B,C,H,W] with labels [B] (Karras et al. 2022, table 1)."""
    sigma = (1.2 * torch.randn(len(x0), 1, 1, 1, device=x0.device) - 1.2).exp()
    spread = (sigma**2 + SIGMA_DATA**2).sqrt()
    x = x0 + sigma * torch.randn_like(x0)
    answer = network(x / spread, sigma.flatten().log() / 4, class_labels=labels).sample
    denoised = (SIGMA_DATA / spread) ** 2 * x + sigma * SIGMA_DATA / spread * answer
    return ((spread / (sigma * SIGMA_DATA)) ** 2 * (denoised - x0) ** 2).mean()


def diffusers_network(ours: UNetConfig, patch: int, channels: tuple[int, ...]) -> nn.Module:
    """A UNet2DModel with the same smallest grid, attention there, and the same numbers of blocks and classes."""
    import_torchvision()  # diffusers imports it, and must not be the first
    from diffusers import UNet2DModel

    plain = len(channels) - 1
    return UNet2DModel(
        sample_size=ours.resolution // patch,
        in_channels=ours.channels * patch**2,
        out_channels=ours.channels * patch**2,
        layers_per_block=ours.blocks,
        block_out_channels=channels,
        down_block_types=("DownBlock2D",) * plain + ("AttnDownBlock2D",),
        up_block_types=("AttnUpBlock2D",) + ("UpBlock2D",) * plain,
        norm_num_groups=8,
        num_class_embeds=ours.classes,
    )


def forward_flops(network: nn.Module, ours: UNetConfig, patch: int) -> int:
    """The operations of a forward pass of one picture; a multiplication and an addition count as two."""
    device = next(network.parameters()).device
    side, channels = ours.resolution // patch, ours.channels * patch**2
    label = torch.zeros(1, dtype=torch.long, device=device)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, channels, side, side, device=device), torch.ones(1, device=device), label)
    return counter.get_total_flops()


def print_forward_flops() -> None:
    """Print the operations of each network. Raises SystemExit if they differ by more than a tenth."""
    ours = load_config(CONFIG, [PICTURES, CLASSES]).network
    aim = forward_flops(UNet(ours), ours, 1)
    print(f"Forward pass of one picture: {aim / 1e9:.3f} GFLOP")
    for name, (patch, channels) in PLAIN.items():
        flops = forward_flops(diffusers_network(ours, patch, channels), ours, patch)
        print(f"{name}, {channels} channels: {flops / 1e9:.3f} GFLOP")
        if abs(flops / aim - 1) > NEAR:
            raise SystemExit(f"That is more than {NEAR:.0%} away: other channels have to be chosen.")
    print()


# ---- taking turns


def compete(name: str, settings: Settings, pipe) -> None:
    """The program of a process: build, one step with counted operations, then a step for each request.

    It sends the operations of the first step, then (seconds, seconds waited, peak GB) for each request.
    """
    use_threads(settings.threads)
    build = our_trainer if name in OURS else plain_loop
    with tempfile.TemporaryDirectory() as folder:
        step = build(name, settings, Path(folder))
        with FlopCounterMode(display=False) as counter:
            step()
        pipe.send(counter.get_total_flops())
        while pipe.recv():
            started = time.perf_counter()
            waited = step()
            pipe.send((time.perf_counter() - started, waited, peak_memory()))


class Competitor:
    """One process and its measurements."""

    def __init__(self, name: str, settings: Settings):
        self.name, self.turns = name, []
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=compete, args=(name, settings, other), daemon=True)
        self.process.start()
        other.close()

    def warm_up(self) -> None:
        """Wait until it is built and has made its first steps, in which kernels are chosen and memory is allocated."""
        self.flops = self.pipe.recv()  # of one step
        self._request_step()

    def _request_step(self) -> tuple[float, float, float]:
        self.pipe.send(True)
        return self.pipe.recv()

    def turn(self) -> None:
        """Make and measure one step."""
        self.turns.append(self._request_step())

    def end(self) -> None:
        """Wait until the process has ended."""
        self.pipe.send(False)
        self.process.join()

    @property
    def seconds(self) -> float:
        """The median seconds of a step."""
        return median(seconds for seconds, _, _ in self.turns)

    @property
    def waited(self) -> float:
        """The median fraction of a step that waits for pictures, 0 to 1."""
        return median(waited / seconds for seconds, waited, _ in self.turns)

    @property
    def memory(self) -> float:
        """Peak memory in GB."""
        return self.turns[-1][2]


def compare(settings: Settings, seconds: float) -> list[Competitor]:
    """All competitors, after rounds of one step each for about so many seconds."""
    competitors = [Competitor(name, settings) for name in (*OURS, *PLAIN)]
    for competitor in competitors:
        competitor.warm_up()
    started, rounds = time.monotonic(), 0
    while rounds < LEAST_ROUNDS or time.monotonic() - started < seconds:
        for competitor in competitors:
            competitor.turn()
        rounds += 1
    for competitor in competitors:
        competitor.end()
    return competitors


# ---- the machine's own rate


def dtype_of(name: str, device: str) -> torch.dtype:
    """The precision in which a competitor's network computes."""
    return choose_runtime(device, level_gap=OURS[name].level_gap).dtype if name in OURS else torch.float32


def machine_rates(device: str, threads: int) -> dict[str, dict[torch.dtype, float]]:
    """Operations per second of a large matrix product and of a 3x3 convolution, by precision: the best of a few."""
    use_threads(threads)
    side = 2048 if device == "cpu" else 8192
    channels, batch = (192, 16) if device == "cpu" else (512, 128)
    rates = {"product": {}, "convolution": {}}
    for dtype in dict.fromkeys((torch.float32, *(dtype_of(name, device) for name in OURS))):  # others may take minutes
        a, b = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
        x = torch.randn(batch, channels, 32, 32, device=device, dtype=dtype).to(memory_format=torch.channels_last)
        w = torch.randn(channels, channels, 3, 3, device=device, dtype=dtype).to(memory_format=torch.channels_last)
        rates["product"][dtype] = 2 * side**3 / _best(partial(torch.mm, a, b), device)
        operations = 2 * 9 * channels**2 * batch * 32**2
        rates["convolution"][dtype] = operations / _best(partial(F.conv2d, x, w, padding=1), device)
    return rates


@torch.no_grad()
def _best(call: Callable[[], object], device: str, repeats: int = 5) -> float:
    """The seconds of the quickest of some calls."""
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return min(times[1:])


# ---- the table


def rows_of(competitors: list[Competitor], settings: Settings, rate: dict[torch.dtype, float]) -> list[list]:
    """Rows: name, precision, pictures/s, GFLOP per picture, % of the machine's rate, GB, % of the time that waits."""
    rows = []
    for one in competitors:
        dtype = dtype_of(one.name, settings.device)
        rows.append(
            [
                one.name,
                str(dtype).removeprefix("torch."),
                settings.batch / one.seconds,
                one.flops / settings.batch / 1e9,
                f"{one.flops / one.seconds / rate[dtype]:.0%}",
                one.memory,
                f"{one.waited:.1%}",
            ]
        )
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--device", default="cpu", choices=sorted(GOAL))
    parser.add_argument("--threads", type=int, help="by default all cores")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--lpips-side", type=int, help="pixels; by default 32 on the CPU, 224 (as trained) on a GPU")
    options = parser.parse_args(arguments)
    threads = use_threads(options.threads)
    side = options.lpips_side or (32 if options.device == "cpu" else 224)
    settings = Settings(options.device, threads, options.batch, side)
    where = torch.cuda.get_device_name() if options.device == "cuda" else machine()
    print(f"{where}, {threads} thread(s), batch {options.batch}; LPIPS at {side} px\n")
    print_forward_flops()
    before = machine_rates(options.device, threads)
    competitors = compare(settings, SECONDS["quick" if options.quick else "full"])
    after = machine_rates(options.device, threads)
    best = {kind: {dtype: max(before[kind][dtype], after[kind][dtype]) for dtype in before[kind]} for kind in before}
    for kind, by_dtype in best.items():
        print(f"{kind}: " + ", ".join(f"{rate / 1e9:.0f} GFLOP/s {str(dtype)[6:]}" for dtype, rate in by_dtype.items()))
    print(f"{len(competitors[0].turns)} rounds\n")
    head = ["training", "precision", "pictures/s", "GFLOP a picture", "of the rate", "peak GB", "waits for data"]
    print_table(head, rows_of(competitors, settings, best["product"]))
    by_name = {one.name: one for one in competitors}
    for name in PLAIN:
        ratio = by_name[name].seconds / by_name["EDM"].seconds
        print(f"EDM over {name}: {ratio:.2f} times as many pictures/s; the goal is {GOAL[options.device]}")


if __name__ == "__main__":
    main()
