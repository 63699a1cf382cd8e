"""What monitors are told."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.web.health import memory_mb
from tests.app.conftest import painting_url
from tests.app.web.served import post, send, serve

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # event loops that Gradio never closes


@pytest.fixture(scope="module")
def served():
    yield from serve(metrics=True)


def paint(served, visitor: str) -> dict:
    live = next(fn for fn in served.page.fns.values() if fn.name == "live")
    value = {"seq": 1, "visitor": visitor, "task": "paint", "kind": "live", "image": painting_url(), "settings": {}}
    body = {"fn_index": live._id, "data": [value], "session_hash": "s"}
    return json.loads(post(served.address, "gradio_api/run/predict", json.dumps(body).encode())[1])["data"][0]


def metrics(served) -> dict[str, float]:
    status, _, text = send(served.address, "metrics")
    assert status == 200
    samples = [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]
    return {f"{sample.name}{''.join(sample.labels.values())}": sample.value for sample in samples}


def test_health_tells_the_model_and_how_it_does(served):
    status, _, answer = send(served.address, "health")
    about = json.loads(answer)
    assert status == 200 and (about["state"], about["model"], about["device"]) == ("ready", "tiny", "cpu")
    assert about["waiting"] == about["running"] == 0 and about["up_s"] >= 0
    assert about["memory_mb"] is None or 50 < about["memory_mb"] < 20_000


def test_metrics_count_what_is_done_and_what_is_refused(served):
    before = metrics(served)
    assert paint(served, "ann")["state"] == "done"
    send(served.address, "nothing/here")
    after = metrics(served)
    counts = [name for name in after if name.startswith("onestroke_") and "_total" in name]
    # What other tests have counted in this process stays as it was.
    assert {name: after[name] - before.get(name, 0) for name in counts if after[name] != before.get(name, 0)} == {
        "onestroke_evaluations_total": 1,
        "onestroke_evaluated_pictures_total": 1,
        "onestroke_model_seconds_total": pytest.approx(0, abs=5),
        "onestroke_requests_totaldone": 1,
        "onestroke_refused_requests_total404": 1,
    }
    assert after["onestroke_ready"] == 1 and after["onestroke_waiting"] == 0


def test_nothing_of_a_visitor_is_told(served):
    paint(served, "a-name-of-somebody")
    told = send(served.address, "health")[2] + send(served.address, "metrics")[2]
    assert b"a-name-of-somebody" not in told and b"127.0.0.1" not in told


def test_metrics_are_not_there_unless_asked_for():
    for other in serve():
        assert send(other.address, "metrics")[0] == 404 and send(other.address, "health")[0] == 200


def test_memory_is_that_of_this_process():
    before = memory_mb()
    if before is not None:
        held = bytearray(b"x" * 100_000_000)
        assert 50 < memory_mb() - before < 300 and held
