"""When the compiled form takes over, and when it does not. What compiles is a stand-in: it takes no time."""

import threading

import pytest
import torch

from core import compiled
from core.compile_cache import FOLDER, WORKERS, use_compile_cache
from core.compiled import COMPILER, MOST_SHAPES, NO_COMPILER, WARM, CompiledBehind, compile_behind, compiled_twin
from core.errors import RequestError
from core.network_base import at_once
from tests import tiny


def settled() -> None:
    """Until everything that was to be compiled is."""
    while COMPILER.compiling:
        COMPILER.run(lambda: None).result(10)


class Both:
    """A computation as it is and compiled, with the seconds that each takes, and notes of who has answered."""

    def __init__(self, *, plain_s=1.0, compiled_s=0.5, change=1e-4, failing_from=1000):
        self.seconds = {"plain": plain_s, "compiled": compiled_s}
        self.change, self.failing_from = change, failing_from
        self.log, self.said, self.now = [], [], 0.0
        self.behind = CompiledBehind(self.plain, self.said.append, compiler=self.compiler, clock=lambda: self.now)

    def compiler(self, network):
        return self.compiled

    def plain(self, network, inputs, *, guidance=0.0):
        return self._answer("plain", inputs[0])

    def compiled(self, u, *conditions, guidance=0.0):
        if self.log.count("compiled") >= self.failing_from:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self._answer("compiled", u) + self.change

    def _answer(self, who, u):
        self.log.append(who)
        self.now += self.seconds[who]
        return u.clone()

    def ask(self, count: int = 1, *, labels=None, guidance=0.0) -> str:
        """Who has answered."""
        u = torch.rand(count, 3, 4, 4)
        settled()
        answer = self.behind(None, (u, torch.ones(count), labels), guidance=guidance)
        return "plain" if torch.equal(answer, u) else "compiled"


def test_the_first_answer_is_as_it_is_and_later_ones_are_compiled():
    both = Both()
    assert [both.ask() for _ in range(3)] == ["plain", "compiled", "compiled"]
    assert both.said == ["For 1 picture at once the compiled model is used: it takes 0.50 of the time."]


def test_while_it_is_being_compiled_the_network_answers_as_it_is():
    both, going = Both(), threading.Event()
    both.compiler = lambda network: both.compiled if going.wait(10) else None
    both.behind._compiler = both.compiler
    u = torch.rand(1, 3, 4, 4)
    try:
        answers = [both.behind(None, (u,)) for _ in range(3)]
        assert all(torch.equal(answer, u) for answer in answers) and not both.said
    finally:
        going.set()
        settled()
    assert not torch.equal(both.behind(None, (u,)), u)


@pytest.mark.parametrize("compiled_s", [0.96, 1.0, 7.0])
def test_what_is_not_faster_is_not_used(compiled_s):
    both = Both(compiled_s=compiled_s)
    assert [both.ask() for _ in range(3)] == ["plain"] * 3
    (said,) = both.said
    assert "is not faster" in said and f"({compiled_s:.2f} of the time)" in said


@pytest.mark.parametrize("change", [0.03, float("nan"), float("inf")])
def test_what_makes_other_pictures_is_not_used(change):
    both = Both(change=change)
    assert [both.ask() for _ in range(3)] == ["plain"] * 3
    (said,) = both.said
    assert "other pictures" in said
    assert both.log.count("compiled") == WARM + 1


def test_a_difference_of_more_than_40_db_is_none():
    assert Both(change=0.019).ask() == "plain"
    both = Both(change=0.019)  # 20 log10(2 / 0.019) = 40.4
    both.ask()
    assert both.ask() == "compiled"


def test_what_cannot_be_compiled_is_said_once_and_the_network_goes_on():
    both = Both(failing_from=0)
    assert [both.ask() for _ in range(3)] == ["plain"] * 3
    assert both.said == ["The model cannot be compiled here (OutOfMemoryError): it goes on without."]


