"""Give out STUN and TURN servers with credentials that end by themselves.

coturn's time-limited credentials (`use-auth-secret`): the user name is `<expiry>:<user>`, the
password base64(HMAC-SHA1(secret, user name)). Source: draft-uberti-behave-turn-rest-00.

coturn looks at the expiry when an allocation begins, and never again: what runs goes on, whatever
else it needs later. Fresh credentials are for what begins later, such as an ICE restart.
"""

import base64
import hashlib
import hmac
from typing import Any

from signalling.settings import Ice


def turn_credential(secret: str, user: str, expires_s: int) -> tuple[str, str]:
    """Return user name and password that the TURN server takes until *expires_s* (Unix time)."""
    username = f"{expires_s}:{user}"
    # SHA-1 is what coturn speaks; as a HMAC it is not broken.
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode("ascii")


def ice_servers(
    settings: Ice, user: str, now_s: float, meeting: str | None = None
) -> list[dict[str, Any]]:
    """Return the `ice_servers` of meeting.join and device.ice for one user.

    Each entry has `urls`; TURN's also `username` and `credential`, of this user in this *meeting*:
    coturn counts quotas by what follows the expiry. STUN needs no credentials and comes first.
    Without a secret there is no TURN: its URLs would only fail slowly.
    """
    if not user:
        raise ValueError("TURN credentials name a user")
    servers: list[dict[str, Any]] = []
    if settings.stun_urls:
        servers.append({"urls": list(settings.stun_urls)})
    if settings.turn_urls and settings.turn_secret:
        expires_s = credentials_end_s(settings, now_s)
        whose = user if meeting is None else f"{meeting}:{user}"
        username, credential = turn_credential(settings.turn_secret, whose, expires_s)
        servers.append(
            {"urls": list(settings.turn_urls), "username": username, "credential": credential}
        )
    return servers


def credentials_end_s(settings: Ice, now_s: float) -> int:
    """Return when credentials given out at *now_s* end, Unix time in seconds."""
    return int(now_s + settings.turn_ttl_s)
