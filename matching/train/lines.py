"""The lines of a decision log, checked one by one.

The server's export, the simulator's output and the trainer's input are the same NDJSON; what
training does not read (the request as asked, who was excluded) is skipped, not checked.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from matching.errors import InvalidField

Ms = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Code = Annotated[int, msgspec.Meta(ge=0, le=32_767)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
MOST_CANDIDATES = 10_000


class Line(msgspec.Struct, tag_field="kind", frozen=True):
    """Base of all kinds of line, told apart by `kind`."""


class Asked(msgspec.Struct, frozen=True):
    """What a decision knew of its request; `hour` is local."""

    mode: Literal["audio", "video", "onsite"]
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)]
    duration_min: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    emergency: bool


class Candidate(msgspec.Struct, frozen=True):
    """One ranked interpreter; `propensity` is of being rung in this wave."""

    interpreter: Text
    order: float
    p_accept: Probability
    propensity: Probability
    rung: bool
    codes: list[Code | None]


class Decision(Line, tag="decision", frozen=True):
    """One wave of one request: who could be asked, and who was."""

    id: Text
    at_ms: Ms
    assignment: Text
    wave: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    explored: bool
    context: Asked
    wanted: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    features: list[Text]
    candidates: Annotated[list[Candidate], msgspec.Meta(max_length=MOST_CANDIDATES)]
    slot: Text | int | None = None


class Offer(Line, tag="offer", frozen=True):
    """One ring and what came of it; of a withdrawn one `answered_ms` is when it was withdrawn."""

    offer: Text
    decision: Text
    assignment: Text
    interpreter: Text
    made_ms: Ms
    expires_ms: Ms
    state: Literal["accepted", "declined", "expired", "withdrawn", "undelivered"]
    delivered_ms: Ms | None = None
    seen_ms: Ms | None = None
    answered_ms: Ms | None = None


class Work(Line, tag="work", frozen=True):
    """What became of an accepted offer, and through whom."""

    assignment: Text
    interpreter: Text
    offer: Text
    state: Literal["completed", "failed", "cancelled"]
    fault: Literal["interpreter", "customer", "nobody", "excused"] | None = None


class Rating(Line, tag="rating", frozen=True):
    """Stars after work: read by nobody yet, since satisfaction is no part of a chance."""

    interpreter: Text
    stars: Annotated[int, msgspec.Meta(ge=1, le=5)]


class Online(Line, tag="online", frozen=True):
    """One spell of being available; one without an end goes on."""

    interpreter: Text
    from_ms: Ms
    to_ms: Ms | None = None


class Hole(Line, tag="hole", frozen=True):
    """A decision whose record had expired when the log was exported."""

    decision: Text


Kind = Decision | Offer | Work | Rating | Online | Hole
Raw = bytes | str | Mapping[str, Any]


def read(lines: Iterable[Raw]) -> Iterator[tuple[int, Kind]]:
    """Yield the lines under their numbers, from 1; blank ones are skipped.

    A line is NDJSON text or what it decodes to. Raises `InvalidField`, whose path is "line N" and
    the field within it, for what is not a line of a log.
    """
    decoder = msgspec.json.Decoder(Kind)
    for number, line in enumerate(lines, start=1):
        if isinstance(line, bytes | str) and not line.strip():
            continue
        try:
            if isinstance(line, bytes | str):
                yield number, _sound(decoder.decode(line))
            else:
                yield number, _sound(msgspec.convert(line, Kind))
        except msgspec.DecodeError as error:
            detail, _, field = str(error).partition(" - at `$")
            path = f"line {number}{field.rstrip('`')}"
            raise InvalidField(f"{path}: {detail}", path=path) from error
        except InvalidField as error:
            path = f"line {number}.{error.path}"
            raise InvalidField(f"{path}: {error.detail}", path=path) from error


def _sound(line: Kind) -> Kind:
    """Return *line*, or refuse what its types alone cannot."""
    if isinstance(line, Decision):
        for at, candidate in enumerate(line.candidates):
            if len(candidate.codes) != len(line.features):
                raise InvalidField("not one code a feature", path=f"candidates[{at}].codes")
            if not math.isfinite(candidate.order):
                raise InvalidField("not finite", path=f"candidates[{at}].order")
            if candidate.rung and candidate.propensity == 0:
                raise InvalidField("rung, but could not be", path=f"candidates[{at}].propensity")
    elif isinstance(line, Online) and line.to_ms is not None and line.to_ms < line.from_ms:
        raise InvalidField("before from_ms", path="to_ms")
    return line
