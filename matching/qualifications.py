"""Credentials: typed by their scale, mapped to one ladder of tiers, held on a language pair.

A credential stands on one language of an interpreter, and certifies that language against the
pivot of its scale: Norway's register certifies Norwegian ↔ Somali, NAATI English ↔ Somali. So,
for a pair of languages:

1. a credential that certifies exactly this pair counts in full (the best, if several);
2. else, when both languages are certified against the same pivot, the weaker of the two counts
   (Somali B and English D, both with Norwegian, make D for English ↔ Somali);
3. else there is none. A NAATI certificate is no qualification for Norwegian ↔ Somali.

A credential on the pivot itself certifies nothing, nor does one on a language that its scale does
not examine (RID knows American Sign Language only). Tiers rise from 0 (none) through the letters
of config/qualifications.toml. A language level such as CEFR's is never a credential.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matching.errors import InvalidField, InvalidTables
from matching.types import LanguageSkill, Qualification, Request

NO_TIER = 0


@dataclass(frozen=True, slots=True)
class Category:
    """A rung of a scale: its own spelling, its tier, and the languages it exists in (None: all)."""

    name: str
    tier: int
    languages: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Scale:
    """One register's categories, by each of their names, folded."""

    name: str
    title: str
    pivot: str
    categories: Mapping[str, Category]


class Qualifications:
    """What config/qualifications.toml says, checked once and indexed."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.tiers: tuple[str, ...] = tuple(data["tiers"])
        self._rank = {letter: rank for rank, letter in enumerate(self.tiers, start=1)}
        self._default: str = data["default_scale"]
        self._public_floor = self._rank[data["public_body_floor"]]
        self._levels = {each.casefold(): each for each in data["language_levels"]}
        self._refused = {
            name.casefold(): f"{name} {row['reason']}"
            for row in data["refused"]
            for name in row["names"]
        }
        self._scales: dict[str, Scale] = {}
        for row in data["scale"]:
            scale = self._read(row)
            for name in (row["name"], *row["also"]):
                if self._scales.setdefault(name.casefold(), scale) is not scale:
                    raise InvalidTables(f"qualifications: two scales are called {name!r}")
        self._credential = {  # as parsed: the pivot with the category
            (scale.name, category.name): (scale.pivot, category)
            for scale in self._scales.values()
            for category in scale.categories.values()
        }
        if self._default.casefold() not in self._scales:
            raise InvalidTables("qualifications: the default scale is not in the table")
        if both := self._refused.keys() & self._scales.keys():
            raise InvalidTables(f"qualifications: both a scale and refused: {sorted(both)}")

    def _read(self, row: Mapping[str, Any]) -> Scale:
        categories: dict[str, Category] = {}
        for each in row["categories"]:
            if each["tier"] not in self._rank:
                raise InvalidTables(f"qualifications: {row['name']} maps to no tier: {each}")
            languages = each.get("languages", row.get("languages"))
            category = Category(
                each["name"],
                self._rank[each["tier"]],
                None if languages is None else frozenset(languages),
            )
            for name in (each["name"], *each.get("also", ())):
                if categories.setdefault(name.casefold(), category) is not category:
                    raise InvalidTables(f"qualifications: {row['name']} has two {name!r}")
        return Scale(row["name"], row["title"], row["pivot"], categories)

    def parse(self, value: Qualification | str) -> Qualification:
        """Return a credential in its scale's own spelling; a bare "B" is of Norway's scale.

        Raises `InvalidField` for an unknown scale or category, and for a language level.
        """
        given = value if isinstance(value, Qualification) else Qualification(self._default, value)
        scale_name, category_name = (
            " ".join(each.casefold().split()) for each in (given.scale, given.category)
        )
        for name in (scale_name, category_name):
            if (reason := self._refused.get(name)) is not None:
                raise InvalidField(reason)
        if isinstance(value, str) and category_name in self._levels:
            raise InvalidField(f"{value} is a language level, not an interpreting credential")
        scale = self._scales.get(scale_name)
        if scale is None:
            known = ", ".join(sorted({each.name for each in self._scales.values()}))
            raise InvalidField(f"unknown scale {given.scale!r}: known are {known}")
        category = scale.categories.get(category_name)
        if category is None:
            known = ", ".join(dict.fromkeys(each.name for each in scale.categories.values()))
            raise InvalidField(f"{scale.name} has no category {given.category!r}, but {known}")
        return Qualification(scale.name, category.name, given.evidence)

    def level(self, text: str) -> str:
        """Return a language level in its own spelling ("" stays); raise `InvalidField`."""
        folded = text.strip().casefold()
        if folded and folded not in self._levels:
            known = ", ".join(self._levels.values())
            raise InvalidField(f"unknown language level {text!r}: known are {known}")
        return self._levels[folded] if folded else ""

    def tier(self, qualification: Qualification) -> int:
        """Return the tier of a parsed credential, 1 to `len(tiers)`."""
        return self._credential[qualification.scale, qualification.category][1].tier

    def letter(self, tier: int) -> str | None:
        """Return the letter of a tier, None for no qualification."""
        return self.tiers[tier - 1] if tier > NO_TIER else None

    def pair_tier(self, skills: Iterable[LanguageSkill], one: str, other: str) -> int:
        """Return the tier that counts for *one* ↔ *other*, by the rule of this module."""
        exact = NO_TIER
        chained: tuple[dict[str, int], dict[str, int]] = ({}, {})
        for skill in skills:
            if skill.qualification is None or skill.tag not in {one, other}:
                continue
            credential = skill.qualification.scale, skill.qualification.category
            pivot, category = self._credential[credential]
            if category.languages is not None and skill.tag not in category.languages:
                continue
            if {skill.tag, pivot} == {one, other}:
                exact = max(exact, category.tier)
            elif skill.tag != pivot:
                held = chained[skill.tag == other]
                held[pivot] = max(category.tier, held.get(pivot, NO_TIER))
        if exact:
            return exact
        shared = chained[0].keys() & chained[1].keys()
        return max((min(chained[0][p], chained[1][p]) for p in shared), default=NO_TIER)

    def floor(self, request: Request) -> int:
        """Return the lowest tier a request admits.

        A public body must use a qualified interpreter (tolkeloven § 7) unless it is an
        emergency; a floor that the request itself names always stands.
        """
        asked = request.requirements.min_qualification
        floor = self.tier(asked) if asked is not None else NO_TIER
        if request.public_body and not request.emergency:
            floor = max(floor, self._public_floor)
        return floor
