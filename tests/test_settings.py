"""Every setting is documented, of sane range, and can be overridden; mistakes are named."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from matching.chances import RING_S
from signalling import settings as module
from signalling.settings import SECTIONS, Limits, SettingsError, config_dir, load

CONFIG = Path(__file__).parents[1] / "config"
NAMED_BY_THE_DESIGN = {  # states.md and protocol.md
    "offer_s": 20, "hold_s": 60, "connect_s": 30, "wrap_up_s": 120, "request_s": 180,
    "reconnecting_s": 3, "undelivered_s": 5, "offline_s": 20, "resume_s": 60, "lease_s": 15,
    "open_s": 10, "ping_s": 10, "pong_s": 5, "idle_ping_s": 25, "idle_pong_s": 8,
    "frame_bytes": 64 * 1024, "frame_bytes_unopened": 16 * 1024, "queue_bytes": 1024 * 1024,
    "idempotency_s": 86_400, "inbox_events": 64, "pending_signals": 30,
    "pending_signal_bytes": 32 * 1024, "signals_per_s": 20_000, "signals_burst": 20_000,
    "requests_per_s": 200, "requests_burst": 1000, "user_requests_per_s": 400,
    "user_requests_burst": 2000, "asks_per_customer_per_minute": 30, "asks_burst": 200,
    "estimates_per_customer_per_minute": 120, "estimates_burst": 60,
}  # fmt: skip


def documented(path: Path) -> dict[str, str]:
    """Return the comment right above each key."""
    comments, comment = {}, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if key := re.match(r"(\w+) = ", line):
            comments[key[1]] = comment
        comment = line.removeprefix("# ") if line.startswith("# ") else ""
    return comments


def test_times_are_those_of_the_design() -> None:
    limits = load({}).limits
    assert {name: getattr(limits, name) for name in NAMED_BY_THE_DESIGN} == NAMED_BY_THE_DESIGN


def test_chances_are_of_as_long_as_offers_ring() -> None:
    assert load({}).limits.offer_s == RING_S


def test_files_spell_out_every_default_with_a_comment() -> None:
    defaults = {name: msgspec.to_builtins(kind()) for name, kind in SECTIONS.items()}
    limits = tomllib.loads((CONFIG / "limits.toml").read_text(encoding="utf-8"))
    rest = tomllib.loads((CONFIG / "dragoman.toml").read_text(encoding="utf-8"))
    assert {"limits": limits, **rest} == msgspec.json.decode(msgspec.json.encode(defaults))
    comments = documented(CONFIG / "limits.toml") | documented(CONFIG / "dragoman.toml")
    for section in defaults.values():
        for key in section:
            assert comments[key], f"{key} has no comment"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_has_a_range_that_holds_its_default(section: str) -> None:
    for field in msgspec.structs.fields(SECTIONS[section]):
        info = msgspec.inspect.type_info(field.type)
        if isinstance(info, msgspec.inspect.IntType | msgspec.inspect.FloatType):
            assert info.le is not None, field.name
            assert info.ge is not None or info.gt is not None, field.name
            msgspec.convert(field.default, field.type)


def test_times_stand_in_an_order_that_works() -> None:
    limits = Limits()
    assert limits.reconnecting_s < limits.undelivered_s < limits.offline_s < limits.resume_s
    assert limits.undelivered_s < limits.offer_s < limits.request_s
    assert limits.ping_s + limits.pong_s <= limits.lease_s
    assert limits.frame_bytes_unopened < limits.frame_bytes < limits.queue_bytes
    assert limits.signal_bytes <= limits.frame_bytes


def test_nothing_set_means_the_files_beside_the_package() -> None:
    settings = load({})
    assert settings.config_dir == CONFIG
    assert settings.limits == Limits()
    assert settings.store.url == ""


def test_the_process_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_SERVER__PORT", "9001")
    assert load().server.port == 9001


def test_environment_overrides() -> None:
    settings = load({
        "DRAGOMAN_LIMITS__OFFER_S": "0.5",
        "DRAGOMAN_LIMITS__DEPTH": "16",
        "DRAGOMAN_ICE__STUN_URLS": "stun:a:1, stun:b:2",
        "DRAGOMAN_SERVER__ORIGINS": "",
        "DRAGOMAN_LOG__FORMAT": "json",
        "REDIS_URL": "redis://store:6379",
        "PATH": "/bin",
        "DRAGOMAN_HOME": "/somewhere",
    })  # fmt: skip
    assert settings.limits.offer_s == 0.5
    assert settings.limits.depth == 16
    assert settings.ice.stun_urls == ("stun:a:1", "stun:b:2")
    assert settings.server.origins == ()
    assert settings.log.format == "json"
    assert settings.store.url == "redis://store:6379"


def test_the_long_name_of_the_store_beats_the_short_one() -> None:
    env = {"REDIS_URL": "redis://a", "DRAGOMAN_STORE__URL": "redis://b"}
    assert load(env).store.url == "redis://b"


def test_settings_cannot_be_changed() -> None:
    settings: Any = load({})
    with pytest.raises(AttributeError):
        settings.limits.offer_s = 1


@pytest.mark.parametrize(("name", "value", "reason"), [
    ("DRAGOMAN_LIMITS__OFFER_S", "soon", "limits.offer_s"),
    ("DRAGOMAN_LIMITS__OFFER_S", "nan", "limits.offer_s"),
    ("DRAGOMAN_LIMITS__OFFER_S", "-1", "limits.offer_s"),
    ("DRAGOMAN_LIMITS__DEPTH", "3.5", "limits.depth"),
    ("DRAGOMAN_LIMITS__COLOUR", "1", "limits.colour is not a setting"),
    ("DRAGOMAN_COLOURS__RED", "1", "no section colours"),
    ("DRAGOMAN_LOG__LEVEL", "loud", "log.level"),
])  # fmt: skip
def test_a_wrong_variable_is_named(name: str, value: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .*{reason}"):
        load({name: value})


@pytest.mark.parametrize(("file", "text", "reason"), [
    ("limits.toml", "offer_s = '20'", r"limits\.toml: limits.offer_s: Expected `float`"),
    ("limits.toml", "colour = 1", r"limits\.toml: limits.colour is not a setting"),
    ("limits.toml", "offer_s = ", r"limits\.toml: "),
    ("limits.toml", "[offer_s]\na = 1", r"limits\.toml: limits.offer_s"),
    ("dragoman.toml", "[colours]\nred = 1", r"dragoman\.toml: colours is not a section"),
    ("dragoman.toml", "[limits]\noffer_s = 1", r"dragoman\.toml: limits is not a section"),
    ("dragoman.toml", "server = 1", r"dragoman\.toml: server is not a section"),
    ("dragoman.toml", "[server]\nport = 70000", r"dragoman\.toml: server.port: .*65535"),
    ("dragoman.toml", "[ice]\nstun_urls = 'stun:a'", r"dragoman\.toml: ice.stun_urls"),
])  # fmt: skip
def test_a_wrong_file_is_named(tmp_path: Path, file: str, text: str, reason: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=reason):
        load({"DRAGOMAN_CONFIG": str(tmp_path)})


def test_a_directory_without_files_gives_the_defaults(tmp_path: Path) -> None:
    assert load({"DRAGOMAN_CONFIG": str(tmp_path)}).limits == Limits()


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DRAGOMAN_CONFIG"):
        load({"DRAGOMAN_CONFIG": str(tmp_path / "none")})


def test_an_installed_package_finds_its_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "signalling" / "settings.py"))
    with pytest.raises(SettingsError, match="DRAGOMAN_CONFIG"):
        config_dir({})
    (tmp_path / "dragoman_config").mkdir()
    (tmp_path / "dragoman_config" / "limits.toml").touch()
    assert config_dir({}) == tmp_path / "dragoman_config"
