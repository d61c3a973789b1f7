"""How meetings' media fares, as clients report it, for Prometheus."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from signalling.core.quality import Gained, Report

CONNECT_S: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
RTT_S: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
JITTER_S: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
LOSS: Final = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


class MediaMetrics:
    """Counts reports on *registry*."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, text, buckets=buckets, registry=registry)

        self.connect = histogram(
            "dragoman_media_connect_seconds", "From joining to media.", CONNECT_S
        )
        self.rtt = histogram("dragoman_media_rtt_seconds", "Round trips, as reported.", RTT_S)
        self.jitter = histogram("dragoman_media_jitter_seconds", "Jitter, as reported.", JITTER_S)
        self.loss = histogram("dragoman_media_loss_ratio", "Packets lost, as reported.", LOSS)
        self.freezes = Counter(
            "dragoman_media_freezes", "Pictures that stood still.", registry=registry
        )
        self.reconnects = Counter(
            "dragoman_media_reconnects", "Legs that were made anew.", registry=registry
        )

    def fared(self, report: Report, gained: Gained) -> None:
        """Count one report, and what it added to those before."""
        if gained.connect_ms is not None:
            self.connect.observe(gained.connect_ms / 1000)
        if report.rtt_ms is not None:
            self.rtt.observe(report.rtt_ms / 1000)
        if report.jitter_ms is not None:
            self.jitter.observe(report.jitter_ms / 1000)
        if report.loss is not None:
            self.loss.observe(report.loss)
        self.freezes.inc(gained.freezes)
        self.reconnects.inc(gained.reconnects)
