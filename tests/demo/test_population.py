"""The demo's population: as many, as varied and as repeatable as the product says."""

import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from typing import Any

import msgspec
import pytest

from signalling.demo.population import interpreters, write_ndjson
from signalling.protocol.messages.interpreter import InterpreterProfile

ARABIC = {"arb", "apc", "acm", "arz", "apd", "ary", "arq", "aeb", "ayl"}
TOP_TEN = ARABIC | {"ti", "so", "uk", "pl", "prs", "ckb", "pes", "ru", "kmr"}


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    return interpreters()


def foreign(person: dict[str, Any]) -> str:
    tag = person["languages"][1]["tag"]
    assert isinstance(tag, str)
    return tag


def ndjson() -> bytes:
    file = io.BytesIO()
    assert write_ndjson(file) == 2_194
    return file.getvalue()


def test_as_many_as_the_register_each_with_their_own_id(people: list[dict[str, Any]]) -> None:
    assert len(people) == 2_194
    assert len({person["id"] for person in people}) == 2_194


def test_everybody_is_a_profile_that_interpreter_put_takes(people: list[dict[str, Any]]) -> None:
    profiles = msgspec.convert(people, list[InterpreterProfile])
    assert len(profiles) == 2_194


def test_everybody_speaks_norwegian_and_something_else(people: list[dict[str, Any]]) -> None:
    for person in people:
        tags = [skill["tag"] for skill in person["languages"]]
        assert tags[0] == "no"
        assert len(tags) >= 2
        assert len(set(tags)) == len(tags)


def test_seventy_one_languages_besides_norwegian(people: list[dict[str, Any]]) -> None:
    tags = {skill["tag"] for person in people for skill in person["languages"]}
    assert len(tags - {"no"}) == 71


def test_nobody_speaks_a_language_that_must_be_refined(people: list[dict[str, Any]]) -> None:
    tags = {skill["tag"] for person in people for skill in person["languages"]}
    assert not tags & {"ku", "ar", "zh", "sh", "fa", "rom", "ber", "sgn", "smi", "kar", "syr"}


def test_ten_languages_are_four_fifths_and_arabic_a_third(people: list[dict[str, Any]]) -> None:
    counts = Counter(foreign(person) for person in people)
    assert sum(counts[tag] for tag in TOP_TEN) / 2_194 == pytest.approx(0.80, abs=0.01)
    assert sum(counts[tag] for tag in ARABIC) / 2_194 == pytest.approx(0.33, abs=0.01)
    assert min(counts.values()) >= 2


def test_all_five_categories_in_their_shares(people: list[dict[str, Any]]) -> None:
    counts = Counter(person["languages"][1]["qualification"] for person in people)
    assert set(counts) == {"A", "B", "C", "D", "E"}
    assert counts["A"] < counts["B"] < counts["E"] < counts["D"]


def test_signers_never_work_by_sound_alone(people: list[dict[str, Any]]) -> None:
    signers = [person for person in people if foreign(person) == "nsl"]
    assert signers
    assert not any("audio" in person["modes"] for person in signers)


def test_they_live_all_over_norway_and_most_in_the_largest_places(
    people: list[dict[str, Any]],
) -> None:
    latitudes = [person["location"]["lat"] for person in people]
    assert min(latitudes) < 58.3
    assert max(latitudes) > 69.5
    around_oslo = [
        person
        for person in people
        if abs(person["location"]["lat"] - 59.913) < 0.05
        and abs(person["location"]["lon"] - 10.746) < 0.1
    ]
    assert 0.15 < len(around_oslo) / 2_194 < 0.5


def test_the_same_bytes_each_time_whatever_the_hash_seed() -> None:
    script = (
        "import hashlib, io; from signalling.demo.population import write_ndjson;"
        "f = io.BytesIO(); write_ndjson(f); print(hashlib.sha256(f.getvalue()).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == hashlib.sha256(ndjson()).hexdigest()


def test_another_seed_makes_other_people() -> None:
    assert interpreters(seed=1) != interpreters(seed=2)


def test_one_json_object_a_line() -> None:
    lines = ndjson().splitlines()
    assert len(lines) == 2_194
    assert json.loads(lines[0])["id"] == "demo-0001"


def test_too_few_for_all_languages_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        interpreters(count=100)
