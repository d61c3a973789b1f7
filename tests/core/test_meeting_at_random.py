"""Two meetings with guests, recordings, hand-overs and media nodes that die, in any order.

Events come twice, late and from whoever may not; sockets drop at any time. Whatever happens,
nobody is inside who was not let in, nobody is recorded who did not agree, nothing is stuck, and
nothing but a refusal is ever raised.
"""

import json
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from msgspec.structs import replace

from signalling.core import address, views
from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import CarrierOption, Key
from signalling.core.policy import Policy
from signalling.core.quality import Report
from signalling.core.room import Carrier, Meeting
from signalling.errors import DragomanError
from tests.core.conductor import Conductor

KARI, ANN, OLGA = "c:hospital:kari", "i:ann", "o:hospital:olga"
INTERPRETERS = ("i:ann", "i:bo", "i:cy")
MEETINGS = ("m1", "m2")
NODES = ("md-1", "md-2")
OPTIONS = tuple(CarrierOption(node, kind) for node in NODES for kind in ("relay", "janus"))
POLICIES = [Policy()] * 3 + [Policy(topology=kind) for kind in ("mesh", "relay", "janus")]

meetings = st.sampled_from(MEETINGS)
policies = st.sampled_from(POLICIES)
sometimes = st.sampled_from((False,) * 7 + (True,))


