"""TURN credentials as coturn checks them."""

import base64
import hashlib
import hmac

import msgspec
import pytest

from signalling.media.turn import credentials_end_s, ice_servers, turn_credential
from signalling.protocol.messages.device import IceServer
from signalling.settings import Ice

NOW = 1_800_000_000.9
TURN = ("turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp")
FULL = Ice(
    stun_urls=("stun:stun.example:3478",), turn_urls=TURN, turn_secret="north", turn_ttl_s=600
)


def test_a_known_answer() -> None:
    # printf 1800000600:ola | openssl dgst -sha1 -hmac north -binary | base64
    assert turn_credential("north", "ola", 1_800_000_600) == (
        "1800000600:ola",
        "Ds5+FQNcsnWeXfaZswnwxr131/U=",
    )


def test_the_password_is_what_coturn_computes_from_the_name() -> None:
    turn = ice_servers(FULL, "ola", NOW)[1]
    expected = hmac.new(b"north", turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == expected


def test_stun_first_then_turn_with_credentials() -> None:
    stun, turn = ice_servers(FULL, "ola", NOW)
    assert stun == {"urls": ["stun:stun.example:3478"]}
    assert turn["urls"] == list(TURN)
    assert turn["username"] == "1800000600:ola"


def test_it_ends_after_its_time_to_live() -> None:
    assert credentials_end_s(FULL, NOW) == 1_800_000_600


def test_each_user_has_their_own() -> None:
    ola, kari = (ice_servers(FULL, user, NOW)[1] for user in ("ola", "kari"))
    assert ola["username"] != kari["username"]
    assert ola["credential"] != kari["credential"]


def test_each_meeting_of_a_user_has_its_own() -> None:
    one, other = (ice_servers(FULL, "c:north:ola", NOW, m)[1] for m in ("m1", "m2"))
    assert one["username"] == "1800000600:m1:c:north:ola"
    assert one["credential"] != other["credential"]


def test_no_secret_no_turn() -> None:
    without = Ice(stun_urls=("stun:s",), turn_urls=TURN)
    assert ice_servers(without, "ola", NOW) == [{"urls": ["stun:s"]}]


def test_nothing_configured_is_an_empty_list() -> None:
    assert ice_servers(Ice(), "ola", NOW) == []


def test_nobody_gets_no_credentials() -> None:
    with pytest.raises(ValueError, match="user"):
        ice_servers(FULL, "", NOW)


def test_the_protocol_takes_what_comes_out() -> None:
    servers = msgspec.convert(ice_servers(FULL, "ola", NOW), list[IceServer])
    assert servers[1].username == "1800000600:ola"
    assert IceServer(**ice_servers(FULL, "ola", NOW)[1]) is not None
