"""Work is done while somebody listens, and a little longer."""

import pytest

from app.web.border.listeners import MAX_SESSIONS, PATIENCE_S, Listeners


@pytest.fixture
def listeners(clock):
    return Listeners(clock=clock)


STREAMS = [
    ("/gradio_api/queue/data", b"session_hash=s"),
    ("/gradio_api/queue/data", b"a=1&session_hash=s"),
    ("/gradio_api/call/paint/s", b""),
    ("/gradio_api/call/v2/paint/s", b""),
]


@pytest.mark.parametrize("path, query", STREAMS)
def test_nobody_is_gone_while_a_stream_is_open(listeners, clock, path, query):
    with listeners.stream(path, query), listeners.stream(path, query):
        clock.now = 100 * PATIENCE_S
        assert not listeners.are_gone("s", since=0) and listeners.are_gone("other", since=0)
    clock.now += PATIENCE_S
    assert not listeners.are_gone("s", since=0)
    clock.now += 1
    assert listeners.are_gone("s", since=0)


def test_who_never_listens_is_gone_after_a_while(listeners, clock):
    assert not listeners.are_gone("s", since=0)
    clock.now = PATIENCE_S + 1
    assert listeners.are_gone("s", since=0) and not listeners.are_gone("s", since=clock.now - 1)
    assert not listeners.are_gone(None, since=0)


def test_other_requests_are_no_streams_and_the_table_is_bounded(listeners):
    for n in range(MAX_SESSIONS + 10):
        with listeners.stream("/gradio_api/queue/data", b"session_hash=%d" % n), listeners.stream("/", b""):
            assert list(listeners.streams) == [str(n)]
    assert not listeners.streams and len(listeners.closed) == MAX_SESSIONS
