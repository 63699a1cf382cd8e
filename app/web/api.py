"""The named endpoints, for scripts and for programs that speak MCP: the page's requests, one answer at the end.

Files go in by Gradio's upload (`handle_file` of gradio_client) or, when small, as data URLs. Results come out as files.
"""

import asyncio
import inspect
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from gradio.processing_utils import save_bytes_to_cache

from app.edits.data_url import picture_bytes, to_data_url
from app.edits.paint import paint_request
from app.edits.requests import Material, edit_request
from app.edits.results import Finished
from app.engine.engine import Answer, Engine
from app.engine.jobs import Ticket
from app.store.photos import decode
from app.store.uploads import Uploads, upload_folder
from app.web.answers import sentence

FILE_SCHEMA = FileData.model_json_schema()
FILES_SCHEMA = {"type": "array", "items": FILE_SCHEMA, "$defs": FILE_SCHEMA["$defs"]}
FILES = ("photo", "mask", "strokes", "dabs", "picture", "picture_a", "picture_b")  # parameters that are files
SETTINGS = """
seed: a whole number from 0 to 2147483647; the same seed and inputs give the same picture.
steps: noise levels, 1 to 40. look: one of the model's looks; leave it empty for the first.
schedule: "default", or "paper" for the 40 evaluations of the paper, whatever the steps say."""
RETURNS_FILE = """
Returns the result as a PNG file with its settings inside, and {"seed", "steps", "ms", "model_ms"}."""


NO_ADDRESS = "Onestroke fetches nothing from the network. Send the file itself, uploaded or as a data URL."
_ENDINGS = {
    "inpaint": SETTINGS + RETURNS_FILE,
    "colorize": SETTINGS + RETURNS_FILE,
    "super_resolve": SETTINGS + RETURNS_FILE,
    "denoise": RETURNS_FILE,
    "interpolate": SETTINGS,
    "generate": SETTINGS,
}


def register(engine: Engine) -> None:
    """Add the endpoints to the gr.Blocks that is being built.

    Their callers run one at a time and together have one place in the line, so that scripts cannot starve the page.
    """
    for function in (*_strokes(engine), *_photos(engine), *_seeds(engine)):
        description = inspect.getdoc(function) + _ENDINGS.get(function.__name__, "")
        endpoint = gr.api(
            _calm(function),
            api_name=function.__name__,
            api_description=description,
            concurrency_limit=1,
            concurrency_id="api",
        )
        _mark_files(endpoint, function)


def _strokes(engine: Engine) -> Sequence[Callable]:
    caller = _Caller(engine)

    async def paint(strokes: str, seed: int = 0, steps: int = 1, strength: float = 0.5, look: str = "") -> dict:
        """Paint over strokes.

        strokes: a PNG picture of the strokes as a data URL (data:image/png;base64,...), square, 256 pixels is usual.
        seed: a whole number from 0 to 2147483647; the same seed and strokes give the same picture.
        steps: noise levels, 1 to 4. strength: 0 follows the strokes, 1 surprises.
        look: one of the model's looks; leave it empty for the first.
        Returns {"png": data URL with the settings inside, "seed", "steps", "ms", "model_ms"}.
        """
        request = paint_request(
            strokes, look=look or None, steps=steps, strength=strength, seed=seed, classes=engine.card.classes
        )
        answer = await caller.last(request)
        return {"png": to_data_url(answer.pictures[0].png, "png"), **_figures(answer, request)}

    return [paint]


