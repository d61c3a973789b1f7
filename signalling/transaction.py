"""One attempt at a change: what it has read and decided, and the batch that this comes to."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgpack

from signalling.core.effects import Announce, Effect, Hook, Key, Log, Moment, Send
from signalling.store.commit import Append, Batch, Check, IndexChange, Mail, Post, Write
from signalling.store.keys import FEED_LENGTH, HOOKS_LENGTH, Keys
from signalling.store.records import Base, pack


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record as the store has it: *base* keeps fields that this node does not know."""

    version: int
    record: Any
    base: Base | None


@dataclass(slots=True)
class Transaction:
    """What one attempt has read, decided and wants done."""

    moment: Moment
    loaded: dict[Key, Loaded] = field(default_factory=dict)
    now: dict[Key, Any] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    loads: int = 0
    recalls: bool = False  # records may be taken from memory, and so be old
    recalled: bool = False
    fresh: Collection[Key] = ()


def batch_of(keys: Keys, txn: Transaction) -> Batch | None:
    """Return what has to be written, or None if all is as it was."""
    changed = [key for key, new in txn.now.items() if new != txn.loaded[key].record]
    if not changed and not txn.effects:
        return None
    writes = {key: _write(keys, key, txn) for key in changed}
    return Batch(
        writes=tuple(writes.values()),
        checks=tuple(
            Check(keys.record(key.kind, key.id), loaded.version)
            for key, loaded in txn.loaded.items()
            if key not in writes
        ),
        mails=tuple(Mail(e.address, _event(e)) for e in txn.effects if isinstance(e, Send)),
        posts=tuple(_posts(keys, txn)),
        appends=tuple(_appends(keys, txn, writes)),
        indexes=tuple(i for key in changed for i in _index_changes(key, txn)),
    )


def _posts(keys: Keys, txn: Transaction) -> Iterator[Post]:
    """Tell who listens now, and once whoever delivers to webhooks."""
    for effect in txn.effects:
        if isinstance(effect, Announce):
            yield Post(keys.tag + effect.topic, _event(effect))
    if any(isinstance(effect, Hook) for effect in txn.effects):
        yield Post(keys.hooks, b"")


def _appends(keys: Keys, txn: Transaction, writes: Mapping[Key, Write]) -> Iterator[Append]:
    """Feed the population, write logs, and leave what webhooks are to tell in the outbox."""
    for key, write in writes.items():
        feed = _feed(keys, key, txn, write.body)
        if feed is not None:
            yield feed
    for effect in txn.effects:
        match effect:
            case Log(name, entry, most):
                yield Append(keys.log(name), msgpack.packb(dict(entry)), most)
            case Hook():
                yield Append(keys.hooks, _hook(effect, txn.moment.now_ms), HOOKS_LENGTH)


def _write(keys: Keys, key: Key, txn: Transaction) -> Write:
    loaded, new = txn.loaded[key], txn.now[key]
    name = keys.record(key.kind, key.id)
    if new is None:
        return Write(name, loaded.version, None)
    body = pack(new, new.schema, loaded.base)
    return Write(name, loaded.version, body, new.wake_at_ms, new.ttl_ms)


def _feed(keys: Keys, key: Key, txn: Transaction, body: bytes | None) -> Append | None:
    """Tell the population of a record whose feed differs: kind, id and body, None if removed."""
    old, new = txn.loaded[key].record, txn.now[key]
    if (old and old.feed) == (new and new.feed):
        return None
    entry = {"kind": key.kind, "id": key.id, "body": body}
    return Append(keys.feed, msgpack.packb(entry), FEED_LENGTH)


def _index_changes(key: Key, txn: Transaction) -> list[IndexChange]:
    old, new = txn.loaded[key].record, txn.now[key]
    # A blank record was never written, so what it would stand in is not there yet.
    before = old.indexes if old and txn.loaded[key].base is not None else {}
    after = new.indexes if new else {}
    gone = [IndexChange(name, key.id, None) for name in before if name not in after]
    put = [IndexChange(n, key.id, at) for n, at in after.items() if before.get(n) != at]
    return gone + put


def _event(effect: Send | Announce) -> bytes:
    body: bytes = msgpack.packb({"method": effect.method, "params": dict(effect.params)})
    return body


def _hook(hook: Hook, now_ms: int) -> bytes:
    whole = {"type": hook.type, "about": hook.about, "data": dict(hook.data), "app": hook.app}
    body: bytes = msgpack.packb({**whole, "at_ms": now_ms})
    return body
