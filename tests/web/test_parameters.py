"""The page of what counts: open to everybody, and true to the ranking in every number."""

import re
from html import unescape

import pytest

from matching.eligibility import Rule
from matching.features import CODES
from matching.parameters import NEVER, RULES, WORDS
from matching.scoring import Scorer
from signalling.protocol.messages.match import MatchParametersParams, MatchParametersResult
from signalling.service.call import Call
from signalling.service.match import published
from signalling.store.apps import Apps
from signalling.store.store import Store
from signalling.web.parameters import number, page
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import learnt
from tests.web.client import Clients, clients
from tests.web.fake import FakeService, world
from tests.web.test_http import get

POLICY, TIERS = TABLES.policy, TABLES.qualifications.tiers
HAND = published(Scorer(POLICY, TIERS))
LEARNT = published(Scorer(POLICY, TIERS, learnt()))


class Telling(FakeService):
    """A service that says what counts, in each marketplace by its own model."""

    def __init__(self, store: Store, models: dict[str, MatchParametersResult]) -> None:
        super().__init__(store)
        self.models = models
        self.asked: list[Call] = []
        self.handlers = {**self.handlers, "match.parameters": self.parameters}

    async def parameters(self, call: Call, _: MatchParametersParams) -> MatchParametersResult:
        self.asked.append(call)
        return self.models.get(call.caller.marketplace, HAND)


def text_of(html: str) -> str:
    without = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(without).split())


def entry(html: str, name: str) -> str:
    """Return what the page has for one parameter."""
    (found,) = [e for e in html.split("<li>") if f"<code>{name}</code></h3>" in e]
    return found.partition("</li>")[0]


def said(html: str, name: str) -> str:
    return text_of(entry(html, name))


def test_every_feature_and_every_weight_with_its_number() -> None:
    html = page([HAND])
    for words in WORDS:
        text, weight = said(html, words.name), POLICY.weights.get(words.name)
        assert f"{words.title} {words.name} {words.what}" in text
        own = "no weight of its own" if weight is None else f"weight {number(weight)}"
        assert own in text
    assert {words.code for words in WORDS} >= {*CODES}
    assert "recorded as streak" in said(html, "back_to_back")
    assert "half at 60 minutes" in said(html, "idle")
    assert "full at 90 minutes" in said(html, "travel")
    assert "Value −1 to 1" in said(html, "exposure")
    assert {*POLICY.weights} <= {words.name for words in WORDS}


def test_every_rule_and_what_never_counts() -> None:
    text = text_of(page([HAND]))
    for rule in Rule:
        assert f"{RULES[rule].needs[1:]} {rule} {RULES[rule].why}" in text
    for what in NEVER:
        assert what[1:] in text


def test_waves_the_lot_versions_and_how_to_contest() -> None:
    text = text_of(page([HAND]))
    assert f"{POLICY.exploration.share:.0%} of the decisions" in text
    for name, size in POLICY.waves.items():
        row = f"{name.replace('_', ' ')} {size.target:.0%} {size.smallest} to {size.largest}"
        assert row in text
    assert f"Policy {POLICY.version} , model hand (none learnt yet" in text
    assert "match.contest" in text


def test_a_model_says_what_it_learnt() -> None:
    html = page([LEARNT])
    assert "on accepting −0.90 to +0.50" in said(html, "travel")
    assert "on completing" not in said(html, "travel")
    assert "on completing −2.00 to +0.25" in said(html, "media_health")
    assert LEARNT.model in text_of(html)


def test_two_models_in_force_are_told_apart() -> None:
    text = text_of(page([HAND, LEARNT]))
    assert "What counts with model hand" in text
    assert f"What counts with model {LEARNT.model}" in text
    assert text.count("What everybody must meet") == 1


def test_bars_have_one_scale() -> None:
    """From what is taken to what is added, around one line that is zero for all."""
    html = page([HAND])
    lines = re.findall(r'class="zero" x="([\d.]+)"', html)
    assert len(lines) == len(WORDS)
    assert len({*lines}) == 1
    share = POLICY.weights["exposure"]
    for name, down, up in (
        ("travel", 2.0, 0.0),
        ("preference", 0.0, 1.2),
        ("exposure", share, share),
    ):
        found = re.findall(r'class="(?:down|up)" x="([\d.]+)" width="([\d.]+)"', entry(html, name))
        (left, taken), (right, added) = [tuple(map(float, each)) for each in found]
        assert (taken, added) == pytest.approx((down * unit(html), up * unit(html)), abs=0.3)
        assert left + taken == pytest.approx(right, abs=0.11)  # as rounded


def unit(html: str) -> float:
    """Return how long one log-odds is drawn, from what is named by the customer."""
    (width,) = re.findall(r'class="up" x="[\d.]+" width="([\d.]+)"', entry(html, "preference"))
    return float(width) / POLICY.weights["preference"]


@pytest.mark.parametrize(("value", "text"), [(-1.5, "−1.50"), (0.3, "+0.30"), (-0.001, "0.00")])
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


async def test_the_page_needs_no_token_and_no_script(store: Store, marketplace: str) -> None:
    service = Telling(store, {marketplace: LEARNT})
    async with world(store, marketplace, service) as here, clients(here) as people:
        status, text, headers = await get(people, "/parameters")
    assert status == 200
    assert "<script" not in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert '<html lang="en">' in text
    assert "width=device-width" in text
    assert LEARNT.model in text
    callers = [call.caller for call in service.asked]
    assert {caller.role for caller in callers} == {"guest"}
    assert marketplace in {caller.marketplace for caller in callers}


async def test_looking_again_and_again_is_limited(store: Store, marketplace: str) -> None:
    service = Telling(store, {})
    async with (
        world(store, marketplace, service, unopened_per_s=1, unopened_burst=5) as here,
        clients(here) as people,
    ):
        seen = {(await get(people, "/parameters"))[0] for _ in range(200)}
    assert seen == {200, 429}


async def test_nothing_is_published_where_nothing_is_ranked(
    store: Store, marketplace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(_: Apps) -> frozenset[str]:
        return frozenset()

    async with (
        world(store, marketplace, Telling(store, {})) as here,
        clients(here) as people,
    ):
        monkeypatch.setattr(Apps, "marketplaces", none)
        assert (await get(people, "/parameters"))[0] == 404


async def test_the_start_page_leads_there(people: Clients) -> None:
    assert '<a href="/parameters">' in (await get(people, "/"))[1]
