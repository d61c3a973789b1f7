"""Which events an assignment takes, and where each leads in each state of a slot."""

from typing import Final

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.slot import SlotState

S = SlotState
OfferEvent = on.CouldNotRing | on.Ack | on.Accept | on.Decline | on.Undelivered | book.Preempt
SlotEvent = (
    on.Wave
    | on.NoMatch
    | book.Choose
    | book.Booked
    | book.CouldNotBook
    | book.Follow
    | book.CouldNotFollow
    | book.Alone
    | book.Recommended
)
BookingEvent = book.Interest | book.Confirm | book.CheckIn | book.NeverCame | book.Correct
WholeEvent = (
    on.Update
    | on.Cancel
    | on.Complete
    | on.Rate
    | on.Present
    | on.MeetingOver
    | on.Transfer
    | on.HandedOver
    | BookingEvent
    | on.Deadline
)
Change = OfferEvent | SlotEvent | WholeEvent
Event = on.Create | Change

# Slot state × event -> the states it may lead to. An absent cell refuses, see assignment._refuse.
TABLE: Final[dict[SlotState, dict[type[Event], tuple[SlotState, ...]]]] = {
    S.SEARCHING: {
        on.Wave: (S.OFFERING,),
        on.NoMatch: (S.SEARCHING, S.UNFILLED),
        on.Update: (S.SEARCHING,),
        on.Cancel: (S.SEARCHING, S.CANCELLED),
        on.Present: (S.SEARCHING,),
        on.MeetingOver: (S.SEARCHING, S.CANCELLED),
        on.Deadline: (S.SEARCHING, S.UNFILLED),
        book.Choose: (S.SEARCHING,),
        book.Booked: (S.CONFIRMED,),
        book.CouldNotBook: (S.SEARCHING,),
        book.Follow: (S.SEARCHING,),
        book.CouldNotFollow: (S.SEARCHING,),
        book.Alone: (S.SEARCHING,),
    },
    S.GATHERING: {
        on.Update: (S.GATHERING,),
        on.Cancel: (S.GATHERING, S.CANCELLED),
        on.Deadline: (S.GATHERING, S.SEARCHING),
        book.Interest: (S.GATHERING,),
        book.Confirm: (S.CONFIRMED,),
        book.Recommended: (S.GATHERING,),
    },
    S.OFFERING: {
        on.Wave: (S.OFFERING,),
        on.NoMatch: (S.OFFERING,),
        on.CouldNotRing: (S.OFFERING, S.SEARCHING),
        on.Ack: (S.OFFERING,),
        on.Accept: (S.HELD, S.CONFIRMED),
        on.Decline: (S.OFFERING, S.SEARCHING),
        on.Undelivered: (S.OFFERING, S.SEARCHING),
        book.Preempt: (S.OFFERING, S.SEARCHING),
        on.Update: (S.OFFERING, S.SEARCHING),
        on.Cancel: (S.OFFERING, S.CANCELLED),
        on.Present: (S.OFFERING,),
        on.MeetingOver: (S.OFFERING, S.CANCELLED),
        on.Deadline: (S.OFFERING, S.SEARCHING, S.UNFILLED),
    },
    S.CONFIRMED: {
        on.Update: (S.CONFIRMED, S.SEARCHING),
        on.Cancel: (S.SEARCHING, S.CANCELLED),
        on.Present: (S.CONFIRMED,),
        on.MeetingOver: (S.CONFIRMED, S.CANCELLED),
        on.Complete: (S.WRAP_UP,),
        on.Deadline: (S.CONFIRMED, S.HELD, S.WRAP_UP),
        book.CheckIn: (S.IN_PROGRESS,),
        book.NeverCame: (S.SEARCHING, S.NO_SHOW),
    },
    S.HELD: {
        on.Update: (S.HELD,),
        on.Cancel: (S.SEARCHING, S.CANCELLED),
        on.Present: (S.HELD, S.CONNECTING, S.IN_PROGRESS),
        on.HandedOver: (S.HELD, S.IN_PROGRESS),
        on.MeetingOver: (S.HELD, S.SEARCHING, S.CANCELLED),
        on.Deadline: (S.HELD, S.SEARCHING, S.NO_SHOW),
        book.NeverCame: (S.SEARCHING, S.NO_SHOW),
    },
    S.CONNECTING: {
        on.Update: (S.CONNECTING,),
        on.Cancel: (S.SEARCHING, S.CANCELLED),
        on.Present: (S.CONNECTING, S.IN_PROGRESS),
        on.HandedOver: (S.CONNECTING, S.IN_PROGRESS),
        on.MeetingOver: (S.HELD, S.SEARCHING, S.CANCELLED),
        on.Deadline: (S.CONNECTING, S.SEARCHING, S.NO_SHOW),
        book.NeverCame: (S.SEARCHING, S.NO_SHOW),
    },
    S.IN_PROGRESS: {
        on.Update: (S.IN_PROGRESS,),
        on.Present: (S.IN_PROGRESS,),
        on.Transfer: (S.IN_PROGRESS,),
        on.HandedOver: (S.IN_PROGRESS, S.WRAP_UP),
        on.MeetingOver: (S.WRAP_UP,),
        on.Complete: (S.WRAP_UP,),
        on.Deadline: (S.IN_PROGRESS, S.WRAP_UP),
        book.NeverCame: (S.NO_SHOW,),
    },
    S.WRAP_UP: {
        on.Complete: (S.COMPLETED,),
        on.Rate: (S.WRAP_UP,),
        book.Correct: (S.WRAP_UP,),
        on.Deadline: (S.WRAP_UP, S.COMPLETED),
    },
    S.COMPLETED: {on.Rate: (S.COMPLETED,), book.Correct: (S.COMPLETED,)},
    S.CANCELLED: {},
    S.UNFILLED: {},
    S.NO_SHOW: {},
}
# Where a refused event only repeats what is so already: a client's retry.
REPEATS: Final = {
    on.Cancel: S.CANCELLED,
    on.Complete: S.COMPLETED,
    book.CheckIn: S.IN_PROGRESS,
    book.NeverCame: S.NO_SHOW,
}
# What timers, the dispatcher and other records still send when it no longer matters.
Late = (
    SlotEvent
    | on.CouldNotRing
    | on.Undelivered
    | book.Preempt
    | on.Present
    | on.MeetingOver
    | on.HandedOver
    | on.Deadline
)
