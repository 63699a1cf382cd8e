"""The published models that are offered for fetching: the copies on the Hugging Face Hub, by OpenAI's model cards.

Left out: `cd_cat256_l2` and `ct_cat256`, of which there may be no copies, and the denoisers.
"""

from dataclasses import dataclass

from core.published.cards import LIMITS

LARGE, SMALL = 2_110_000_000, 1_190_000_000  # bytes: 526 and 296 million weights of four bytes
DISTILLED = "Distilled from a denoiser, with the distance {}"
ALONE = "Trained alone, without a denoiser"


@dataclass(frozen=True)
class Offer:
    """A model on the Hub. size: about, in bytes. side: of its pictures, in pixels."""

    id: str
    size: int
    side: int
    description: str
    licence: str = "MIT"
    limits: str = LIMITS

    @property
    def name(self) -> str:
        """The last part of the id: the folder that it is fetched into."""
        return self.id.split("/")[1]


def _offers() -> tuple[Offer, ...]:
    kinds = {"bedroom256": ("Bedrooms", 256), "cat256": ("Cats", 256), "imagenet64": ("A thousand kinds of things", 64)}
    ways = {"cd_{}_lpips": DISTILLED.format("LPIPS"), "cd_{}_l2": DISTILLED.format("l2"), "ct_{}": ALONE}
    return tuple(
        Offer(f"openai/diffusers-{name}", LARGE if side == 256 else SMALL, side, f"{what}. {how}.")
        for data, (what, side) in kinds.items()
        for way, how in ways.items()
        if (name := way.format(data)) not in ("cd_cat256_l2", "ct_cat256")
    )


OFFERS = _offers()
