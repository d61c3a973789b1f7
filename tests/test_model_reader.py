"""A model that another process has read is the one that this one would have read."""

import asyncio
import io
import os
import sys
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from matching.errors import InvalidModel
from matching.model import Model, Step, dump, load_model, versioned
from signalling import model_reader
from signalling.errors import InvalidParams, Unavailable
from signalling.model_reader import read_apart
from signalling.models import admit
from tests import learnt


async def test_the_same_to_the_last_bit() -> None:
    """Numbers that have no short form, nested manifests and all."""
    whole = learnt.model(1 / 3)
    accept = replace(whole.accept, steps={"idle": Step((1e-300, 0.1), (-0.1, 2.0, 1e17), 5e-324)})
    manifest = {"window": [1, 2.5], "note": None, "rows": {"rings": 2**53}, "text": "ø"}
    model = versioned(accept, whole.complete, manifest)
    data = dump(model)
    assert await read_apart(data) == load_model(data) == model


@pytest.mark.parametrize("data", [b"", b"no archive", learnt.tampered(), learnt.file()[:-20]])
async def test_what_is_refused_here_is_refused_there(data: bytes) -> None:
    with pytest.raises(InvalidModel) as here:
        load_model(data)
    with pytest.raises(InvalidModel) as there:
        await read_apart(data)
    assert there.value.detail == here.value.detail


async def test_a_server_does_not_import_what_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has it in memory anyway reads for themselves."""
    read: list[bytes] = []

    async def apart(data: bytes) -> object:
        read.append(data)
        return await read_apart(data)

    data = learnt.file()  # which imports it
    monkeypatch.setattr("signalling.models.read_apart", apart)
    assert await admit(data) == learnt.model()
    assert read == []
    monkeypatch.delitem(sys.modules, "skops.io")
    assert await admit(data) == learnt.model()
    assert read == [data]
    with pytest.raises(InvalidParams, match="the model is refused"):
        await admit(b"no archive")


async def test_a_reader_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_reader, "__name__", "signalling.nothing")
    with pytest.raises(Unavailable, match="ended with 1"):
        await read_apart(learnt.file())


async def test_a_reader_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: str, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    with pytest.raises(Unavailable, match="Resource temporarily unavailable"):
        await read_apart(learnt.file())


def test_a_reader_lets_whoever_serves_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    niced: list[int] = []
    monkeypatch.setattr(os, "nice", niced.append)
    said = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(learnt.file())))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=said))
    model_reader.main()
    assert niced == [10]
    assert msgspec.msgpack.decode(said.getvalue(), type=Model) == learnt.model()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> "asyncio.Queue[asyncio.subprocess.Process]":
    """Let readers read for ever; give them as they begin."""
    begun: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    start = asyncio.create_subprocess_exec

    async def noted(*words: str, **options: object) -> asyncio.subprocess.Process:
        del words
        endless = "import signal; signal.pause()"
        child = await start(sys.executable, "-c", endless, **options)  # type: ignore[arg-type]
        begun.put_nowait(child)
        return child

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    return begun


async def test_a_reader_that_does_not_end(
    begun: "asyncio.Queue[asyncio.subprocess.Process]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_reader, "READ_S", 0.01)
    with pytest.raises(Unavailable, match="was not read"):
        await read_apart(learnt.file())
    assert (await begun.get()).returncode == -9


async def test_a_reader_is_not_left_behind(
    begun: "asyncio.Queue[asyncio.subprocess.Process]",
) -> None:
    """Who stops waiting ends it."""
    reading = asyncio.create_task(read_apart(learnt.file()))
    child = await begun.get()
    assert os.getsid(child.pid) == child.pid  # what interrupts a server does not reach it
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert child.returncode == -9
