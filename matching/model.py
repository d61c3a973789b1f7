"""A learnt model as tables, and the file it travels in.

Additive in log-odds: each input has one step function, so a contribution is an exact look-up and
an exact explanation. `matching.train` makes models out of scikit-learn; serving one needs none of
it. The file is a skops archive of plain numbers, texts and float64 arrays: no estimator and no
code. The tables equal the estimators to 1e-6 (tests/matching/train/test_fit.py), so storing these
too would add nothing but types to trust and a version of scikit-learn to match.
"""

import hashlib
import io
import json
import math
import zipfile
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching import features
from matching.errors import InvalidModel

Floats = npt.NDArray[np.float64]

SCHEMA = 1
MAX_BYTES = 1 << 20  # the full set of inputs at 255 bins, twice, is a third of this
TRUSTED: tuple[str, ...] = ()  # nothing beyond what skops itself takes for plain data

# Scarcity says what others need somebody for, nothing of what they will do.
CANDIDATE_INPUTS = tuple(name for name in features.CODES if name != "scarcity")
INPUTS = CANDIDATE_INPUTS + features.CONTEXT


class Step(NamedTuple):
    """A function of one input, constant between rising `edges`; `missing` answers NaN.

    scikit-learn's rule: a value up to and including an edge belongs to its left.
    """

    edges: tuple[float, ...]
    values: tuple[float, ...]
    missing: float

    def __call__(self, value: float) -> float:
        """Return the log-odds that *value* adds."""
        if value != value:  # noqa: PLR0124 -- NaN
            return self.missing
        return self.values[bisect_left(self.edges, value)]

    def table(self, values: Sequence[float]) -> list[float]:
        """Return the log-odds of each of *values*, in their order."""
        return [self(value) for value in values]


@dataclass(frozen=True, slots=True)
class Head:
    """One additive model in log-odds; an input without a step adds 0.

    `scale` and `shift` calibrate the final log-odds: they turn what the tables say into what was
    seen on a later slice of time.
    """

    intercept: float
    steps: Mapping[str, Step]
    scale: float = 1.0
    shift: float = 0.0

    def log_odds(self, inputs: Mapping[str, float]) -> float:
        """Return the uncalibrated sum for *inputs* by name; one that is absent is missing."""
        steps = self.steps.items()
        return self.intercept + sum(step(inputs.get(name, math.nan)) for name, step in steps)

    def probability(self, log_odds: float) -> float:
        """Return the calibrated chance, 0–1, of an uncalibrated sum."""
        return sigmoid(self.scale * log_odds + self.shift)


