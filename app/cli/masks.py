"""Which mask belongs to which photo."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.cli.storage import Location


@dataclass(frozen=True)
class Masks:
    """One mask for every photo, or a folder of them, which is listed once."""

    place: Location | None = None
    pictures: dict[str, Location] | None = None  # of the folder, by name
    by_stem: dict[str, list[Location]] = field(default_factory=dict)

    @classmethod
    def of(cls, options: argparse.Namespace, suffixes: Sequence[str]) -> "Masks":
        """Those that the options name. suffixes: how the names of pictures end."""
        place = getattr(options, "mask", None)
        if place is None or not place.is_dir():
            return cls(place)
        files = sorted(path for path in place.iterdir() if path.is_file())
        by_stem: dict[str, list[Location]] = {}
        for path in files:
            if path.suffix.lower() in suffixes:
                by_stem.setdefault(path.stem, []).append(path)
        return cls(place, {path.name: path for path in files}, by_stem)

    def mask_for(self, photo: Location) -> tuple[Location | None, str]:
        """The mask of a photo, in a folder that of its name, else that of its stem; and what is wrong with it."""
        if self.place is None or self.pictures is None:
            return self.place, ""
        if photo.name in self.pictures:
            return self.pictures[photo.name], ""
        found = self.by_stem.get(photo.stem)
        if not found:
            return self.place / f"{photo.stem}.png", ""  # it does not exist: reading it fails for this photo only
        names = " and ".join(path.name for path in found)
        return found[0], "" if len(found) == 1 else f"{names} may both be its mask: name one of them {photo.name}."
