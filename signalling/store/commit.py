"""One atomic step: what `lua/commit.lua` is asked to do."""

import msgspec

from signalling.ids import random_hex
from signalling.store.keys import INBOX_LENGTH, INBOX_TTL_MS, TOMBSTONE_MS, Keys

Args = list[str | bytes | int | float]


class Write(msgspec.Struct, frozen=True):
    """Replace a record that is still at *version* (as `Store.load` gave it; 0 = never written).

    A body of None deletes the record; *wake_at_ms* None means that no timer is left.
    """

    key: str
    version: int
    body: bytes | None
    wake_at_ms: int | None = None
    ttl_ms: int | None = None


class Check(msgspec.Struct, frozen=True):
    """Demand that a record which was read, but is not written, is still at *version*."""

    key: str
    version: int


class Mail(msgspec.Struct, frozen=True):
    """Append an event to the inbox of *address*, and publish it."""

    address: str
    body: bytes


class Post(msgspec.Struct, frozen=True):
    """Publish on a channel; nothing is kept."""

    channel: str
    body: bytes


class Append(msgspec.Struct, frozen=True):
    """Append to a stream that keeps about *maxlen* entries."""

    stream: str
    body: bytes
    maxlen: int


class IndexChange(msgspec.Struct, frozen=True):
    """Put *member* into the index *name* at *score*; None takes it out."""

    name: str
    member: str
    score: float | None


class Batch(msgspec.Struct, frozen=True):
    """Everything of one commit. All its keys belong to one marketplace."""

    writes: tuple[Write, ...] = ()
    checks: tuple[Check, ...] = ()
    mails: tuple[Mail, ...] = ()
    posts: tuple[Post, ...] = ()
    appends: tuple[Append, ...] = ()
    indexes: tuple[IndexChange, ...] = ()


class Committed(msgspec.Struct, frozen=True):
    """A commit was made; *event_ids* has one id for each mail, in order."""

    event_ids: tuple[str, ...] = ()


class InboxBounds(msgspec.Struct, frozen=True):
    """How many events an inbox keeps, and how long after the last one, ms."""

    events: int = INBOX_LENGTH
    ttl_ms: int = INBOX_TTL_MS


def script_input(keys: Keys, batch: Batch, inbox: InboxBounds) -> tuple[list[str], Args]:
    """Lay a batch out as KEYS and ARGV of `commit.lua`."""
    names = [keys.timers]
    names += [w.key for w in batch.writes]
    names += [c.key for c in batch.checks]
    for mail in batch.mails:
        names += (keys.inbox(mail.address), keys.epoch(mail.address))
    names += [a.stream for a in batch.appends]
    names += [keys.index(i.name) for i in batch.indexes]
    _check_marketplace(keys, batch)
    args: Args = [
        *(len(batch.writes), len(batch.checks), len(batch.mails)),
        *(len(batch.posts), len(batch.appends), len(batch.indexes)),
        *(random_hex(6), inbox.events, inbox.ttl_ms),
    ]
    args += [w.version for w in batch.writes]
    args += [c.version for c in batch.checks]
    for write in batch.writes:
        args += _write_args(write)
    args += [m.body for m in batch.mails]
    for post in batch.posts:
        args += (post.channel, post.body)
    for append in batch.appends:
        args += (append.maxlen, append.body)
    for change in batch.indexes:
        args += (change.member, "" if change.score is None else change.score)
    return names, args


def _write_args(write: Write) -> Args:
    if write.body is None:
        return ["", "", TOMBSTONE_MS]
    if not write.body:
        raise ValueError(f"empty body for {write.key}")
    wake, ttl = write.wake_at_ms, write.ttl_ms
    return [write.body, "" if wake is None else wake, "" if ttl is None else ttl]


def _check_marketplace(keys: Keys, batch: Batch) -> None:
    """Refuse on a standalone server what a Cluster would: names of two marketplaces."""
    names = [w.key for w in batch.writes] + [c.key for c in batch.checks]
    names += [p.channel for p in batch.posts] + [a.stream for a in batch.appends]
    strangers = [name for name in names if not name.startswith(keys.tag)]
    if strangers:
        raise ValueError(f"not of marketplace {keys.marketplace}: {strangers}")
