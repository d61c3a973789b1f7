"""One attempt at a change: what it has read and decided, and the batch that this comes to."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from signalling.core.effects import Announce, Effect, Hook, Key, Log, Moment, Send
from signalling.store.commit import Append, Batch, Check, IndexChange, Mail, Post, Write
from signalling.store.keys import FEED_LENGTH, HOOKS_LENGTH, Keys
from signalling.store.records import Base, pack

_packed: Final = msgspec.msgpack.Encoder().encode


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
    recalled: set[Key] = field(default_factory=set)
    changed: tuple[Key, ...] = ()  # set by `batch_of`
    fresh: Collection[Key] = ()


def batch_of(keys: Keys, txn: Transaction) -> Batch | None:
    """Return what has to be written, or None if all is as it was."""
    txn.changed = changed = tuple(key for key, new in txn.now.items() if _differs(new, txn, key))
    if not changed and not txn.effects:
        return None
    writes = {key: _write(keys, key, txn) for key in changed}
    told = _told(keys, txn)
    return Batch(
        writes=tuple(writes.values()),
        checks=tuple(
            Check(keys.record(key.kind, key.id), loaded.version)
            for key, loaded in txn.loaded.items()
            if key not in writes
        ),
        mails=tuple(told.mails),
        posts=tuple(told.posts),
        appends=(*_feeds(keys, txn, writes), *told.appends),
        indexes=tuple(i for key in changed for i in _index_changes(key, txn)),
    )


def _differs(new: Any, txn: Transaction, key: Key) -> bool:
    old = txn.loaded[key].record
    return new is not old and bool(new != old)


class _Told(NamedTuple):
    """What the effects of a transaction come to."""

    mails: list[Mail]
    posts: list[Post]
    appends: list[Append]


def _told(keys: Keys, txn: Transaction) -> _Told:
    """Tell people, whoever listens now, logs, and apps by the outbox of their webhooks."""
    told, hooked = _Told([], [], []), False
    for effect in txn.effects:
        match effect:
            case Send():
                told.mails.append(Mail(effect.address, _event(effect)))
            case Announce():
                told.posts.append(Post(keys.tag + effect.topic, _event(effect)))
            case Log(name, entry, most):
                told.appends.append(Append(keys.log(name), _packed(entry), most))
            case Hook():
                body = _hook(effect, txn.moment.now_ms)
                told.appends.append(Append(keys.hooks, body, HOOKS_LENGTH))
                hooked = True
    if hooked:
        told.posts.append(Post(keys.hooks, b""))
    return told


def _write(keys: Keys, key: Key, txn: Transaction) -> Write:
    loaded, new = txn.loaded[key], txn.now[key]
    name = keys.record(key.kind, key.id)
    if new is None:
        return Write(name, loaded.version, None)
    body = pack(new, new.schema, loaded.base)
    return Write(name, loaded.version, body, new.wake_at_ms, new.ttl_ms)


def _feeds(keys: Keys, txn: Transaction, writes: Mapping[Key, Write]) -> Iterator[Append]:
    """Tell the population of each record whose feed differs: kind, id and body, None if removed."""
    for key, write in writes.items():
        old, new = txn.loaded[key].record, txn.now[key]
        if (old and old.feed) != (new and new.feed):
            entry = {"kind": key.kind, "id": key.id, "body": write.body}
            yield Append(keys.feed, _packed(entry), FEED_LENGTH)


def _index_changes(key: Key, txn: Transaction) -> list[IndexChange]:
    old, new = txn.loaded[key].record, txn.now[key]
    # A blank record was never written, so what it would stand in is not there yet.
    before = old.indexes if old and txn.loaded[key].base is not None else {}
    after = new.indexes if new else {}
    if before == after:
        return []
    gone = [IndexChange(name, key.id, None) for name in before if name not in after]
    put = [IndexChange(n, key.id, at) for n, at in after.items() if before.get(n) != at]
    return gone + put


def _event(effect: Send | Announce) -> bytes:
    return _packed({"method": effect.method, "params": effect.params})


def _hook(hook: Hook, now_ms: int) -> bytes:
    whole = {"type": hook.type, "about": hook.about, "data": hook.data, "app": hook.app}
    return _packed({**whole, "at_ms": now_ms})