@dataclass(frozen=True, slots=True)
class Hazard(Head):
    """A discrete-time subdistribution hazard: when, after an offer arrives, it is accepted.

    Period t ends `ends_s[t]` seconds after delivery and adds `by_period[t]` to the log-odds of
    accepting in it. Whoever declines stays at risk and never accepts (Fine and Gray 1999, in
    discrete time), so the periods multiply to the chance of an acceptance, declines included.
    """

    ends_s: tuple[float, ...] = field(kw_only=True)
    by_period: tuple[float, ...] = field(kw_only=True)

    def p_within(self, log_odds: float, seconds: float) -> float:
        """Return the calibrated chance, 0–1, of an acceptance within *seconds* of delivery.

        *log_odds* is `Head.log_odds`. Periods that end later than *seconds* do not count.
        """
        refused = 0.0  # the log of the chance of no acceptance
        for end, extra in zip(self.ends_s, self.by_period, strict=True):
            if end > seconds:
                break
            refused -= softplus(log_odds + extra)
        if refused == 0.0:
            return 0.0
        return self.probability(math.log(-math.expm1(refused)) - refused)

    def p_within_each(self, log_odds: Floats, seconds: Floats) -> Floats:
        """Return `p_within` for arrays of shape `(n,)` each."""
        refused = np.zeros(len(log_odds))
        for end, extra in zip(self.ends_s, self.by_period, strict=True):
            refused -= np.where(end <= seconds, np.logaddexp(0.0, log_odds + extra), 0.0)
        with np.errstate(divide="ignore"):
            logit = np.log(-np.expm1(refused)) - refused
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (self.scale * logit + self.shift))))


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt: P(accept in time) and P(complete once accepted), kept apart.

    `version` is "learnt-" and 12 hex digits of the hash of all the rest, manifest included.
    """

    version: str
    accept: Hazard
    complete: Head
    manifest: Mapping[str, Any]


def sigmoid(log_odds: float) -> float:
    """Return the probability of *log_odds*, without overflow at either end."""
    return 0.5 * (1.0 + math.tanh(0.5 * log_odds))


def softplus(log_odds: float) -> float:
    """Return −log(1 − sigmoid(*log_odds*)), without overflow at either end."""
    return max(log_odds, 0.0) + math.log1p(math.exp(-abs(log_odds)))


def versioned(accept: Hazard, complete: Head, manifest: Mapping[str, Any]) -> Model:
    """Return the model of these parts under its version; *manifest* is anything JSON can say.

    Schema and inputs are added to the manifest. Raises `InvalidModel` for parts that no file of a
    model may hold.
    """
    names = [name for name in INPUTS if name in accept.steps or name in complete.steps]
    manifest = {**manifest, "schema": SCHEMA, "features": names}
    try:
        return _checked(Model(_version(accept, complete, manifest), accept, complete, manifest))
    except (TypeError, ValueError) as error:
        raise _refused(error) from error


def dump(model: Model) -> bytes:
    """Return *model* as a file; equal models are equal bytes."""
    from skops.io import dumps  # noqa: PLC0415 -- imports scikit-learn: 1.5 s for a few numbers

    content = {
        "version": model.version,
        "accept": _arrays(asdict(model.accept)),
        "complete": _arrays(asdict(model.complete)),
        "manifest": dict(model.manifest),
    }
    return _settled(dumps(content))


def load_model(data: bytes) -> Model:
    """Return the model that the file *data* holds.

    Raises `InvalidModel` if it is too large, not an archive of plain data, of another schema,
    names an input that is not one, holds a number or an edge that cannot be, or if its content
    does not hash to its version. The hash finds damage, not malice: who may put the file there is
    the operator's to say. Imports skops, and so scikit-learn, the first time: call it in a thread.
    """
    try:
        _inspect(data)
        from skops.io import loads  # noqa: PLC0415 -- see `dump`

        content = loads(data, trusted=list(TRUSTED))
        model = Model(
            content["version"],
            Hazard(**_head(content["accept"])),
            Head(**_head(content["complete"])),
            content["manifest"],
        )
        model = _checked(model)
        if model.version != _version(model.accept, model.complete, model.manifest):
            raise InvalidModel("the content does not hash to the version it states")
    except InvalidModel:
        raise
    except Exception as error:  # whatever zipfile, json or skops raise at a hostile archive
        raise _refused(error) from error
    return model


def _refused(error: Exception) -> InvalidModel:
    return InvalidModel(f"not a model: {type(error).__name__}: {error}"[:300])


def _version(accept: Hazard, complete: Head, manifest: Mapping[str, Any]) -> str:
    content = [asdict(accept), asdict(complete), dict(manifest)]
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return "learnt-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def _arrays(head: dict[str, Any]) -> dict[str, Any]:
    """Turn the tuples of a head into arrays, which a file holds by the part; see `_head`."""
    periods = {name: np.array(head[name]) for name in sorted(head.keys() & {"ends_s", "by_period"})}
    steps = {
        name: {"edges": np.array(step.edges, dtype=np.float64), "values": np.array(step.values)}
        | {"missing": step.missing}
        for name, step in sorted(head["steps"].items())
    }
    return {**head, **periods, "steps": steps}


def _head(content: dict[str, Any]) -> dict[str, Any]:
    """Turn arrays back into the tuples that `Head` and `Hazard` are made of."""
    steps = {
        name: Step(_numbers(step["edges"]), _numbers(step["values"]), step["missing"])
        for name, step in content["steps"].items()
    }
    periods = {name: _numbers(content[name]) for name in content.keys() & {"ends_s", "by_period"}}
    return {**content, "steps": steps, **periods}


def _numbers(array: Floats) -> tuple[float, ...]:
    return tuple(map(float, array.tolist()))


def _checked(model: Model) -> Model:
    """Return *model*, or raise `InvalidModel` for what it says that cannot be."""
    manifest, accept = model.manifest, model.accept
    if manifest["schema"] != SCHEMA:
        raise InvalidModel(f"schema {manifest['schema']!r}; this version reads {SCHEMA}")
    for head in (accept, model.complete):
        if unknown := head.steps.keys() - ({*manifest["features"]} & {*INPUTS}):
            raise InvalidModel(f"not inputs of a model: {', '.join(sorted(unknown))}"[:300])
        for name, step in head.steps.items():
            _check_rising(step.edges, name)
            _check_finite((*step.edges, *step.values, step.missing), name)
            if len(step.values) != len(step.edges) + 1:
                raise InvalidModel(
                    f"{name}: {len(step.edges)} edges part {len(step.values)} values"
                )
        _check_finite((head.intercept, head.scale, head.shift), "intercept, scale and shift")
        if head.scale <= 0:
            raise InvalidModel(f"a calibration of scale {head.scale} turns better into worse")
    _check_rising((0.0, *accept.ends_s), "ends_s")
    _check_finite((*accept.ends_s, *accept.by_period), "periods")
    if not 0 < len(accept.ends_s) == len(accept.by_period):
        raise InvalidModel("each period has one end and one log-odds, and there is at least one")
    return model


def _check_rising(edges: tuple[float, ...], name: str) -> None:
    if not all(left < right for left, right in pairwise(edges)):
        raise InvalidModel(f"{name}: the edges do not rise")


def _check_finite(numbers: tuple[float, ...], name: str) -> None:
    if not all(isinstance(number, float) and math.isfinite(number) for number in numbers):
        raise InvalidModel(f"{name}: not a finite float")


PLAIN = {"DictNode", "ListNode", "TupleNode", "JsonNode", "TypeNode", "NdArrayNode"}


def _inspect(data: bytes) -> None:
    """Refuse what `dump` cannot have written, before skops builds anything from it.

    skops trusts all of scikit-learn by default; a model needs six kinds of node. Sizes are those
    the archive declares, which zipfile then holds it to.
    """
    if len(data) > MAX_BYTES:
        raise InvalidModel(f"larger than {MAX_BYTES} bytes")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
            raise InvalidModel(f"unpacks to more than {MAX_BYTES} bytes")
        for name in archive.namelist():
            if name != "schema.json":
                _inspect_array(archive.read(name))
        stack = [json.loads(archive.read("schema.json"))]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get("__loader__", "JsonNode") not in PLAIN:
                raise InvalidModel(f"holds more than plain data: {node['__loader__']}"[:300])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _inspect_array(data: bytes) -> None:
    """Refuse an array whose header promises other than the float64 that follow it."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise InvalidModel("an array in another format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype != np.float64 or len(shape) != 1 or file.tell() + 8 * shape[0] != len(data):
        raise InvalidModel("an array that is not a row of float64")


def _settled(archive: bytes) -> bytes:
    """Return the skops *archive* without what changes from run to run.

    skops numbers nodes and parts by their address in memory and stamps them with the time.
    """
    settled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(settled, "w") as new:
        schema = json.loads(old.read("schema.json"))
        stack, count = [schema], 0
        while stack:
            node = stack.pop()
            if isinstance(node, dict):
                if "__id__" in node:
                    node["__id__"] = count = count + 1
                if "file" in node:
                    part = old.read(node["file"])
                    node["file"] = f"{count}.npy"
                    new.writestr(zipfile.ZipInfo(node["file"]), part)
                stack.extend(node.values())
            elif isinstance(node, list):
                stack.extend(node)
        new.writestr(zipfile.ZipInfo("schema.json"), json.dumps(schema))
    return settled.getvalue()
