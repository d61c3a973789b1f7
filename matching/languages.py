"""Languages as they are spoken: normal forms, questions back, dialects and substitutes.

langcodes parses tags and knows names, nothing more: its replacements are CLDR's, made for written
text, and would turn `prs` into `fa-AF` and `sgn-NO` into the sign language of Nigeria. What a
tag means in speech stands in config/languages.toml, who may stand in for whom in
config/substitutes.toml; no distance between languages is ever computed.

A name may be as short as a tag: "Ga" and "Fur" are languages of Ghana and Sudan, `ga` is Irish
and `fur` Friulian. Such a name counts as the table writes it, with its capital; else the tag does.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import langcodes
from langcodes import data_dicts

from matching.errors import AmbiguousLanguage, Choice, InvalidTables, UnknownLanguage

TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,6}")
LONGEST_NAME = 64
NOT_SPOKEN = frozenset({"und", "mul", "mis", "zxx"})
ALPHA_2 = {
    three: two
    for table in (data_dicts.LANGUAGE_ALPHA3, data_dicts.LANGUAGE_ALPHA3_BIBLIOGRAPHIC)
    for two, three in reversed(table.items())  # so that jv stands, not the older jw
    if len(two) == 2
}
CACHE_SIZE = 8192

Pair = tuple[str, str]
NameIn = Literal["en", "nb", "own"]
NAMES: tuple[NameIn, ...] = ("en", "nb", "own")


class Spoken(NamedTuple):
    """A refined language; `hinted` says that the dialect given was what refined it."""

    tag: str
    dialect: str | None = None
    hinted: bool = False


def pair_key(one: str, other: str) -> Pair:
    """Return the unordered pair of two tags: who serves a → b serves b → a."""
    return (one, other) if one < other else (other, one)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


_MARKS = str.maketrans("()[],’‘ʼ", "     '''")


def _key(name: str) -> str:
    """Return a name as it is looked up: "Kurdisk (Sorani)" as "kurdisk sorani"."""
    return _fold(name.translate(_MARKS))


class Languages:
    """What config/languages.toml and config/substitutes.toml say, checked once and indexed."""

    def __init__(self, data: Mapping[str, Any], substitutes: Iterable[Mapping[str, Any]]) -> None:
        self.pivot: str = data["pivot"]
        self._alias = {source: row["to"] for row in data["alias"] for source in row["from"]}
        self._one = {member: row["tag"] for row in data["one"] for member in row["members"]}
        self._standard = {row["standard"]: row["tag"] for row in data["one"] if "standard" in row}
        self._as_one = frozenset(row["tag"] for row in data["one"])
        self._choices = {
            row["tag"]: tuple(row["choices"]) for row in data["ambiguous"] if "tag" in row
        }
        self._shown = {
            (row["tag"], in_): row[in_] for row in data["language"] for in_ in NAMES if in_ in row
        }
        self._signed = {row["tag"]: True for row in data["language"] if row.get("signed")}
        self._by_name: dict[str, Spoken] = {}
        self._vague: dict[str, tuple[str, ...]] = {}
        self._dialect: dict[tuple[str, str], str] = {}
        self._near: dict[tuple[str, str], frozenset[str]] = {}
        self._substitutes = {row["asked"]: tuple(row["by"]) for row in substitutes}
        self._stood_in_for: dict[str, tuple[str, ...]] = {}
        for asked, by in self._substitutes.items():
            for tag in by:
                self._stood_in_for[tag] = (*self._stood_in_for.get(tag, ()), asked)
        self._cache: dict[tuple[str, str | None], Spoken] = {}
        self._index_dialects(data["dialect"])
        self._index_names(data)
        self._check(data)

    def _index_names(self, data: Mapping[str, Any]) -> None:
        for row in data["language"]:
            shown = [row[in_] for in_ in NAMES if in_ in row]
            self._call(Spoken(row["tag"]), [*shown, *row.get("also", ())])
        for row in data["dialect"]:
            self._call(Spoken(row["language"], row["name"]), row.get("names", ()))
        for row in data["ambiguous"]:
            for name, key in _written(row["names"], row.get("tag")):
                if key in self._by_name:
                    raise InvalidTables(f"languages: {name!r} is both a language and several")
                self._vague[key] = tuple(row["choices"])

    def _call(self, spoken: Spoken, names: Iterable[str]) -> None:
        for name, key in _written(names, spoken.tag):
            if self._by_name.setdefault(key, spoken) != spoken:
                raise InvalidTables(f"languages: {name!r} names two languages")

    def _index_dialects(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            tag = row["language"]
            for name in (row["name"], *row["also"]):
                self._dialect[tag, _fold(name)] = row["name"]
            self._near[tag, row["name"]] = frozenset(row["near"])

    def _check(self, data: Mapping[str, Any]) -> None:
        """Refuse a row that leads nowhere: what it points to must be a language as it stands."""
        pointed = [(row["to"], "alias") for row in data["alias"]]
        pointed += [(tag, "choices") for row in data["ambiguous"] for tag in row["choices"]]
        pointed += [(row["language"], "dialect") for row in data["dialect"]]
        for asked, by in self._substitutes.items():
            pointed += [(tag, "substitutes") for tag in (asked, *by)]
        for (tag, name), near in self._near.items():
            if any(name not in self.near(tag, other) for other in near):
                raise InvalidTables(f"dialect: {tag}/{name} is near one that is not near it")
        for tag, table in pointed:
            try:
                refined = self.resolve(tag).tag
            except (UnknownLanguage, AmbiguousLanguage):
                refined = None
            if refined != tag:
                raise InvalidTables(f"{table}: {tag} is not a refined tag")

    def resolve(self, text: str, dialect: str | None = None) -> Spoken:
        """Return the spoken language that a tag or a name means.

        *text* is a BCP-47 tag or a name in English, Norwegian or the language itself. *dialect*
        may refine a macrolanguage ("ar" with "Egyptian Arabic"). A region becomes the dialect.
        Raises `UnknownLanguage`, or `AmbiguousLanguage` with the choices.
        """
        found = self._cache.get((text, dialect))
        if found is None:
            found = self._resolve(text, dialect)
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            self._cache[text, dialect] = found
        return found

    def _resolve(self, text: str, dialect: str | None) -> Spoken:
        name = _fold(text)
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise UnknownLanguage("a language is named by a BCP-47 tag or a name")
        for key in (text.strip(), _key(text)):
            if (vague := self._vague.get(key)) is not None:
                return self._refine(text, vague, dialect)
            if (named := self._by_name.get(key)) is not None:
                return Spoken(named.tag, self.dialect(named.tag, dialect) or named.dialect)
        if TAG.fullmatch(text):
            return self._from_tag(text, dialect)
        return self._from_tag(_tag_of_name(text, _key(text)), dialect)

    def _from_tag(self, text: str, dialect: str | None) -> Spoken:
        try:
            parsed = langcodes.Language.get(text, normalize=False)
        except ValueError as error:
            raise UnknownLanguage(f"{text!r} is not a BCP-47 tag: {error}") from error
        primary = str(parsed.extlangs[0] if parsed.extlangs else parsed.language)
        regional = f"{primary}-{parsed.territory}"
        if (tag := self._alias.get(regional)) is not None:
            return Spoken(tag, self.dialect(tag, dialect))
        tag = self._alias.get(primary) or ALPHA_2.get(primary, primary)
        if (choices := self._choices.get(tag)) is not None:
            return self._refine(text, choices, dialect)
        tag = self._standard.get(tag, tag)
        if (whole := self._one.get(tag)) is not None:
            return Spoken(whole, self.dialect(whole, dialect or tag))
        if (members := _members(tag)) and tag not in self._as_one and tag != self.pivot:
            return self._refine(text, members, dialect)
        if tag in NOT_SPOKEN or not _is_language(tag):
            raise UnknownLanguage(f"{text!r} is not a language known to interpret")
        if parsed.territory and tag != self.pivot:
            dialect = dialect or parsed.territory
        return Spoken(tag, self.dialect(tag, dialect))

    def _refine(self, text: str, choices: tuple[str, ...], dialect: str | None) -> Spoken:
        if dialect is not None:
            for tag in choices:
                if (tag, _fold(dialect)) in self._dialect:
                    return Spoken(tag, self.dialect(tag, dialect), hinted=True)
            try:
                meant = self._resolve(dialect, None)
            except (UnknownLanguage, AmbiguousLanguage):
                meant = Spoken("")
            if meant.tag in choices:
                return Spoken(meant.tag, hinted=True)
        raise AmbiguousLanguage(
            f"{text!r} names several spoken languages: ask which is meant",
            tuple(Choice(tag, self.name(tag)) for tag in choices),
        )

    def dialect(self, tag: str, text: str | None) -> str | None:
        """Return the normal form of a dialect's name: the table's, or the text folded."""
        if text is None or not (folded := _fold(text)):
            return None
        return self._dialect.get((tag, folded), folded)

    def near(self, tag: str, dialect: str) -> frozenset[str]:
        """Return the dialects whose speakers serve *dialect* well, itself left out."""
        return self._near.get((tag, dialect), frozenset())

    def dialect_language(self, pair: Pair, dialect: str) -> str:
        """Return which language of *pair* a dialect belongs to: the pivot's are not asked for."""
        for tag in pair:
            if (tag, _fold(dialect)) in self._dialect:
                return tag
        return pair[1] if pair[0] == self.pivot else pair[0]

    def substitutes(self, tag: str) -> tuple[str, ...]:
        """Return the languages that may stand in for *tag*, given the customer's consent."""
        return self._substitutes.get(tag, ())

    def stood_in_for(self, tag: str) -> tuple[str, ...]:
        """Return the languages that *tag* may stand in for: `substitutes` the other way round."""
        return self._stood_in_for.get(tag, ())

    def signed(self, tag: str) -> bool:
        """Say whether *tag* is a sign language, which no voice line can carry."""
        signed = self._signed.get(tag)
        if signed is None:
            signed = self._signed[tag] = "sign language" in self.name(tag).casefold()
        return signed

    def name(self, tag: str, in_: NameIn = "en") -> str:
        """Return a language's name in English, in Norwegian (Bokmål) or in the language itself.

        Where neither the table nor CLDR has one, it is CLDR's English name.
        """
        shown = self._shown.get((tag, in_))
        if shown is None:
            language = langcodes.Language.get(tag, normalize=False)
            found = language.autonym() if in_ == "own" else language.display_name(in_)
            shown = self._shown[tag, in_] = str(found)
        return shown


