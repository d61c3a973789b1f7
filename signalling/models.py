"""Learnt models in running servers: loaded with a market, exchanged when another is promoted.

A file that is not what it says is logged and left alone: what ranked before goes on.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final, Self

import structlog

from matching.chances import HandChances
from matching.errors import InvalidModel
from matching.model import Model, load_model
from matching.population import Population
from signalling.errors import InvalidParams, NotFound, Unavailable
from signalling.model_reader import read_apart
from signalling.store.bus import Bus
from signalling.store.keys import Keys, marketplace_of
from signalling.store.models import ModelFiles
from signalling.store.store import Store, StoreUnavailable
from signalling.store.tasks import end

LOG = structlog.get_logger(__name__)
HAND: Final = HandChances.version
RETRY_S: Final = 1.0
RETRY_MOST_S: Final = 60.0


async def admit(data: bytes) -> Model:
    """Return the model of a file, or raise InvalidParams for what is none."""
    try:
        if "skops.io" in sys.modules:  # then there is nothing to spare this process
            return await asyncio.to_thread(load_model, data)
        return await read_apart(data)
    except InvalidModel as error:
        raise InvalidParams(f"the model is refused: {error.detail}") from None


async def stored(files: ModelFiles, version: str) -> Model:
    """Return a model of the store; raise NotFound for none, InvalidParams for a broken file."""
    data = await files.read(version)
    if data is None:
        raise NotFound(f"the store has no model {version}")
    model = await admit(data)
    if model.version != version:
        raise InvalidParams(f"the model is refused: {version} holds {model.version}")
    return model


async def current(files: ModelFiles) -> Model | None:
    """Return the model that ranks, None for the hand weights; raise as `stored` does."""
    version = await files.current()
    return None if version is None else await stored(files, version)


async def follow(store: Store, marketplace: str, population: Population) -> None:
    """Let a population rank by the model that is current in the store, if it can be trusted."""
    files = ModelFiles(store, marketplace)
    version, before = await files.current() or HAND, population.scorer.model
    if version == before:
        return
    try:
        model = None if version == HAND else await stored(files, version)
    except (NotFound, InvalidParams) as error:
        LOG.warning("a model was left out", version=version, error=error.detail)
        return
    population.use_model(model)
    LOG.info("another model ranks", marketplace=marketplace, version=version, before=before)


class Promotions:
    """Calls *tune* with a marketplace whenever another model may be current there.

    An async context manager.
    """

    def __init__(self, bus: Bus, tune: Callable[[str], Awaitable[None]]) -> None:
        self._bus = bus
        self._tune = tune
        self._told: dict[str, asyncio.Event] = {}
        self._tuners: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end(self._tuners)
        for marketplace in self._told:
            await self._bus.unsubscribe(Keys(marketplace).current_model, self._heard)

    async def watch(self, marketplace: str) -> None:
        """Follow this marketplace too; again is harmless."""
        if marketplace in self._told:
            return
        self._told[marketplace] = told = asyncio.Event()
        try:
            await self._bus.subscribe(Keys(marketplace).current_model, self._heard)
        except StoreUnavailable:
            del self._told[marketplace]
            raise
        self._tuners.append(asyncio.create_task(self._follow(marketplace, told)))

    def look(self) -> None:
        """Look at every marketplace, as after a gap of the bus."""
        for told in self._told.values():
            told.set()

    def _heard(self, channel: str, _: bytes) -> None:
        self._told[marketplace_of(channel)].set()

    async def _follow(self, marketplace: str, told: asyncio.Event) -> None:
        pauses = retry_pauses()
        while True:
            told.clear()
            pause_s = None
            try:
                await self._tune(marketplace)
                pauses = retry_pauses()
            except Unavailable as error:
                LOG.warning("no model could be read", marketplace=marketplace, error=error.detail)
                pause_s = next(pauses)
            except Exception:  # or no other would ever be followed
                LOG.exception("a model was left out", marketplace=marketplace)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await told.wait()


def retry_pauses() -> Iterator[float]:
    """Yield how long to wait, s, before a model is read again: reading it takes a process."""
    pause_s = RETRY_S
    while True:
        yield pause_s
        pause_s = min(2 * pause_s, RETRY_MOST_S)
