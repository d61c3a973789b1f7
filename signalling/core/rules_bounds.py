"""How far each rule of an app may go: beyond it, a rule would undo what it is for."""

from typing import Final

from signalling.core.rules import Rules
from signalling.errors import InvalidParams

DAY_MIN: Final = 24 * 60
MONTH_MIN: Final = 30 * DAY_MIN
REMINDERS_MOST: Final = 5
REASONS_MOST: Final = 20
REASON_LONGEST: Final = 80
# Lowest and highest; a rule that says None is within.
BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "offer_s": (5, 86_400),
    "target": (0.01, 0.99),
    "largest": (1, 50),
    "interest_s": (0, 30 * 86_400),
    "early_min": (0, 120),
    "late_min": (0, 120),
    "no_show_min": (1, 240),
    "cancel_free_min": (0, MONTH_MIN),
    "no_shows_most": (1, 100),
    "no_shows_days": (1, 730),
    "pause_days": (1, 365),
}


def check(rules: Rules) -> None:
    """Raise InvalidParams, its path the rule, for the first that goes too far."""
    for name, (least, most) in BOUNDS.items():
        value = getattr(rules, name)
        if value is not None and not least <= value <= most:
            raise InvalidParams(f"{name}: from {least} to {most}", path=name)
    if rules.no_show_min < rules.late_min:
        raise InvalidParams("no_show_min: not before somebody is late", path="no_show_min")
    _check_reminders(rules.reminders_min)
    for name in ("cancel_reasons", "excused"):
        _check_reasons(name, getattr(rules, name))


def _check_reminders(minutes: tuple[int, ...]) -> None:
    distinct = len(set(minutes)) == len(minutes) <= REMINDERS_MOST
    if not distinct or not all(1 <= each <= MONTH_MIN for each in minutes):
        detail = f"reminders_min: up to {REMINDERS_MOST}, each once, from 1 to {MONTH_MIN}"
        raise InvalidParams(detail, path="reminders_min")


def _check_reasons(name: str, reasons: tuple[str, ...]) -> None:
    distinct = len(set(reasons)) == len(reasons) <= REASONS_MOST
    if not distinct or not all(0 < len(each.strip()) <= REASON_LONGEST for each in reasons):
        detail = f"{name}: up to {REASONS_MOST}, each once, of 1 to {REASON_LONGEST} characters"
        raise InvalidParams(detail, path=name)
