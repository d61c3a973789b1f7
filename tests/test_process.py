"""What the logs say of faults, and of clients that do not speak HTTP."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from signalling.process import log_as
from signalling.settings import Log


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root, aiohttp = logging.getLogger(), logging.getLogger("aiohttp.server")
    handlers, level, filters = root.handlers[:], root.level, aiohttp.filters[:]
    yield
    root.handlers[:], aiohttp.filters[:] = handlers, filters
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Among them are tokens and secrets; and showing them took 30 ms."""
    log_as(Log())
    token = "".join(("to", "ken", "-of-eve"))
    try:
        raise RuntimeError(len(token))
    except RuntimeError:
        structlog.get_logger().exception("a request failed")
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "token-of-eve" not in said


def test_who_does_not_speak_http_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    log_as(Log())
    log = logging.getLogger("aiohttp.server")
    for error in (BadHttpMessage("nonsense"), RuntimeError("ours")):
        log.error("Error handling request", exc_info=error)
    said = capsys.readouterr().err
    assert "nonsense" not in said
    assert "ours" in said
