"""What a node counts, in plain numbers: a scrape turns them into Prometheus' families."""

from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from signalling.protocol.registry import METHODS

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics(Collector):
    """Counts on a registry of its own. Adding to an int is what the hot path can afford."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.signals = 0
        self.events = 0
        self.closed: Counter[int] = Counter()
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self.seconds = Histogram(
            "dragoman_request_seconds",
            "Time from a decoded request to its answer.",
            ("method",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.registry.register(self)

    def count(self, method: str, code: int, seconds: float | None = None) -> None:
        """Count an answer; *code* 0 is success. Unknown methods share one name."""
        method = method if method in METHODS else "unknown"
        self.requests[method, code] += 1
        if seconds is not None:
            self.seconds.labels(method).observe(seconds)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show what *read* returns whenever somebody looks."""
        self.gauges[name] = text, read

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Give the numbers as they are now."""
        requests = CounterMetricFamily(
            "dragoman_requests",
            "Answers by method and error code (0: success).",
            labels=("method", "code"),
        )
        for (method, code), count in self.requests.items():
            requests.add_metric((method, str(code)), count)
        if self.signals:
            requests.add_metric(("meeting.signal", "0"), self.signals)
        yield requests
        yield CounterMetricFamily("dragoman_events", "Events put on sockets.", value=self.events)
        yield CounterMetricFamily("dragoman_signals", "Signals relayed here.", value=self.signals)
        closed = CounterMetricFamily(
            "dragoman_sockets_closed", "Sockets that ended, by close code.", labels=("code",)
        )
        for code, count in self.closed.items():
            closed.add_metric((str(code),), count)
        yield closed
        for name, (text, read) in self.gauges.items():
            yield GaugeMetricFamily(name, text, value=read())
