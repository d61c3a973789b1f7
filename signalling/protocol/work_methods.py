"""Methods of the work: asking, offers, what is said of it afterwards, and whom it is told to."""

from signalling import errors as e
from signalling.protocol.method import (
    ANSWER,
    ASKERS,
    CHANGE,
    MEMBERS,
    NOT_FOUND,
    ONE,
    STAFF,
    A,
    C,
    I,
    O,
    method,
)

ASSIGNMENT = (
    method(
        "assignment.create",
        ASKERS,
        "Ask for an interpreter.",
        e.Conflict,
        e.NotEligible,
        creates=True,
    ),
    method("assignment.get", MEMBERS, "Show an assignment.", *NOT_FOUND),
    method(
        "assignment.list",
        MEMBERS,
        "List one's own assignments; apps and operators: all of their app's.",
    ),
    method(
        "assignment.update",
        ASKERS,
        "Change what is asked for; changed terms are offered anew.",
        *CHANGE,
        e.NotEligible,
    ),
    method(
        "assignment.cancel",
        MEMBERS,
        "Call it off; an interpreter gives back what they accepted.",
        *CHANGE,
    ),
    method("assignment.complete", MEMBERS, "Say that the work is done.", *CHANGE),
    method(
        "assignment.recommend",
        frozenset({I, O}),
        "List the open assignments that fit an interpreter, best first, with the reasons.",
        *NOT_FOUND,
    ),
    method(
        "assignment.interest",
        ONE,
        "Say that you could take an assignment, before it is decided.",
        e.NotFound,
        e.Gone,
        e.NotEligible,
        e.IllegalTransition,
    ),
    method(
        "assignment.confirm",
        ASKERS,
        "Choose among those who said that they could.",
        *CHANGE,
        e.NotEligible,
    ),
    method(
        "assignment.check_in",
        ONE,
        "Say that you are on site; the work begins.",
        e.NotFound,
        e.IllegalTransition,
        e.NotEligible,
    ),
)

OFFER = (
    method("offer.list", frozenset({I, O}), "List offers that await an answer.", *NOT_FOUND),
    method("offer.ack", ONE, "Say that an offer arrived, and whether a person saw it.", *ANSWER),
    method(
        "offer.accept",
        ONE,
        "Take the assignment; accepting twice is accepting once.",
        *ANSWER,
        e.IllegalTransition,
    ),
    method("offer.decline", ONE, "Say no; it costs nothing and needs no reason.", *ANSWER),
)

FEEDBACK = (
    method(
        "feedback.rate",
        frozenset({C, I, A}),
        "Rate the other side once the work is done; rating again replaces.",
        *CHANGE,
        creates=True,
    ),
    method(
        "feedback.report",
        frozenset({C, I, A}),
        "Report an assignment to the staff: who never came, wrong times, or an appeal.",
        *CHANGE,
        creates=True,
    ),
    method(
        "feedback.reports",
        MEMBERS,
        "List one's own reports; apps and operators: those of their app that wait for an answer.",
    ),
    method(
        "feedback.answer",
        STAFF,
        "Answer a report: let it stand, put it right, or excuse a no-show.",
        e.NotFound,
        e.IllegalTransition,
    ),
    method(
        "feedback.standing",
        frozenset({I, O}),
        "Show the no-shows that count, and what follows from them.",
        *NOT_FOUND,
    ),
)

WEBHOOK = (
    method(
        "webhook.put",
        STAFF,
        "Have events of your app posted to a URL, or change which; shows a new secret once.",
        e.NotFound,
        e.Conflict,
        creates=True,
    ),
    method("webhook.list", STAFF, "List the webhooks of your app."),
    method("webhook.remove", STAFF, "Have nothing posted there any more.", *NOT_FOUND),
    method(
        "webhook.test",
        STAFF,
        "Have an event posted there that means nothing.",
        e.NotFound,
        e.IllegalTransition,
    ),
    method(
        "webhook.deliveries",
        STAFF,
        "List what was posted, what waits and what was given up, newest first.",
        *NOT_FOUND,
    ),
    method(
        "webhook.redeliver",
        STAFF,
        "Post a delivery once more, or all that were given up since a time.",
        e.NotFound,
        e.Conflict,
    ),
)
