"""A server to try things on, whose simulated interpreters do not think long."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signalling.app import Running, running
from signalling.demo import member
from signalling.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(
        {
            "DRAGOMAN_SERVER__PORT": "0",
            "DRAGOMAN_STORE__DATA": str(tmp_path / "data"),
            "DRAGOMAN_MEDIA__BIND": "127.0.0.1",
        }
    )


@pytest.fixture
async def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    monkeypatch.setattr(member, "THINK_S", (0.0, 0.0))
    monkeypatch.setattr(member, "NOTES_S", 0.0)
    async with running(settings) as server:
        yield server
