"""What an interpreter has done and for whom."""

from signalling.core import events as on
from signalling.core.history import CUSTOMERS_MOST, Finished, History, Rated, decide, is_good
from tests.core.samples import NOW, moment

KARI = "hospital:kari"
Told = Finished | Rated | on.Forget


def finished(customer: str = KARI, pair: str = "no-ti", *, good: bool = True) -> Finished:
    return Finished("ann", pair, customer, good)


def rated(stars: int, before: int | None = None, *, over: bool = True) -> Rated:
    return Rated("ann", KARI, stars, before, over)


def after(*events: Told, old: History | None = None, ms: int = NOW) -> History:
    history = old
    for event in events:
        history, effects = decide(history, event, moment(ms))
        assert effects == ()
    assert history is not None
    return history


def test_completed_work_counts_for_the_pair_and_the_customer() -> None:
    first = after(finished(), finished(pair="no-so"))
    then = after(finished(), finished("court:per"), old=first, ms=NOW + 9)

    assert first == History("ann", {"no-ti": 1, "no-so": 1}, {KARI: (2, NOW)})
    assert then.sessions == {"no-ti": 3, "no-so": 1}
    assert then.customers == {KARI: (3, NOW + 9), "court:per": (1, NOW + 9)}
    assert then.indexes == {"histories": 0}
    assert then.feed == {
        "sessions": then.sessions,
        "customers": then.customers,
        "stars": 0,
        "rated": 0,
    }


def test_poorly_rated_work_is_experience_but_no_reason_to_come_again() -> None:
    poor = after(rated(2, over=False), finished(good=False))

    assert poor == History("ann", {"no-ti": 1}, {}, stars=2, rated=1)


def test_a_later_poor_rating_takes_the_goodness_back_and_a_better_one_gives_it() -> None:
    good = after(finished(), finished())
    poor = after(rated(1), old=good, ms=NOW + 9)
    none = after(rated(2), old=poor)
    back = after(rated(4, 1), old=poor, ms=NOW + 99)

    assert (poor.customers, poor.stars, poor.rated) == ({KARI: (1, NOW)}, 1, 1)
    assert none.customers == {}
    assert (back.customers, back.stars, back.rated) == ({KARI: (2, NOW + 99)}, 4, 1)
    assert after(rated(2, 1), old=poor).customers == poor.customers
    assert after(rated(5), old=good).customers == good.customers


def test_before_the_work_is_completed_only_the_stars_count() -> None:
    assert after(rated(1, over=False)) == History("ann", stars=1, rated=1)


def test_goodness_that_was_dropped_cannot_be_taken_back() -> None:
    assert after(rated(1), old=History("ann", {"no-ti": 1})).customers == {}


def test_the_newest_customers_are_kept() -> None:
    crowd = {f"court:{n}": (1, NOW + n) for n in range(1, CUSTOMERS_MOST + 1)}
    full = History("ann", {}, crowd)

    new = after(finished(), old=full, ms=NOW + 1_000)
    assert len(new.customers) == CUSTOMERS_MOST
    assert KARI in new.customers
    assert "court:1" not in new.customers
    assert after(finished("court:1"), old=full, ms=NOW + 1_000).customers.keys() == crowd.keys()


def test_who_is_forgotten_leaves_nothing() -> None:
    assert decide(after(finished()), on.Forget(), moment()) == (None, ())
    assert decide(None, on.Forget(), moment()) == (None, ())


def test_what_is_good() -> None:
    assert [is_good(stars) for stars in (None, 1, 2, 3, 5)] == [True, False, False, True, True]


def test_a_timer_that_nobody_set_changes_nothing() -> None:
    known = after(finished())
    for old in (None, known):
        assert decide(old, on.Deadline(), moment()) == (old, ())
