"""The rules of an app: what its assignments keep of them."""

from signalling.core.rules import USUAL, Rules


def test_sanctions_are_of_the_app_that_runs_the_interpreters() -> None:
    """All else is of the app that asks."""
    asks = Rules(version=3, late_min=10, no_shows_most=1)
    runs = Rules(version=9, late_min=2, no_shows_most=3, no_shows_days=30, pause_days=7)

    assert asks.sanctioned_by(runs) == Rules(
        version=3, late_min=10, no_shows_most=3, no_shows_days=30, pause_days=7
    )
    assert asks.sanctioned_by(USUAL) == Rules(version=3, late_min=10)