def test_a_compiled_form_that_fails_later_is_given_up_and_the_picture_is_made():
    both = Both()
    both.ask()
    settled()
    both.failing_from = both.log.count("compiled") + 1
    assert [both.ask() for _ in range(3)] == ["compiled", "plain", "plain"]
    assert both.said[1:] == ["The model cannot be compiled here (OutOfMemoryError): it goes on without."]


def test_every_shape_is_judged_by_itself_and_only_the_first_ones_are_compiled():
    both = Both()
    for count in range(1, MOST_SHAPES + 3):
        both.ask(count)
    answered = [both.ask(count) for count in range(1, MOST_SHAPES + 3)]
    assert answered == ["compiled"] * MOST_SHAPES + ["plain"] * 2
    assert len(both.said) == MOST_SHAPES


@pytest.mark.parametrize("other", [{"labels": torch.zeros(1)}, {"guidance": 1.5}, {"count": 2}])
def test_other_inputs_are_another_shape(other):
    both = Both()
    both.ask()
    assert both.ask(**other) == "plain" and both.ask(**other) == "compiled"


def test_the_thread_is_one_for_all_models():
    """torch prepares CUDA graphs for one thread."""
    seen = []
    for both in (Both(), Both()):
        both.behind._clock = lambda: seen.append(threading.current_thread()) or 0.0
        both.ask()
        settled()
    assert len(set(seen)) == 1 and seen[0] is not threading.current_thread()


def test_the_twin_holds_no_weight_of_its_own_and_the_network_stays_as_it_is(monkeypatch):
    noted = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **options: noted.append((self, options)))
    network = tiny.network(refine=4).requires_grad_(False)
    network.evaluate = CompiledBehind(at_once, print)
    twin = compiled_twin(network)
    ours, theirs = dict(network.named_parameters()), dict(twin.named_parameters())
    assert ours.keys() == theirs.keys() and all(ours[name] is theirs[name] for name in ours)
    assert all(one is other for one, other in zip(network.buffers(), twin.buffers()))
    assert not set(network.modules()) & set(twin.modules()) and twin.evaluate is at_once
    assert [part for part, _ in noted] == [twin.trunk, twin.refiner]
    assert all(options == {"dynamic": False, "options": {"freezing": True}} for _, options in noted)
    u, sigma = torch.randn(2, 3, 8, 8), torch.tensor([0.5, 2.0])
    assert torch.equal(twin(u, sigma), network(u, sigma))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.delenv(WORKERS, raising=False)
    monkeypatch.setattr("core.compile_cache._user_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "onestroke" / "compiled"


def test_without_a_compiler_it_is_said_and_nothing_changes(cache, monkeypatch):
    said, network = [], tiny.network()
    before = network.evaluate
    monkeypatch.setattr(compiled.shutil, "which", lambda name: None)
    monkeypatch.setenv("CXX", "c++17")
    compile_behind(network, said.append)
    assert said == [NO_COMPILER.format("c++17")] and network.evaluate is before and not cache.exists()


def test_with_a_compiler_the_next_evaluation_begins_it(cache, monkeypatch):
    network = tiny.network()
    monkeypatch.setattr(compiled.shutil, "which", lambda name: name)
    compile_behind(network, print)
    assert isinstance(network.evaluate, CompiledBehind) and cache.is_dir()


def test_compiled_code_is_kept_where_nobody_else_writes(cache):
    assert use_compile_cache() == cache
    assert cache.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_can_write_is_not_used(cache, monkeypatch, mode):
    cache.mkdir(parents=True)
    cache.chmod(mode)
    with pytest.raises(RequestError, match="can be written by others"):
        use_compile_cache()
    said, network = [], tiny.network()
    monkeypatch.setattr(compiled.shutil, "which", lambda name: name)
    compile_behind(network, said.append)
    assert len(said) == 1 and network.evaluate is at_once


def test_a_folder_that_cannot_be_made_is_a_sentence(cache):
    cache.parent.parent.mkdir(parents=True)
    cache.parent.write_text("a file")
    with pytest.raises(RequestError, match="cannot be made"):
        use_compile_cache()


def test_a_folder_that_a_person_has_set_is_used(cache, tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "mine"))
    assert use_compile_cache() == tmp_path / "mine"
