"""The strips of pictures that the page brings with it (app/samples.py): GET /onestroke/made/<task>.webp."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.samples import FOLDER

ROUTE = "/onestroke/made"
KEPT_S = 3600  # seconds that a browser may keep one without asking: the next version may have others
NOT_HERE = "There is no such picture."


def made_routes() -> list[Route]:
    """For Gradio's app. The files are listed once: a request names one of them or nothing."""
    files = {path.name: path for path in FOLDER.glob("*.webp")}

    async def strip(request: Request) -> Response:
        path = files.get(request.path_params["name"])
        if path is None:
            return PlainTextResponse(NOT_HERE, 404)
        return FileResponse(path, media_type="image/webp", headers={"cache-control": f"public, max-age={KEPT_S}"})

    return [Route(f"{ROUTE}/{{name}}", strip)]
