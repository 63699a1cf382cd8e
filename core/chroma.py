"""Colour from the model, luminance from the photograph: a small result brought to any size without colour bleeding.

The fast guided filter (He, Sun 2015, "Fast Guided Filter", arXiv 1505.00996): in every small window the model's chroma
is written as a linear function of luminance, chroma = a Y + b; a and b are smooth, so they are computed at the model's
size and enlarged, and the photo's own luminance at full size puts every edge of the colours where it has its own.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from torch import Tensor

from core.compose import STRIP, Square, axis_weights, check_photo, view
from core.constraint import LUMA

WEIGHTS = np.array(LUMA, np.float32) / np.float32(sum(LUMA))  # of a grey that has the same luma
RADIUS = 2  # of the windows, in pixels of the model
EPSILON = 1e-3  # luminance variance, in [0, 1] squared, from which an edge separates colours
TINY = 1e-6  # chroma that is none


def to_grey(photo: np.ndarray) -> np.ndarray:
    """The photo's luma, three times: [H,W,3] uint8."""
    check_photo(photo)
    return cv2.merge([cv2.transform(photo, WEIGHTS[None])] * 3)


def recolour(photo: np.ndarray, result: Tensor, square: Square | None = None) -> np.ndarray:
    """The photo with the chroma of the model's result [1,3,R,R] and its own luminance at full size.

    The result belongs to `view(photo, square, R)`; outside the square every pixel keeps its exact value. The luma of
    every other pixel is the photo's, within one level of 8 bits: colours out of range move towards grey.
    """
    check_photo(photo)
    coloured = photo.copy()
    part = coloured if square is None else coloured[square.inside(photo)]
    luma = view(photo, square, result.shape[-1])[0].permute(1, 2, 0).numpy() @ WEIGHTS
    maps = _chroma_model((luma + 1) / 2, result[0].detach().float().cpu().permute(1, 2, 0).numpy() / 2)
    for strip, planes in zip(_strips(part), _enlarged(maps, photo, square)):
        grey = cv2.transform(strip.astype(np.float32), WEIGHTS[None] / 255)
        red, blue = (_guided(grey, *planes[channel::2]) for channel in range(2))
        strip[:] = _coloured(grey, red, blue)
    return coloured


def _chroma_model(luma: np.ndarray, result: np.ndarray) -> np.ndarray:
    """Slope, offset, least and greatest chroma, [R,R,4,2], from luma [R,R] in [0, 1] and a result [R,R,3] of its scale.

    The chroma is (red - Y, blue - Y); green follows, as luma is known. The bounds keep fine texture, stronger at full
    size than at the model's, from making colours that the model put nowhere near.
    """
    chroma = (result - (result @ WEIGHTS)[..., None])[..., [0, 2]]
    mean, chroma_mean = _window_mean(luma), _window_mean(chroma)
    variance = np.maximum(_window_mean(luma * luma) - mean * mean, 0)[..., None]
    slope = (_window_mean(luma[..., None] * chroma) - mean[..., None] * chroma_mean) / (variance + EPSILON)
    offset = chroma_mean - slope * mean[..., None]
    trust = variance + EPSILON  # beside an edge the windows that see it decide: flat ones know one side only
    scale = _window_mean(trust)[..., None]
    window = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    bounds = cv2.erode(chroma, window), cv2.dilate(chroma, window)
    return np.stack([_window_mean(trust * slope) / scale, _window_mean(trust * offset) / scale, *bounds], axis=2)


def _window_mean(values: np.ndarray) -> np.ndarray:
    return cv2.blur(values, (2 * RADIUS + 1, 2 * RADIUS + 1), borderType=cv2.BORDER_REFLECT)


def _strips(pixels: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(pixels), STRIP):
        yield pixels[start : start + STRIP]


def _enlarged(maps: np.ndarray, photo: np.ndarray, square: Square | None) -> Iterator[list[np.ndarray]]:
    """Maps [R,R,4,2] at the photo's size where the square lies in it, strip by strip: 8 planes [h,w]."""
    rows, columns = maps.shape[:2]
    height, width = photo.shape[:2]
    inside: tuple[slice, ...] = (slice(None), slice(None))
    if square is not None:
        height = width = square.side
        inside = tuple(slice(s.start - o, s.stop - o) for s, o in zip(square.inside(photo), (square.y, square.x)))
    down = axis_weights(rows, height, cv2.INTER_LINEAR)[inside[0]]
    method = cv2.INTER_AREA if width < columns else cv2.INTER_LINEAR
    planes = np.ascontiguousarray(np.moveaxis(maps.reshape(rows, columns, -1), -1, 0))
    for strip in _strips(down):
        yield [cv2.resize(strip @ p, (width, len(strip)), interpolation=method)[:, inside[1]] for p in planes]


def _guided(grey: np.ndarray, slope: np.ndarray, offset: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    chroma = slope * grey
    chroma += offset
    np.maximum(chroma, low, out=chroma)
    return np.minimum(chroma, high, out=chroma)


def _coloured(grey: np.ndarray, red: np.ndarray, blue: np.ndarray) -> np.ndarray:
    """Greys [h,w] in [0, 1] with chroma [h,w] of red and blue as 8-bit colours of the same luma."""
    green = red * (-WEIGHTS[0] / WEIGHTS[1])
    green -= blue * (WEIGHTS[2] / WEIGHTS[1])
    # The largest part of the chroma, at most 1, that leaves all channels in [0, 1]: as Colorize.project_in_range.
    most, least = (extreme(extreme(red, blue), green) for extreme in (np.maximum, np.minimum))
    scale = np.minimum((1 - grey) / np.maximum(most, TINY), grey / np.maximum(-least, TINY))
    np.minimum(scale, 1, out=scale)
    scale *= 255
    grey = grey * 255 + 0.5  # the cast to integers cuts off
    return cv2.merge([(grey + scale * colour).astype(np.uint8) for colour in (red, green, blue)])
