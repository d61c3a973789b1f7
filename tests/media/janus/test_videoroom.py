"""What is asked of VideoRoom: ids, secrets, and whose a section is."""

import hashlib
import hmac

from signalling.media.carrier import Stream
from signalling.media.janus.videoroom import MARK, Section, new_id, streams
from tests.media.children import API_SECRET, JanusChild
from tests.media.janus.people import Heard, carrying


def test_ids_are_numbers_that_json_keeps() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(0 < number < 1 << 53 for number in ids)


def test_sections_name_people_while_they_carry_something() -> None:
    sections = [
        Section("audio", "0", active=True, feed_id=7),
        Section("video", "1", active=True, feed_id=7),
        Section("audio", "2", active=False),
        Section("audio", "3", active=True, feed_id=8),
    ]
    assert streams(sections, {7: "ola"}) == (
        Stream("0", "ola", "audio"),
        Stream("1", "ola", "video"),
    )


async def test_a_room_is_private_and_opened_by_secrets_that_any_process_of_ours_knows(
    janus: JanusChild,
) -> None:
    async with carrying(Heard(), janus.url) as carrier:
        desk = carrier.servers[0].desk
        assert desk is not None
        number = new_id()
        await desk.videoroom.create(number)
        found = {room.room: room for room in await desk.videoroom.rooms()}[number]
        assert found.description == MARK
        assert found.num_participants == 0
        seen = await desk.link.say(desk.videoroom._control, {"request": "list"}, dict)
        assert str(number) not in str(seen)
        secret = hmac.new(API_SECRET.encode(), f"secret:{number}".encode(), hashlib.sha256)
        body = {"request": "destroy", "room": number, "secret": secret.hexdigest()}
        await desk.link.say(desk.videoroom._control, body, dict)
        assert number not in {room.room for room in await desk.videoroom.rooms()}
