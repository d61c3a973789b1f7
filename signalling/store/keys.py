"""Names of every key and channel, and how long each is kept.

All names of one marketplace carry the hash tag `{marketplace}`, so that a commit touches one slot.
"""

import re
from dataclasses import dataclass

APPS = "dragoman:apps"
MARKETPLACES = "dragoman:marketplaces"
APPS_CHANNEL = "dragoman:apps"
MEDIA_NODES = "dragoman:media"

INBOX_LENGTH = 64
INBOX_TTL_MS = 24 * 3_600_000
FEED_LENGTH = 100_000
# Whoever delivers takes out what is in the outbox; so many are only there when nobody does.
HOOKS_LENGTH = 1_000_000
NODE_LEASE_MS = 15_000
REAP_LEASE_MS = 30_000
MEDIA_LEASE_MS = 5_000
TIMER_LEASE_MS = 5_000
# A deleted record's version outlives its body this long: whoever read the record before it
# was deleted can then not overwrite one made anew under the same id.
TOMBSTONE_MS = 3_600_000

_MARKETPLACE = re.compile(r"[a-z0-9-]{1,40}")
_TAGGED = re.compile(r"\{([a-z0-9-]{1,40})\}:(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Keys:
    """Name the keys and channels of one marketplace."""

    marketplace: str

    def __post_init__(self) -> None:
        if not _MARKETPLACE.fullmatch(self.marketplace):
            raise ValueError(f"not a marketplace name: {self.marketplace!r}")

    @property
    def tag(self) -> str:
        """Begin every name of this marketplace."""
        return f"{{{self.marketplace}}}:"

    def record(self, kind: str, id_: str) -> str:
        return f"{{{self.marketplace}}}:{kind}:{id_}"

    @property
    def timers(self) -> str:
        """Sorted set, and the channel that tells of an earlier wake."""
        return f"{{{self.marketplace}}}:timers"

    def inbox(self, address: str) -> str:
        """Name a user's stream, and the channel that carries the same events."""
        return f"{{{self.marketplace}}}:inbox:{address}"

    def epoch(self, address: str) -> str:
        return f"{{{self.marketplace}}}:inbox:{address}:epoch"

    @property
    def feed(self) -> str:
        return f"{{{self.marketplace}}}:feed"

    def index(self, name: str) -> str:
        return f"{{{self.marketplace}}}:index:{name}"

    def log(self, name: str) -> str:
        return f"{{{self.marketplace}}}:log:{name}"

    @property
    def nodes(self) -> str:
        return f"{{{self.marketplace}}}:nodes"

    def node_sessions(self, node: str) -> str:
        return f"{{{self.marketplace}}}:node:{node}:sessions"

    def session(self, id_: str) -> str:
        return f"{{{self.marketplace}}}:session:{id_}"

    def pending(self, meeting: str, participant: str) -> str:
        return f"{{{self.marketplace}}}:pending:{meeting}:{participant}"

    def to(self, meeting: str, participant: str) -> str:
        """Name the channel of whichever node holds this participant's socket."""
        return f"{{{self.marketplace}}}:to:{meeting}:{participant}"

    def presence(self, interpreter: str) -> str:
        return f"{{{self.marketplace}}}:presence:{interpreter}"

    @property
    def summary(self) -> str:
        return f"{{{self.marketplace}}}:summary"

    @property
    def work(self) -> str:
        return f"{{{self.marketplace}}}:work"

    @property
    def untold(self) -> str:
        """Name the channel that tells of bookings to be recommended."""
        return f"{{{self.marketplace}}}:untold"

    def media(self, node: str) -> str:
        """Name the channel of a media node: what it is asked and told."""
        return f"{{{self.marketplace}}}:media:{node}"

    def answers(self, node: str) -> str:
        """Name the channel by which media nodes answer one asking process."""
        return f"{{{self.marketplace}}}:answers:{node}"

    @property
    def hooks(self) -> str:
        """Name the outbox of events for webhooks, and the channel that tells of more."""
        return f"{{{self.marketplace}}}:hooks"

    def lease(self, name: str) -> str:
        return f"{{{self.marketplace}}}:lease:{name}"

    def model(self, version: str) -> str:
        """Name the file of one learnt model."""
        return f"{{{self.marketplace}}}:model:{version}"

    @property
    def current_model(self) -> str:
        """Name the version that ranks now, and the channel that tells of another."""
        return f"{{{self.marketplace}}}:model"

    @property
    def models(self) -> str:
        return f"{{{self.marketplace}}}:models"


def marketplace_of(key: str) -> str:
    """Return the marketplace that a key or channel belongs to."""
    return _split(key)[0]


def record_of(key: str) -> tuple[str, str]:
    """Return the kind and id of a record's key."""
    kind, _, id_ = _split(key)[1].partition(":")
    return kind, id_


def _split(key: str) -> tuple[str, str]:
    match = _TAGGED.fullmatch(key)
    if match is None:
        raise ValueError(f"not a key of a marketplace: {key!r}")
    return match[1], match[2]
