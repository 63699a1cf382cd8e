"""Which kind of picture a file is, by its first bytes, and what to say of one that cannot be opened."""

from core.errors import PictureError
from core.pictures import jpeg, png, tiff, webp
from core.pictures.content import Content
from core.pictures.limits import PictureLimits

OTHERS = {"GIF": (b"GIF87a", b"GIF89a"), "BMP": (b"BM",), "PPM": tuple(b"P%c" % letter for letter in b"123456fFy")}


def content_of(data: bytes, limits: PictureLimits) -> Content:
    """What a file says of its pixels. Raises PictureError for a kind that is not read, and for too many pieces."""
    kind = _kind_of(data)
    if kind is None:
        raise PictureError(refusal(data))
    if kind not in limits.formats:
        raise PictureError(f"{kind} pictures cannot be opened here. Save it as JPEG, PNG or WebP: those work.")
    if kind == "PNG":
        return png.png_content(data, limits.parts)
    if kind == "JPEG":
        return jpeg.jpeg_content(data, limits.parts, limits.scans)
    if kind == "WEBP":
        return webp.webp_content(data, limits.parts)
    return tiff.tiff_content(data) if kind == "TIFF" else Content(kind, data)


def _kind_of(data: bytes) -> str | None:
    if webp.is_webp(data):
        return "WEBP"
    signatures = {"PNG": (png.SIGNATURE,), "JPEG": (jpeg.SIGNATURE,), "TIFF": (*tiff.SIGNATURES, b"MM*\0", b"II\0*")}
    return next((kind for kind, begins in (signatures | OTHERS).items() if data.startswith(begins)), None)


def refusal(data: bytes) -> str:
    """What to say of a file that no decoder knows, as far as its first bytes tell what it is."""
    if not data:
        return "This file is empty. Choose a JPEG, PNG or WebP picture."
    if data[4:8] == b"ftyp":
        return "HEIC and AVIF photos and films cannot be opened. Save the photo as JPEG, PNG or WebP: those work."
    if b"<svg" in data[:4096].lower():
        return "SVG drawings cannot be opened. Save it as PNG: that works."
    if data.startswith(tiff.SIGNATURES):
        return "This kind of TIFF cannot be opened. Save it as PNG, or as RGB without further channels: that works."
    return "This file is not a picture. JPEG, PNG or WebP work."
