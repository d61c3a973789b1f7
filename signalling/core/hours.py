"""When work was, as one of its sides says."""

from msgspec import Struct


class Hours(Struct, frozen=True):
    """When work began and ended, as the side with the role *by* says."""

    started_ms: int
    ended_ms: int
    by: str

    @property
    def minutes(self) -> int:
        return round((self.ended_ms - self.started_ms) / 60_000)
