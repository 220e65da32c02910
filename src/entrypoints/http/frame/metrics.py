from dataclasses import dataclass
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Counter, Histogram

_METHODS = frozenset(HTTPMethod)
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class HttpMetrics:
    """Counts and times requests by method, route (never the path itself) and status."""

    requests: Counter
    seconds: Histogram

    @staticmethod
    def on(registry: CollectorRegistry) -> "HttpMetrics":
        """Register the metrics."""
        return HttpMetrics(
            requests=Counter(
                "plimsoll_http_requests",
                "Requests answered.",
                ("method", "route", "status"),
                registry=registry,
            ),
            seconds=Histogram(
                "plimsoll_http_request_seconds",
                "Time from a request's head to its answer.",
                ("method", "route"),
                registry=registry,
                buckets=_BUCKETS,
            ),
        )

    def observe(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Take note of one answered request."""
        known = method if method in _METHODS else "other"
        self.requests.labels(known, route, str(status)).inc()
        self.seconds.labels(known, route).observe(seconds)
