"""What interpreters are shown before they accept."""

from msgspec.structs import replace

from matching.types import Contribution, Match
from signalling.core.slot import Interested
from signalling.showing import recommendation, shown
from tests.core.samples import LATER, assignment

TIER = Contribution("tier_surplus", 1.0, 0.5, "qualification: B", "everyone")
LIKED = Contribution("preference", 1.0, 0.75, "preferred by the customer", "customer")
CHANCE = Contribution("p_accept", 0.5, 0.25, "likely to accept", "operator")
MATCH = Match("ann", 1.5, (TIER, LIKED, CHANCE), 0.5, "B", "5–15 km", 21, "Dari")


def test_the_score_is_the_sum_of_what_they_may_read() -> None:
    view = shown(assignment("searching"), MATCH)
    assert view["score"] == 0.5
    assert view["reasons"] == [
        {"feature": "tier_surplus", "contribution": 0.5, "text": "+0.50 qualification: B"}
    ]
    assert shown(assignment("searching"), MATCH, "operator")["score"] == 1.5
    assert shown(assignment("searching"), MATCH._replace(contributions=()))["score"] == 0.0


def test_nothing_tells_of_the_customer() -> None:
    """Nor where it is, but for how far."""
    summary = shown(assignment("searching"), MATCH)["assignment"]
    assert summary == {
        "id": "a1",
        "languages": {"from": "ti", "to": "no"},
        "mode": "video",
        "duration_min": 30,
        "requirements": {"min_qualification": "C"},
        "distance_band": "5–15 km",
        "travel_min": 21,
        "substitute": "Dari",
    }
    remote = MATCH._replace(distance_band=None, travel_min=None, substitute=None)
    bare = shown(assignment("searching"), remote)["assignment"]
    assert not {"distance_band", "travel_min", "substitute"} & bare.keys()


def test_who_had_accepted_other_terms_is_told_so() -> None:
    assert shown(assignment("searching"), MATCH, again=True)["assignment"]["again"] is True


def test_until_when_they_may_say_that_they_could() -> None:
    gathering = assignment("gathering", interest_until_ms=LATER)
    view = recommendation(gathering, MATCH)
    assert view == shown(gathering, MATCH) | {"interest_until": "2023-11-14T22:13:30.000Z"}
    said = replace(gathering, interests=(Interested("ann", "o1", LATER, {}),))
    assert recommendation(said, MATCH)["interested"] is True
    assert "interested" not in recommendation(said, MATCH._replace(interpreter="bo"))
    assert "interest_until" not in recommendation(replace(gathering, interest_until_ms=None), MATCH)
    offering = assignment("offering", interest_until_ms=LATER)
    assert "interest_until" not in recommendation(offering, MATCH)
