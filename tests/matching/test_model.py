import io
import json
import math
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import InvalidModel
from matching.model import (
    INPUTS,
    MAX_BYTES,
    Hazard,
    Head,
    Model,
    Step,
    dump,
    load_model,
    sigmoid,
    softplus,
    versioned,
)

TRAVEL = Step((0.2, 0.5), (0.0, -0.5, -1.5), 0.25)
HOUR = Step((), (0.125,), -0.125)
ACCEPT = Hazard(
    -1.0,
    {"travel": TRAVEL, "hour": HOUR},
    scale=0.9,
    shift=0.1,
    ends_s=(5.0, 10.0, 20.0),
    by_period=(0.5, 0.0, -1.0),
)
COMPLETE = Head(2.0, {"reliability": Step((0.5,), (-1.0, 1.0), 0.0)})
MANIFEST = {"rows": 1000, "metrics": {"log_loss": 0.5}, "window": [1, 2], "note": None}
MODEL = versioned(ACCEPT, COMPLETE, MANIFEST)


def as_if(
    accept: Hazard = ACCEPT, complete: Head = COMPLETE, manifest: dict[str, Any] | None = None
) -> bytes:
    """Return the file of a model that nobody checked."""
    return dump(
        Model(
            MODEL.version, accept, complete, dict(MODEL.manifest) if manifest is None else manifest
        )
    )


