"""What becomes of the sessions of a node that died."""

import asyncio
from typing import Final

import structlog

from signalling.errors import DragomanError
from signalling.store.apps import Apps
from signalling.store.leases import forget, reap
from signalling.web.node import Node

LOG = structlog.get_logger(__name__)
EVERY_S: Final = 2.5


async def reap_for_ever(apps: Apps, node: Node) -> None:
    """Drop the sessions of dead nodes, as they would have, until cancelled."""
    while True:
        try:
            for marketplace in await apps.marketplaces():
                for reaped in await reap(node.store, marketplace):
                    LOG.info("a node died", node=reaped.node, sessions=len(reaped.sessions))
                    await node.sessions.bury(reaped)
                    await forget(node.store, reaped)
        except DragomanError as error:
            LOG.warning("dead nodes could not be looked for", error=str(error))
        await asyncio.sleep(EVERY_S)
