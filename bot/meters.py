"""What the running bot counts and measures, for ``/metrics``; labels come from closed sets only."""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from routing.ports import Lane

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Meters:
    """All meters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.received = Counter(
            "huying_updates_received", "Updates that came, by what became of them", ["kind"], registry=registry
        )
        self.duplicates = Counter("huying_inbox_duplicates", "Updates that had been seen before", registry=registry)
        self.poison = Counter("huying_inbox_poison", "Updates set aside after three failures", registry=registry)
        self.inbox_lag = Gauge("huying_inbox_lag_seconds", "Age of the oldest update not done", registry=registry)
        self.spooled = Gauge("huying_spooled_updates", "Updates on disk, waiting for the database", registry=registry)
        self.handling = Histogram(
            "huying_update_processing_seconds", "Handling one update", buckets=_QUICK, registry=registry
        )
        self.sends = Counter(
            "huying_sends", "Calls that carry a message, by outcome", ["method", "outcome"], registry=registry
        )
        self.send_time = Histogram("huying_send_seconds", "One such call", buckets=_QUICK, registry=registry)
        self.answers = Counter("huying_press_answers", "Answers to presses, by outcome", ["outcome"], registry=registry)
        self.refused = Counter("huying_rate_limited", "Refusals (429), by what they stop", ["scope"], registry=registry)
        self.refused_s = Histogram(
            "huying_retry_after_seconds", "Pauses that refusals asked for", buckets=(1, 3, 5, 10, 30, 60, 300),
            registry=registry,
        )  # fmt: skip
        self.rate = Gauge("huying_rate_current", "Messages per second a bot allows itself", ["bot"], registry=registry)
        self.outbox_depth = Gauge("huying_outbox_depth", "Messages not sent yet", ["lane"], registry=registry)
        self.outbox_oldest = Gauge(
            "huying_outbox_oldest_seconds", "Age of the oldest message not sent", ["lane"], registry=registry
        )
        self.overdue = Gauge("huying_deadlines_overdue", "Timers that should have rung and did not", registry=registry)
        self.lateness = Gauge("huying_deadline_lateness_seconds", "How late the latest of them is", registry=registry)
        self.put_off = Counter("huying_timers_put_off", "Rings that failed, put off by an hour", registry=registry)
        self.last_run = Gauge(
            "huying_scheduler_last_run_timestamp_seconds", "When a job last ended well", ["job"], registry=registry
        )
        self.loop_lag = Gauge("huying_event_loop_lag_seconds", "How late a tick came", registry=registry)
        self.poll_age = Gauge("huying_poll_age_seconds", "Since the last answered poll", ["bot"], registry=registry)
        self.seats = Gauge(
            "huying_seats", "What this process does that only one may, by part", ["part"], registry=registry
        )
        Gauge("huying_build_info", "The version that runs", ["version"], registry=registry).labels(_version()).set(1)

        for lane in Lane:
            for gauge in (self.outbox_depth, self.outbox_oldest):
                gauge.labels(lane.name.lower())

    def text(self) -> bytes:
        """Everything in Prometheus' text form."""
        return generate_latest(self.registry)


def _version() -> str:
    try:
        return version("huying")
    except PackageNotFoundError:
        return "unknown"
