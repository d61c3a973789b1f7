"""The traps of languages: the first thing an expert tries."""

from itertools import permutations
from typing import Any

import pytest

from matching import (
    AmbiguousLanguage,
    InvalidTables,
    Mode,
    Population,
    Tables,
    UnknownLanguage,
    rank,
)
from matching.languages import Languages, pair_key
from tests.matching.builders import NOW, person, present, request

NOT_INTERCHANGEABLE = [("uk", "ru"), ("kmr", "ckb"), ("ti", "tig"), ("so", "ymm"), ("nsl", "nsi")]
WITH_CONSENT = [("sr", "hr"), ("hr", "bs"), ("bs", "sr"), ("hi", "ur"), ("prs", "pes")]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("no", "no"), ("nb", "no"), ("nn", "no"), ("nb-NO", "no"), ("nor", "no"), ("bokmål", "no"),
        ("prs", "prs"), ("fa-AF", "prs"), ("Dari", "prs"), ("dari", "prs"),
        ("fa", "pes"), ("pes", "pes"), ("fas", "pes"), ("persisk", "pes"), ("فارسی", "pes"),
        ("nsl", "nsl"), ("sgn-NO", "nsl"), ("norsk tegnspråk", "nsl"), ("nsi", "nsi"),
        ("Norwegian Sign Language", "nsl"), ("Kurmanji", "kmr"), ("kurdisk (sorani)", "ckb"),
        ("tigrinja", "ti"), ("ትግርኛ", "ti"), ("tir", "ti"), ("som", "so"), ("polsk", "pl"),
        ("Polish", "pl"), ("polski", "pl"), ("iw", "he"), ("tl", "fil"), ("zh-yue", "yue"),
        ("yue", "yue"), ("zh-cmn-Hans-CN", "cmn"), ("ar-EG", "arz"), ("ar-SY", "apc"),
        ("als", "sq"), ("swh", "sw"), ("SO", "so"), (" Somali ", "so"), ("ur_PK", "ur"),
        ("ajp", "apc"), ("jav", "jv"),
    ],
)  # fmt: skip
def test_a_tag_or_a_name_means_one_spoken_language(tables: Tables, text: str, tag: str) -> None:
    assert tables.languages.resolve(text).tag == tag


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("ku", {"kmr", "ckb"}), ("Kurdish", {"kmr", "ckb"}), ("kurdisk", {"kmr", "ckb"}),
        ("kur", {"kmr", "ckb"}), ("ku-TR", {"kmr"}), ("zh", {"cmn", "yue"}), ("zh-Hant", {"yue"}),
        ("zh-TW", {"cmn", "nan"}), ("ar", {"arb", "arz", "ary"}), ("ar-SA", {"afb"}),
        ("Arabic", {"arb", "apc"}), ("العربية", {"arb"}), ("sh", {"sr", "hr", "bs"}),
        ("sgn", {"nsl"}), ("tegnspråk", {"nsl", "ils"}), ("Karen", {"ksw"}), ("Chin", {"cnh"}),
        ("rom", {"rmn", "rmy"}), ("ber", {"rif"}), ("qu", {"quz"}), ("lah", {"pnb"}),
    ],
)  # fmt: skip
def test_what_several_languages_share_is_asked_back(
    tables: Tables, text: str, some: set[str]
) -> None:
    with pytest.raises(AmbiguousLanguage) as asked:
        tables.languages.resolve(text)
    assert some <= {choice.tag for choice in asked.value.choices}
    assert all(choice.name for choice in asked.value.choices)


def test_kurdish_offers_its_languages_by_name(tables: Tables) -> None:
    with pytest.raises(AmbiguousLanguage) as asked:
        tables.languages.resolve("Kurdish")
    assert asked.value.choices[:2] == (("kmr", "Kurmanji"), ("ckb", "Sorani"))


