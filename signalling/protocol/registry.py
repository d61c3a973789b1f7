"""Every method and every event.

The socket, HTTP and the descriptions all work from these tables.
"""

from collections.abc import Mapping
from types import MappingProxyType

from signalling.protocol import meeting_methods as meeting
from signalling.protocol import people_methods as people
from signalling.protocol import work_methods as work
from signalling.protocol.events import EVENTS, Notification
from signalling.protocol.method import COMMON_ERRORS, Method, Role

__all__ = ["COMMON_ERRORS", "EVENTS", "METHODS", "Method", "Notification", "Role"]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for group in (
            people.SESSION,
            people.PRESENCE,
            people.INTERPRETER,
            people.MATCH,
            work.ASSIGNMENT,
            work.OFFER,
            meeting.MEETING,
            meeting.CONSENT,
            work.FEEDBACK,
            work.WEBHOOK,
            meeting.OTHER,
        )
        for method in group
    }
)
