"""Profiles, recorded decisions and answers: records that nothing happens to by itself."""

import pytest

from signalling.core import events as on
from signalling.core.effects import Key, Tell
from signalling.core.profile import (
    AlreadyAnswered,
    Answer,
    MatchDecision,
    Profile,
    decide_answer,
    decide_decision,
    decide_profile,
)
from signalling.errors import Conflict, NotFound
from tests.core.samples import NOW, moment

ANN = {"id": "ann", "name": "Ann"}


def test_the_newest_profile_is_kept_and_fed_to_the_population() -> None:
    first, _ = decide_profile(None, on.PutProfile(ANN), moment())
    second, effects = decide_profile(first, on.PutProfile(ANN | {"name": "Anna"}), moment(NOW + 1))

    assert second == Profile("ann", {"id": "ann", "name": "Anna"}, NOW + 1)
    assert (second.feed, second.indexes, effects) == (second.profile, {"interpreters": 0}, ())


def test_removing_a_profile_forgets_the_availability() -> None:
    """Which refuses while they work: then nothing is removed."""
    old = Profile("ann", ANN, NOW)

    forget = Tell(Key("availability", "ann"), on.Forget())
    assert decide_profile(old, on.RemoveProfile(), moment()) == (None, (forget,))


def test_removing_nobody() -> None:
    with pytest.raises(NotFound):
        decide_profile(None, on.RemoveProfile(), moment())


def test_a_decision_is_recorded_once() -> None:
    first, _ = decide_decision(None, on.RecordDecision({"model": 1}), moment())

    assert decide_decision(first, on.RecordDecision({"model": 2}), moment()) == (first, ())
    assert first == MatchDecision({"model": 1})


def test_the_same_key_is_answered_once() -> None:
    first, _ = decide_answer(None, on.Remember("digest", "a1"), moment())

    assert first == Answer("digest", "a1", 86_400_000)
    assert decide_answer(first, on.Remember("digest", "a1"), moment()) == (first, ())
    with pytest.raises(AlreadyAnswered) as caught:
        decide_answer(first, on.Remember("digest", "a2"), moment())
    assert caught.value.created == "a1"


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    with pytest.raises(Conflict) as caught:
        decide_answer(Answer("digest", "a1", 86_400_000), on.Remember("other", "a2"), moment())

    assert not isinstance(caught.value, AlreadyAnswered)
    assert caught.value.path == "idempotency_key"
