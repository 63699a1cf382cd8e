"""The program as a person starts it, and what the page does when it goes away."""

import pytest

import core
from app.edits.record import read_record
from app.models import DEFAULT_MODEL, MODELS
from tests import tiny
from tests.browser.server import Server
from tests.browser.studio import mustard
from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

UNREACHABLE = ("net::ERR_", "network error", "errored out")


@pytest.fixture
def serve():
    """serve(module, *options) starts a server of one's own; it ends with the test."""
    servers = []

    def begin(module: str, *options: str) -> Server:
        servers.append(Server(module, *options))
        return servers[-1]

    yield begin
    for server in servers:
        server.end()


def model_options(folder) -> list[str]:
    """The bundled model, or where there is none a tiny one."""
    if (MODELS / f"{DEFAULT_MODEL}.safetensors").is_file():
        return []
    model = tiny.model()
    return ["--model", str(core.save_model(folder / "tiny.safetensors", model.card, model.network.state_dict()))]


def test_the_program_paints_with_its_model(serve, visit, tmp_path):
    server = serve("app", "--port", "0", *model_options(tmp_path))
    studio = visit(server.address)
    studio.paint(seed=3, steps=2)
    first = studio.source()
    record = read_record(studio.download(tmp_path).read_bytes())
    assert record["seed"] == 3 and record["steps"] == 2 and record["model"]
    studio.stroke(40, 200, 200, 200)
    studio.refined()
    assert studio.source() != first
    studio.key("Control+z")
    studio.refined()
    assert studio.source() == first


def test_a_killed_server_loses_nothing_and_the_page_goes_on_when_it_is_back(serve, visit):
    server = serve("tests.browser.serve", "--delay", "0.7")
    studio = visit(server.address)
    studio.paint()
    studio.choose("steps", 4)
    studio.page.wait_for_function("() => onestroke.task('paint').loop.state().step >= 1")
    server.end(suddenly=True)
    studio.says("The page lost its server")  # in the middle of a refinement
    picture = studio.source()
    studio.stroke(40, 160, 120, 160)
    studio.until("painting")
    studio.says("The page lost its server")  # and at a stroke
    assert not studio.find(".toast-body").is_visible()  # Gradio says the same over the header
    assert studio.strokes() == 2 and studio.source() == picture
    studio.choose("steps", 2)
    server.restart()
    studio.refined()
    assert studio.strokes() == 2 and not studio.find("#paint-result .os-banner").is_visible()
    assert mustard(studio.result()[60, 80]) and mustard(studio.result()[160, 80])
    assert studio.settings()["steps"] == 2 and "2 steps" in studio.find("#paint-result .os-status").inner_text()
    # Without its server a page cannot but fail to reach it; nothing else may have gone wrong.
    studio.problems = [problem for problem in studio.problems if not any(each in problem for each in UNREACHABLE)]


@pytest.mark.slow
def test_a_grid_that_was_asked_for_when_the_server_went_is_made_when_it_is_back(serve, visit):
    server = serve("tests.browser.serve", "--delay", "0.7")
    tab = Tab(visit(server.address), "generate")
    tab.choose("count", 2)
    tab.click("generate", "settings")
    tab.page.wait_for_function(f"() => {tab.js}.loop.state().step >= 1")
    server.end(suddenly=True)
    tab.says("The page lost its server")
    assert "Your settings are safe. It goes on by itself" in tab.find("result", ".os-banner").inner_text()
    server.restart()
    tab.page.wait_for_function(
        "() => window.onestroke && document.querySelectorAll('#generate-history img').length === 2"
    )
    tab.done()
    assert not tab.find("result", ".os-banner").is_visible() and tab.settings()["count"] == 2
    tab.studio.problems = [said for said in tab.studio.problems if not any(each in said for each in UNREACHABLE)]
