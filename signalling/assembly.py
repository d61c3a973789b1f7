"""Assemble what the composition root needs whole: the bounds in force, and all handlers."""

from collections.abc import Callable
from typing import Any

from signalling.core.effects import Bounds
from signalling.engine import Engine
from signalling.errors import Unavailable
from signalling.hooks.lookup import Lookup
from signalling.hooks.places import Places
from signalling.markets import Markets
from signalling.media.turn import credentials_end_s, ice_servers
from signalling.rates import Buckets
from signalling.service.assignments import Assignments
from signalling.service.bookings import Bookings
from signalling.service.calendars import Calendars
from signalling.service.carriage import Ask, Carriage, Ice, PolicyOf
from signalling.service.contests import Contests
from signalling.service.estimates import Estimates
from signalling.service.feedback import Feedback
from signalling.service.interpreters import Interpreters
from signalling.service.lists import Lists
from signalling.service.lobby import Lobby
from signalling.service.match import Matching
from signalling.service.meetings import Meetings
from signalling.service.offers import Offers
from signalling.service.presence import Presence
from signalling.service.recommendations import Recommendations
from signalling.service.recording import Recording
from signalling.service.reports import Reports
from signalling.service.service import Groups, Service
from signalling.service.terms import Admission
from signalling.service.webhooks import Webhooks
from signalling.settings import Settings
from signalling.store.apps import Apps
from signalling.web.auth import mint


def bounds_of(settings: Settings) -> Bounds:
    """Return what decisions may take for how long, in ms."""
    limits = settings.limits

    def ms(seconds: float) -> int:
        return round(seconds * 1000)

    return Bounds(
        offer=ms(limits.offer_s),
        booking_offer=ms(limits.booking_offer_s),
        request=ms(limits.request_s),
        hold=ms(limits.hold_s),
        connect=ms(limits.connect_s),
        wrap_up=ms(limits.wrap_up_s),
        undelivered=ms(limits.undelivered_s),
        push_ack=ms(limits.push_ack_s),
        push_lease=ms(limits.push_lease_s),
        pushes=limits.pushes_unanswered,
        offline=ms(limits.offline_s),
        resume=ms(limits.resume_s),
        reconnecting=ms(limits.reconnecting_s),
        idempotency=ms(limits.idempotency_s),
        overlap=ms(limits.overlap_s),
        device_check=ms(limits.device_check_s),
        recordings=limits.recordings_per_meeting,
        relayed=settings.media.people,
        participants=limits.participants_per_meeting,
        presence_log=limits.presence_log_entries,
        decision_log=limits.decision_log_entries,
        retry=ms(limits.webhook_retry_s),
        retry_most=ms(limits.webhook_retry_most_s),
        give_up=ms(limits.webhook_give_up_s),
        deliveries_kept=ms(limits.webhook_keep_s),
        old_secret=ms(limits.webhook_old_secret_s),
    )


def places_of(settings: Settings) -> Places:
    """Return where webhooks may lead."""
    return Places(settings.webhooks.allow_http, settings.webhooks.allow_private)


def service_of(
    settings: Settings,
    engine: Engine,
    markets: Markets,
    apps: Apps,
    ask: Ask,
    policy_of: PolicyOf,
) -> Service:
    """Return the handlers of every method; *ask* reaches media nodes."""
    limits = settings.limits
    lists = Lists(engine.store, limits.page_max)
    admission = Admission(
        markets.tables,
        engine.clock.now_ms,
        limits.asks_per_customer_per_minute,
        limits.asks_burst,
        limits.series_most,
    )
    estimates = Buckets(
        limits.estimates_per_customer_per_minute / 60,
        limits.estimates_burst,
        lambda: engine.clock.now_ms() / 1000,
    )
    ice = Ice(_ice(settings), engine.clock.now_ms)

    async def managers_of(marketplace: str) -> tuple[str, ...]:
        return tuple(app.key for app in await apps.managers(marketplace))

    async def sign(app: str, user: str, name: str, meeting: str, ttl_s: int) -> str:
        found = await apps.get(app)
        if found is None:
            raise Unavailable("the app of this meeting is gone")
        audience = settings.tokens.audience
        return mint(
            found, user, "guest", name=name, meeting=meeting, ttl_s=ttl_s, audience=audience
        )

    return Service(
        Groups(
            Presence(engine, lists, markets, policy_of),
            Interpreters(engine, markets.tables),
            Calendars(engine, lists, markets.tables),
            Matching(engine, markets, admission),
            Estimates(engine, lists, markets, admission, estimates),
            Assignments(engine, lists, admission, policy_of),
            Bookings(engine, markets),
            Offers(engine, lists),
            Meetings(engine, lists, ice, policy_of),
            Carriage(engine, ice, ask, engine.carriers),
            Lobby(engine, sign),
            Recording(engine, lists, possible=bool(settings.recording.recipients)),
            Feedback(engine, policy_of),
            Reports(engine, lists, admission, managers_of),
            Contests(engine, lists, admission, markets.tables.languages),
            Webhooks(engine, lists, places_of(settings), Lookup(), limits.webhooks_per_app),
            Recommendations(engine, lists, markets),
        )
    )


def _ice(
    settings: Settings,
) -> Callable[[str, float, str | None], tuple[list[dict[str, Any]], float]]:
    def make(user: str, now_s: float, meeting: str | None) -> tuple[list[dict[str, Any]], float]:
        servers = ice_servers(settings.ice, user, now_s, meeting)
        return servers, credentials_end_s(settings.ice, now_s)

    return make
