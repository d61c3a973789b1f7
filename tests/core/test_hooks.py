import pytest

from signalling.core.hooks import TYPES, check_types, covers
from signalling.core.published import STEPS
from signalling.errors import InvalidParams


def test_what_apps_may_hear_of() -> None:
    """The whole life of an assignment, its offers and what follows; each in one sentence."""
    groups = {type_.partition(".")[0] for type_ in TYPES}
    assert groups == {"assignment", "offer", "feedback", "interpreter", "webhook"}
    assert all(text.endswith(".") and text[0].isupper() for text in TYPES.values())


def test_a_pattern_is_a_type_or_a_whole_group() -> None:
    assert covers(("assignment.*",), "assignment.held")
    assert covers(("offer.made", "assignment.held"), "assignment.held")
    assert not covers(("assignment.*",), "offer.made")
    assert not covers(("assignment.held",), "assignment.confirmed")
    assert not covers((), "offer.made")


@pytest.mark.parametrize("bad", ["assignment", "*", "assignment.", "assignment.gone", "*.made"])
def test_unknown_types_are_named(bad: str) -> None:
    check_types(("assignment.*", "offer.made"))
    with pytest.raises(InvalidParams, match="no events") as refused:
        check_types(("assignment.*", bad))
    assert refused.value.path == "types[1]"


def test_every_step_of_an_assignment_has_a_type() -> None:
    assert set(STEPS.values()) <= TYPES.keys()
