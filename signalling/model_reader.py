"""Read a learnt model in a process of its own: a file on standard input, plain data on output.

It imports skops, and so scikit-learn. In a thread of a server that takes 3 s, in which everything
else is held up by as much as 0.3 s, and 110 MB for good.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE
from typing import Final

import msgspec

from matching.errors import InvalidModel
from matching.model import Model, load_model
from signalling.errors import Unavailable

READ_S: Final = 60.0  # some twenty times what it takes

Told = Model | str  # what was wrong


async def read_apart(data: bytes) -> Model:
    """Return the model of a file; raise as `load_model` does, and Unavailable if nobody read it."""
    try:
        reader = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__), stdin=PIPE, stdout=PIPE, start_new_session=True
        )
    except OSError as error:  # no memory or no process left for it
        raise Unavailable(f"nobody can be started to read a model: {error.strerror}") from None
    try:
        async with asyncio.timeout(READ_S):
            out, _ = await reader.communicate(data)
    except TimeoutError:
        raise Unavailable(f"a model was not read in {READ_S:g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended
            reader.kill()
        await reader.wait()
    try:
        told: Told = msgspec.msgpack.decode(out, type=Told)
    except msgspec.DecodeError:
        raise Unavailable(f"who was to read a model ended with {reader.returncode}") from None
    if isinstance(told, str):
        raise InvalidModel(told)
    return told


def main() -> None:
    """Answer standard input, and let whoever serves go first."""
    os.nice(10)
    told: Told
    try:
        told = load_model(sys.stdin.buffer.read())
    except InvalidModel as error:
        told = error.detail
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))


if __name__ == "__main__":
    main()
