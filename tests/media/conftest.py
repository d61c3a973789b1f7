"""Every test of media may wait for what a datagram changes."""

from collections.abc import Iterator

import pytest

from tests.media.relay.arrivals import noticed


@pytest.fixture(autouse=True)
def arrivals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with noticed(monkeypatch):
        yield
