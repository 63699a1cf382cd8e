"""Holes filled with copies from the rest of the photo: every patch that touches a hole is to look like one outside it.

From coarse to fine (Wexler et al. 2007) each patch in the hole searches the nearest patch outside it, by PatchMatch
(Barnes et al. 2009), and every pixel becomes the weighted mean of what the patches over it say; patches near the border
of the hole count more (Newson et al. 2014). The search ends at a level of bounded size. From there to the photo's own
size only the places are made larger that pixels are copied from, so what is copied is as sharp as the photo.

Shapes: photos [H,W,3] uint8; holes [H,W] bool. T targets: the patches that touch the hole. A place is an index into the
flat picture of a level, of the middle of a patch. K numbers of a patch.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from core.masks import check_mask, extents

RADIUS = 3  # pixels of a patch around its middle
TARGETS = 6_000  # at most, of a level that is searched
WINDOW = 120_000  # pixels at most of such a level
CONTEXT = 1.0  # of the hole's longer side: how far around it patches are copied from
LEAST_CONTEXT = 48  # pixels of that, at the finest level that is searched
COARSEST = 6  # pixels of the deepest place in the hole at the coarsest level
ROUNDS = (8, 4, 3)  # of search and mean: at the coarsest level, at the next one, at all finer ones
REACHES = (4, 2, 1)  # pixels to the neighbours that a patch hears the matches of
FADE = 1.6  # a patch counts so many times less for each pixel that its middle lies inside the hole
TELEA_RADIUS = 3  # pixels around a hole that a smooth filling is made from
APART = 32  # pixels: holes farther from each other are filled one after the other
MOST_COMPARED = 4000  # patches that the first ones are compared with
MOST_HOLES = 64  # of these; more are filled as one
STRIP = 1 << 18  # pixels that are copied at a time


def copied(photo: np.ndarray, mask: np.ndarray, seed: int = 0) -> np.ndarray:
    """The photo [H,W,3] with what the mask [H,W] marks filled by copies; every other pixel keeps its value.

    seed: another one searches other places. Where too little is left to copy from, the hole is filled smoothly; a photo
    of which nothing is left stays as it is. Raises RequestError for a mask of another size.
    """
    check_mask(mask, photo)
    filled, hole = photo.copy(), mask != 0
    if hole.all():
        return filled
    for box in _holes(hole):
        missing = np.zeros_like(hole)
        missing[box] = hole[box]
        step, window = _window(missing)
        filled[window] = _copied(filled[window], missing[window], hole[window], step, seed)
        hole[box] = False
    return filled


def _holes(hole: np.ndarray) -> list[tuple[slice, slice]]:
    """Rows and columns of each hole, those nearer than APART together."""
    high, wide = (-(-length // APART) for length in hole.shape)
    coarse = np.zeros((high, wide), np.uint8)
    coarse[tuple(index // APART for index in np.nonzero(hole))] = 1
    count, _, stats, _ = cv2.connectedComponentsWithStats(coarse)
    if not 1 < count <= MOST_HOLES:
        return [extents(hole)] if count > 1 else []
    boxes = [(APART * y, APART * x, APART * rows, APART * columns) for x, y, columns, rows, _ in stats[1:].tolist()]
    return [(slice(y, y + rows), slice(x, x + columns)) for y, x, rows, columns in boxes]


def _window(hole: np.ndarray) -> tuple[int, tuple[slice, slice]]:
    """By how much a hole is made smaller to be searched, a power of 2, and the part of the photo to copy from."""
    step, longer = 1, max(part.stop - part.start for part in extents(hole))
    while True:
        window = extents(hole, margin=round(max(CONTEXT * longer, LEAST_CONTEXT * step)))
        size = hole[window].size
        if np.count_nonzero(hole) <= TARGETS * step**2 and size <= WINDOW * step**2:
            return step, window
        step *= 2


def smoothly_filled(photo: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The photo [H,W,3] with its hole [H,W] bool filled from its border (Telea 2004). A hole alone stays as it is."""
    return photo if hole.all() else cv2.inpaint(photo, hole.astype(np.uint8), TELEA_RADIUS, cv2.INPAINT_TELEA)


