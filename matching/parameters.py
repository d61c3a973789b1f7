"""The main parameters of the ranking, in plain words and with their numbers.

Whoever works through a platform may read what its automated decisions weigh and how much (EU
Directive 2024/2831, articles 9 and 11). The words stand here; every number comes from the scorer
that ranks. A test holds both to the features, the weights and the rules that there are.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from matching import features
from matching.scoring import Scorer
from matching.types import Audience

MOST_WANTED: Final = 10  # specialisms: the range is that of a request that calls for so many

Span = tuple[float, float]  # lowest and highest
CHANCE: Final = (0.0, 1.0)


class Words(NamedTuple):
    """What one parameter is, where it comes from, and who may read it among reasons.

    `code` is its name in recorded decisions (features.CODES).
    """

    name: str
    code: str | None
    title: str
    what: str
    source: str
    audience: Audience = "everyone"


class Parameter(NamedTuple):
    """A parameter with its numbers.

    `value` is the range of its value; all else is in log-odds. `weight` is the hand weight of its
    full value, None if it has none of its own. `minutes` are those at which the value is full (of
    `idle`: half), None if it is not of time. `accept` and `complete` are the ranges of its curves
    in the two chances, learnt or by hand; `score` is all that it can add to a score, those
    included.
    """

    words: Words
    value: Span
    weight: float | None
    minutes: float | None
    accept: Span
    complete: Span
    score: Span


class Hard(NamedTuple):
    """What a hard rule asks for (a noun), and why."""

    needs: str
    why: str


WORDS: Final = (
    Words(
        "tier_surplus",
        "tier",
        "Qualification",
        "Steps of qualification above what the request asks for, of the five of the scale.",
        "credentials that the marketplace has checked",
    ),
    Words(
        "experience",
        "experience",
        "Experience",
        "Sessions done in this pair of languages; each doubling counts the same.",
        "work completed here",
    ),
    Words(
        "reliability",
        "reliability",
        "Reliability",
        "Of the work that was accepted, the share that was completed. Excused absence is left "
        "out, declined offers never count, and newcomers start at the usual share. It counts "
        "through the chance of completing.",
        "work accepted here",
        "operator",  # who reads the chance that it counts through
    ),
    Words(
        "responsiveness",
        "responsiveness",
        "Answers",
        "Of the offers that reached someone, the share that was answered: a no counts like a yes, "
        "only silence while available does not. Offers that never arrived, or were taken back, "
        "do not count, and newcomers start at the usual share. It counts through the chance of "
        "accepting.",
        "recent offers here",
        "operator",  # who reads the chance that it counts through
    ),
    Words(
        "rating",
        "rating",
        "Rating",
        "Mean of the customers' stars beside the usual mean; few ratings are drawn towards it.",
        "ratings by customers after the work",
    ),
    Words(
        "load",
        "load",
        "Work today",
        "Minutes worked today, up to a limit: tired people make mistakes.",
        "today's work here",
    ),
    Words(
        "back_to_back",
        "streak",
        "Work without a break",
        "Minutes worked without a break of a quarter of an hour, up to a limit.",
        "today's work here",
    ),
    Words(
        "exposure",
        "exposure",
        "Share of the offers",
        "Fewer offers for each hour online than one's share lift, more lower.",
        "offers and hours online here",
    ),
    Words(
        "media_health",
        "media",
        "Connections",
        "Recent meetings whose audio and video connected, beside the usual. Remote work only.",
        "recent meetings here",
    ),
    Words(
        "idle",
        "idle",
        "Waiting time",
        "Time since the last work or offer; each half-life halves what is left to gain.",
        "work and offers here",
    ),
    Words(
        "specialism",
        "specialism",
        "Specialisms",
        "How many of the specialisms called for are held.",
        "the request and the profile",
    ),
    Words(
        "dialect",
        "dialect",
        "Dialect",
        "The dialect asked for: exactly, a near one, none stated, or another.",
        "the request and the profile",
    ),
    Words(
        "travel",
        "travel",
        "The way there",
        "Time to get there by a stated model of travel, up to a limit. On-site work only.",
        "the place of work and the interpreter's coarse position",
    ),
    Words(
        "slack",
        "slack",
        "Time to the next booking",
        "How little time is left between this work and the next commitment.",
        "the diary kept here",
    ),
    Words(
        "preference",
        "preference",
        "Named by the customer",
        "The customer named this interpreter.",
        "the request",
        "customer",
    ),
    Words(
        "continuity",
        "continuity",
        "Earlier work for this customer",
        "Earlier sessions with this customer that went well; they fade with time.",
        "work completed here",
        "customer",
    ),
    Words(
        "scarcity",
        "scarcity",
        "Rare skills",
        "Is one of at most two present with a specialism that this work does not need: they are "
        "kept for work that does.",
        "the profiles of those present",
    ),
    Words(
        "cost",
        "cost",
        "Price over the cap",
        "Price above the customer's cap, as a share of the cap.",
        "the request and the profile",
    ),
    Words(
        "substitute",
        "substitute",
        "Another language",
        "Serves another language than the one asked for, to which the customer agreed.",
        "the curated table of substitutes",
    ),
    Words(
        "p_accept",
        None,
        "Chance of accepting",
        "The chance that the offer is accepted: all that the others add to it, which their own "
        "bars include.",
        "a learnt model, or constants by mode until there is one",
        "operator",
    ),
    Words(
        "p_complete",
        None,
        "Chance of completing",
        "The chance that accepted work is completed: all that the others add to it, which their "
        "own bars include.",
        "a learnt model, or the record of reliability until there is one",
        "operator",
    ),
)

# By the name of each rule (eligibility.Rule).
RULES: Final[Mapping[str, Hard]] = {
    "language": Hard(
        "both languages of the request, or a substitute that the customer accepts",
        "No likeness of languages stands in for knowing them.",
    ),
    "modality": Hard(
        "a mode that can carry the language", "A sign language has to be seen: audio cannot."
    ),
    "mode": Hard(
        "taking work of this mode (audio, video or on site) now",
        "Interpreters choose how they work.",
    ),
    "qualification": Hard(
        "at least the qualification asked for, in this pair of languages",
        "The customer asks for it, and of public bodies the law does.",
    ),
    "gender": Hard("the gender required", "Some conversations need it; it never counts otherwise."),
    "dialect": Hard("the dialect required, or a near one", "Otherwise they do not understand."),
    "specialism": Hard("every specialism required", "The work cannot be done well without."),
    "clearance": Hard("every clearance required", "The law or the customer demands it."),
    "conflict": Hard(
        "no declared conflict of interest with those who take part",
        "An interpreter has to be impartial.",
    ),
    "blocked": Hard("no block between customer and interpreter", "Either may refuse the other."),
    "not_present": Hard(
        "availability at that moment", "Only who is connected and takes work can be rung."
    ),
    "until": Hard(
        "enough time before the next booking or the end of the day, way there included",
        "Work that began would be cut short.",
    ),
    "calendar": Hard("hours of work at the time asked for", "Interpreters say when they work."),
    "booked": Hard(
        "no other booking then, way there and back included",
        "Nobody is promised to two people at once.",
    ),
    "reserved": Hard("no other offer being made", "One offer rings at a time."),
    "distance": Hard(
        "a known place near enough for interpreter and customer, for work on site",
        "Either may say how far is too far.",
    ),
    "not_adult": Hard("being of age", "The work is for adults."),
    "caller": Hard("not being the one who asks", "Nobody interprets for themselves."),
    "already_asked": Hard(
        "not having been asked before, on the same terms", "A no is a no, and silence is not a yes."
    ),
    "quiet_hours": Hard(
        "no quiet hours of the interpreter's just then, unless it is an emergency",
        "Nobody is woken for work that can wait, or that others can do.",
    ),
    "others_first": Hard(
        "being among those who are asked before everybody else, where some are: they said that they"
        " could, had it on other terms, or were named",
        "Who waits for an answer gets one before others are disturbed.",
    ),
    "suspended": Hard(
        "no pause after work that was taken and not come to",
        "Somebody waited. What was excused does not count, and a human looks at it on appeal.",
    ),
}

NEVER: Final[Mapping[str, str]] = {
    "gender": "unless a customer requires one, and then only as a rule",
    "age": "beyond being of age",
    "name": "",
    "nationality": "",
    "mother tongue": "",
    "how many offers were declined": "declining is free, and needs no reason",
    "how fast offers are answered": "",
    "exact position": "only the time to get there counts, from whole kilometres",
}


# What the policy's shape calls the minutes of a parameter.
MINUTES: Final[Mapping[str, str]] = {
    "load": "load_limit_min",
    "back_to_back": "streak_limit_min",
    "idle": "idle_half_life_min",
    "travel": "travel_limit_min",
}


def needs(rule: str) -> str:
    """Say what a recorded rule asked for; one that is not known stands for itself."""
    return RULES[rule].needs if rule in RULES else rule


def parameters(scorer: Scorer) -> tuple[Parameter, ...]:
    """Return every parameter with the numbers that *scorer* ranks by."""
    return tuple(_parameter(words, scorer) for words in WORDS)


def _parameter(words: Words, scorer: Scorer) -> Parameter:
    weight, named = scorer.policy.weights.get(words.name), MINUTES.get(words.name)
    minutes = None if named is None else getattr(scorer.policy.shape, named)
    if words.code is None:
        return Parameter(words, CHANCE, weight, minutes, *_of_chance(words, scorer))
    values = values_of(words.code, scorer)
    chances = _chances(words.code, scorer)
    curve = getattr(scorer, words.code)
    if words.code == "specialism":
        curve = scorer.specialism(MOST_WANTED)
    return Parameter(words, _span(values), weight, minutes, *chances, _span(curve.total))


def values_of(code: str, scorer: Scorer) -> list[float]:
    """Return the values of a feature, by its code."""
    if code == "specialism":
        return [features.specialism(held, MOST_WANTED) for held in range(MOST_WANTED + 1)]
    return scorer.values(code)


def _chances(code: str, scorer: Scorer) -> tuple[Span, Span]:
    values = values_of(code, scorer)
    return _span(scorer.chances.accept(code, values)), _span(scorer.chances.complete(code, values))


def _of_chance(words: Words, scorer: Scorer) -> tuple[Span, Span, Span]:
    """Return what all features together can do to one of the two chances, and so to a score."""
    accepts, completes = zip(*(_chances(code, scorer) for code in features.CODES), strict=True)
    weight, nothing = scorer.policy.weights[words.name], (0.0, 0.0)
    low, high = reach = _sum(accepts if words.name == "p_accept" else completes)
    score = weight * low, weight * high
    return (reach, nothing, score) if words.name == "p_accept" else (nothing, reach, score)


def _span(amounts: Iterable[float]) -> Span:
    values = tuple(amounts)
    return min(values) + 0.0, max(values) + 0.0  # no minus zero


def _sum(spans: Iterable[Span]) -> Span:
    lows, highs = zip(*spans, strict=True)
    return sum(lows), sum(highs)
