"""The named endpoints, for scripts and for programs that speak MCP: the same requests as the page's, with one answer.

Files come in by Gradio's upload (`handle_file` of gradio_client) or, when small, as data URLs. Results go out as files.
"""

import inspect
import io
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.data_classes import FileData

from app.edits.data_url import painting_bytes, picture_bytes, to_data_url
from app.edits.material import Material
from app.edits.registry import EDITS
from app.edits.requests import edit_request
from app.edits.results import Finished
from app.edits.spec import EditSpec, Field
from app.engine.engine import Answer, Engine
from app.store.uploads import Uploads
from app.web.answers import error_sentence
from app.web.border.bodies import NO_ADDRESS
from app.web.callers import NOBODY, Caller, caller_of
from app.web.page_events import PageEvents
from core.card import ModelCard

FILE_SCHEMA = FileData.model_json_schema()
FILES_SCHEMA = {"type": "array", "items": FILE_SCHEMA, "$defs": FILE_SCHEMA["$defs"]}
KINDS = {"file": dict, "whole": int, "number": float, "word": str, "seed": int, "box": list[int], "text": str}
DEFAULTS = {"look": None, "steps": 1, "seed": 0, "schedule": "default"}  # of edits that do not take them


def register(engine: Engine, uploads: Uploads, events: PageEvents) -> None:
    """Add an endpoint for each edit to the gr.Blocks that is being built. They share what `events` has with the page.

    Every call is a visitor of its own. The calls of one address share its time and its places (app/engine/).
    """
    scripts = _Scripts(engine, uploads, events)
    for spec in EDITS.values():
        function = _endpoint(spec, scripts)
        endpoint = gr.api(
            function,
            api_name=function.__name__,
            api_description=function.__doc__,
            concurrency_limit=None,
        )
        _mark_files(endpoint, spec)


def _endpoint(spec: EditSpec, scripts: "_Scripts") -> Callable:
    """A function with one parameter for each field of the edit. Its errors are sentences, which Gradio sends on."""
    signature = inspect.Signature([_parameter(spec, field) for field in spec.takes], return_annotation=_returns(spec))

    async def function(*arguments: Any, **named: Any) -> Any:
        try:
            given = signature.bind(*arguments, **named)
            given.apply_defaults()
            return await scripts.edit(spec, given.arguments, _calling())
        except Exception as error:
            raise gr.Error(error_sentence(error), print_exception=False) from error

    function.__signature__ = signature  # type: ignore[attr-defined]  # Python's types do not know it
    function.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    function.__annotations__["return"] = signature.return_annotation
    function.__name__, function.__doc__ = spec.name.replace("-", "_"), _description(spec)
    return function


def _calling() -> Caller:
    """Who calls the function that runs now. A parameter for it, as events have, would be one of the endpoint."""
    request = LocalContext.request.get(None)
    return NOBODY if request is None else caller_of(request)