def _photos(engine: Engine) -> Sequence[Callable]:
    caller = _Caller(engine)

    async def inpaint(
        photo: dict, mask: dict | None = None, strokes: dict | None = None, square: list[int] | None = None,
        extend: list[int] | None = None, grow: int = 0, feather: float | None = None, strength: float = 0.5,
        seed: int = 0, steps: int = 4, look: str = "", schedule: str = "default",
    ) -> tuple[dict, dict]:  # fmt: skip
        """Fill what a mask marks; everything else of the photo stays bit-exact.

        photo: a picture file. mask: a picture file of the same shape, white is filled.
        strokes: a picture file of strokes on transparency over the whole photo, painted inside the mask, or their own.
        square: [x, y, side], where on the photo to work; found around the mask if left out.
        extend: [left, top, right, bottom] pixels of a larger frame to fill. grow: pixels that the mask grows by.
        feather: pixels over which the result fades in. strength: of strokes, 0 follows them, 1 surprises.
        """
        material = {"photo": photo, "mask": mask, "layer": strokes, "square": square, "frame": extend}
        return await caller.edit(
            "inpaint", material, {"grow": grow, "feather": feather, "strength": strength}, seed, steps, look, schedule
        )

    async def colorize(
        photo: dict, dabs: dict | None = None, square: list[int] | None = None,
        seed: int = 0, steps: int = 4, look: str = "", schedule: str = "default",
    ) -> tuple[dict, dict]:  # fmt: skip
        """Colour a grey photo; its luminance stays, at full size.

        photo: a picture file. dabs: a picture file of dabs of colour on transparency over the whole photo.
        square: [x, y, side] to colour that part alone.
        """
        material = {"photo": photo, "layer": dabs, "square": square}
        return await caller.edit("colorize", material, {}, seed, steps, look, schedule)

    async def super_resolve(
        photo: dict, factor: int | None = None, square: list[int] | None = None,
        seed: int = 0, steps: int = 4, look: str = "", schedule: str = "default",
    ) -> tuple[dict, dict]:  # fmt: skip
        """A small picture, larger: every pixel of it is exactly the mean of its block in the result.

        photo: a picture file with the model's side divided by the factor; others are fitted to that first.
        factor: 2, 4 or 8; as the photo's size asks if left out. square: [x, y, side] of the photo to take.
        """
        material = {"photo": photo, "square": square}
        return await caller.edit("super-resolve", material, {"factor": factor}, seed, steps, look, schedule)

    async def denoise(
        photo: dict, sigma: float | None = None, square: list[int] | None = None, look: str = ""
    ) -> tuple[dict, dict]:
        """Take the noise out of a picture, with one evaluation of each of its tiles.

        photo: a picture file; it keeps its size. sigma: the level of its noise, black to white being 2; estimated if
        left out. square: [x, y, side] to clean that part alone.
        """
        material = {"photo": photo, "square": square}
        return await caller.edit("denoise", material, {"sigma": sigma}, 0, 1, look, "default")

    return [inpaint, colorize, super_resolve, denoise]


def _seeds(engine: Engine) -> Sequence[Callable]:
    caller = _Caller(engine)

    async def interpolate(
        seed: int = 0, seed_b: int = 1, frames: int = 9, steps: int = 4, look: str = "", schedule: str = "default",
        picture_a: dict | None = None, picture_b: dict | None = None, amount: float = 0.3,
    ) -> tuple[list[dict], dict, dict]:  # fmt: skip
        """From one seed or picture to another: 2 to 32 frames, and an animation of them there and back.

        picture_a, picture_b: picture files instead of the seeds. A result of /generate with the same settings brings
        its seed; over any other the way leads through noise, as much as amount says: 0 little, 1 much.
        Returns the frames as PNG files, the animation as a WebP file and the figures.
        """
        extra = {"seed_b": seed_b, "frames": frames, "amount": amount}
        return await caller.edit("interpolate", {"ends": (picture_a, picture_b)}, extra, seed, steps, look, schedule)

    async def generate(
        count: int = 4, picture: dict | None = None, amount: float = 0.5,
        seed: int = 0, steps: int = 4, look: str = "", schedule: str = "default",
    ) -> tuple[list[dict], dict]:  # fmt: skip
        """Pictures from the `count` (1 to 16) seeds from `seed` on, or variations of a picture.

        picture: a picture file to vary. amount: how far, 0 near, 1 far.
        Returns the pictures as PNG files and the figures.
        """
        extra = {"count": count, "amount": amount}
        return await caller.edit("generate", {"layer": picture}, extra, seed, steps, look, schedule)

    return [interpolate, generate]


