"""How a photograph is to be turned, as EXIF says. What only XMP says is ignored, as browsers do."""

from PIL import Image

from core.pictures.tiff import ORIENTATION, SHORT, Directory

T = Image.Transpose
TURNS = {
    2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_270, 7: T.TRANSVERSE,
    8: T.ROTATE_90,
}  # fmt: skip


def orientation(exif: bytes) -> int:
    """The orientation, 1 to 8, in a block of EXIF that begins with its byte order; 1 where there is none."""
    directory = Directory(exif)
    entry = directory.find(ORIENTATION)
    value = directory.first(ORIENTATION) if entry and (entry.kind, entry.length) == (SHORT, 1) else 1
    return value if 1 <= value <= 8 else 1


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture turned as its orientation asks."""
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture
