"""The cards of the published models: what their weights do not say.

Names: github.com/openai/consistency_models, README.md. Second levels: scripts/launch.sh there, as places on grids of 40
levels (distilled models) and of 201 or 151 levels (those trained alone). Strokes, edits: Song et al. 2023, appendix D.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.card import MAX_NAME, ModelCard
from core.errors import CheckpointError
from core.models import PARAMETERISATIONS
from core.sampling_rules import SamplingRules
from core.schedule import SIGMA_MAX, karras_sigmas
from core.unet import UNetConfig

CLASSES = Path(__file__).with_name("imagenet_classes.txt")  # in the order of WordNet ids, which is that of the labels
NAMED = re.compile(r"(?<![a-z])(edm|cd|ct)_(imagenet64|bedroom256|cat256)(?:_(l2|lpips|ema))?(?![a-z0-9])")
NAMED_SIDE = re.compile(r"(?<=[a-z])\d{2,}")
KIND = re.compile(r"(?<![a-z])(edm|cd|ct)_")
KINDS = {"edm": "edm", "cd": "consistency", "ct": "consistency"}
EDITS = ("inpaint", "colorize", "super-resolve")
PAPER = karras_sigmas(40)
DESCRIPTION = "A model that Song et al. published with Consistency Models (2023)."
LIMITS = (
    "Its authors' model card means it for research, not for commercial use. It may repeat pictures that it was trained"
    " on, and faces in its pictures are often wrong."
)


@dataclass(frozen=True)
class Second:
    """Where two-step sampling goes on after 80: a place on the grid that the model was made with."""

    place: int
    levels: int = 40

    @property
    def sigma(self) -> float:
        """The noise level."""
        return karras_sigmas(self.levels)[self.place]


# For distilled cats the authors give none: these are those of bedrooms with the same distance.
SECONDS = {
    "cd_imagenet64_l2": Second(22), "cd_imagenet64_lpips": Second(22), "ct_imagenet64": Second(106, 201),
    "cd_bedroom256_l2": Second(18), "cd_bedroom256_lpips": Second(17), "ct_bedroom256": Second(67, 151),
    "cd_cat256_l2": Second(18), "cd_cat256_lpips": Second(17), "ct_cat256": Second(62, 151),
}  # fmt: skip


def published_name(parts: Sequence[str], resolution: int) -> str | None:
    """The published name in the last of these parts of a path that has one, for pictures of that many pixels a side."""
    names = [found.group() for part in parts if (found := NAMED.search(part.lower()))]
    return names[-1] if names and NAMED_SIDE.findall(names[-1]) == [str(resolution)] else None


def published_card(config: UNetConfig, parts: Sequence[str], parameterisation: str | None) -> ModelCard:
    """The card of a network whose file has these parts of a path.

    parameterisation: "consistency" or "edm", if it is known. Raises CheckpointError if neither it nor the name says it.
    """
    known = published_name(parts, config.resolution)
    name = known or "".join(letter for letter in parts[-1] if letter.isprintable())[:MAX_NAME]
    kind = parameterisation or kind_in_name(parts)
    if kind is None:
        raise CheckpointError(
            f"Neither weights nor name say whether {name} is a consistency model or its EDM teacher: name it as it was"
            ' published (cd_..., ct_... or edm_...), or give a parameterisation, "consistency" or "edm".'
        )
    if kind not in KINDS.values():
        raise CheckpointError(f'A published model is "consistency" or "edm", not "{kind[:40]}".')
    move = PARAMETERISATIONS[kind].usual_move
    return ModelCard(
        name=name,
        parameterisation=kind,
        network=config,
        sampling=SamplingRules(move=move),
        classes=class_names(config),
        stroke_sigmas=(PAPER[16], PAPER[20]),
        default_steps=4 if kind == "edm" else 2,
        schedules={} if kind == "edm" else _schedules(known),
        description=DESCRIPTION if known else "",
        limits=LIMITS if known else "",
        training={"grid": SECONDS[known].levels} if known in SECONDS else {},
        licence="MIT" if known else "",
        credits=("OpenAI, github.com/openai/consistency_models",) if known else (),
    )


def kind_in_name(parts: Sequence[str]) -> str | None:
    """What the last of these parts of a path that says it says: "consistency", "edm" or None."""
    kinds = [found.group(1) for part in parts if (found := KIND.search(part.lower()))]
    return KINDS[kinds[-1]] if kinds else None


def _schedules(known: str | None) -> dict[str, dict[str, list[float]]]:
    """Two steps as published. Edits: the paper's 40 levels, and for fewer steps places on them between 80 and 0.8."""
    places = {"4": (0, 8, 16, 24), "8": (0, 3, 7, 10, 14, 17, 21, 24), "40": range(40)}
    edits = {steps: [PAPER[k] for k in row] for steps, row in places.items()}
    if known not in SECONDS:
        return dict.fromkeys(EDITS, edits)
    pair = {"1": [SIGMA_MAX], "2": [SIGMA_MAX, SECONDS[known].sigma]}
    return {"generate": pair, "interpolate": pair} | dict.fromkeys(EDITS, edits)


def class_names(config: UNetConfig) -> tuple[str, ...]:
    """ImageNet's for a network of its 1000 classes at 64 pixels, numbers for any other classes."""
    if (config.classes, config.resolution) == (1000, 64):
        return _imagenet()
    return tuple(f"class {number}" for number in range(config.classes))


@cache
def _imagenet() -> tuple[str, ...]:
    return tuple(CLASSES.read_text(encoding="utf-8").splitlines())
