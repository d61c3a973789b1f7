"""One frozen Settings, from config/*.toml overridden by the environment.

`config/dragoman.toml` has one table a section, `config/limits.toml` is the section `limits`.
`DRAGOMAN_<SECTION>__<KEY>` overrides one value; lists are separated by commas. `REDIS_URL` is
short for `DRAGOMAN_STORE__URL`. The directory is `DRAGOMAN_CONFIG`, else `config/` beside the
package, else `dragoman_config` among the installed packages. An unknown key or a value of the
wrong type is a `SettingsError` that names its file (or variable) and key.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0, le=7 * 86_400)]
Pause = Annotated[float, Meta(ge=0, le=3600)]
Rate = Annotated[float, Meta(gt=0, le=1e6)]
Count = Annotated[int, Meta(ge=1, le=10_000_000)]
Bytes = Annotated[int, Meta(ge=1024, le=1 << 30)]
Strings = tuple[str, ...]


class SettingsError(Exception):
    """A setting is unknown or has a value that cannot be: whoever starts the server must act."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the groups of settings."""


class Limits(Section, frozen=True):
    """Every limit and time; config/limits.toml says what each is for."""

    booking_offer_s: Seconds = 1800
    offer_s: Seconds = 20
    hold_s: Seconds = 60
    connect_s: Seconds = 30
    wrap_up_s: Seconds = 120
    request_s: Seconds = 180

    reconnecting_s: Seconds = 3
    undelivered_s: Seconds = 5
    offline_s: Seconds = 20
    resume_s: Seconds = 60
    lease_s: Seconds = 15

    push_ack_s: Seconds = 10
    push_lease_s: Seconds = 43_200
    pushes_unanswered: Annotated[int, Meta(ge=1, le=100)] = 3

    open_s: Seconds = 10
    body_s: Seconds = 20
    ping_s: Seconds = 10
    pong_s: Seconds = 5
    idle_ping_s: Seconds = 25
    idle_pong_s: Seconds = 8
    expiring_s: Seconds = 60
    reconnect_jitter_s: Pause = 5

    frame_bytes: Bytes = 65_536
    frame_bytes_unopened: Bytes = 16_384
    depth: Annotated[int, Meta(ge=8, le=200)] = 32
    batch_max: Annotated[int, Meta(ge=1, le=1000)] = 50
    queue_bytes: Bytes = 1_048_576

    requests_per_s: Rate = 200
    requests_burst: Count = 1000
    user_requests_per_s: Rate = 400
    user_requests_burst: Count = 2000
    signals_per_s: Rate = 20_000
    signals_burst: Count = 20_000
    unopened_per_s: Rate = 20
    unopened_burst: Count = 100
    app_requests_per_s: Rate = 500
    app_requests_burst: Count = 2000
    connections_per_user: Count = 8
    connections_per_address: Count = 1000
    unopened_total: Count = 1000
    asks_per_customer_per_minute: Rate = 30
    asks_burst: Count = 200
    estimates_per_customer_per_minute: Rate = 120
    estimates_burst: Count = 60

    series_most: Annotated[int, Meta(ge=1, le=1000)] = 60

    overlap_s: Seconds = 30
    device_check_s: Seconds = 86_400
    recordings_per_meeting: Annotated[int, Meta(ge=1, le=1000)] = 20
    participants_per_meeting: Annotated[int, Meta(ge=2, le=1000)] = 16
    pending_signals: Count = 30
    pending_signal_bytes: Bytes = 32_768
    signal_bytes: Bytes = 32_768

    page_max: Count = 200
    watch_max: Count = 200
    import_lines_max: Count = 100_000
    import_bytes_max: Bytes = 67_108_864
    webhooks_per_app: Annotated[int, Meta(ge=1, le=200)] = 20
    webhook_timeout_s: Annotated[float, Meta(gt=0, le=60)] = 15
    webhook_at_once: Annotated[int, Meta(ge=1, le=1000)] = 4
    webhooks_at_once: Annotated[int, Meta(ge=2, le=10_000)] = 256
    webhook_retry_s: Seconds = 5
    webhook_retry_most_s: Seconds = 3600
    webhook_give_up_s: Seconds = 86_400
    webhook_keep_s: Seconds = 604_800
    webhook_old_secret_s: Seconds = 86_400
    inbox_events: Count = 64
    inbox_s: Seconds = 86_400
    idempotency_s: Seconds = 86_400
    presence_log_entries: Count = 1000
    decision_log_entries: Count = 1_000_000


class Server(Section, frozen=True):
    """Where the server listens, and whom it believes."""

    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    origins: Strings = ()
    trusted_proxies: Strings = ()
    tls_cert: str = ""
    tls_key: str = ""
    drain_s: Pause = 10


