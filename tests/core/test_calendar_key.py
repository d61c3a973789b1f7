"""The key of a calendar's feed: one a person, and a new one ends the one before."""

from signalling.core import events as on
from signalling.core.calendar_key import CalendarKey, RenewKey, RevokeKey, decide
from tests.core.samples import NOW, moment

FIRST = CalendarKey("ann", "d1", NOW)


def test_a_new_key_takes_the_place_of_the_old() -> None:
    assert decide(None, RenewKey("ann", "d1"), moment()) == (FIRST, ())
    assert decide(FIRST, RenewKey("ann", "d2"), moment(NOW + 1)) == (
        CalendarKey("ann", "d2", NOW + 1),
        (),
    )


def test_the_same_key_again_is_the_same() -> None:
    """A commit whose outcome was unknown is decided again."""
    assert decide(FIRST, RenewKey("ann", "d1"), moment(NOW + 1)) == (FIRST, ())


def test_it_ends_when_revoked_or_with_the_profile() -> None:
    for event in (RevokeKey(), on.Forget()):
        for old in (FIRST, None):
            assert decide(old, event, moment()) == (None, ())
