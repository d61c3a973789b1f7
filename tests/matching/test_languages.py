"""The traps of languages: the first thing an expert tries."""

from itertools import permutations
from typing import Any

import pytest
from langcodes import data_dicts
from langcodes.registry_parser import parse_registry

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
from tests.matching.register import ROWS

NOT_INTERCHANGEABLE = [
    ("uk", "ru"), ("kmr", "ckb"), ("ckb", "sdh"), ("ti", "tig"), ("ti", "am"), ("so", "ymm"),
    ("nsl", "nsi"), ("nsl", "swl"), ("rhg", "ctg"), ("bn", "syl"), ("tg", "prs"), ("ary", "apc"),
    ("arz", "ary"), ("cmn", "yue"), ("mk", "bg"), ("ur", "pa"), ("kea", "pt"), ("nl", "af"),
]  # fmt: skip
WITH_CONSENT = [
    ("sr", "hr"), ("hr", "bs"), ("bs", "sr"), ("cnr", "sr"), ("hi", "ur"), ("prs", "pes"),
    ("pa", "pnb"), ("rw", "rn"), ("ary", "arq"), ("arq", "aeb"), ("mww", "hnj"),
]  # fmt: skip


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
        ("ajp", "apc"), ("jav", "jv"), ("kurdisk (kurmanji)", "kmr"), ("Kurdish Sorani", "ckb"),
        ("persisk (farsi)", "pes"), ("Farsi", "pes"), ("fa-TJ", "tg"), ("pa-PK", "pnb"),
        ("hviterussisk", "be"),
        ("kiswahili", "sw"), ("yoruba", "yo"), ("ibo", "ig"), ("tagalog", "fil"), ("ar-YE", "ayn"),
        ("Tshiluba", "lua"), ("Bangla", "bn"), ("grusisk", "ka"), ("yi", "yi"), ("ydd", "yi"),
        ("sgn-DE", "gsg"), ("sgn-FR", "fsl"), ("BSL", "bfi"), ("ASL", "ase"),
        ("S’gaw Karen", "ksw"), ("sgn-nsl", "nsl"), ("gn", "gn"), ("gug", "gn"),
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
        ("romanes", {"rmy", "rmo"}), ("ff", {"fuc", "fuv"}), ("fulfulde", {"fuc", "fub"}),
        ("dinka", {"dik", "dks"}), ("kok", {"gom", "knn"}), ("tsjin", {"cnh", "ctd"}),
        ("hmn", {"mww", "hnj"}), ("zazaki", {"diq", "kiu"}), ("baluchi", {"bgn", "bcc"}),
        ("samisk", {"se", "smj", "sma"}), ("njaruanda/rundi", {"rw", "rn"}), ("BCS", {"hr"}),
        ("bosnisk/kroatisk/serbisk", {"bs", "hr", "sr"}), ("Karenni", {"eky", "kyu"}),
        ("kikongo", {"kng", "ktu"}), ("Malinke", {"mnk", "emk"}), ("Luri", {"lrc", "bqi"}),
        ("kreolsk", {"ht", "kea"}), ("Mon", {"mnw", "mn"}), ("kln", {"niq"}), ("luy", {"lwg"}),
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
    ["", "  ", "()", "xx", "zzz", "Klingonsk", "Kurdishfoo", "und", "mul", "zxx", "qaa", "inc",
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Badini", ("kmr", "badini")), ("kurdisk (badini)", ("kmr", "badini")),
        ("Feyli", ("sdh", "feyli")), ("moldovsk", ("ro", "md")), ("ro-MD", ("ro", "md")),
        ("Flemish", ("nl", "be")), ("nl-BE", ("nl", "be")), ("sw-CD", ("sw", "congo")),
        ("swc", ("sw", "congo")), ("taktilt norsk tegnspråk", ("nsl", "tactile")),
        ("ti-ER", ("ti", "er")), ("azb", ("az", "south")),
        ("sq-XK", ("sq", "gheg")), ("ltg", ("lv", "latgalian")),
        ("swh", ("sw", None)), ("npi", ("ne", None)), ("khk", ("mn", None)), ("lvs", ("lv", None)),
    ],
)  # fmt: skip
def test_a_name_or_a_tag_may_say_the_dialect_too(
    tables: Tables, text: str, expected: tuple[str, str | None]
) -> None:
    assert tables.languages.resolve(text)[:2] == expected


def test_a_dialect_that_is_stated_wins_over_the_one_in_a_name(tables: Tables) -> None:
    assert tables.languages.resolve("Badini", "Botani").dialect == "botani"


@pytest.mark.parametrize(
    ("name", "tag", "other"),
    [
        ("Ga", "gaa", "ga"), ("Fur", "fvr", "fur"), ("Wa", "prk", "wa"), ("Laz", "lzz", "laz"),
        ("Lak", "lbe", "lak"), ("Lai", "cnh", "lai"), ("BSL", "bfi", "bsl"),
    ],
)  # fmt: skip
def test_a_name_as_short_as_a_tag_needs_its_capital(
    tables: Tables, name: str, tag: str, other: str
) -> None:
    assert tables.languages.resolve(name).tag == tag
    assert tables.languages.resolve(other).tag == other


