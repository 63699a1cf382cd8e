"""The strips of pictures that the page brings with it (app/samples.py): GET /onestroke/made/<task>.webp."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.samples import FOLDER

ROUTE = "/onestroke/made"
KEPT_S = 3600  # seconds that a browser may keep one without asking: the next version may have others
NOT_HERE = "There is no such picture."


def made_routes() -> list[Route]:
    """For Gradio's app. The files are read once: a request names one of them or nothing."""
    files = {path.name: path.read_bytes() for path in FOLDER.glob("*.webp")}

    async def strip(request: Request) -> Response:
        data = files.get(request.path_params["name"])
        if data is None:
            return PlainTextResponse(NOT_HERE, 404)
        return Response(data, media_type="image/webp", headers={"cache-control": f"public, max-age={KEPT_S}"})

    return [Route(f"{ROUTE}/{{name}}", strip)]
