"""Who goes online: whom the scenarios need, each for one of them only, and a crowd."""

from collections import Counter

import pytest

from signalling.demo.casting import (
    ONLINE,
    Casting,
    beyond,
    both,
    cast,
    qualified,
    specialised,
    tags_of,
    takes,
    within,
)
from signalling.demo.population import Interpreter, interpreters
from signalling.demo.script import SCRIPT

OSLO = {"lat": 59.9139, "lon": 10.7522}
BERGEN = {"lat": 60.3917, "lon": 5.3239}


def person(**changes: object) -> Interpreter:
    return {
        "id": "p1",
        "languages": [{"tag": "no"}, {"tag": "so", "qualification": "B"}, {"tag": "en"}],
        "specialisms": ["medical", "legal"],
        "modes": ["audio", "video"],
        "location": OSLO,
        "max_travel_km": 50,
        **changes,
    }


def test_the_script_is_cast_with_nobody_in_two_scenarios() -> None:
    castings = [casting for scenario in SCRIPT for casting in scenario.online]
    online = cast(interpreters(), castings)
    assert len(online) == ONLINE
    assert len({one["id"] for one in online}) == ONLINE
    spoken = Counter(tag for one in online for tag in tags_of(one))
    for tag in {casting.tag for casting in castings}:
        assert spoken[tag] == sum(casting.count for casting in castings if casting.tag == tag)
    asked = {casting.tag for casting in castings}
    assert all(len(tags_of(one) & asked) <= 1 for one in online)


def test_too_few_is_an_error() -> None:
    with pytest.raises(ValueError, match="only 2 of 3 for rhg"):
        cast(interpreters(), [Casting("rhg", 3)])


def test_what_fits() -> None:
    assert takes("audio", "video")(person())
    assert not takes("onsite")(person())
    assert qualified("so", held=True)(person())
    assert not qualified("so", held=False)(person())
    assert qualified("en", held=False)(person())
    assert not qualified("ti", held=False)(person())
    assert specialised("medical", held=True)(person())
    assert specialised("medical", "police", held=False)(person())
    assert both(takes("audio"), takes("video"))(person())
    assert not both(takes("audio"), takes("onsite"))(person())


def test_near_is_within_their_own_reach_too() -> None:
    assert within(10, OSLO)(person())
    assert not within(10, BERGEN)(person())
    assert not within(1000, BERGEN)(person())
    assert within(1000, BERGEN)(person(max_travel_km=400))
    assert beyond(300, BERGEN)(person())
    assert not beyond(310, BERGEN)(person())
