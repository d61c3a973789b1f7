"""Credentials: Norway's ladder, other scales mapped, and levels of language refused."""

import tomllib
from typing import Any

import pytest

from matching import (
    InvalidField,
    InvalidTables,
    LanguageSkill,
    Qualification,
    Tables,
    config_dir,
)
from matching.qualifications import Qualifications
from tests.matching.builders import request, skill

DATA = tomllib.loads((config_dir() / "qualifications.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("scale", "category", "letter"),
    [
        ("NO", "A", "A"), ("no", "e", "E"), ("tolkeregisteret", "C", "C"), ("NAATI", "CCI", "A"),
        ("naati", "ci", "C"), ("NAATI", "RPI", "E"), ("NRPSI", "full", "C"), ("CCHI", "CHI", "D"),
        ("CCHI", "CoreCHI", "E"), ("CCHI", "CoreCHI-P", "E"), ("NAATI", "CSLI", "B"),
        ("NAATI", "Certified  Provisional Interpreter", "D"), ("NRPSI", "rare language", "E"),
        ("SE", "AT", "C"), ("Kammarkollegiet", "rättstolk", "B"), ("SE", "sjukvårdstolk", "B"),
        ("SE", "utbildad tolk", "E"), ("FI", "oikeustulkki", "B"), ("FI", "asioimistulkki", "D"),
        ("DE", "allgemein beeidigt", "C"), ("Rbtv", "C1", "C"), ("Rbtv", "B2", "E"),
        ("CIOL", "DPSI", "D"), ("NRCPD", "RSLI", "C"), ("RID", "NIC Master", "C"),
        ("RID", "SC:L", "B"), ("USCOURTS", "FCCI", "B"), ("NBCMI", "CMI", "D"),
        ("NBCMI", "Hub-CMI", "E"), ("NO", "statsautorisert tolk", "C"),
    ],
)  # fmt: skip
def test_each_scale_maps_to_a_tier(tables: Tables, scale: str, category: str, letter: str) -> None:
    scales = tables.qualifications
    parsed = scales.parse(Qualification(scale, category, "card 7"))
    assert scales.letter(scales.tier(parsed)) == letter
    assert parsed.evidence == "card 7"


def test_tiers_rise_from_e_to_a(tables: Tables) -> None:
    scales = tables.qualifications
    assert [scales.tier(scales.parse(letter)) for letter in "EDCBA"] == [1, 2, 3, 4, 5]
    assert scales.letter(0) is None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("C1", "language level"), ("native", "language level"), ("F", "no category"),
        (Qualification("CEFR", "C2"), "language level"), (Qualification("cefr", "B1"), "level"),
        (Qualification("NO", "C1"), "no category"), (Qualification("ACME", "A"), "unknown scale"),
        ("", "no category"), (Qualification("ILR", "3+"), "language level"),
        ("statsautorisert translatør", "TAO"), (Qualification("NO", "Fagoversetter"), "TAO"),
        (Qualification("AIIC", "A"), "letters"), (Qualification("DK", "A"), "unknown scale"),
        (Qualification("NRCPD", "TSLI"), "no category"),
        (Qualification("USCOURTS", "language skilled"), "but certified, professionally"),
    ],
)  # fmt: skip
def test_what_is_no_credential_is_refused_with_its_reason(
    tables: Tables, value: Qualification | str, says: str
) -> None:
    with pytest.raises(InvalidField, match=says):
        tables.qualifications.parse(value)


def test_levels_have_one_spelling(tables: Tables) -> None:
    assert [tables.qualifications.level(each) for each in ("c1", "Native", "")] == [
        "C1",
        "native",
        "",
    ]
    with pytest.raises(InvalidField):
        tables.qualifications.level("fluent")


