"""The Models tab: another model while the program runs, for everybody's page; slow models, and many classes."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

import core
from app.edits.record import read_record
from tests import tiny
from tests.browser.server import Server
from tests.browser.studio import RESULT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

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
def server(folder):
    own = {"ONESTROKE_MODELS": str(folder), "HF_HOME": str(folder / ".hf"), "HF_ENDPOINT": "http://127.0.0.1:9"}
    server = Server("tests.browser.serve", "--local", surroundings={**os.environ, **own})
    yield server
    server.end()


def card_of(studio, name: str):
    return studio.find("#models article", has=studio.page.get_by_role("heading", name=name, exact=True))


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
    card_of(studio, "diffusers-ct_imagenet64").get_by_role("button", name="Fetch").click()
    studio.find("#models .os-said.alert", has_text="The Hugging Face Hub does not answer").wait_for(timeout=20_000)


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
