"""The loop that all objectives share: pictures in, one run folder out.

RUN/config.toml, log.jsonl, TensorBoard events, state.pt (everything a resume needs), model.safetensors (the shipped
average), samples/. All randomness of a step comes from (seed, pictures seen), so a resumed run continues the same
stream, bit for bit.

Shapes: B pictures, C channels, R side.
"""

import time
from collections.abc import Iterable
from math import isfinite
from pathlib import Path

import torch
from torch import Tensor

from core.checkpoint import save_model
from core.errors import CheckpointError, ConfigError
from core.files import remove_unfinished
from core.models import PARAMETERISATIONS, ScaledModel
from core.network_base import Network
from core.networks import build_network
from core.runtime import choose_runtime, in_layout, train_precision
from training.config import Config, to_toml
from training.data.augment import augment
from training.data.augment_nonleaky import for_use
from training.data.loader import Loader, open_loader
from training.data.memory import Pictures, batch_indices, load_pictures, step_seed
from training.draws import Draws
from training.loop.cards import after_training, make_card
from training.loop.distributed import join
from training.loop.ema import averages_of
from training.loop.interrupt import Interrupt
from training.loop.learner import Learner
from training.loop.logs import RunLog
from training.loop.optimiser import Mover
from training.loop.preview import Preview
from training.loop.sharding import gathered
from training.loop.state import PICTURES, RunState, lasting_settings, load_state, save_state
from training.loop.teacher_pairs import load_or_make_pairs
from training.loop.weights import FROM_TEACHER, load_teacher, network_from
from training.objectives.base import Batch

WRITTEN = ("config.toml", "log.jsonl", "state.pt", "model.safetensors", "pairs.safetensors")  # of every run
MAX_BAD_STEPS = 20  # in a row with a gradient that is not finite


