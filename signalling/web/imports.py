"""interpreter.import as NDJSON: a profile a line, read as a stream, in bounded parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from signalling.errors import DragomanError, InvalidRequest, TooLarge
from signalling.protocol.codec import Codec
from signalling.protocol.messages.interpreter import (
    ImportFailure,
    InterpreterImportParams,
    InterpreterImportResult,
    InterpreterProfile,
)
from signalling.service.call import Call, Handler
from signalling.settings import Limits

CHUNK_BYTES = 1 << 16
# Profiles given to the service at once.
PART = 500
FAILURES_SHOWN = 100


@dataclass(slots=True)
class Tally:
    """What became of the lines so far."""

    imported: int = 0
    failed: int = 0
    failures: list[ImportFailure] = field(default_factory=list)

    def fail(self, failure: ImportFailure) -> None:
        self.failed += 1
        if len(self.failures) < FAILURES_SHOWN:
            self.failures.append(failure)


async def import_lines(
    request: web.Request, codec: Codec, limits: Limits, call: Call, handler: Handler
) -> InterpreterImportResult:
    """Import the lines of a body; a bad line is counted and the others are kept.

    What was imported before the body turns out too long stays imported: a repeated import is
    harmless.
    """
    tally, part = Tally(), list[tuple[int, InterpreterProfile]]()
    async for number, line in _lines(request, limits):
        if not line.strip():
            continue
        try:
            part.append((number, codec.decode_profile(line)))
        except DragomanError as error:
            detail = error.detail or error.message
            tally.fail(ImportFailure(line=number, detail=detail, path=error.path or None))
        if len(part) >= PART:
            await _hand_over(part, tally, call, handler)
    await _hand_over(part, tally, call, handler)
    tally.failures.sort(key=lambda failure: failure.line)
    return InterpreterImportResult(
        imported=tally.imported, failed=tally.failed, failures=tuple(tally.failures)
    )


@asynccontextmanager
async def in_time(limits: Limits) -> AsyncIterator[None]:
    """Give a client so long to send the next part of a body."""
    try:
        async with asyncio.timeout(limits.body_s):
            yield
    except TimeoutError:
        error = InvalidRequest("the body did not come in time")
        error.http_status = 408  # type: ignore[misc]
        raise error from None


async def _hand_over(
    part: list[tuple[int, InterpreterProfile]], tally: Tally, call: Call, handler: Handler
) -> None:
    if not part:
        return
    params = InterpreterImportParams(interpreters=tuple(profile for _, profile in part))
    result: InterpreterImportResult = await handler(call, params)
    tally.imported += result.imported
    unshown = result.failed - len(result.failures)
    for failure in result.failures:
        line = part[failure.line - 1][0]
        tally.fail(
            ImportFailure(line=line, detail=failure.detail, path=failure.path, id=failure.id)
        )
    tally.failed += unshown
    part.clear()


async def _lines(request: web.Request, limits: Limits) -> AsyncIterator[tuple[int, bytes]]:
    """Part a body into lines, counted from 1; both are bounded."""
    rest, read, number = b"", 0, 0
    while True:
        async with in_time(limits):
            chunk = await request.content.read(CHUNK_BYTES)
        if not chunk:
            break
        read += len(chunk)
        if read > limits.import_bytes_max:
            raise TooLarge(f"an import may have {limits.import_bytes_max} bytes")
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            if number > limits.import_lines_max:
                raise TooLarge(f"an import may have {limits.import_lines_max} lines")
            if len(line) > limits.frame_bytes:
                raise TooLarge(f"line {number} has more than {limits.frame_bytes} bytes")
            yield number, line
        if len(rest) > limits.frame_bytes:
            raise TooLarge(f"line {number + 1} has more than {limits.frame_bytes} bytes")
    if rest and number < limits.import_lines_max:
        yield number + 1, rest
    elif rest:
        raise TooLarge(f"an import may have {limits.import_lines_max} lines")
