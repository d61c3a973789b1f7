"""The records that this process committed on last, so that the next change need not read them.

What it says may be old, since others write too: whoever builds on it has the commit check the
versions, and looks again before saying no.
"""

from collections import OrderedDict

MOST_BYTES = 64 << 20
LARGE = 32 << 10  # bytes: few would put out all the others

# A version and body as `Store.load` gives them, and whether it is plain as `unpack` takes it.
Found = tuple[int, bytes | None, bool | None]


class Recent:
    """Versions and bodies by the names of records; the longest unused are forgotten."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._found: OrderedDict[str, Found] = OrderedDict()

    def get(self, name: str) -> Found | None:
        found = self._found.get(name)
        if found is not None:
            self._found.move_to_end(name)
        return found

    def put(
        self, name: str, version: int, body: bytes | None, *, plain: bool | None = None
    ) -> None:
        """Remember a record, unless a later version of it is known or it is large."""
        old = self._found.get(name)
        if old is not None and old[0] >= version:
            return
        self.forget(name)
        if body is not None and len(body) > LARGE:
            return
        self._found[name] = version, body, plain
        self._bytes += _size(name, body)
        while self._bytes > self._most_bytes:
            self.forget(next(iter(self._found)))

    def forget(self, name: str) -> None:
        found = self._found.pop(name, None)
        if found is not None:
            self._bytes -= _size(name, found[1])


def _size(name: str, body: bytes | None) -> int:
    return len(name) + len(body or b"")  # of what there is not, the name is all there is
