"""The route that takes a file, in place of Gradio's: one file in a request, counted while it arrives, of one owner."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.store.uploads import Uploads
from app.web.border.bodies import SLOW, too_large
from app.web.border.budgets import address_of
from app.web.border.entrances import MAX_UPLOAD
from app.web.border.refusal import UNREADABLE, Refusal
from core.errors import PictureError

UPLOAD_S = 600.0  # seconds for a file to arrive
PART = 1_000_000
ONE_FILE = "Send one file in a request, and nothing else."


def upload_routes(uploads: Uploads) -> list[Route]:
    """POST /gradio_api/upload: a form with one file. The answer is a list of its path, as Gradio's clients expect."""

    async def upload(request: Request) -> Response:
        try:
            async with asyncio.timeout(UPLOAD_S):
                return await _stored(request, uploads)
        except Refusal as refusal:
            return refusal.response
        except TimeoutError:
            return Refusal(408, SLOW).response
        except ClientDisconnect:
            return Refusal(400, UNREADABLE).response  # nobody reads it

    return [Route("/gradio_api/upload", upload, methods=["POST"])]


async def _stored(request: Request, uploads: Uploads) -> Response:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refusal(415, ONE_FILE)
    parser = MultiPartParser(request.headers, _counted(request), max_files=1, max_fields=0)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise Refusal(400, ONE_FILE) from error
    try:
        file = form.get("files")
        if not isinstance(file, UploadFile):
            raise Refusal(400, ONE_FILE)
        owner = address_of(request.client)
        path = await asyncio.to_thread(uploads.store, file.file, file.filename or "file", owner)
    except PictureError as error:
        raise Refusal(507, str(error)) from error
    finally:
        await form.close()
    return JSONResponse([str(path)])


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    """The body in parts of some PART bytes: the parser goes to another thread with each.

    Raises Refusal as soon as they are more than a file may have, whatever length was stated.
    """
    seen, parts = 0, bytearray()
    async for part in request.stream():
        seen += len(part)
        if seen > MAX_UPLOAD:
            raise too_large(MAX_UPLOAD)
        parts += part
        if len(parts) >= PART:
            yield bytes(parts)
            parts.clear()
    yield bytes(parts)
