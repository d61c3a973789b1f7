"""How an app has its assignments asked, kept and ended: what `dragoman apps rule` sets.

An assignment keeps the rules that were in force when it was asked for.
"""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

Strategy = Literal["waves", "one_at_a_time", "broadcast"]


class Rules(Struct, frozen=True):
    """The rules of an app; *version* counts their changes.

    Asking: *strategy*, *offer_s*, *target*, *largest* and *preferred_first* are parameters of the
    one wave policy, where a request names none; *interest_s* is how long interpreters may say that
    they could take a booking (0: offers go out at once); *backstop*: once everybody was asked, an
    outside agency is told by webhook.
    Keeping: *reminders_min* before the start; a meeting opens *early_min* before it; who is not
    there *late_min* after it is late, *no_show_min* after it a no-show.
    Ending: customers cancel free of charge *cancel_free_min* before the start, for one of
    *cancel_reasons* if there are any; what an interpreter gives back that early, or for one of the
    *excused* reasons, counts against nobody.
    Sanctions, of the app that runs the interpreters: *no_shows_most* within *no_shows_days* lead to
    a pause of *pause_days*; None: to nothing.
    """

    version: int = 1
    strategy: Strategy = "waves"
    offer_s: int | None = None
    target: float | None = None
    largest: int | None = None
    preferred_first: bool = False
    interest_s: int = 0
    backstop: bool = False
    reminders_min: tuple[int, ...] = (1440, 60)
    early_min: int = 10
    late_min: int = 5
    no_show_min: int = 15
    cancel_free_min: int = 1440
    cancel_reasons: tuple[str, ...] = ()
    excused: tuple[str, ...] = ("illness", "accident", "bereavement")
    no_shows_most: int | None = None
    no_shows_days: int = 90
    pause_days: int = 14

    def sanctioned_by(self, runs: "Rules") -> "Rules":
        """Return these rules with the sanctions of the app that runs the interpreters."""
        return replace(
            self,
            no_shows_most=runs.no_shows_most,
            no_shows_days=runs.no_shows_days,
            pause_days=runs.pause_days,
        )


USUAL: Final = Rules()
