"""The Models tab: another model while the program runs, for everybody's page; slow models, and many classes."""

import base64
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import core
from app.edits.record import read_record
from core.convert import main
from tests import tiny
from tests.browser.server import Server
from tests.browser.studio import RESULT
from tests.browser.tab import DROP, Tab, photograph, png
from tests.core.published.openai_network import small
from tests.hub import BLOCK, NEEDED, WEIGHTS, served_hub

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CATS = "diffusers-cd_cat256_lpips"  # as it is offered; what the hub of these tests has of that name is tiny
CLASSES = ("bed", "king bed", "king penguin", "kingfisher", "wall", "window", "lamp", "bunk bed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A models folder: eight classes at 16 pixels, a slow one without classes, and a file that is none."""
    there = tmp_path_factory.mktemp("models")

    def save(name: str, classes: tuple[str, ...] = ()) -> None:
        made = tiny.model("consistency", resolution=16, classes=len(classes))
        card = replace(made.card, name=name, classes=classes, default_steps=2, licence="MIT", description="Grey.")
        core.save_model(there / f"{name}.safetensors", card, made.network.state_dict())

    save("eight", CLASSES)
    save("slow one")
    (there / "broken.pt").write_bytes(b"not a model")
    return there


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub with one model, of whose weights it sends as many blocks as a test lets it."""
    there = tmp_path_factory.mktemp("hub")
    torch.save(small("lsun").state_dict(), there / "cd_small.pt")
    assert main([str(there / "cd_small.pt"), str(there / "model"), "--to", "diffusers"]) == 0
    with served_hub(there / "model", f"openai/{CATS}", NEEDED, threading.Semaphore(0)) as (hub, address):
        hub.address = address
        yield hub
        hub.blocks.release(10_000)  # for whoever still waits


@pytest.fixture(scope="module")
def server(folder, hub):
    own = {"ONESTROKE_MODELS": str(folder), "HF_HOME": str(folder / ".hf"), "HF_ENDPOINT": hub.address}
    server = Server("tests.browser.serve", "--local", "--chunk", str(BLOCK), surroundings={**os.environ, **own})
    yield server
    server.end()


def card_of(studio, name: str, section: str = "installed"):
    heading = studio.page.get_by_role("heading", name=name, exact=True)
    return studio.find(f"#models section[aria-labelledby=os-{section}] article", has=heading)


def show(studio, name: str) -> None:
    tab = studio.page.get_by_role("tab", name=name, exact=True)
    if not tab.is_visible():
        studio.find(".overflow-menu > button").click()
        tab = studio.find(".overflow-menu button", has_text=name)
    tab.click()


def use(studio, name: str) -> None:
    """Change to a model as a person does, and wait until the page has heard of it."""
    show(studio, "Models")
    card_of(studio, name).wait_for()
    button = card_of(studio, name).get_by_role("button")
    if button.count():  # a test before may have left it in use
        button.click()
    card_of(studio, name).get_by_text("In use").wait_for()
    heard(studio, name)


def heard(studio, name: str) -> None:
    studio.find(".os-model", has_text=name).wait_for()


def test_one_click_changes_the_model_of_every_page_and_strokes_are_painted_again(visit, server, tmp_path):
    ann, bob = visit(server.address), visit(server.address)
    for studio in (ann, bob):
        studio.paint()
    before = [studio.source() for studio in (ann, bob)]
    use(ann, "eight")
    heard(bob, "eight")
    for studio, old in zip((ann, bob), before, strict=True):
        studio.page.wait_for_function("([img, old]) => document.querySelector(img).src !== old", arg=[RESULT, old])
        studio.refined()
        assert studio.strokes() == 1 and studio.find("#paint-history .os-thumb img").count() >= 1
        assert studio.settings()["look"] == "bed" and studio.settings()["steps"] == 2
    show(ann, "Paint")
    record = read_record(ann.download(tmp_path).read_bytes())
    assert (record["model"], record["look"]) == ("eight", "bed")


def test_a_class_is_found_by_its_name_with_the_keyboard_alone(visit, server):
    studio = visit(server.address)
    use(studio, "eight")
    show(studio, "Paint")
    studio.paint(steps=1)
    field = studio.page.get_by_role("combobox").first
    field.focus()
    studio.page.keyboard.press("Control+A")
    studio.page.keyboard.type("king")
    options = studio.find("#paint-look [role=option]")
    assert options.all_inner_texts() == ["king bed", "king penguin", "kingfisher"]
    studio.key("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert studio.find(f"#{active}").inner_text() == "king penguin"
    studio.key("Enter")
    assert studio.settings()["look"] == "king penguin" and field.input_value() == "king penguin"
    assert field.get_attribute("aria-expanded") == "false"
    studio.refined()
    field.focus()
    studio.page.keyboard.type("zzz")
    studio.key("Escape")
    assert field.input_value() == "king penguin" and studio.settings()["look"] == "king penguin"


def test_what_cannot_be_opened_is_a_sentence_and_nothing_changes(visit, server, folder):
    studio = visit(server.address)
    show(studio, "Models")
    card_of(studio, "broken.pt").get_by_text("Cannot be used").wait_for()
    name = studio.find(".os-model").inner_text()
    field = studio.page.get_by_label("Path of a file")
    for path, said in ((folder / "none.pt", "There is no file"), (folder / "broken.pt", "broken.pt")):
        field.fill(str(path))
        field.press("Enter")
        studio.find("#models .os-said.alert", has_text=said).wait_for()
    assert studio.find(".os-model").inner_text() == name


def test_a_model_that_cannot_be_fetched_says_why(visit, server):
    studio = visit(server.address)
    show(studio, "Models")
    card_of(studio, "diffusers-ct_imagenet64", "offers").get_by_role("button", name="Fetch").click()
    studio.find("#models .os-said.alert", has_text="There is no model openai/diffusers-ct_imagenet64").wait_for()


def arrived(studio, more_than: float) -> float:
    """How many bytes the page says have come, once they are more than that."""
    bar = "#models progress"
    studio.page.wait_for_function("([bar, least]) => document.querySelector(bar)?.value > least", arg=[bar, more_than])
    return studio.page.evaluate("bar => document.querySelector(bar).value", bar)


def test_a_model_comes_in_parts_is_stopped_goes_on_where_it_was_and_is_used(visit, server, hub, folder):
    studio = visit(server.address)
    show(studio, "Models")
    offer, fetch = card_of(studio, CATS, "offers"), f"Fetch {CATS}"
    offer.get_by_role("button", name=fetch).click()
    come = 0.0
    for _ in range(3):
        hub.blocks.release()
        come = arrived(studio, come + BLOCK / 2)
    offer.get_by_role("button", name="Stop").click()
    whole = (hub.model / WEIGHTS).read_bytes()
    for _ in range(len(whole) // BLOCK):  # it stops with the first bytes after it has heard the word
        if offer.get_by_role("button", name=fetch).is_visible():
            break
        hub.blocks.release()
        studio.page.wait_for_timeout(500)
    offer.get_by_role("button", name=fetch).wait_for()
    assert not (folder / CATS).exists() and card_of(studio, CATS).count() == 0
    (part,) = folder.glob(f".*/{WEIGHTS}")
    kept = part.read_bytes()
    assert come <= len(kept) + sum((hub.model / name).stat().st_size for name in NEEDED) - len(whole)
    assert kept == whole[: len(kept)] and BLOCK <= len(kept) < len(whole)

    hub.asked.clear()
    offer.get_by_role("button", name=fetch).click()
    hub.blocks.release(len(whole) // BLOCK + 10)
    offer.get_by_text("Is here").wait_for()
    assert hub.asked[WEIGHTS, len(kept)] == 1 and (WEIGHTS, 0) not in hub.asked
    assert (folder / CATS / WEIGHTS).read_bytes() == whole and not part.exists()
    use(studio, CATS)


def said_everywhere(studio) -> list[str]:
    """What the page says of what its model shows: motto, hint, button and status."""
    places = (
        "#os-header p",
        "#paint-canvas .os-hint b",
        "#paint-settings [data-do=reroll]",
        "#paint-result .os-status span",
    )
    return [studio.find(place).first.inner_text() for place in places]


def test_the_page_s_words_follow_what_the_model_shows(visit, server, folder):
    made = tiny.model("consistency", resolution=16)
    card = replace(made.card, name="keeps", subject="church")
    core.save_model(folder / "keeps.safetensors", card, made.network.state_dict())
    studio = visit(server.address)
    use(studio, "eight")
    show(studio, "Paint")
    motto, hint, another, status = said_everywhere(studio)
    assert (motto, another) == ("Paint a few strokes, see a picture.", "Another picture")
    assert (hint, status) == ("Paint large shapes in colour", "Your picture follows the first stroke")
    use(studio, "keeps")
    show(studio, "Paint")
    assert said_everywhere(studio) == [
        motto.replace("picture", "church"),
        hint,
        "Another church",
        status.replace("picture", "church"),
    ]


def test_a_photo_is_edited_again_with_the_next_model_when_it_is_seen(visit, server, tmp_path):
    studio = visit(server.address)
    use(studio, "eight")
    tab = Tab(studio, "colorize")
    tab.open(png(photograph(90, 60)))
    tab.done()
    before, asked = tab.source(), tab.state()["seq"]
    use(studio, "slow one")
    now = tab.state()
    assert now["seq"] == asked and not now["busy"] and not now["dirty"]  # nobody waits for a tab that is not seen
    tab.show()
    studio.page.wait_for_function(
        "before => document.querySelector('#colorize-result .os-frame > img').src !== before", arg=before
    )
    tab.done()
    assert tab.history() == 2
    record = read_record(tab.download(tmp_path).read_bytes())
    assert (record["task"], record["model"]) == ("colorize", "slow one")


def test_pictures_from_noise_are_made_again_with_the_next_model_unless_that_takes_long(visit, server, tmp_path):
    studio = visit(server.address)
    use(studio, "slow one")
    tab = Tab(studio, "generate")
    tab.choose("count", 2)
    tab.click("generate", "settings")
    tab.until("refined")
    use(studio, "eight")
    asked = tab.state()["seq"]
    tab.show()
    studio.page.wait_for_function(f"seq => {tab.js}.loop.state().seq > seq", arg=asked)
    tab.until("refined")
    tab.find("result", ".os-grid .os-thumb").first.click()
    record = read_record(tab.download(tmp_path).read_bytes())
    assert (record["task"], record["model"], record["seed"]) == ("generate", "eight", 2417)
    use(studio, "slow one")
    tab.show()
    tab.until("ready")
    assert "Press Generate. It takes about" in tab.status()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "cats.safetensors",
            "A browser does not tell where cats.safetensors lies: paste its path below, or move it to",
        ),
        ("cats.jpg", "cats.jpg is not a model: a file that ends in .safetensors"),
    ],
)
def test_a_file_dropped_on_the_tab_is_told_where_to_go(visit, server, folder, name, said):
    studio = visit(server.address)
    show(studio, "Models")
    card_of(studio, "eight").wait_for()
    data = base64.b64encode(b"anything").decode()
    studio.page.evaluate(DROP, ["#models", [[name, "", data]]])
    message = studio.find("#models .os-said.alert", has_text=said).inner_text()
    assert (str(folder) in message) == name.endswith("safetensors")
    assert studio.page.evaluate("document.activeElement.id") == "os-model-path"


def test_a_slow_model_paints_at_the_end_of_a_stroke_and_says_how_long_it_takes(visit, server):
    studio = visit(server.address)
    use(studio, "slow one")
    show(studio, "Paint")
    studio.find("#paint-result .os-status", has_text="This model takes about 40 s a picture").wait_for()
    assert not studio.find("#paint-look").is_visible()
    studio.press(40, 60)
    studio.page.mouse.move(*studio.at(120, 60), steps=8)
    assert studio.state()["seq"] == 0
    studio.page.mouse.up()
    studio.refined()
    assert studio.pictures("live") == [] and len(studio.pictures("refine")) == 2


def test_who_may_not_change_the_model_reads_what_is_in_use(studio):
    show(studio, "Models")
    studio.find("#models", has_text="Only a person at the computer that this runs on can change the model.").wait_for()
    assert studio.find("#models h3").inner_text() == "stand-in"
    assert studio.find("#models button").count() == 0