@pytest.mark.parametrize(
    "text",
    ["", "  ", "xx", "zzz", "Klingonsk", "Kurdishfoo", "und", "mul", "zxx", "qaa", "inc",
     "x-private", "en-", "en-a", "a" * 65, "no\x00", "no\ud800", "norsk tegnspråkk", "12"],
)  # fmt: skip
def test_what_is_no_language_is_refused(tables: Tables, text: str) -> None:
    with pytest.raises(UnknownLanguage):
        tables.languages.resolve(text)


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("ar", "Egyptian Arabic", ("arz", None)), ("ar", "apc", ("apc", None)),
        ("ku", "Bahdini", ("kmr", "badini")), ("Kurdish", "Sorani", ("ckb", None)),
        ("sq", "GEGISK", ("sq", "gheg")), ("pt-BR", None, ("pt", "br")),
        ("so", "Maxaa  tiri", ("so", "maxaa tiri")),
        ("als", None, ("sq", "tosk")), ("en-GB", None, ("en", "gb")), ("sq", "", ("sq", None)),
        ("fa-AF", "Herati", ("prs", "herati")), ("Somali", "north", ("so", "north")),
    ],
)  # fmt: skip
def test_a_dialect_refines_or_stays(
    tables: Tables, text: str, dialect: str | None, expected: tuple[str, str | None]
) -> None:
    assert tables.languages.resolve(text, dialect)[:2] == expected


@pytest.mark.parametrize("dialect", ["Norwegian", "nonsense", "Kurdish"])
def test_a_dialect_of_something_else_refines_nothing(tables: Tables, dialect: str) -> None:
    with pytest.raises(AmbiguousLanguage):
        tables.languages.resolve("ar", dialect)


@pytest.mark.parametrize("consent", [False, True])
@pytest.mark.parametrize(("one", "other"), NOT_INTERCHANGEABLE)
def test_nobody_stands_in_for_a_neighbour(
    population: Population, one: str, other: str, consent: bool
) -> None:
    for asked, spoken in permutations((one, other)):
        present(population, [person("a", f"no {spoken}:A")])
        wish = request(f"no {asked}", accept_substitutes=consent)
        assert rank(population, wish, NOW).eligible == 0


@pytest.mark.parametrize(("one", "other"), WITH_CONSENT)
def test_substitutes_need_consent(population: Population, one: str, other: str) -> None:
    for asked, spoken in permutations((one, other)):
        present(population, [person("a", f"no {spoken}:A")])
        assert rank(population, request(f"no {asked}"), NOW).eligible == 0
        wish = request(f"{asked} no", accept_substitutes=True)
        assert rank(population, wish, NOW).matches[
            0
        ].substitute == population.tables.languages.name(spoken)


def test_a_substitution_holds_in_its_own_direction(tables: Tables) -> None:
    assert tables.languages.substitutes("haz") == ("prs",)
    assert "haz" not in tables.languages.substitutes("prs")


def test_signs_have_their_own_modality(tables: Tables, population: Population) -> None:
    assert tables.languages.signed("nsl")
    assert tables.languages.signed("fsl")  # by its name: French Sign Language
    assert not tables.languages.signed("no")
    present(population, [person("a", "no nsl:A")])
    assert rank(population, request("no nsl", Mode.AUDIO), NOW).eligible == 0
    assert rank(population, request("no nsl", Mode.VIDEO), NOW).eligible == 1


def test_a_pair_has_no_direction() -> None:
    assert pair_key("so", "no") == pair_key("no", "so") == ("no", "so")


def test_the_dialect_belongs_to_the_language_that_knows_it_else_not_to_the_pivot(
    tables: Tables,
) -> None:
    assert tables.languages.dialect_language(("pt", "sq"), "Gheg") == "sq"
    assert tables.languages.dialect_language(("no", "so"), "odd") == "so"
    assert tables.languages.dialect_language(("en", "no"), "odd") == "en"


def test_many_names_do_not_fill_the_memory(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.languages.CACHE_SIZE", 2)
    for text in ("so", "ti", "pl", "so"):
        assert tables.languages.resolve(text).tag == text


EMPTY: dict[str, Any] = {
    "pivot": "no", "alias": [], "one": [], "ambiguous": [], "language": [], "dialect": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "substitutes"),
    [
        ({"language": [{"tag": "a", "names": ["X"]}, {"tag": "b", "names": ["x"]}]}, []),
        (
            {
                "language": [{"tag": "a", "names": ["X"]}],
                "ambiguous": [{"tag": "c", "names": ["X"], "choices": []}],
            },
            [],
        ),
        ({"alias": [{"to": "no", "from": ["nb"]}]}, [{"asked": "sv", "by": ["nb"]}]),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    data: dict[str, Any], substitutes: list[dict[str, Any]]
) -> None:
    with pytest.raises(InvalidTables):
        Languages(EMPTY | data, substitutes)
