"""The loop that all objectives share: pictures in, one run folder out.

RUN/config.toml, log.jsonl, state.pt (everything a resume needs), model.safetensors (the shipped average), samples/.
All randomness of a step comes from (seed, pictures seen), so a resumed run continues the same stream, bit for bit.

Shapes: B pictures, C channels, R side.
"""

import signal
import time
from pathlib import Path

import torch
from torch import Tensor

from core.checkpoint import network_of, read_card, read_tensors, save_model
from core.errors import ConfigError
from core.models import PARAMETERISATIONS
from core.runtime import choose_runtime, train_precision
from core.unet import UNet
from training.augment import augment
from training.cards import make_card
from training.config import Config, to_toml
from training.data import Pictures, batch_indices, load_pictures, step_seed
from training.ema import PowerEma
from training.logs import RunLog
from training.objectives.base import Batch, Step
from training.optimiser import Clipper, build_optimiser, rate_at
from training.preview import Preview
from training.state import load_state, save_state

PRIOR_PATCHES = 400_000  # enough for 48x48 second moments to three digits
MAX_BAD_STEPS = 20  # in a row with a gradient that is not finite


class Trainer:
    """One run in one folder. `train` goes on from the folder's state if there is one."""

    def __init__(self, config: Config, folder: str | Path):
        """Loads pictures and weights. Raises ConfigError, or CheckpointError for an unfit start or state."""
        self.config, self.folder = config, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.runtime = choose_runtime(config.run.device, config.run.precision or None)
        self.log = RunLog(self.folder)
        self.pictures = self._load(config.data.train)
        self.validation = self._load(config.data.validation) if config.data.validation else None
        self.network = self._network()
        train_precision(self.network, self.runtime)
        if config.run.compile:
            self.network.trunk.compile(dynamic=False)
        self.card = make_card(config)
        self.student = PARAMETERISATIONS[config.objective.parameterisation](self.network, self.card)
        self.optimiser = build_optimiser(self.network, config.optimiser)
        self.clipper = Clipper(config.optimiser)
        self.averages = [PowerEma(self.network, width) for width in config.run.ema_sigma_rel]
        self.seen, self.steps, self.seconds, self.bad_steps = 0, 0, 0.0, 0
        self._resume()

    def _load(self, sources) -> Pictures:
        config = self.config
        pictures = load_pictures(config.data.root, sources, config.classes, config.network.resolution)
        for name in pictures.broken:
            self.log.say(f"left out, does not open: {name}")
        return pictures.to(self.runtime.device)

    def _network(self) -> UNet:
        torch.manual_seed(self.config.run.seed)
        if self.config.start:
            card = read_card(self.config.start)
            if card.network != self.config.network:
                raise ConfigError(f"{self.config.start} has another network than the configuration asks for.")
            return network_of(card, read_tensors(self.config.start))
        network = UNet(self.config.network)
        if network.prior is not None:
            network.prior.fit(self._sample_patches())
        return network

    def _sample_patches(self) -> Tensor:
        patch = self.config.network.patch
        per_picture = (self.config.network.grid) ** 2
        chosen = batch_indices(len(self.pictures), max(PRIOR_PATCHES // per_picture, 1), 0, self.config.run.seed)
        x = self.pictures.pixels[chosen.to(self.runtime.device)].float().cpu() / 127.5 - 1
        return torch.nn.functional.pixel_unshuffle(x, patch).permute(0, 2, 3, 1).flatten(0, 2)

    @property
    def share(self) -> float:
        """Part of the run that is done, 0 .. 1."""
        return min(self.seen / (1000 * self.config.run.kimg), 1.0)

    def train(self) -> Path:
        """Run to the end, or to Ctrl-C, which saves. Returns the model file."""
        self.log.write_config(to_toml(self.config))
        self.log.say(f"{len(self.pictures)} pictures, {self.runtime.reason}")
        preview = Preview(self)
        stop = _Interrupt()
        every = {
            "save": self.config.run.save_kimg,
            "validate": self.config.run.validate_kimg,
            "sample": self.config.run.sample_kimg,
        }
        with stop, self.log.progress(self.config.run.kimg, self.seen) as progress:
            while self.share < 1 and not stop.asked:
                before = self.seen
                started = time.monotonic()
                record = self.step()
                self.seconds += time.monotonic() - started
                progress.show(self.seen, record)
                due = [name for name, kimg in every.items() if _crosses(before, self.seen, kimg)]
                if "validate" in due:
                    self.log.record(record | preview.errors() | {"seconds": round(self.seconds)})
                if "sample" in due:
                    preview.sheet()
                if "save" in due:
                    self.save()
        self.save()
        preview.sheet()
        return self.folder / "model.safetensors"

    def step(self) -> dict[str, float]:
        """One optimiser step. Returns what the log shows of it."""
        run, optimiser = self.config.run, self.config.optimiser
        rng = torch.Generator(self.runtime.device).manual_seed(step_seed(run.seed, self.seen))
        batch = self._batch(rng)
        step = Step(student=self.student, keep=self._dropout(rng), share=self.share, rng=rng)
        loss = self.config.objective.loss(batch, step).per_picture.mean()
        loss.backward()
        norm = self.clipper.clip(self.network)
        rate = rate_at(self.seen, self.config.run.kimg, optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        if self._usable(norm):
            self.optimiser.step()
            self.steps += 1
            for average in self.averages:
                average.update(self.network, self.steps)
        self.optimiser.zero_grad()
        self.seen += run.batch
        return {"kimg": self.seen / 1000, "loss": loss.item(), "norm": norm, "rate": rate}

    def _batch(self, rng: torch.Generator) -> Batch:
        chosen = batch_indices(len(self.pictures), self.config.run.batch, self.seen, self.config.run.seed)
        chosen = chosen.to(self.runtime.device)
        x0 = augment(self.pictures.pixels[chosen], self.config.data, rng)
        x0 = x0.contiguous(memory_format=self.runtime.memory_format)
        return Batch(x0, self.pictures.labels[chosen] if self.config.classes else None)

    def _dropout(self, rng: torch.Generator) -> Tensor | None:
        share = self.config.run.dropout
        if share == 0:
            return None
        size = (self.config.run.batch, self.network.dropout_channels)
        kept = torch.rand(size, generator=rng, device=self.runtime.device) >= share
        return kept.float() / (1 - share)

    def _usable(self, norm: float) -> bool:
        """Whether the gradient is finite. Raises ConfigError when too many in a row were not."""
        finite = norm == norm and norm != float("inf")
        self.bad_steps = 0 if finite else self.bad_steps + 1
        if self.bad_steps >= MAX_BAD_STEPS:
            raise ConfigError(
                f"{MAX_BAD_STEPS} steps in a row had no finite gradient: a lower optimiser.rate may help."
            )
        return finite

    def save(self) -> None:
        """State first, then the model; each file whole or not at all."""
        save_state(self.folder / "state.pt", self)
        card = make_card(self.config, seen=self.seen, seconds=self.seconds)
        save_model(self.folder / "model.safetensors", card, self.averages[0].weights)

    def average_model(self):
        """The first average as a model in evaluation, in training precision."""
        network = UNet(self.config.network)
        network.load_state_dict(self.averages[0].weights)
        train_precision(network, self.runtime)
        network.eval().requires_grad_(False)
        return PARAMETERISATIONS[self.config.objective.parameterisation](network, self.card)

    def _resume(self) -> None:
        if (self.folder / "state.pt").is_file():
            load_state(self.folder / "state.pt", self)
            self.log.say(f"goes on after {self.seen / 1000:.1f} kimg")
            self.log.cut_after(self.seen / 1000)


def _crosses(before: int, after: int, kimg: float) -> bool:
    return int(before / (1000 * kimg)) != int(after / (1000 * kimg))


class _Interrupt:
    """Turns the first Ctrl-C (or SIGTERM) into a wish to stop after the step; the second acts as usual."""

    def __enter__(self):
        self.asked = False
        self.previous = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _ask(self, number, frame):
        self.asked = True
        signal.signal(number, self.previous[number])

    def __exit__(self, *exception):
        for number, handler in self.previous.items():
            signal.signal(number, handler)
