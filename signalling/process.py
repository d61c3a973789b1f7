"""What every process of ours begins with: its logs, and the store."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError

from signalling.errors import Unavailable
from signalling.settings import Log, Settings
from signalling.store.commit import InboxBounds
from signalling.store.embedded import Embedded, attach
from signalling.store.store import Store
from signalling.store.tasks import end

LOG = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def open_store(
    settings: Settings, *, visiting: bool = False, on_lost: Callable[[], None] = lambda: None
) -> AsyncIterator[Store]:
    """Open the store of REDIS_URL, or the embedded one in the data directory.

    *visiting* is for the command line: it uses the store of a server that runs, if one does.
    *on_lost* is called if the embedded one ends by itself.
    """
    data = Path(settings.store.data)
    async with contextlib.AsyncExitStack() as stack:
        embedded = None
        if settings.store.url:
            url = settings.store.url
        elif visiting:
            url = await stack.enter_async_context(attach(data))
        else:
            embedded = await stack.enter_async_context(Embedded(data))
            url = embedded.url
        try:
            limits = settings.limits
            inbox = InboxBounds(limits.inbox_events, round(limits.inbox_s * 1000))
            store = Store(url, connections=settings.store.connections, inbox=inbox)
        except ValueError:  # which may quote a password
            kinds = "redis://, rediss://, unix://, redis+cluster:// or rediss+cluster://"
            raise Unavailable(f"store.url (REDIS_URL) is no address of a store: {kinds}") from None
        if embedded is not None:
            watching = asyncio.create_task(_watch(embedded, store, on_lost))
            stack.push_async_callback(_cancelled, watching)
        yield await stack.enter_async_context(store)


async def _watch(embedded: Embedded, store: Store, on_lost: Callable[[], None]) -> None:
    await embedded.ended()
    store.gone = True
    LOG.error("the embedded store has ended by itself", data=str(embedded.data_dir))
    on_lost()


def log_as(log: Log) -> None:
    """Send structlog and the standard library's logs to standard error."""
    level = logging.getLevelNamesMapping()[log.level.upper()]
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if log.format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    tail = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=tail)
    )
    logging.getLogger("aiohttp.server").addFilter(_is_our_fault)
    for chatty in ("aioice", "aiortc"):  # a line for every pair of addresses
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Drop what aiohttp says of clients that do not speak HTTP: they could fill a disk with it."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    await end([task])