def repacked(change: Callable[[bytes], bytes], kind: str = "schema.json") -> bytes:
    """Return the file of MODEL with the parts whose names end in *kind* changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(dump(MODEL))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name.endswith(kind) else part)
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-9.0, 0.0), (0.2, 0.0), (0.2000001, -0.5), (0.5, -0.5), (0.6, -1.5), (math.nan, 0.25)],
)
def test_a_value_on_an_edge_belongs_to_its_left(value: float, expected: float) -> None:
    assert TRAVEL(value) == expected
    assert TRAVEL.table([value, 0.0]) == [expected, 0.0]


def test_a_step_without_edges_is_a_constant() -> None:
    assert HOUR(13.0) == 0.125
    assert HOUR(math.nan) == -0.125


def test_log_odds_add_up_and_what_is_absent_is_missing() -> None:
    assert ACCEPT.log_odds({"travel": 0.3, "hour": 8.0, "age": 70.0}) == -1.0 - 0.5 + 0.125
    assert ACCEPT.log_odds({}) == -1.0 + 0.25 - 0.125


def test_calibration_changes_the_probability_of_completing() -> None:
    assert COMPLETE.probability(1.0) == pytest.approx(1 / (1 + math.exp(-1.0)))
    assert replace(COMPLETE, scale=0.5, shift=-1.0).probability(1.0) == pytest.approx(
        1 / (1 + math.exp(0.5))
    )


def p_by_hand(log_odds: float, periods: tuple[float, ...]) -> float:
    none = math.prod(1 - 1 / (1 + math.exp(-(log_odds + extra))) for extra in periods)
    logit = math.log((1 - none) / none)
    return 1 / (1 + math.exp(-(0.9 * logit + 0.1)))


@pytest.mark.parametrize(
    ("seconds", "periods"),
    [(5.0, (0.5,)), (9.9, (0.5,)), (10.0, (0.5, 0.0)), (3600.0, (0.5, 0.0, -1.0))],
)
def test_the_chance_of_an_acceptance_counts_the_periods_that_ended(
    seconds: float, periods: tuple[float, ...]
) -> None:
    assert ACCEPT.p_within(-0.7, seconds) == pytest.approx(p_by_hand(-0.7, periods))


def test_nobody_accepts_before_the_first_period_ends() -> None:
    assert ACCEPT.p_within(3.0, 4.9) == 0.0


@given(st.floats(-800, 800), st.floats(0, 60))
def test_one_and_many_agree_and_stay_within_bounds(log_odds: float, seconds: float) -> None:
    one = ACCEPT.p_within(log_odds, seconds)
    many = ACCEPT.p_within_each(np.array([log_odds]), np.array([seconds]))
    assert 0.0 <= one <= 1.0
    assert one == pytest.approx(many[0], abs=1e-12)


@given(st.floats(-30, 30), st.floats(0, 5))
def test_more_log_odds_and_more_time_never_make_it_less(log_odds: float, more: float) -> None:
    assert ACCEPT.p_within(log_odds + more, 20) >= ACCEPT.p_within(log_odds, 20)
    assert ACCEPT.p_within(log_odds, 10 + more) >= ACCEPT.p_within(log_odds, 5 + more)


@pytest.mark.parametrize("log_odds", [-1000.0, -1.0, 0.0, 1.0, 1000.0])
def test_the_ends_of_the_scale_do_not_overflow(log_odds: float) -> None:
    assert 0.0 <= sigmoid(log_odds) <= 1.0
    assert softplus(log_odds) - softplus(-log_odds) == pytest.approx(log_odds)


def test_a_file_gives_the_model_back() -> None:
    assert load_model(dump(MODEL)) == MODEL
    assert MODEL.manifest == {
        **MANIFEST,
        "schema": 1,
        "features": ["reliability", "travel", "hour"],
    }


def test_equal_models_are_equal_bytes() -> None:
    again = versioned(replace(ACCEPT, steps={"hour": HOUR, "travel": TRAVEL}), COMPLETE, MANIFEST)
    assert dump(again) == dump(MODEL)
    assert dump(load_model(dump(MODEL))) == dump(MODEL)


def test_the_version_names_the_content() -> None:
    assert MODEL.version.startswith("learnt-")
    assert len(MODEL.version) == len("learnt-") + 12
    others = {
        versioned(replace(ACCEPT, shift=0.2), COMPLETE, MANIFEST).version,
        versioned(ACCEPT, replace(COMPLETE, intercept=1.0), MANIFEST).version,
        versioned(ACCEPT, COMPLETE, {**MANIFEST, "rows": 1001}).version,
    }
    assert len(others | {MODEL.version}) == 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "BadZipFile"),
        (b"\x00\xffnot a model", "BadZipFile"),
        (pickle.dumps({"version": "learnt-000000000000"}), "BadZipFile"),
        (bytes(MAX_BYTES + 1), "larger"),
        (dump(MODEL)[:-40], "BadZipFile"),
        (as_if(replace(ACCEPT, intercept=-1.5)), "does not hash"),
        (as_if(manifest={**MODEL.manifest, "rows": 5}), "does not hash"),
        (as_if(manifest={**MODEL.manifest, "schema": 2}), "schema 2"),
        (as_if(manifest={}), "schema"),
        (as_if(manifest={**MODEL.manifest, "features": ["hour", "travel"]}), "reliability"),
        (as_if(complete=replace(COMPLETE, steps={"gender": HOUR})), "gender"),
        (as_if(complete=replace(COMPLETE, intercept=math.nan)), "finite"),
        (as_if(replace(ACCEPT, scale=math.inf)), "finite"),
        (as_if(replace(ACCEPT, scale=0.0)), "calibration"),
        (as_if(replace(ACCEPT, by_period=(0.0, math.nan, 0.0))), "finite"),
        (as_if(replace(ACCEPT, by_period=(0.0,))), "each period"),
        (as_if(replace(ACCEPT, ends_s=(), by_period=())), "each period"),
        (as_if(replace(ACCEPT, ends_s=(5.0, 5.0, 6.0))), "ends_s"),
        (as_if(replace(ACCEPT, ends_s=(0.0, 5.0, 6.0))), "ends_s"),
        (as_if(replace(ACCEPT, steps={"travel": TRAVEL._replace(edges=(0.5, 0.2))})), "travel"),
        (as_if(replace(ACCEPT, steps={"travel": TRAVEL._replace(values=(0.0, 1.0))})), "travel"),
        (as_if(replace(ACCEPT, steps={"travel": TRAVEL._replace(missing=math.inf)})), "travel"),
        (skops.io.dumps({"version": MODEL.version}), "not a model"),
        (skops.io.dumps(slice(1, 2)), "plain data"),
        (skops.io.dumps([np.zeros((2, 2))]), "row of float64"),
        (skops.io.dumps([np.zeros(2, dtype=np.float32)]), "row of float64"),
        (repacked(lambda part: part + bytes(8), ".npy"), "row of float64"),
        (repacked(lambda part: part + b" " * MAX_BYTES), "unpacks"),
        (repacked(lambda part: b"[" * 100_000 + part), "Recursion"),
        (repacked(lambda part: part.replace(b"learnt-", b"learnT-")), "does not hash"),
        (repacked(lambda part: part.replace(b"-1.0", b"true")), "finite"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidModel, match=message):
        load_model(data)


def test_an_array_of_another_version_of_the_format_is_refused() -> None:
    def newer(part: bytes) -> bytes:
        out = io.BytesIO()
        np.lib.format.write_array(out, np.lib.format.read_array(io.BytesIO(part)), version=(2, 0))
        return out.getvalue()

    with pytest.raises(InvalidModel, match="another format"):
        load_model(repacked(newer, ".npy"))


@given(st.data())
def test_a_flipped_byte_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    file = bytearray(dump(MODEL))
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    try:
        loaded = load_model(bytes(file))
    except InvalidModel:
        return
    assert loaded == MODEL


def test_what_no_file_may_hold_is_not_given_a_version() -> None:
    with pytest.raises(InvalidModel, match="gender"):
        versioned(replace(ACCEPT, steps={"gender": HOUR}), COMPLETE, MANIFEST)
    with pytest.raises(InvalidModel, match="JSON"):
        versioned(ACCEPT, COMPLETE, {"at": object()})
    with pytest.raises(InvalidModel, match="JSON"):
        versioned(replace(ACCEPT, intercept=math.nan), COMPLETE, MANIFEST)


def test_the_largest_model_fits() -> None:
    steps = {
        name: Step(tuple(k / 7 for k in range(254)), tuple(k / 3 for k in range(255)), 0.0)
        for name in INPUTS
    }
    model = versioned(replace(ACCEPT, steps=steps), replace(COMPLETE, steps=steps), MANIFEST)
    assert load_model(dump(model)) == model


def test_nothing_that_says_who_someone_is_is_an_input() -> None:
    assert not {"gender", "age", "name", "nationality", "mother_tongue", "declines"} & {*INPUTS}


def test_serving_needs_no_training_library() -> None:
    code = "import sys, matching.model; print(sorted({'sklearn', 'skops'} & {*sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(ran.stdout.replace("'", '"')) == []
