"""Ids name what they are for, and an offer's leads to its assignment."""

import re
import subprocess
import sys

from signalling.ids import assignment_of, mint, mint_offer
from signalling.protocol.messages.common import ID_PATTERN

FORK = """
import os
from signalling.ids import mint
print(mint("as"), flush=True)
if child := os.fork():
    os.waitpid(child, 0)
print(mint("as"), mint("as"))
"""


def test_fresh_ids() -> None:
    """Each is new, tells what it names, and passes for an id of the protocol."""
    ids = {mint("as") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"as-[0-9a-f]{20}", id_) for id_ in ids)
    assert re.match(ID_PATTERN, mint_offer(mint("as")))


def test_a_fork_mints_others() -> None:
    """What the system was asked for beforehand is one process's own."""
    ran = subprocess.run([sys.executable, "-c", FORK], capture_output=True, check=True, text=True)
    minted = ran.stdout.split()
    assert len(set(minted)) == len(minted) == 5


def test_an_offer_names_its_assignment() -> None:
    offer = mint_offer("as-1.2")
    assert re.fullmatch(r"as-1\.2\.[0-9a-f]{12}", offer)
    assert offer != mint_offer("as-1.2")
    assert assignment_of(offer) == "as-1.2"
    assert assignment_of("nonsense") == ""