class Trainer:
    """One run in one folder. `train` goes on from the folder's state if there is one."""

    def __init__(self, config: Config, folder: str | Path):
        """Loads pictures and weights. Raises ConfigError, or CheckpointError for an unfit start or state."""
        self.config, self.folder = config, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.processes, device = join(config.run.device)
        self.parts = self.processes.parts(config.run.batch, config.run.accumulate)
        self.runtime = choose_runtime(device, config.run.precision or None, level_gap=config.objective.level_gap)
        self.log = RunLog(self.folder, silent=not self.processes.first)
        self.loader = self._loader()
        self.validation = self._held_out()
        self.card = make_card(config)
        self.learner = self._learner()
        self.dropping = self._dropping()
        self.wrapped = self.processes.wrap(self.learner, self.runtime.device, sharded=config.run.shard)
        self.movers = self._movers()
        self.scaler = torch.amp.GradScaler(self.runtime.device.type, enabled=self.runtime.dtype == torch.float16)
        self.averages = averages_of(
            self.learner.network, config.run.ema_sigma_rel, config.run.ema_half_life_kimg, config.run.batch
        )
        settings = lasting_settings(config, self.learner.teacher) | {PICTURES: self.loader.identity}
        self.state = RunState(settings, self.learner, self.movers, self.averages, self.scaler)
        self.bad_steps = 0
        self._resume()
        self.pairs = self._pairs()

    def _loader(self) -> Loader:
        config, processes = self.config, self.processes
        loader = open_loader(
            config.data,
            config.classes,
            config.network.resolution,
            self.runtime.device,
            config.run.seed,
            config.run.batch,
            processes.rank,
            processes.count,
        )
        self._say_all(loader.new_messages())
        return loader

    def _held_out(self) -> Pictures | None:
        data, config = self.config.data, self.config
        if not data.validation:
            return None
        found = load_pictures(data.root, data.validation, config.classes, config.network.resolution, data.square)
        self._say_all(found.messages())
        return found.to(self.runtime.device)

    def _say_all(self, lines: list[str]) -> None:
        for line in lines:
            self.log.say(line)

    def _learner(self) -> Learner:
        config = self.config
        teacher = load_teacher(config.teacher, config, self.runtime) if config.teacher else None
        torch.manual_seed(config.run.seed)
        network = self._network()
        train_precision(network, self.runtime)
        learner = Learner(network, self.card, config.objective, teacher).to(self.runtime.device)
        if learner.critic is not None:
            in_layout(learner.critic, self.runtime.memory_format, device=self.runtime.device)
            learner.critic.precision = network.precision
        if config.run.compile:
            learner.compile_networks()
        return learner

    def _movers(self) -> dict[str, Mover]:
        movers = {"student": Mover(self.learner, self.config.optimiser)}
        if self.learner.critic is not None:
            movers["critic"] = Mover(self.learner.critic, self.config.critic)
        return movers

    def _network(self) -> Network:
        """With the weights that the run starts from: a model file's, or random ones and a prior of the pictures."""
        config = self.config
        if config.start:
            return network_from(config.teacher if config.start == FROM_TEACHER else config.start, config)
        network = build_network(config.network)
        if network.prior_pictures:
            pixels, _ = self.loader.sample(network.prior_pictures)
            network.fit_prior(pixels.cpu().float() / 127.5 - 1)
        return network

    def _pairs(self):
        """The teacher's pairs of noise and picture, if the objective learns from those instead of data."""
        objective = self.config.objective
        if not objective.pairs:
            return None
        if not self.processes.first:
            self.processes.wait()  # the first process makes them, the others read them
        assert self.learner.teacher is not None
        pairs = load_or_make_pairs(
            self.folder,
            self.learner.teacher,
            objective,
            count=objective.pairs,
            seed=self.config.run.seed,
            batch=self.config.run.batch,
            log=self.log,
        )
        if self.processes.first:
            self.processes.wait()
        return pairs

    @property
    def progress(self) -> float:
        """Part of the run that is done, 0 .. 1."""
        return min(self.state.seen / (1000 * self.config.run.kimg), 1.0)

    def train(self) -> Path:
        """Run to the end, or to Ctrl-C, which saves. Returns the model file."""
        self.log.write_config(to_toml(self.config))
        self.log.say(f"{len(self.loader)} pictures, {self.processes.count} process(es), {self.runtime.reason}")
        preview = Preview(self.loader, self.validation, labelled=bool(self.config.classes))
        stop = Interrupt()
        every = {  # in the order of writing: a saved state has its line in the log
            "validate": self.config.run.validate_kimg,
            "sample": self.config.run.sample_kimg,
            "save": self.config.run.save_kimg,
        }
        with stop, self.log.progress(self.config.run.kimg, self.state.seen) as progress_line:
            while self.progress < 1 and not self.processes.any(stop.asked, self.runtime.device):
                before = self.state.seen
                started = time.monotonic()
                record = self.step()
                self.state.seconds += time.monotonic() - started
                progress_line.show(self.state.seen, record)
                due = [name for name, kimg in every.items() if _crosses(before, self.state.seen, kimg)]
                self._write(due, record, preview)
        self.save()
        if self.progress < 1:
            self.log.say(f"The run in {self.folder} was stopped and saved; the same command goes on.")
        if self.processes.first:
            self._draw_sheet(preview)
        else:
            self._shipped()
        self.loader.close()
        self.processes.wait()
        return self.folder / "model.safetensors"

    def _write(self, due: list[str], record: dict[str, float], preview: Preview) -> None:
        """What is due after a step: the first process writes, the others hand it their shards.

        A full disk ends nothing: what is there stays whole, and the next time may do. Nor does an average whose
        pictures are not finite: it may recover.
        """
        self._say_all(self.loader.new_messages())
        for name in due:
            try:
                if name == "save":
                    self.save()
                elif not self.processes.first:
                    self._shipped()
                elif name == "validate":
                    errors = preview.errors(self.average_model())
                    self.log.record(record | errors | {"seconds": round(self.state.seconds)}, self.state.seen)
                else:
                    self._draw_sheet(preview)
            except (OSError, CheckpointError) as error:
                self.log.say(f"could not {name} after {self.state.seen / 1000:g} kimg: {error}")

    def _draw_sheet(self, preview: Preview) -> None:
        preview.sheet(self.average_model(), self.folder / "samples" / f"{self.state.seen // 1000:06d}.png")

    def step(self) -> dict[str, float]:
        """One optimiser step. Returns what the log shows of it."""
        self._hand_over_when_due()
        rates = self._set_rates()
        losses = dict(zip(("loss", "critic"), self._backward().tolist()))
        norms = {name: mover.clip(self.scaler) for name, mover in self.movers.items()}
        if self._usable(norms.values()):
            self._move()
        self.scaler.update()
        for mover in self.movers.values():
            mover.optimiser.zero_grad()
        self.state.seen += self.config.run.batch
        if self.learner.critic is None:
            del losses["critic"]
        return {"kimg": self.state.seen / 1000} | losses | {"norm": norms["student"], "rate": rates["student"]}

    def _move(self) -> None:
        """The weights by their gradients; then what follows them."""
        for mover in self.movers.values():
            self.scaler.step(mover.optimiser)
        self.state.steps += 1
        self.learner.move_target(self.progress)
        if self.learner.critic is not None:
            self.learner.critic.update_spectral_norms()
        for average in self.averages:
            average.update(self.learner.network, self.state.steps)

    def _backward(self) -> Tensor:
        """Gradients of the mean losses over the batch, part by part. Returns the losses of student and critic, [2]."""
        progress, losses = self.progress, torch.zeros(2, device=self.runtime.device)
        for number, (first, last) in enumerate(self.parts, start=1):
            with self.processes.unsynchronised(self.wrapped, last=number == len(self.parts)):
                draws = self._draws(first, last)
                batch, augmented = self._batch(draws)
                part = torch.stack(self.wrapped(batch, draws, progress, self._dropout(draws), augmented))
                self.scaler.scale(part.sum() * self.processes.count).backward()  # gradients become means over processes
            losses += part.detach()
        if self.learner.critic is not None:
            self.processes.average_gradients(self.learner.critic)
        return self.processes.total(losses)

    def _draws(self, first: int, last: int) -> Draws:
        rng = torch.Generator(self.runtime.device).manual_seed(step_seed(self.config.run.seed, self.state.seen))
        return Draws(rng, self.config.run.batch, first, last)

    def _batch(self, draws: Draws) -> tuple[Batch, Tensor | None]:
        """A part of the batch, and the labels of its augmentation (None without them)."""
        if self.pairs is not None:
            chosen = batch_indices(len(self.pairs), draws.batch_size, self.state.seen, self.config.run.seed)
            return Batch(*self.pairs.batch(chosen[draws.first : draws.last])), None
        assert draws.last is not None  # `_draws` was told
        pixels, labels = self.loader.batch(self.state.seen, draws.first, draws.last)
        x0, augmented = augment(pixels, self.config.data, draws)
        x0 = x0.contiguous(memory_format=self.runtime.memory_format)
        return Batch(x0, labels if self.config.classes else None), augmented

    def _dropout(self, draws: Draws) -> Tensor | None:
        """The dropout mask [B,C] of a part of the batch; None without dropout."""
        rate = self.config.run.dropout
        if rate == 0:
            return None
        kept = draws.uniform(len(self.dropping)) >= rate
        return torch.where(self.dropping, kept.float() / (1 - rate), 1.0)

    def _dropping(self) -> Tensor:
        """Which channels of the dropout mask may be dropped, [C] bool. Raises ConfigError if there are none."""
        grids = torch.tensor(self.learner.network.dropout_grids, device=self.runtime.device)
        if self.config.run.dropout and not len(grids):
            raise ConfigError("run.dropout does not go with this kind of network, which drops nothing: leave it out.")
        largest = self.config.run.dropout_grid
        return grids <= largest if largest else torch.ones_like(grids, dtype=torch.bool)

    def _set_rates(self) -> dict[str, float]:
        start, end = self._stage_bounds()
        seen, kimg = self.state.seen - start, (end - start) / 1000
        return {name: mover.set_rate(seen, kimg) for name, mover in self.movers.items()}

    def _stage_bounds(self) -> tuple[float, float]:
        """The pictures seen at which this stage begins and ends; a run without hand-overs is one stage."""
        edges = [0.0, *self.config.objective.hand_overs, 1.0]
        start, end = (1000 * self.config.run.kimg * edge for edge in edges[self.state.stage : self.state.stage + 2])
        return start, end

    def _hand_over_when_due(self) -> None:
        hand_overs = self.config.objective.hand_overs
        while self.state.stage < len(hand_overs) and self.progress >= hand_overs[self.state.stage]:
            self.state.stage += 1
            self.learner.hand_over()
            for mover in self.movers.values():
                mover.restart()

    def _usable(self, norms: Iterable[float]) -> bool:
        """Whether the gradients are finite. Raises ConfigError when too many in a row were not."""
        finite = all(map(isfinite, norms))
        self.bad_steps = 0 if finite else self.bad_steps + 1
        if self.bad_steps >= MAX_BAD_STEPS:
            raise ConfigError(
                f"{MAX_BAD_STEPS} steps in a row had no finite gradient: a lower optimiser.rate may help."
            )
        return finite

    def save(self) -> None:
        """State first, then the model; each file whole or not at all. Every process has to call it."""
        weights = self._shipped()  # before anything is written, as a full disk stops the first process only
        save_state(self.folder / "state.pt", self.state, write=self.processes.first)
        if not self.processes.first:
            return
        spent = self.pairs.recipe.evaluations if self.pairs else 0
        seen, seconds, device = self.state.seen, self.state.seconds, self.runtime.device
        card = after_training(self.card, seen=seen, seconds=seconds, pair_evaluations=spent, device=device)
        save_model(self.folder / "model.safetensors", *for_use(card, weights))

    def _shipped(self) -> dict[str, Tensor]:
        """The first average, or the weights themselves where none is kept: whole, in the first process.

        Every process has to call it.
        """
        weights = self.averages[0].weights if self.averages else self.learner.network.state_dict()
        return gathered(weights, here=self.processes.first)

    def average_model(self) -> ScaledModel:
        """What `save` would ship as a model in evaluation, in training precision."""
        network = build_network(self.config.network)
        network.load_state_dict(self._shipped())
        train_precision(network, self.runtime)
        network.eval().requires_grad_(False)
        return PARAMETERISATIONS[self.config.objective.parameterisation](network, self.card)

    def _resume(self) -> None:
        if (self.folder / "state.pt").exists():
            load_state(self.folder / "state.pt", self.state)
            self.log.say(f"goes on after {self.state.seen / 1000:g} kimg")
        if self.processes.first:
            for folder in (self.folder, self.folder / "samples"):
                remove_unfinished(folder)  # each may be as large as a state
            self.log.cut_after(self.state.seen / 1000)


def _crosses(before: int, after: int, kimg: float) -> bool:
    return int(before / (1000 * kimg)) != int(after / (1000 * kimg))
