"""One example of each method, for the descriptions; a test decodes them all."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Example(NamedTuple):
    """Params as sent; the result where it teaches something."""

    params: dict[str, Any]
    result: dict[str, Any] | None = None


TOKEN = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im…"  # noqa: S105 - an ellipsis, not a token
NOW = "2026-03-02T08:00:00.000Z"
SOON = "2026-03-02T08:00:20.000Z"
ASKED = {"assignment": "a_7Kq2"}
OFFER = {"offer": "f_81Zd"}
MEETING = {"meeting": "m_Xy41"}
LANGUAGES = {"from": "nb", "to": "so"}
TERMS = {
    "languages": LANGUAGES,
    "mode": "video",
    "duration_min": 30,
    "requirements": {"min_qualification": "B", "specialisms": ["medical"]},
}
PROFILE = {
    "id": "amina",
    "name": "Amina Warsame",
    "languages": [
        {"tag": "nb", "level": "C2"},
        {
            "tag": "so",
            "level": "native",
            "qualification": {"scale": "norway", "category": "B", "evidence": "register 4711"},
        },
    ],
    "modes": ["audio", "video", "onsite"],
    "specialisms": ["medical"],
    "location": {"lat": 59.91, "lon": 10.75},
    "max_travel_km": 60,
    "timezone": "Europe/Oslo",
}
REASON = {"feature": "specialism", "contribution": 0.41, "text": "+0.41 specialism: medical"}
CARD = {"id": "amina", "name": "Amina Warsame"}
ASSIGNMENT = {
    "id": "a_7Kq2",
    "state": "held",
    "mode": "video",
    "languages": LANGUAGES,
    "duration_min": 30,
    "created_at": NOW,
    "slots": [{"state": "held", "wave": 1, "asked": 3, "interpreter": CARD}],
    "version": 4,
    "meeting": "m_Xy41",
}
YOU = {"participant": "p_2", "user": "amina", "role": "interpreter", "state": "joined"}
OTHER = {"participant": "p_1", "user": "ward-7", "role": "customer", "state": "joined"}
CANDIDATE = {"candidate": "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host", "sdpMid": "0"}
PRESENCE = {"interpreter": "amina", "status": "available", "since": NOW}
CONTEST = {
    "id": "co-5d20",
    "state": "open",
    "assignment": "a_7Kq2",
    "interpreter": "amina",
    "text": "I was free and live around the corner.",
    "asked_at": NOW,
}
LATER = "2026-03-02T18:00:00.000Z"
SUMMARY = {
    "id": "a_7Kq2",
    "languages": LANGUAGES,
    "mode": "onsite",
    "duration_min": 60,
    "requirements": {"specialisms": ["medical"]},
    "starts_at": "2026-03-10T09:00:00+01:00",
    "timezone": "Europe/Oslo",
    "distance_band": "5-10 km",
    "travel_min": 25,
}
REPORT = {
    "id": "re-77a1",
    "state": "open",
    "kind": "times",
    "assignment": "a_7Kq2",
    "text": "We went on for a quarter of an hour.",
    "minutes": 75,
    "reported_at": NOW,
}
WEBHOOK = {
    "id": "wh-93f1",
    "state": "enabled",
    "url": "https://booking.example.org/dragoman",
    "types": ["assignment.*"],
    "description": "bookings",
    "created_at": NOW,
}
DELIVERY = {
    "id": "dl-1772438400000-0-93f1",
    "state": "dead",
    "type": "assignment.confirmed",
    "about": "a_7Kq2",
    "happened_at": NOW,
    "attempts": 31,
    "tried_at": "2026-03-03T08:00:00.000Z",
    "status": 503,
    "why": "it answered 503",
}
STUN = {"urls": ["stun:stun.example.org:3478"]}

EXAMPLES: Mapping[str, Example] = {
    "session.open": Example({"token": TOKEN, "device": "phone-1"}),
    "session.refresh": Example({"token": TOKEN}, {"expires_at": "2026-03-02T09:00:00.000Z"}),
    "session.ping": Example({}, {"server_time": NOW}),
    "session.close": Example({}, {}),
    "presence.set": Example(
        {"status": "available", "modes": ["audio", "video"]}, {"presence": PRESENCE}
    ),
    "presence.watch": Example(
        {"interpreters": ["amina"], "summary": True}, {"presence": [PRESENCE], "summary": []}
    ),
    "presence.unwatch": Example({"interpreters": ["amina"]}, {"watching": 0}),
    "presence.summary": Example(
        {"language": "so"},
        {
            "pairs": [
                {"languages": LANGUAGES, "available": 12, "modes": {"audio": 12, "video": 9}}
            ],
            "available": 218,
            "server_time": NOW,
        },
    ),
    "presence.log": Example(
        {"limit": 10}, {"entries": [{"at": NOW, "status": "available", "cause": "presence.set"}]}
    ),
    "interpreter.put": Example({"interpreter": PROFILE}),
    "interpreter.get": Example({"interpreter": "amina"}),
    "interpreter.remove": Example({"interpreter": "amina"}, {"removed": True}),
    "interpreter.calendar": Example(
        {"action": "renew"}, {"created_at": NOW, "path": "/v1/calendar/no.amina.6dK1…Vw.ics"}
    ),
    "interpreter.import": Example(
        {"interpreters": [PROFILE]}, {"imported": 1, "failed": 0, "failures": []}
    ),
    "match.search": Example(
        TERMS | {"limit": 3},
        {
            "matches": [{"interpreter": CARD, "score": 0.41, "reasons": [REASON]}],
            "excluded": {"qualification": 7, "not_available": 31},
            "relaxations": [{"change": "min_qualification: C", "adds": 4}],
        },
    ),
    "match.estimate": Example(
        TERMS | {"timezone": "Europe/Oslo"},
        {
            "probability": 0.0,
            "available": 0,
            "text": "Nobody by video before 14:00; on the phone at once.",
            "basis": {"online": 0, "recent": 3},
            "proposals": [
                {
                    "change": {"mode": "audio"},
                    "text": "audio instead of video",
                    "probability": 0.9,
                    "wait_s": 8,
                }
            ],
            "next_at": "2026-03-02T13:00:00.000Z",
        },
    ),
    "match.explain": Example(ASKED | {"interpreter": "amina"}),
    "match.parameters": Example({}),
    "match.contest": Example(
        ASKED | {"text": CONTEST["text"], "idempotency_key": "contest-1"}, {"contest": CONTEST}
    ),
    "match.contests": Example({"limit": 20}, {"contests": [CONTEST]}),
    "match.answer": Example(
        {"contest": "co-5d20", "text": "Your phone was offline then.", "outcome": "upheld"},
        {
            "contest": CONTEST
            | {
                "state": "answered",
                "answer": "Your phone was offline then.",
                "outcome": "upheld",
                "answered_at": SOON,
                "answered_by": "olga",
            }
        },
    ),
    "assignment.create": Example(
        TERMS | {"idempotency_key": "visit-20260302-17"}, {"assignment": ASSIGNMENT}
    ),
    "assignment.get": Example(ASKED, {"assignment": ASSIGNMENT}),
    "assignment.list": Example({"states": ["offering", "held"]}, {"assignments": [ASSIGNMENT]}),
    "assignment.update": Example(ASKED | {"duration_min": 45}, {"assignment": ASSIGNMENT}),
    "assignment.cancel": Example(
        ASKED | {"reason": "patient went home"}, {"assignment": ASSIGNMENT}
    ),
    "assignment.complete": Example(ASKED, {"assignment": ASSIGNMENT}),
    "assignment.recommend": Example(
        {"mode": "onsite"},
        {"recommendations": [{"assignment": SUMMARY, "score": 0.41, "reasons": [REASON]}]},
    ),
    "assignment.interest": Example(ASKED, ASKED | {"interested": True, "until": LATER}),
    "assignment.confirm": Example(ASKED | {"interpreter": "amina"}, {"assignment": ASSIGNMENT}),
    "assignment.check_in": Example(
        ASKED | {"position": {"lat": 59.91, "lon": 10.75}}, {"assignment": ASSIGNMENT}
    ),
    "offer.list": Example({}, {"offers": []}),
    "offer.ack": Example(OFFER | {"seen": True}, OFFER | {"state": "seen"}),
    "offer.accept": Example(
        OFFER,
        {"assignment": ASSIGNMENT, "meeting": "m_Xy41", "hold_until": "2026-03-02T08:01:20.000Z"},
    ),
    "offer.decline": Example(OFFER, OFFER | {"state": "declined"}),
    "meeting.create": Example(
        {"participants": [{"user": "amina", "role": "interpreter"}], "idempotency_key": "m-17"}
    ),
    "meeting.get": Example(MEETING),
    "meeting.join": Example(
        MEETING,
        MEETING
        | {
            "participant": "p_2",
            "epoch": 1,
            "state": "joined",
            "participants": [OTHER, YOU],
            "peers": [
                {"participant": "p_1", "polite": True, "offers": True, "negotiation": "perfect"}
            ],
            "ice_servers": [STUN],
            "topology": "mesh",
        },
    ),
    "meeting.leave": Example(MEETING, {}),
    "meeting.end": Example(MEETING),
    "meeting.signal": Example(MEETING | {"to": "p_1", "signal": CANDIDATE}, {"seq": 3}),
    "meeting.update": Example(MEETING | {"media": {"audio": True, "video": False}}),
    "meeting.message": Example(
        MEETING | {"text": "The dose is 5 mg, twice a day."},
        {"message": "x_9", "sent_at": SOON},
    ),
    "meeting.negotiate": Example(
        MEETING
        | {
            "carrier": "md-7f.2",
            "offer": {"sdp": "v=0…"},
            "want": [{"mid": "2", "participant": "p_1"}],
        },
        {"answer": {"sdp": "v=0…"}},
    ),
    "meeting.invite": Example(
        MEETING | {"name": "Anna Berg"},
        {
            "guest": "gu-31",
            "token": TOKEN,
            "path": f"/meet#invite={TOKEN}",
            "expires_at": "2026-03-03T08:00:00.000Z",
        },
    ),
    "meeting.remove": Example(MEETING | {"participant": "p_3"}),
    "meeting.transfer": Example(MEETING | {"to": "bo"}),
    "meeting.record": Example(MEETING | {"action": "start"}),
    "consent.grant": Example(
        {"purpose": "recording"} | MEETING,
        {"consent": {"purpose": "recording", "given_at": NOW} | MEETING},
    ),
    "consent.withdraw": Example({"purpose": "recording"} | MEETING, {}),
    "consent.list": Example(
        MEETING, {"consents": [{"purpose": "recording", "given_at": NOW} | MEETING]}
    ),
    "feedback.rate": Example(
        ASKED | {"stars": 5, "text": "Calm and exact.", "idempotency_key": "rating-17"},
        ASKED | {"interpreter": "amina", "stars": 5, "rated_at": NOW},
    ),
    "feedback.report": Example(
        ASKED | {"kind": "times", "text": REPORT["text"], "minutes": 75}, {"report": REPORT}
    ),
    "feedback.reports": Example({"limit": 20}, {"reports": [REPORT]}),
    "feedback.answer": Example(
        {"report": "re-77a1", "text": "The log says so, too.", "outcome": "changed", "minutes": 75},
        {
            "report": REPORT
            | {
                "state": "answered",
                "answer": "The log says so, too.",
                "outcome": "changed",
                "answered_at": SOON,
            }
        },
    ),
    "feedback.standing": Example(
        {}, {"no_shows": [], "counted": 0, "appeal": "feedback.report", "most": 3}
    ),
    "webhook.put": Example(
        {"url": WEBHOOK["url"], "types": WEBHOOK["types"], "description": "bookings"},
        {"webhook": WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…"},
    ),
    "webhook.list": Example({}, {"webhooks": [WEBHOOK]}),
    "webhook.remove": Example({"webhook": "wh-93f1"}, {"removed": True}),
    "webhook.test": Example({"webhook": "wh-93f1"}, {}),
    "webhook.deliveries": Example(
        {"webhook": "wh-93f1", "state": "dead"}, {"deliveries": [DELIVERY]}
    ),
    "webhook.redeliver": Example(
        {"webhook": "wh-93f1", "dead_since": NOW}, {"redelivered": 1, "more": False}
    ),
    "device.check": Example(
        {"offer": {"sdp": "v=0…"}}, {"check": "md-7f.k3", "answer": {"sdp": "v=0…"}}
    ),
    "device.ice": Example({}, {"ice_servers": [STUN], "expires_at": "2026-03-02T09:00:00.000Z"}),
    "rpc.discover": Example({}),
}