@pytest.mark.parametrize(
    ("skills", "pair", "letter"),
    [
        ("no so:B", "no so", "B"),
        ("no:A so", "no so", None),  # on Norwegian itself it certifies nothing
        ("no so:B ar:D", "no ar", "D"),
        ("no so:E so:B", "no so", "B"),  # the best of two
        ("no so:B en:D", "en so", "D"),  # both certified with Norwegian: the weaker
        ("no so:B en", "en so", None),
        ("no:A so:B", "no so", "B"),
    ],
)
def test_a_credential_counts_for_its_own_pair(
    tables: Tables, skills: str, pair: str, letter: str | None
) -> None:
    one, other = pair.split()
    held = [skill(each) for each in skills.split()]
    tier = tables.qualifications.pair_tier(held, one, other)
    assert tables.qualifications.letter(tier) == letter
    assert tier == tables.qualifications.pair_tier(held, other, one)


def test_a_foreign_certificate_is_none_for_norwegian(tables: Tables) -> None:
    held = [skill("no"), skill("en"), skill("so:NAATI CI")]
    assert tables.qualifications.pair_tier(held, "no", "so") == 0
    assert tables.qualifications.pair_tier(held, "en", "so") == 3
    two_pivots = [skill("so:NAATI CI"), skill("ar:NO B")]
    assert tables.qualifications.pair_tier(two_pivots, "ar", "so") == 0


@pytest.mark.parametrize(
    ("skills", "pair", "letter"),
    [
        ("ase RID NIC", "ase en", "C"), ("bfi RID NIC", "bfi en", None),
        ("bfi NRCPD RSLI", "bfi en", "C"), ("es USCOURTS certified", "en es", "B"),
        ("so USCOURTS certified", "en so", None), ("yue NBCMI CMI", "en yue", "D"),
        ("so NBCMI CMI", "en so", None), ("so NBCMI Hub-CMI", "en so", "E"),
        ("so NBCMI CMI; yue NBCMI CMI", "so yue", None), ("asf NAATI CI", "asf en", "C"),
        ("es NBCMI CMI; yue NBCMI CMI", "es yue", "D"), ("nsl NO C", "no nsl", "C"),
    ],
)  # fmt: skip
def test_a_credential_counts_in_the_languages_it_exists_in(
    tables: Tables, skills: str, pair: str, letter: str | None
) -> None:
    held = []
    for each in skills.split("; "):
        tag, scale, category = each.split(" ", 2)
        qualification = tables.qualifications.parse(Qualification(scale, category))
        held.append(LanguageSkill(tag, qualification=qualification))
    one, other = pair.split()
    tier = tables.qualifications.pair_tier(held, one, other)
    assert tables.qualifications.letter(tier) == letter


@pytest.mark.parametrize(
    ("asked", "public", "emergency", "letter"),
    [
        (None, False, False, None), (None, True, False, "E"), (None, True, True, None),
        ("C", True, False, "C"), ("C", True, True, "C"), ("E", True, False, "E"),
        (None, False, True, None),
    ],
)  # fmt: skip
def test_a_public_body_has_a_floor_unless_it_is_an_emergency(
    tables: Tables, asked: str | None, public: bool, emergency: bool, letter: str | None
) -> None:
    wish = request(min_qualification=asked, public_body=public, emergency=emergency)
    assert tables.qualifications.letter(tables.qualifications.floor(wish)) == letter


NO, SE = DATA["scale"][:2]


@pytest.mark.parametrize(
    "change",
    [
        {"default_scale": "ACME"},
        {"scale": [*DATA["scale"], NO]},
        {"scale": [NO | {"categories": [{"name": "A", "tier": "Z"}]}]},
        {"scale": [NO | {"categories": [{"name": n, "tier": "A"} for n in "Aa"]}]},
        {"scale": [NO, SE | {"also": ["CEFR"]}]},
    ],
)
def test_a_table_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidTables):
        Qualifications(DATA | change)


def test_every_language_that_a_table_names_is_a_refined_one(tables: Tables) -> None:
    for scale in DATA["scale"]:
        rows = [scale, *scale["categories"]]
        tags = {scale["pivot"]}.union(*(row.get("languages", ()) for row in rows))
        assert {tables.languages.resolve(tag).tag for tag in tags} == tags