def _parameter(spec: EditSpec, field: Field) -> inspect.Parameter:
    kind: Any = str if _is_painting(spec, field) else KINDS[field.kind]
    default = spec.steps if field.name == "steps" else field.default
    if field.needed:
        default = inspect.Parameter.empty
    elif default is None:
        kind = kind | None
    return inspect.Parameter(field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def _is_painting(spec: EditSpec, field: Field) -> bool:
    """Whether the field is a painting: that is a PNG data URL, as the page sends it, and no file."""
    return spec.source is field and not spec.begins_with_photo


def _returns(spec: EditSpec) -> Any:
    if spec.source is None:
        return tuple[list[dict], dict, dict] if spec.animated else tuple[list[dict], dict]
    return tuple[dict, dict] if spec.begins_with_photo else dict


def _description(spec: EditSpec) -> str:
    """The text that programs read to find and use the endpoint."""
    lines = [f"{spec.does.capitalize()}. {spec.about}".strip(), ""]
    lines += [f"{field.name}: {_help_of(spec, field)}." for field in spec.takes]
    figures = '{"seed", "steps", "ms", "model_ms"}'
    if spec.source is None:
        moving = ", the animation as a WebP file" if spec.animated else ""
        return "\n".join([*lines, f"Returns PNG files with their settings inside{moving}, and {figures}."])
    if spec.begins_with_photo:
        return "\n".join([*lines, f"Returns the result as a PNG file with its settings inside, and {figures}."])
    return "\n".join([*lines, 'Returns {"png": data URL with the settings inside, "seed", "steps", "ms", "model_ms"}.'])


def _help_of(spec: EditSpec, field: Field) -> str:
    if _is_painting(spec, field):
        return f"{field.help}, a PNG file as a data URL (data:image/png;base64,...)"
    if field.name == "steps":
        return f"{field.help}, 1 to {spec.most_steps}"
    if field.parts:
        return f"[{', '.join(field.parts)}], {field.help}"
    return field.help


class _Scripts:
    """Runs the requests of scripts."""

    def __init__(self, engine: Engine, uploads: Uploads, events: PageEvents):
        self.engine, self.uploads = engine, uploads
        self.pictures, self.pool, self.listeners = events.pictures, events.pool, events.listeners

    async def edit(self, spec: EditSpec, given: dict, caller: Caller) -> Any:
        """Run an edit to its end. Returns its files and figures, or a painting's picture. Raises OnestrokeError."""
        address, began, used = caller.address, self.listeners.clock(), self.engine.used
        request = await self.pool.run(address, self._request, spec, given, used.card)
        answer = await self.engine.last_answer(
            request, address, used=used, unwanted=lambda: self.listeners.are_gone(caller.session, began)
        )
        figures = _figures(answer, request)
        if _returns(spec) is dict:
            return {"png": to_data_url(answer.pictures[0].png, "png"), **figures}
        assert answer.finish is not None  # "done" brings it
        finished = await self.pool.run(address, answer.finish)
        return await self.pool.run(address, self._outputs, spec, finished, figures, address)

    def _request(self, spec: EditSpec, given: dict, card: ModelCard):
        read = painting_bytes if _returns(spec) is dict else self._input
        files = {field.name: None if (value := given[field.name]) is None else read(value) for field in spec.files}
        settings = {name: given.get(name, default) for name, default in DEFAULTS.items()}
        material = Material.of(files, self.pictures, square=given.get("square"), frame=given.get("extend"))
        return edit_request(spec.name, material, settings=settings, extra=given, card=card)

    def _input(self, value: Any) -> bytes:
        """The bytes of a file that a script sent: a data URL, or an upload as Gradio names it. Raises PictureError."""
        if isinstance(value, str) and value.startswith("data:"):
            return picture_bytes(value)
        return self.uploads.take(value.get("path") if isinstance(value, dict) else value)

    def _outputs(self, spec: EditSpec, finished: Finished, figures: dict, address: str) -> tuple:
        figures |= {key: value for key, value in finished.facts.items() if not isinstance(value, bytes)}
        name = f"onestroke-{spec.name}"
        files = [self._output(each.png(), f"{name}-{each.seed}.png", address) for each in finished.results]
        if spec.source is not None:
            return files[0], figures
        moving = [self._output(finished.animation, f"{name}.webp", address)] if finished.animation else []
        return files, *moving, figures

    def _output(self, data: bytes, name: str, address: str) -> dict:
        """A file for a client to fetch within half an hour."""
        path = self.uploads.store(io.BytesIO(data), name, address)
        return FileData(path=str(path), orig_name=name, size=len(data)).model_dump()


def _figures(answer: Answer, request: Any) -> dict[str, Any]:
    return {
        "seed": request.seeds[0],
        "steps": request.evaluations,
        "ms": round(answer.ms, 1),
        "model_ms": round(answer.model_ms, 1),
    } | ({"note": request.note} if request.note else {})


def _calm(function: Callable) -> Callable:
    """The same function with errors as sentences, which Gradio sends on."""

    async def called(*arguments: Any, **named: Any) -> Any:
        try:
            return await function(*arguments, **named)
        except Exception as error:
            raise gr.Error(error_sentence(error), print_exception=False) from error

    called.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]  # as above
    called.__annotations__ = function.__annotations__
    called.__name__, called.__doc__ = function.__name__, function.__doc__
    return called


def _mark_files(endpoint: gr.events.Dependency, spec: EditSpec) -> None:
    """Mark the parameters and results that are files, so that clients know: gr.api has no type for them."""
    blocks = gr.context.Context.root_block
    assert blocks is not None  # endpoints are added while it is built
    fn = blocks.fns[endpoint["id"]]
    inputs: Sequence[Any] = fn.inputs  # components, never layout
    outputs: Sequence[Any] = fn.outputs[:-1]
    for field, component in zip(spec.takes, inputs, strict=True):
        if field.kind == "file" and not _is_painting(spec, field):
            component._api_info = FILE_SCHEMA
            component.async_move_resource_to_block_cache = _only_uploads
    for component in outputs:
        many = component._api_info.get("type") == "array"
        component._api_info = FILES_SCHEMA if many else FILE_SCHEMA


async def _only_uploads(path: str | None) -> str | None:
    """Refuse addresses. Gradio's own function, which this one replaces, would fetch an address that a caller names."""
    if isinstance(path, str) and "://" in path:
        raise gr.Error(NO_ADDRESS, print_exception=False)
    return path