class _Caller:
    """The one visitor that all scripts are together."""

    calls = itertools.count(1)

    def __init__(self, engine: Engine):
        self.engine = engine
        self.uploads = Uploads(upload_folder())

    async def last(self, request: Any) -> Answer:
        """The answer to a request when all is done."""
        return [each async for each in self.engine.run(request, Ticket("api", next(self.calls)))][-1]

    async def edit(
        self, task: str, material: dict, extra: dict, seed: Any, steps: Any, look: Any, schedule: Any
    ) -> tuple:
        """The files and figures of an edit. Raises OnestrokeError."""
        settings = {"look": look or None, "steps": steps, "seed": seed, "schedule": schedule}
        request = await asyncio.to_thread(self._request, task, material, settings, extra)
        answer = await self.last(request)
        finished = await asyncio.to_thread(answer.finish)
        return await asyncio.to_thread(_outputs, task, finished, _figures(answer, request), request.many)

    def _request(self, task: str, material: dict, settings: dict, extra: dict):
        named = {name: material.get(name) for name in ("photo", "mask", "layer")}
        files = {name: None if value is None else self._file(value) for name, value in named.items()}
        if files.get("photo") is not None:
            files["photo"] = decode(files["photo"])
        if "ends" in material:
            files["ends"] = tuple(None if end is None else self._file(end) for end in material["ends"])
        return edit_request(task, Material(**material | files), settings=settings, extra=extra, card=self.engine.card)

    def _file(self, value: Any) -> bytes:
        """What a script sent as a file: a data URL, or an upload as Gradio names it. Raises PictureError."""
        if isinstance(value, str) and value.startswith("data:"):
            return picture_bytes(value)
        return self.uploads.take(value.get("path") if isinstance(value, dict) else value)


def _figures(answer: Answer, request: Any) -> dict[str, Any]:
    return {
        "seed": request.seeds[0],
        "steps": request.evaluations,
        "ms": round(answer.ms, 1),
        "model_ms": round(answer.model_ms, 1),
    }


def _outputs(task: str, finished: Finished, figures: dict, many: bool) -> tuple:
    figures |= {key: value for key, value in finished.facts.items() if not isinstance(value, bytes)}
    files = [_file(result.png(), f"onestroke-{task}-{result.seed}.png") for result in finished.results]
    if not many:
        return files[0], figures
    moving = [_file(finished.animation, f"onestroke-{task}.webp")] if finished.animation else []
    return files, *moving, figures


def _file(data: bytes, name: str) -> dict:
    """A file for a client to fetch, in Gradio's cache, which forgets it after a day."""
    path = save_bytes_to_cache(data, name, str(upload_folder()))
    return FileData(path=path, orig_name=name, size=len(data)).model_dump()


def _calm(function: Callable) -> Callable:
    """The same function, its errors as sentences that Gradio sends on."""

    async def called(*arguments: Any, **named: Any) -> Any:
        try:
            return await function(*arguments, **named)
        except Exception as error:
            raise gr.Error(sentence(error), print_exception=False) from error

    called.__signature__, called.__annotations__ = inspect.signature(function), function.__annotations__
    called.__name__, called.__doc__ = function.__name__, function.__doc__
    return called


def _mark_files(endpoint: gr.events.Dependency, function: Callable) -> None:
    """Tell clients which parameters and results are files: gr.api knows no type for them."""
    blocks = gr.context.Context.root_block
    fn = blocks.fns[endpoint["id"]]
    for name, component in zip(inspect.signature(function).parameters, fn.inputs, strict=True):
        if name in FILES:
            component._api_info = FILE_SCHEMA
            component.async_move_resource_to_block_cache = _only_uploads
    if function.__name__ != "paint":
        for component in fn.outputs[:-1]:
            many = component._api_info.get("type") == "array"
            component._api_info = FILES_SCHEMA if many else FILE_SCHEMA


async def _only_uploads(path: str | None) -> str | None:
    """Instead of Gradio's own function, which would fetch an address that a caller names."""
    if isinstance(path, str) and "://" in path:
        raise gr.Error(NO_ADDRESS, print_exception=False)
    return path
