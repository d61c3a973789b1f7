"""What a scrape shows of meetings' media."""

from prometheus_client import CollectorRegistry, generate_latest

from signalling.core.quality import Gained, Report
from signalling.web.media_metrics import MediaMetrics


def test_reports_are_counted() -> None:
    registry = CollectorRegistry()
    metrics = MediaMetrics(registry)

    report = Report(rtt_ms=40, loss=0.03, jitter_ms=12)
    metrics.fared(report, Gained(freezes=2, reconnects=1, connect_ms=180))
    metrics.fared(Report(), Gained(freezes=0, reconnects=0, connect_ms=None))

    text = generate_latest(registry).decode()
    for line in (
        'dragoman_media_connect_seconds_bucket{le="0.25"} 1.0',
        'dragoman_media_rtt_seconds_bucket{le="0.05"} 1.0',
        'dragoman_media_rtt_seconds_bucket{le="0.025"} 0.0',
        'dragoman_media_loss_ratio_bucket{le="0.05"} 1.0',
        "dragoman_media_jitter_seconds_count 1.0",
        "dragoman_media_freezes_total 2.0",
        "dragoman_media_reconnects_total 1.0",
    ):
        assert line in text.splitlines()
