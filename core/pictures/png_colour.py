"""What the chunks of a PNG say of its colours, in the order in which browsers believe them: cICP, iCCP, sRGB, gAMA.

Of cICP (ITU-T H.273) all primaries count, and the transfer functions of ordinary pictures. Those of HDR (PQ, HLG) do
not: every browser fits them into its screen in its own way.
"""

import struct
import zlib
from collections.abc import Mapping

from core.pictures.icc import SRGB_COLOURS, Colours, gamma_curve, matrix_profile, srgb_curve
from core.pictures.srgb import opened_profile

MAX_PROFILE = 16_000_000  # bytes: a profile for printing has 2 million

D65, C = (0.3127, 0.3290), (0.310, 0.316)
PRIMARIES: dict[int, Colours] = {
    1: SRGB_COLOURS,
    4: (*C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
# By the number of the transfer function. That of television is shown with the gamma of its screens, 2.4 (BT.1886).
TRANSFERS = {1: 2.4, 4: 2.2, 5: 2.8, 6: 2.4, 8: 1.0, 14: 2.4, 15: 2.4}
SRGB_TRANSFER = 13
USUAL_GAMMA, NEARLY = 1 / 2.2, 0.05  # of gAMA alone: what is as near is taken for sRGB


def profile_of(chunks: Mapping[bytes, bytes]) -> bytes | None:
    """The ICC profile that the chunks, by their kinds, hold or amount to; None for sRGB."""
    transfer, primaries = _stated(chunks.get(b"cICP", b""))
    if primaries is not None:
        return matrix_profile(transfer, primaries)
    if b"iCCP" in chunks and (profile := _embedded(chunks[b"iCCP"])):
        return profile
    return None if b"sRGB" in chunks else _of_gamma(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def _stated(body: bytes) -> tuple[bytes, Colours | None]:
    """Curve and primaries of cICP. Only of RGB (matrix 0) in full range (1): others are no PNG."""
    if len(body) != 4 or body[2:] != b"\0\1" or body[1] not in (*TRANSFERS, SRGB_TRANSFER):
        return b"", None
    curve = srgb_curve() if body[1] == SRGB_TRANSFER else gamma_curve(TRANSFERS[body[1]])
    return curve, PRIMARIES.get(body[0])


def _embedded(body: bytes) -> bytes | None:
    name, _, rest = body[:81].partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(body[len(name) + 2 :], MAX_PROFILE) if rest[:1] == b"\0" else b""
    except zlib.error:
        return None
    return profile if opened_profile(profile) else None


def _of_gamma(gamma: bytes, colours: bytes) -> bytes | None:
    """gAMA alone means the primaries of sRGB; cHRM alone means nothing."""
    value = int.from_bytes(gamma, "big") / 100_000 if len(gamma) == 4 else 0.0
    if not value:
        return None
    if len(colours) == 32:
        return matrix_profile(gamma_curve(1 / value), [number / 100_000 for number in struct.unpack(">8I", colours)])
    near = abs(value / USUAL_GAMMA - 1) < NEARLY
    return None if near else matrix_profile(gamma_curve(1 / value), SRGB_COLOURS)