class Meetings(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.c = Conductor()
        self.minted = 0
        self.epochs: dict[str, int] = {}
        self.said: list[tuple[str, object]] = []
        self.invited: set[str] = set()
        self.let_in: set[tuple[str, str]] = set()
        self.removed: set[tuple[str, str]] = set()
        self.carriers: dict[str, Carrier | None] = dict.fromkeys(MEETINGS)

    def mint(self, prefix: str) -> str:
        self.minted += 1
        return f"{prefix}{self.minted}"

    def meeting(self, id_: str) -> Meeting:
        found: Meeting = self.c.get("meeting", id_)
        return found

    def tell(self, id_: str, event: object) -> bool:
        """Say it; a refusal changes nothing. Say whether it was taken."""
        self.said.append((id_, event))
        before, sent = dict(self.c.records), len(self.c.effects)
        try:
            self.c.tell("meeting", id_, event)
        except DragomanError:
            assert (self.c.records, len(self.c.effects)) == (before, sent)
            return False
        self.note(id_, event)
        return True

    def note(self, id_: str, event: object) -> None:
        """Remember what was allowed, apart from the record."""
        m = self.meeting(id_)
        match event:
            case room.LetIn(participant=who) if found := m.participant(who):
                self.let_in.add((id_, found.address))
            case room.Remove(participant=who):
                found = m.participant(who)
                gone = found.address if found else address.guest(id_, who)
                self.removed.add((id_, gone))
            case room.HandOver(to=party):
                self.removed.discard((id_, party.address))

    def someone(self, data: st.DataObject, id_: str) -> str:
        parties = [p.address for p in self.meeting(id_).parties]
        return data.draw(st.sampled_from([*parties, OLGA, "i:eve"]))

    def participant(self, data: st.DataObject, id_: str) -> str:
        return data.draw(st.sampled_from([p.id for p in self.meeting(id_).participants] or ["p0"]))

    def epoch(self, session: str) -> int:
        return self.epochs.setdefault(session, 1)

    # --- what people and machines do ------------------------------------------------------

    @initialize()
    def two_meetings(self) -> None:
        parties = (on.Party(KARI, "customer"), on.Party(ANN, "interpreter"))
        for id_ in MEETINGS:
            gro = on.Party(address.guest(id_, "gro"), "guest")
            self.tell(id_, room.Open(id_, "hospital", "video", (*parties, gro)))
        self.c.carriers = OPTIONS[:1]

    @rule(data=st.data(), id_=meetings, device=st.sampled_from("stuv"), policy=policies)
    def join(self, data: st.DataObject, id_: str, device: str, policy: Policy) -> None:
        who = self.someone(data, id_)
        session = f"{device}-{who}"
        event = on.Join(who, self.mint("p"), session, self.epoch(session), policy=policy)
        self.tell(id_, event)

    @rule(id_=meetings, count=st.integers(1, 5), device=st.sampled_from("st"), policy=policies)
    def people_come(self, id_: str, count: int, device: str, policy: Policy) -> None:
        """Let whoever the meeting is for come, one after the other."""
        for party in self.meeting(id_).parties[:count]:
            session = f"{device}-{party.address}"
            epoch = self.epoch(session)
            self.tell(id_, on.Join(party.address, self.mint("p"), session, epoch, policy=policy))

    @rule(id_=meetings, lost=sometimes)
    def a_guest_is_let_in(self, id_: str, lost: bool) -> None:
        guest = address.guest(id_, self.mint("g"))
        self.invited.add(guest)
        self.tell(id_, room.Invite(KARI, on.Party(guest, "guest"), self.c.now_ms + 30_000))
        session, participant = f"s-{guest}", self.mint("p")
        if self.tell(id_, on.Join(guest, participant, session, self.epoch(session))):
            if lost:
                self.tell(id_, on.SocketDropped(session, self.epoch(session)))
            self.tell(id_, room.LetIn(KARI, participant))

    @rule(id_=meetings)
    def it_is_recorded(self, id_: str) -> None:
        self.tell(id_, room.Record(KARI, on=True, id=self.mint("r")))
        for p in self.meeting(id_).inside:
            self.tell(id_, room.Consent(p.address, given=True))

    @rule(data=st.data(), id_=meetings, late=sometimes)
    def leave(self, data: st.DataObject, id_: str, late: bool) -> None:
        if around := self.meeting(id_).around:
            p = data.draw(st.sampled_from(around))
            self.tell(id_, on.Leave(p.address, p.session, epoch=p.epoch - late))

    @rule(data=st.data(), id_=meetings)
    def drop(self, data: st.DataObject, id_: str) -> None:
        if around := self.meeting(id_).around:
            p = data.draw(st.sampled_from(around))
            self.tell(id_, on.SocketDropped(p.session, self.epoch(p.session)))

    @rule(data=st.data(), id_=meetings)
    def resume(self, data: st.DataObject, id_: str) -> None:
        if around := self.meeting(id_).around:
            p = data.draw(st.sampled_from(around))
            self.epochs[p.session] = self.epoch(p.session) + 1
            self.tell(id_, on.SocketResumed(p.session, self.epochs[p.session]))

    @rule(data=st.data(), id_=meetings)
    def invite(self, data: st.DataObject, id_: str) -> None:
        guest = address.guest(id_, self.mint("g"))
        until = self.c.now_ms + 30_000
        by = self.someone(data, id_)
        if self.tell(id_, room.Invite(by, on.Party(guest, "guest"), until)):
            self.invited.add(guest)

    @rule(data=st.data(), id_=meetings)
    def a_guest_comes(self, data: st.DataObject, id_: str) -> None:
        if links := self.meeting(id_).invitations:
            who = data.draw(st.sampled_from(links)).address
            session = data.draw(st.sampled_from((f"s-{who}",) * 3 + (f"t-{who}",)))
            self.tell(id_, on.Join(who, self.mint("p"), session, self.epoch(session)))

    @rule(data=st.data(), id_=meetings)
    def admit(self, data: st.DataObject, id_: str) -> None:
        if waiting := self.meeting(id_).waiting:
            who = data.draw(st.sampled_from(waiting)).id
            self.tell(id_, room.LetIn(data.draw(st.sampled_from([KARI, OLGA, "i:eve"])), who))

    @rule(data=st.data(), id_=meetings, act=st.sampled_from(["remove", "take_back", "hand_over"]))
    def put_out(self, data: st.DataObject, id_: str, act: str) -> None:
        by, to = self.someone(data, id_), data.draw(st.sampled_from(INTERPRETERS))
        m = self.meeting(id_)
        leaving = data.draw(st.sampled_from([p.address for p in m.parties] or [ANN]))
        link = m.invitations[0].address if m.invitations else address.guest(id_, "gro")
        events = {
            "remove": room.Remove(by, self.participant(data, id_)),
            "take_back": room.Remove(by, address.user_id(link)),
            "hand_over": room.HandOver(by, on.Party(to, "interpreter"), leaving),
        }
        self.tell(id_, events[act])

    @rule(
        data=st.data(),
        id_=meetings,
        state=st.sampled_from(["connected", "connected", "failed", "flowing"]),
        to_carrier=st.booleans(),
    )
    def media(self, data: st.DataObject, id_: str, state: str, to_carrier: bool) -> None:
        m = self.meeting(id_)
        if m.inside:
            mine = data.draw(st.sampled_from(m.inside))
            peer = self.participant(data, id_)
            if to_carrier and m.carrier:
                peer = m.carrier.id
            self.tell(id_, room.Path(mine.address, mine.session, peer, state))
            self.tell(id_, room.Quality(mine.address, mine.session, Report(rtt_ms=9)))
            self.tell(id_, room.Published(mine.id))

    @rule(data=st.data(), id_=meetings, act=st.sampled_from(["start", "stop", "yes", "yes", "no"]))
    def record(self, data: st.DataObject, id_: str, act: str) -> None:
        who = self.someone(data, id_)
        events = {
            "start": room.Record(who, on=True, id=self.mint("r")),
            "stop": room.Record(who, on=False),
            "yes": room.Consent(who, given=True),
            "no": room.Consent(who, given=False),
        }
        self.tell(id_, events[act])

    @rule(id_=meetings)
    def the_recorder_fails(self, id_: str) -> None:
        self.tell(id_, room.Recorder(self.meeting(id_).recording.id or "r0", "failed", "no disk"))

    @rule(dead=st.sets(st.sampled_from(OPTIONS)), busy=sometimes)
    def media_nodes_come_and_go(self, dead: set[CarrierOption], busy: bool) -> None:
        alive = (c for c in OPTIONS if c not in dead)
        self.c.carriers = tuple(replace(c, load=1.0) if busy else c for c in alive)

    @rule(id_=meetings)
    def a_carrier_is_lost(self, id_: str) -> None:
        if carrier := self.meeting(id_).carrier:
            self.tell(id_, room.CarrierLost(carrier.id, "gone"))

    @rule(data=st.data(), id_=meetings, locked=st.booleans())
    def lock(self, data: st.DataObject, id_: str, locked: bool) -> None:
        self.tell(id_, on.Lock(self.someone(data, id_), locked))

    @rule(id_=meetings, really=sometimes)
    def end(self, id_: str, really: bool) -> None:
        if really and self.minted > 20:
            self.tell(id_, on.End(KARI))

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """Say something once more: a retry, or an event that was overtaken."""
        self.tell(*data.draw(st.sampled_from(self.said[-30:])))

    @rule(ms=st.sampled_from([500, 500, 500, 3_000, 3_000, 20_000, 60_000]), dead=sometimes)
    def time_passes(self, ms: int, dead: bool) -> None:
        if dead:
            self.c.now_ms += ms
        else:
            self.c.advance(ms)

    # --- what always holds ----------------------------------------------------------------

    @invariant()
    def nobody_is_inside_who_was_not_let_in(self) -> None:
        for id_ in MEETINGS:
            m: Meeting | None = self.c.get("meeting", id_)
            for p in m.inside if m else ():
                assert p.address not in self.invited or (id_, p.address) in self.let_in
                assert (id_, p.address) not in self.removed
                assert m is None or m.party(p.address) is not None

    @invariant()
    def nobody_is_recorded_who_did_not_agree(self) -> None:
        for m in self.running():
            if m.recording.state == "on":
                assert {p.address for p in m.inside} <= set(m.recording.consents or {})
                assert m.carrier is not None
                assert m.carrier.kind == "relay"

    @invariant()
    def a_carrier_was_alive_when_it_was_chosen(self) -> None:
        alive = {(c.node, c.kind) for c in self.c.carriers if c.load < 1}
        for m in self.running():
            before = self.carriers[m.id]
            if m.carrier is not None and m.carrier != before:
                assert (m.carrier.node, m.carrier.kind) in alive
                assert before is None or before.id != m.carrier.id
            assert m.topology == (m.carrier.kind if m.carrier else "mesh")
            self.carriers[m.id] = m.carrier

    @invariant()
    def nothing_is_overcrowded(self) -> None:
        for m in self.running():
            relayed = m.carrier is not None and m.carrier.kind == "relay"
            assert len(m.inside) <= (5 if relayed else 16)
            sessions = [p.session for p in m.around]
            assert len(set(sessions)) == len(sessions)

    @invariant()
    def who_is_outside_sees_nobody(self) -> None:
        for m in self.running():
            for p in m.parties:
                if address.role(p.address) == "guest" and not m.sees(p.address):
                    others = {q.id for q in m.participants if q.address != p.address}
                    text = json.dumps(views.meeting(m, p.address))
                    assert not any(f'"{id_}"' in text for id_ in others)

    @invariant()
    def whatever_is_not_over_wakes(self) -> None:
        for m in self.all():
            assert (m.wake_at_ms is None) == (m.state == "ended")
        for m in self.running():
            assert (m.alone_ms is not None) == (
                m.state == "live" and len({p.address for p in m.inside}) == 1
            )

    def all(self) -> list[Meeting]:
        return [r for key, r in self.c.records.items() if key.kind == "meeting"]

    def running(self) -> list[Meeting]:
        return [m for m in self.all() if m.state != "ended"]

    def teardown(self) -> None:
        """Feed nothing but deadlines: every meeting ends, with everybody out of it."""
        self.c.advance(48 * 3_600_000)
        assert self.c.due() == []
        for id_ in MEETINGS:
            m = self.c.records.get(Key("meeting", id_))
            assert m is None or (m.state, m.around) == ("ended", ())


TestMeetings: Any = Meetings.TestCase
TestMeetings.settings = settings(
    max_examples=200,
    stateful_step_count=50,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),  # explaining takes longer than a test may
)