def _copied(photo: np.ndarray, hole: np.ndarray, unknown: np.ndarray, step: int, seed: int) -> np.ndarray:
    """The photo with this hole filled. unknown [H,W]: this hole and others, which nothing is copied from."""
    search: _Search | None = None
    for number, (pixels, missing, barred) in enumerate(_levels(photo, hole, unknown, step)):
        random = np.random.default_rng((seed, number))
        search = _search_of(pixels, missing, barred, search, random)
        if search is None:
            continue
        for _ in range(ROUNDS[min(number, len(ROUNDS) - 1)]):
            search.improve()
            search.mean()
    if search is None:
        return smoothly_filled(photo, hole)
    return _at_full_size(photo, hole, unknown, search, step)


Level = tuple[np.ndarray, np.ndarray, np.ndarray]  # pixels [h,w,3] float32, missing and barred [h,w] bool


def _levels(photo: np.ndarray, hole: np.ndarray, unknown: np.ndarray, step: int) -> list[Level]:
    """From coarse to fine. A pixel of a coarser level is missing if it touches one that is."""
    levels = [(_means(photo, step), _touched(hole, step), _touched(unknown, step))]
    while _depth(levels[-1][1]) > COARSEST and min(levels[-1][1].shape) > 8 * RADIUS:
        pixels, missing, barred = levels[-1]
        levels.append((_means(pixels, 2), _touched(missing, 2), _touched(barred, 2)))
    return levels[::-1]


def _means(pixels: np.ndarray, step: int) -> np.ndarray:
    """[h,w,3] float32: means of blocks of step x step pixels; the last ones repeat where the photo ends."""
    rows, columns = (-length % step for length in pixels.shape[:2])
    whole = cv2.copyMakeBorder(pixels, 0, rows, 0, columns, cv2.BORDER_REPLICATE)
    size = whole.shape[1] // step, whole.shape[0] // step
    return cv2.resize(whole, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _touched(hole: np.ndarray, step: int) -> np.ndarray:
    """[h,w] bool: the blocks that touch the hole."""
    rows, columns = (-length % step for length in hole.shape)
    whole = np.pad(hole, ((0, rows), (0, columns)))
    blocks = whole.reshape(whole.shape[0] // step, step, whole.shape[1] // step, step)
    return np.asarray(blocks.any(axis=(1, 3)))


def _depth(hole: np.ndarray) -> float:
    return float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE).max())


