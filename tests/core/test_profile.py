"""Profiles, recorded decisions and answers: records that nothing happens to by itself."""

import pytest

from signalling.core import events as on
from signalling.core.booking_events import NoShow
from signalling.core.calendar_key import RenewKey
from signalling.core.effects import Key, Log, Tell
from signalling.core.history import Finished, Rated
from signalling.core.profile import (
    AlreadyAnswered,
    Answer,
    MatchDecision,
    Profile,
    PutProfile,
    RecordDecision,
    Remember,
    RemoveProfile,
    decide_answer,
    decide_decision,
    decide_profile,
)
from signalling.core.rules import USUAL
from signalling.errors import Conflict, NotFound
from tests.core.samples import NOW, moment

ANN = {"id": "ann", "name": "Ann"}


def test_the_newest_profile_is_kept_and_fed_to_the_population() -> None:
    first, _ = decide_profile(None, PutProfile(ANN), moment())
    second, effects = decide_profile(first, PutProfile(ANN | {"name": "Anna"}), moment(NOW + 1))

    assert second == Profile("ann", {"id": "ann", "name": "Anna"}, NOW + 1)
    assert (second.feed, second.indexes, effects) == (second.profile, {"interpreters": 0}, ())


def test_removing_a_profile_forgets_what_belongs_to_it() -> None:
    """Availability and diary refuse while they work or are booked: then nothing is removed."""
    old = Profile("ann", ANN, NOW)

    kinds = ("availability", "history", "diary", "standing", "calendar_key")
    forget = tuple(Tell(Key(kind, "ann"), on.Forget()) for kind in kinds)
    assert decide_profile(old, RemoveProfile(), moment()) == (None, forget)


TOLD: list[tuple[str, Finished | Rated | NoShow]] = [
    ("history", Finished("ann", "no-ti", "hospital:kari", good=True)),
    ("history", Rated("ann", "hospital:kari", 5, None, finished=True)),
    ("standing", NoShow("ann", "a1", "hospital", USUAL, counted=True)),
]


@pytest.mark.parametrize(("kind", "event"), TOLD)
def test_who_is_gone_gets_no_history(kind: str, event: Finished | Rated | NoShow) -> None:
    old = Profile("ann", ANN, NOW)

    assert decide_profile(old, event, moment()) == (old, (Tell(Key(kind, "ann"), event),))
    assert decide_profile(None, event, moment()) == (None, ())


def test_a_calendar_key_is_only_for_who_is_registered() -> None:
    old, renew = Profile("ann", ANN, NOW), RenewKey("ann", "digest")

    passed_on = (Tell(Key("calendar_key", "ann"), renew),)
    assert decide_profile(old, renew, moment()) == (old, passed_on)
    with pytest.raises(NotFound):
        decide_profile(None, renew, moment())


def test_removing_nobody() -> None:
    with pytest.raises(NotFound):
        decide_profile(None, RemoveProfile(), moment())


def test_a_decision_is_recorded_once() -> None:
    first, _ = decide_decision(None, RecordDecision({"model": 1}), moment())

    assert decide_decision(first, RecordDecision({"model": 2}), moment()) == (first, ())
    assert first == MatchDecision({"model": 1})


def test_a_decision_is_named_once_in_the_log_of_decisions() -> None:
    event = RecordDecision({"id": "d1", "model": 1})
    first, effects = decide_decision(None, event, moment())

    line = {"kind": "decision", "id": "d1", "at_ms": NOW}
    assert effects == (Log("decisions", line, 1_000_000),)
    assert decide_decision(first, event, moment(NOW + 1)) == (first, ())


def test_the_same_key_is_answered_once() -> None:
    first, _ = decide_answer(None, Remember("digest", "a1"), moment())

    assert first == Answer("digest", "a1", 86_400_000)
    assert decide_answer(first, Remember("digest", "a1"), moment()) == (first, ())
    with pytest.raises(AlreadyAnswered) as caught:
        decide_answer(first, Remember("digest", "a2"), moment())
    assert caught.value.created == "a1"


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    with pytest.raises(Conflict) as caught:
        decide_answer(Answer("digest", "a1", 86_400_000), Remember("other", "a2"), moment())

    assert not isinstance(caught.value, AlreadyAnswered)
    assert caught.value.path == "idempotency_key"


def test_a_timer_that_nobody_set_removes_nobody() -> None:
    ann, _ = decide_profile(None, PutProfile({"id": "ann"}), moment())
    assert decide_profile(ann, on.Deadline(), moment()) == (ann, ())