@pytest.mark.parametrize(("tag", "nb", "en", "own"), ROWS)
def test_languages_of_the_register_are_known_by_all_their_names(
    tables: Tables, tag: str, nb: str, en: str, own: str
) -> None:
    languages = tables.languages
    assert [languages.resolve(text).tag for text in (tag, nb, en, own)] == [tag] * 4
    assert (languages.name(tag, "nb"), languages.name(tag)) == (nb, en)
    assert languages.name(tag, "own") == own


def test_what_is_asked_back_is_asked_in_norwegian_too(tables: Tables) -> None:
    for name in (
        "ff",
        "man",
        "kg",
        "qu",
        "tsjin",
        "Luri",
        "Hindko",
        "kreolsk",
        "Maya",
        "zh",
        "kar",
    ):
        with pytest.raises(AmbiguousLanguage) as asked:
            tables.languages.resolve(name)
        for choice in asked.value.choices:
            shown = tables.languages.name(choice.tag, "nb")
            assert shown[0].islower()  # CLDR falls back to English, which has capitals
            assert tables.languages.resolve(shown).tag == choice.tag


def test_the_register_has_more_than_71_languages_here() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 71


def test_what_has_no_name_of_its_own_is_named_in_english(tables: Tables) -> None:
    assert tables.languages.name("alz", "own") == tables.languages.name("alz", "nb") == "Alur"


def test_no_macrolanguage_is_a_dead_end(tables: Tables) -> None:
    resolve = tables.languages.resolve
    for tag in {*data_dicts.MACROLANGUAGES, *data_dicts.MACROLANGUAGES.values()}:
        try:
            refined = [resolve(tag).tag]
        except AmbiguousLanguage as asked:
            refined = [choice.tag for choice in asked.choices]
            assert len(refined) > 1
        except UnknownLanguage:
            continue  # a tag withdrawn long ago
        assert [resolve(each).tag for each in refined] == refined


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
    assert set(tables.languages.stood_in_for("prs")) == {"haz", "pes"}
    assert tables.languages.stood_in_for("haz") == ()


@pytest.mark.parametrize(
    ("asked", "by"), [("haz", "prs"), ("arb", "apc"), ("arb", "arz"), ("lo", "th")]
)
def test_some_substitutions_hold_one_way_only(tables: Tables, asked: str, by: str) -> None:
    assert by in tables.languages.substitutes(asked)
    assert asked not in tables.languages.substitutes(by)


def test_whatever_is_registered_as_a_sign_language_is_signed(tables: Tables) -> None:
    signed = [
        row["Subtag"]
        for row in parse_registry()  # type: ignore[no-untyped-call]
        if row["Type"] == "extlang" and "sgn" in row["Prefix"]
    ]
    assert len(signed) > 100
    assert [tag for tag in signed if not tables.languages.signed(tag)] == []
    assert not any(tables.languages.signed(tag) for tag, *_ in ROWS if len(tag) == 2)


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


def test_many_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.languages.CACHE_SIZE", 2)
    languages = Languages(EMPTY, [])
    for text in ("so", "ti", "pl", "so"):
        assert languages.resolve(text).tag == text


@pytest.mark.parametrize(
    ("tag", "asked", "near"),
    [
        ("sq", "gheg", {"tosk"}), ("sq", "arvanitika", set()), ("ro", "md", {"ro"}),
        ("pt", "br", {"pt"}), ("ti", "er", {"et"}), ("az", "south", {"north"}),
        ("kmr", "badini", set()), ("sw", "congo", set()), ("om", "borana", set()),
        ("nsl", "tactile", set()), ("so", "unheard of", set()),
    ],
)  # fmt: skip
def test_some_dialects_serve_their_neighbours(
    tables: Tables, tag: str, asked: str, near: set[str]
) -> None:
    assert tables.languages.near(tag, asked) == near


EMPTY: dict[str, Any] = {
    "pivot": "no", "alias": [], "one": [], "ambiguous": [], "language": [], "dialect": [],
}  # fmt: skip
POLISH = {"tag": "pl", "en": "X"}


@pytest.mark.parametrize(
    ("data", "substitutes"),
    [
        ({"language": [POLISH, {"tag": "cs", "nb": "x"}]}, []),
        ({"language": [POLISH, {"tag": "cs", "also": ["(X)"]}]}, []),
        ({"language": [POLISH], "ambiguous": [{"names": ["X"], "choices": ["pl"]}]}, []),
        ({"ambiguous": [{"names": ["X"], "choices": ["pl", "und"]}]}, []),
        ({"ambiguous": [{"names": ["X"], "choices": ["pl", "ku"]}]}, []),
        ({"alias": [{"to": "nb", "from": ["no"]}, {"to": "no", "from": ["nb"]}]}, []),
        ({"alias": [{"to": "no", "from": ["nb"]}]}, [{"asked": "sv", "by": ["nb"]}]),
        (
            {"dialect": [{"language": "so", "name": "y", "also": [], "near": ["z"]}]},
            [],
        ),
        (
            {"dialect": [{"language": "ku", "name": "y", "also": [], "names": ["X"], "near": []}]},
            [],
        ),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    data: dict[str, Any], substitutes: list[dict[str, Any]]
) -> None:
    with pytest.raises(InvalidTables):
        Languages(EMPTY | data, substitutes)