class Store(Section, frozen=True):
    """Where records are kept; no url means the embedded Valkey in *data*.

    Populations are kept in *data* too, every *snapshot_s* seconds; 0 is never.
    """

    url: str = ""
    data: Annotated[str, Meta(min_length=1)] = "data"
    connections: Annotated[int, Meta(ge=2, le=10_000)] = 32
    snapshot_s: Annotated[float, Meta(ge=0, le=86_400)] = 900


class Tokens(Section, frozen=True):
    """How tokens are checked."""

    audience: Annotated[str, Meta(min_length=1)] = "dragoman"
    leeway_s: Pause = 5


class Ice(Section, frozen=True):
    """STUN and TURN servers that clients are told."""

    stun_urls: Strings = ()
    turn_urls: Strings = ()
    turn_secret: str = ""
    turn_ttl_s: Seconds = 1200


class Media(Section, frozen=True):
    """Media processes: how many `serve` runs, the addresses they offer, and whom they carry."""

    processes: Annotated[int, Meta(ge=0, le=64)] = 1
    bind: Strings = ()
    people: Annotated[int, Meta(ge=2, le=16)] = 5


class Janus(Section, frozen=True):
    """Janus servers that carry large meetings; no urls: none."""

    urls: Strings = ()
    api_secret: str = ""
    admin_key: str = ""
    participants: Annotated[int, Meta(ge=2, le=100_000)] = 200


class Recording(Section, frozen=True):
    """Where recordings are kept, for whom they are encrypted, and for how long."""

    recipients: Strings = ()
    directory: Annotated[str, Meta(min_length=1)] = "data/recordings"
    keep_days: Annotated[float, Meta(gt=0, le=36_500)] = 30
    free_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 500


class Webhooks(Section, frozen=True):
    """Where webhooks may lead; how often and how long they are tried is in the limits."""

    allow_http: bool = False
    allow_private: bool = False


class Log(Section, frozen=True):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set; *config_dir* also holds scales, languages and weights."""

    config_dir: Path
    limits: Limits = Limits()
    server: Server = Server()
    store: Store = Store()
    tokens: Tokens = Tokens()
    ice: Ice = Ice()
    media: Media = Media()
    janus: Janus = Janus()
    recording: Recording = Recording()
    webhooks: Webhooks = Webhooks()
    log: Log = Log()


SECTIONS: Mapping[str, type[Section]] = {
    "limits": Limits,
    "server": Server,
    "store": Store,
    "tokens": Tokens,
    "ice": Ice,
    "media": Media,
    "janus": Janus,
    "recording": Recording,
    "webhooks": Webhooks,
    "log": Log,
}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; raise `SettingsError` on the first wrong one."""
    env = os.environ if environ is None else environ
    directory = config_dir(env)
    values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    for origin, section, key, value in (*_from_files(directory), *_from_environment(env)):
        values[section][key] = _checked(origin, section, key, value)
    sections: dict[str, Any] = {name: kind(**values[name]) for name, kind in SECTIONS.items()}
    return Settings(config_dir=directory, **sections)


def config_dir(environ: Mapping[str, str]) -> Path:
    """Return the directory of the configuration files."""
    if named := environ.get("DRAGOMAN_CONFIG"):
        if not (directory := Path(named)).is_dir():
            raise SettingsError(f"DRAGOMAN_CONFIG: {named} is not a directory")
        return directory
    packages = Path(__file__).resolve().parent.parent
    for directory in (packages / "config", packages / "dragoman_config"):
        if (directory / "limits.toml").is_file():
            return directory
    raise SettingsError(f"no configuration beside {packages}: set DRAGOMAN_CONFIG")


def _from_files(directory: Path) -> Iterator[tuple[str, str, str, Any]]:
    server, limits = directory / "dragoman.toml", directory / "limits.toml"
    for name, table in _read(server).items():
        if name == "limits" or name not in SECTIONS or not isinstance(table, dict):
            raise SettingsError(f"{server}: {name} is not a section")
        yield from ((str(server), name, key, value) for key, value in table.items())
    yield from ((str(limits), "limits", key, value) for key, value in _read(limits).items())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _from_environment(env: Mapping[str, str]) -> Iterator[tuple[str, str, str, Any]]:
    if url := env.get("REDIS_URL"):
        yield "REDIS_URL", "store", "url", url
    for name, text in sorted(env.items()):
        if not name.startswith("DRAGOMAN_") or "__" not in name:
            continue
        section, _, key = name.removeprefix("DRAGOMAN_").lower().partition("__")
        if section not in SECTIONS:
            raise SettingsError(f"{name}: there is no section {section}")
        yield name, section, key, text


def _checked(origin: str, section: str, key: str, value: Any) -> Any:
    """Return *value* as the type of its key; text from the environment may spell a number."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(SECTIONS[section])}
    if key not in kinds:
        raise SettingsError(f"{origin}: {section}.{key} is not a setting")
    from_environment = isinstance(value, str) and not origin.endswith(".toml")
    if from_environment and kinds[key] == Strings:
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.convert(value, kinds[key], strict=not from_environment)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{origin}: {section}.{key}: {error}") from None