@dataclass(eq=False)
class _Search:
    """A level: its picture as it is filled now, and for each target the place that its patch is copied from."""

    picture: np.ndarray  # [h,w,3] float32
    missing: np.ndarray  # [M] indices of pixels
    targets: np.ndarray  # [T] places
    number: np.ndarray  # [h,w]: of the target at a place, or -1
    sources: np.ndarray  # [h,w] bool: the places that may be copied
    trust: np.ndarray  # [T] float32: how much a target counts for its distance from the border of the hole
    match: np.ndarray  # [T] places
    cost: np.ndarray  # [T] float32: squared distance of a target to its match
    random: np.random.Generator

    @property
    def width(self) -> int:
        """Of the picture, in pixels."""
        return self.picture.shape[1]

    def begin(self) -> None:
        """From the border inwards, ring by ring: a pixel is copied from where what is known around it fits best.

        Pixels so near to the frame that no patch has them in its middle are filled smoothly.
        """
        known = np.ones(self.number.shape, bool)
        known.flat[self.missing] = False
        places = self.random.permutation(np.flatnonzero(self.sources))[:MOST_COMPARED]
        sources = _patches(self.picture)[places]
        while True:
            touched = cv2.dilate(known.astype(np.uint8), np.ones((3, 3), np.uint8)) != 0
            ring = np.flatnonzero(touched & ~known & (self.number >= 0))
            if not len(ring):
                break
            told = _patches(np.repeat(known[..., None].astype(np.float32), 3, axis=2))[ring]
            patches = _patches(self.picture)[ring]
            gap = told @ np.square(sources).T - 2 * (told * patches) @ sources.T
            match = places[gap.argmin(axis=1)]
            self.match[self.number.flat[ring]] = match
            self.picture.reshape(-1, 3)[ring] = self.picture.reshape(-1, 3)[match]
            known.flat[ring] = True
        if not known.all():
            self.picture[~known] = smoothly_filled(self.picture.round().astype(np.uint8), ~known)[~known]

    def follow(self, coarser: "_Search") -> None:
        """From the matches of the coarser level, as far as these are sources here."""
        y, x = np.divmod(self.targets, self.width)
        parent_y, parent_x, parent = coarser.nearest_target(y // 2, x // 2)
        match_y, match_x = np.divmod(coarser.match[parent], coarser.width)
        to_y, to_x = y + 2 * (match_y - parent_y), x + 2 * (match_x - parent_x)
        inside = (to_y >= 0) & (to_y < self.number.shape[0]) & (to_x >= 0) & (to_x < self.width)
        place = np.where(inside, to_y * self.width + to_x, 0)
        good = inside & (parent >= 0) & self.sources.flat[place]
        self.match = np.where(good, place, self.match)
        self.mean()

    def nearest_target(self, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, columns and numbers (-1: none) of the targets at (y, x), or nearest to it with a whole patch."""
        y = y.clip(RADIUS, self.number.shape[0] - 1 - RADIUS)
        x = x.clip(RADIUS, self.number.shape[1] - 1 - RADIUS)
        return y, x, self.number[y, x]

    def improve(self) -> None:
        """A round of PatchMatch: the matches of neighbours, then places by chance, ever nearer."""
        patches = _patches(self.picture)
        self.cost = self._costs(patches, self.match)
        for reach in REACHES:
            for by in (reach, -reach, reach * self.width, -reach * self.width):
                neighbour = self.number.flat[(self.targets + by).clip(0, self.number.size - 1)]
                self._try(patches, np.where(neighbour >= 0, self.match[neighbour] - by, self.match))
        reach = max(self.number.shape) // 2
        while reach >= 1:
            down, right = self.random.integers(-reach, reach + 1, (2, len(self.match)))
            self._try(patches, self.match + down * self.width + right)
            reach //= 2

    def mean(self) -> None:
        """What is missing becomes the weighted mean of what the patches over it say."""
        pixels = self.picture.reshape(-1, 3)
        total, weight = np.zeros_like(pixels), np.zeros(len(pixels), np.float32)
        along = np.arange(-RADIUS, RADIUS + 1)
        for offset in (along[:, None] * self.width + along).ravel():
            total[self.targets + offset] += self.trust[:, None] * pixels[self.match + offset]
            weight[self.targets + offset] += self.trust
        said = self.missing[weight[self.missing] > 0]
        pixels[said] = total[said] / weight[said, None]

    def _costs(self, patches: np.ndarray, match: np.ndarray) -> np.ndarray:
        difference = patches[self.targets] - patches[match]
        return np.einsum("tk,tk->t", difference, difference)

    def _try(self, patches: np.ndarray, places: np.ndarray) -> None:
        """Other matches [T]: taken where they are sources, and nearer."""
        places = np.where((places >= 0) & (places < self.number.size), places, self.match)
        places = np.where(self.sources.flat[places], places, self.match)
        cost = self._costs(patches, places)
        nearer = cost < self.cost
        self.match = np.where(nearer, places, self.match)
        self.cost = np.where(nearer, cost, self.cost)


def _patches(picture: np.ndarray) -> np.ndarray:
    """[h*w,K] float32: the patch of a picture [h,w,3] around every place; 0 where it would reach out."""
    side = 2 * RADIUS + 1
    windows = np.lib.stride_tricks.sliding_window_view(picture, (side, side), axis=(0, 1))
    patches = np.zeros((*picture.shape[:2], 3 * side * side), np.float32)
    patches[RADIUS:-RADIUS, RADIUS:-RADIUS] = windows.reshape(*windows.shape[:2], -1)
    return patches.reshape(-1, patches.shape[-1])


def _search_of(
    pixels: np.ndarray,
    missing: np.ndarray,
    barred: np.ndarray,
    coarser: _Search | None,
    random: np.random.Generator,
) -> _Search | None:
    """The search of a level at its beginning; None if it has no patch to copy."""
    patch = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    whole = np.zeros(missing.shape, bool)  # the places whose patches are in the picture
    whole[RADIUS:-RADIUS, RADIUS:-RADIUS] = True
    sources = whole & (cv2.dilate(barred.astype(np.uint8), patch) == 0)
    if not sources.any():
        return None
    targets = np.flatnonzero(whole & (cv2.dilate(missing.astype(np.uint8), patch) != 0))
    number = np.full(missing.shape, -1)
    number.flat[targets] = np.arange(len(targets))
    inside = cv2.distanceTransform(missing.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE).flat[targets]
    match = random.choice(np.flatnonzero(sources), len(targets))
    search = _Search(
        pixels.copy(), np.flatnonzero(missing), targets, number, sources, (FADE**-inside).astype(np.float32), match,
        np.zeros(len(targets), np.float32), random,
    )  # fmt: skip
    if coarser is None:
        search.begin()
    else:
        search.follow(coarser)
    return search


def _at_full_size(photo: np.ndarray, hole: np.ndarray, unknown: np.ndarray, search: _Search, step: int) -> np.ndarray:
    """The photo with its hole copied from where the search has found it."""
    filled = photo.copy()
    if step == 1:
        filled[hole] = search.picture[hole].round().clip(0, 255).astype(np.uint8)
        return filled
    y, x = np.nonzero(hole)
    for start in range(0, len(y), STRIP):
        part = y[start : start + STRIP], x[start : start + STRIP]
        filled[part] = _enlarged(photo, unknown, search, step, *part)
    return filled


def _enlarged(
    photo: np.ndarray, unknown: np.ndarray, search: _Search, step: int, y: np.ndarray, x: np.ndarray
) -> np.ndarray:
    """Pixels [N,3] uint8 for N places: each mixes what the four nearest targets of the search copy there."""
    total, weight = np.zeros((len(y), 3), np.float32), np.zeros(len(y), np.float32)
    at_y, at_x = (y + 0.5) / step - 0.5, (x + 0.5) / step - 0.5
    for down in (0, 1):
        for right in (0, 1):
            row, column = np.floor(at_y).astype(int) + down, np.floor(at_x).astype(int) + right
            share = (1 - np.abs(at_y - row)) * (1 - np.abs(at_x - column))
            row, column, target = search.nearest_target(row, column)
            match_row, match_column = np.divmod(search.match[target], search.width)
            from_y, from_x = y + step * (match_row - row), x + step * (match_column - column)
            there = (target >= 0) & (from_y >= 0) & (from_x >= 0)
            there &= (from_y < unknown.shape[0]) & (from_x < unknown.shape[1])
            from_y, from_x = np.where(there, from_y, 0), np.where(there, from_x, 0)
            share = np.where(there & ~unknown[from_y, from_x], share, 0).astype(np.float32)
            total += share[:, None] * photo[from_y, from_x]
            weight += share
    smooth = search.picture[y // step, x // step]
    mixed = np.where(weight[:, None] > 0, total / np.maximum(weight, 1e-6)[:, None], smooth)
    return mixed.round().clip(0, 255).astype(np.uint8)
