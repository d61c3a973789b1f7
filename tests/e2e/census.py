"""Reads every record of a marketplace from the store and says what does not fit together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgpack

from signalling.store.keys import Keys
from signalling.store.store import Store

Records = Mapping[str, dict[str, Any]]
KINDS = ("assignment", "availability", "meeting", "decision", "diary")
RINGING = ("made", "delivered", "seen")
TIMED = ("searching", "gathering", "offering", "confirmed", "held", "connecting", "wrap_up")
ENGAGING = ("held", "confirmed", "connecting", "in_progress")


# Everything at one moment: the server goes on meanwhile.
DUMP = """
local found = {redis.call("ZRANGE", KEYS[1], 0, -1), redis.call("ZRANGE", KEYS[2], 0, -1)}
for i, kind in ipairs(ARGV) do
  found[i + 2] = {}
  for _, key in ipairs(redis.call("KEYS", kind .. "*")) do
    local body = redis.call("HGET", key, "body")
    if body then table.insert(found[i + 2], {string.sub(key, #kind + 1), body}) end
  end
end
return found
"""


@dataclass(frozen=True)
class Census:
    """All records of a marketplace by id, and the members of two of its lists."""

    timers: set[str]
    searching: set[str]
    assignments: Records
    people: Records
    meetings: Records
    decisions: Records
    diaries: Records

    @classmethod
    async def of(cls, store: Store, marketplace: str) -> "Census":
        keys = Keys(marketplace)
        kinds = [f"{keys.tag}{kind}:" for kind in KINDS]
        lists = [keys.timers, keys.index("searching")]
        found = await store.command("EVAL", DUMP, len(lists), *lists, *kinds)
        timers, searching = ({m.decode() for m in members} for members in found[:2])
        tables = [
            {id_.decode(): msgpack.unpackb(body) for id_, body in entries} for entries in found[2:]
        ]
        return cls(timers, searching, *tables)


async def contradictions(store: Store, marketplace: str) -> list[str]:
    """Return, in words, everything that no moment between two commits could look like."""
    census = await Census.of(store, marketplace)
    wrong = _engagements(census.assignments, census.people)
    wrong += _diaries(census.assignments, census.diaries)
    for id_, a in census.assignments.items():
        if a["meeting"] and a["meeting"] not in census.meetings:
            wrong.append(f"{id_} names the meeting {a['meeting']}, which is not there")
        wrong += [
            f"{id_} names a decision not kept" for d in a["decisions"] if d not in census.decisions
        ]
        for slot in a["slots"]:
            if slot["state"] in ("held", "connecting", "in_progress") and not a["meeting"]:
                wrong.append(f"{id_} is {slot['state']} without a meeting")
        waits = any(_any(a, state) for state in TIMED)
        if waits != (Keys(marketplace).record("assignment", id_) in census.timers):
            wrong.append(f"{id_} should {'' if waits else 'not '}have a timer")
    should = {
        i
        for i, a in census.assignments.items()
        if "start_ms" not in a["terms"] and any(map(_looks, a["slots"]))
    }
    if census.searching != should:
        wrong.append(f"searching lists {census.searching}, not {should}")
    return wrong


def _engagements(assignments: Records, people: Records) -> list[str]:
    """Compare what slots say with what availabilities say."""
    by_slots: dict[str, tuple[str, str]] = {}
    wrong = []
    for id_, a in assignments.items():
        for slot in a["slots"]:
            rings = [o for o in slot["offers"] if o["state"] in RINGING and not o["letter"]]
            taken = [o["interpreter"] for o in rings]
            booked = "start_ms" in a["terms"] and slot["state"] != "in_progress"
            if slot["state"] in ENGAGING and not booked:
                taken.append(slot["interpreter"])
            for who in taken:
                if who in by_slots:
                    wrong.append(f"{who} is in {by_slots[who][0]} and in {id_}")
                by_slots[who] = (id_, slot["state"])
            if (slot["state"] == "offering") != any(o["state"] in RINGING for o in slot["offers"]):
                wrong.append(f"{id_} is {slot['state']} but its offers are not")
    for who, record in people.items():
        engagement = record["engagement"]
        if record["status"] == "wrap_up":
            if who in by_slots:
                wrong.append(f"{who} wraps up and is in {by_slots[who]}")
        elif (engagement and engagement["assignment"]) != by_slots.get(who, (None,))[0]:
            wrong.append(f"{who} is {record['status']} by {engagement}; slots: {by_slots.get(who)}")
    wrong += [f"{who} has no availability" for who in by_slots if who not in people]
    return wrong


def _diaries(assignments: Records, diaries: Records) -> list[str]:
    """Compare what slots say with what is written in diaries; nobody is at two places at once."""
    held = {
        (slot["interpreter"], id_, slot["id"])
        for id_, a in assignments.items()
        for slot in a["slots"]
        if slot["state"] in ENGAGING
    }
    noted, wrong = set(), []
    for who, diary in diaries.items():
        before_ms = 0
        for booking in diary["bookings"]:
            noted.add((who, booking["assignment"], booking["slot"]))
            if booking["start_ms"] < before_ms:
                wrong.append(f"{who} is booked for {booking['assignment']} and another at once")
            before_ms = max(before_ms, booking["end_ms"])
    return wrong + [f"only one of slot and diary has {each}" for each in held ^ noted]


def _any(a: Mapping[str, Any], state: str) -> bool:
    return any(slot["state"] == state for slot in a["slots"])


def _looks(slot: Mapping[str, Any]) -> bool:
    """Say whether a slot asks for people: it has none, or its wave has room for more."""
    return bool(slot["state"] == "searching" or (slot["state"] == "offering" and slot["due"] > 0))
