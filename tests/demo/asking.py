"""A customer who asks simulated interpreters, and waits for what becomes of it."""

from typing import Any

from signalling.app import Running
from signalling.client import Client
from signalling.client.meeting import CAPABILITIES
from signalling.demo.company import PEOPLE
from signalling.web.auth import mint
from signalling.welcome import demo_app

SOMALI = [person for person in PEOPLE if "so" in person.languages]


async def customer_of(server: Running) -> Client:
    token = mint(await demo_app(server.apps), "kari", "customer", name="Kari")
    return await Client.connect(server.url, token, capabilities=CAPABILITIES)


async def available(customer: Client, count: int) -> None:
    """Wait until so many can be asked."""
    watched = await customer.call("presence.watch", summary=True)
    pairs = {(p["languages"]["from"], p["languages"]["to"]): p for p in watched["summary"]}
    found = pairs.get(("no", "so"), {}).get("available", 0)
    while found != count:
        summary = await customer.next_event("presence.summary")
        for pair in summary.params["pairs"]:
            if pair["languages"] == {"from": "no", "to": "so"}:
                found = pair["available"]


async def until(customer: Client, state: str) -> dict[str, Any]:
    while True:
        event = await customer.next_event("assignment.changed")
        if event.params["assignment"]["state"] == state:
            return dict(event.params["assignment"])
