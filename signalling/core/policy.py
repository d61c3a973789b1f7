"""How an app wants its meetings carried, and whom it lets work: what `dragoman apps set` sets."""

from typing import Final, Literal

from msgspec import Struct

from signalling.core.rules import USUAL as USUAL_RULES
from signalling.core.rules import Rules

Topology = Literal["auto", "mesh", "relay", "janus"]


class Policy(Struct, frozen=True):
    """The media policy of an app.

    *topology*: under auto, meetings of more than *mesh_most* people are carried. *ice*: "relay"
    lets nobody learn another's network address. *device_check*: interpreters have to have passed
    one lately before they are available (of the app that runs the marketplace's interpreters).
    *rules* are those of its assignments.
    """

    topology: Topology = "auto"
    mesh_most: int = 3
    ice: Literal["all", "relay"] = "all"
    device_check: bool = False
    rules: Rules = USUAL_RULES


USUAL: Final = Policy()