def _written(names: Iterable[str], tag: str | None) -> Iterator[tuple[str, str]]:
    """Yield each name with its key: as it is written, if another language has it for a tag.

    One that is written just like that tag is left out: then the tag stands.
    """
    for name in names:
        key = _key(name)
        if (
            len(key) > 3
            or not TAG.fullmatch(key)
            or key in {*ALPHA_2, tag}
            or not _is_language(key)
        ):
            yield name, key
        elif name != key:
            yield name, name


def _members(tag: str) -> tuple[str, ...]:
    """Return the ISO 639-3 members of a macrolanguage, by the registry that langcodes carries."""
    return tuple(sorted(k for k, whole in data_dicts.MACROLANGUAGES.items() if whole == tag))


def _is_language(tag: str) -> bool:
    """Say whether *tag* is registered, and as a language rather than a family of them."""
    language = langcodes.Language.get(tag, normalize=False)
    name = language.display_name("en").casefold()
    return (
        language.is_valid()
        and not name.startswith("unknown language")
        and not name.endswith("languages")
    )


def _tag_of_name(text: str, folded: str) -> str:
    """Return the tag of an exact name; langcodes would also guess from a prefix of it."""
    for reader in ("en", "nb", None):
        try:
            found = langcodes.find(text, reader)
        except LookupError:
            continue
        names = (found.display_name("en"), found.display_name("nb"), found.autonym())
        if folded in map(_key, names):
            return str(found.to_tag())
    raise UnknownLanguage(f"no language is named {text!r}")
