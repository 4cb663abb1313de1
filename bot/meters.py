"""What the running bot counts and measures, for ``/metrics``. Labels come from closed sets: never a chat, never a case.

Names follow Prometheus: base units, ``_total`` for what only grows. ``docs/metrics.md`` is written from what stands
here by ``python -m tests.tools.list_metrics``, and a test compares the two.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from routing.ports import Lane

_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LATE: Final = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400)
_WORKS: Final = (1, 2, 4, 8, 16, 32, 64)
_PAUSES: Final = (1, 3, 5, 10, 30, 60, 300)


class Meters:
    """All meters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.committed_at = time.monotonic()
        """When this process last committed something, by the monotonic clock."""
        self.no_room_at: float | None = None
        """When a disk last took nothing more, the database's or the spool's, by the same clock."""
        self.lag_s = 0.0
        """How late the loop's last tick came."""
        self._count_updates()
        self._count_messages()
        self._count_town()
        self._count_broadcasts()
        self._count_machine()
        ProcessCollector(registry=self.registry)

    def _count_updates(self) -> None:
        self.received = self._counter(
            "huying_updates_received", "Updates that Telegram brought, by what they are and what became of them: "
            "kept in the inbox, or chatter that is dropped", "kind", "fate",
        )  # fmt: skip
        self.duplicates = self._counter("huying_inbox_duplicates", "Updates that had been seen before")
        self.poison = self._counter("huying_inbox_poison", "Updates set aside after three failures")
        self.retries = self._counter(
            "huying_inbox_retries", "Failed tries of updates that are tried again, by who is to blame", "blame"
        )  # fmt: skip
        self.resting = self._gauge(
            "huying_inbox_resting_chats", "Chats whose first update failed and waits for another try"
        )
        self.aside = self._gauge("huying_inbox_set_aside", "Updates that stand aside now; see `huying inbox`")
        self.inbox_depth = self._gauge("huying_inbox_depth", "Updates in the inbox that are not done")
        self.inbox_lag = self._gauge("huying_inbox_lag_seconds", "Age of the oldest of them")
        self.spool_aside = self._gauge(
            "huying_spool_set_aside", "Updates on disk that could not be taken in; see `huying inbox`"
        )
        self.spooled = self._gauge("huying_spooled_updates", "Updates on disk, waiting for the database")
        self.handling = self._histogram("huying_update_processing_seconds", "Handling one update", _QUICK)
        self.poll_age = self._gauge("huying_poll_age_seconds", "Since Telegram last answered a poll", "bot")
        self.pending = self._gauge(
            "huying_webhook_pending_updates", "Updates that wait at Telegram for a webhook, as it says itself", "bot"
        )
        self.answers = self._counter("huying_press_answers", "Answers to presses, by outcome", "outcome")

    def _count_messages(self) -> None:
        self.outbox_depth = self._gauge("huying_outbox_depth", "Messages not sent yet", "lane")
        self.outbox_oldest = self._gauge("huying_outbox_oldest_seconds", "Age of the oldest message not sent", "lane")
        self.sends = self._counter(
            "huying_sends", "Messages that were taken up, by their first call and by what came of it",
            "method", "lane", "outcome",
        )  # fmt: skip
        self.dropped = self._counter(
            "huying_messages_dropped", "Messages settled without a call: too late, needless, or for a lost chat",
            "outcome",
        )  # fmt: skip
        self.send_time = self._histogram("huying_send_seconds", "One call that carries a message", _QUICK)
        self.refused = self._counter("huying_rate_limited", "Refusals (429), by what they stop", "scope")
        self.refused_s = self._histogram("huying_retry_after_seconds", "Pauses that refusals asked for", _PAUSES)
        self.halted = self._gauge("huying_halted_seconds", "For how much longer a bot sends nothing at all", "bot")
        self.rate = self._gauge("huying_rate_current", "Messages per second that a bot allows itself", "bot")
        for lane in Lane:
            for gauge in (self.outbox_depth, self.outbox_oldest):
                gauge.labels(lane.name.lower())

    def _count_town(self) -> None:
        self.moves = self._counter("huying_moves", "What happened to cases, by event", "event")
        self.open_cases = self._gauge("huying_open_cases", "Open cases; counted seldom where there are many", "status")
        self.overdue_cases = self._gauge("huying_overdue_cases", "Open cases that are past a deadline, praise too")
        self.due = self._gauge("huying_deadlines_due", "Clocks whose instant has come and that have not rung yet")
        self.overdue = self._gauge("huying_deadlines_overdue", "Of these, the ones that should have rung a minute ago")
        self.overdue_s = self._gauge("huying_deadlines_overdue_seconds", "How late the latest of them is")
        self.lateness = self._histogram(
            "huying_deadline_lateness_seconds", "From the instant of a clock to the commit of its ring", _LATE
        )
        self.put_off = self._counter("huying_timers_put_off", "Rings that failed, put off by an hour")
        self.sweep_age = self._gauge("huying_sweep_age_seconds", "Since all clocks were last looked at")
        self.last_run = self._gauge(
            "huying_scheduler_last_run_timestamp_seconds", "When a job last ended well", "job"
        )  # fmt: skip

    def _count_broadcasts(self) -> None:
        self.broadcasts = self._gauge("huying_broadcasts_running", "Broadcasts that are sent or chased", "state")
        self.progress = self._gauge(
            "huying_broadcast_progress_ratio",
            "Of the chats of running broadcasts, those with an outcome; 1 when none runs",
        )
        self.coverage = self._gauge(
            "huying_broadcast_coverage_ratio",
            "Of the households that they ask, those that have confirmed; 1 when none is asked",
        )
        self.efficiency = self._gauge(
            "huying_broadcast_efficiency_ratio",
            "Of the newest one: the least seconds that its sends need, to the seconds they took",
        )
        self.receipts = self._counter("huying_receipts", "Answers of households, by how they came", "how")

    def _count_machine(self) -> None:
        self.transactions = self._histogram(
            "huying_transaction_seconds", "One transaction that writes, from begin to commit", _QUICK, "engine"
        )
        self.questions = self._histogram(
            "huying_question_seconds", "One question beside the writer, from the wait for a connection on", _QUICK,
            "engine",
        )  # fmt: skip
        self.batch = self._histogram(
            "huying_commit_batch_size", "Works that shared a transaction", _WORKS, "engine"
        )  # fmt: skip
        self.undone = self._counter("huying_transactions_undone", "Transactions undone as a whole", "engine")
        self.wal = self._gauge("huying_sqlite_wal_bytes", "Size of the write-ahead log of SQLite")
        self.backup = self._gauge(
            "huying_backup_last_success_timestamp_seconds",
            "When `huying backup` last ended well, 0 for never; only where the database is a file", "engine",
        )  # fmt: skip
        self.disk = self._gauge("huying_disk_free_bytes", "Room on the disk of the database, or of the spool")
        self.seats = self._gauge("huying_seats", "What this process does that only one may, by part", "part")
        self.lease_held = self._gauge(
            "huying_lease_held", "1 while this process may write; where it is alone, as long as it lives"
        )
        self.lease_epoch = self._gauge("huying_lease_epoch", "Number of its lease; 0 where it needs none")
        self.loop_lag = self._gauge("huying_event_loop_lag_seconds", "How late a tick came")
        self.loop_lag.set_function(lambda: self.lag_s)
        self.ready = self._gauge("huying_ready", "1 when the last look found every check of /readyz good")
        self._gauge("huying_build_info", "The version that runs", "version").labels(_version()).set(1)

    def onlooker(self, engine: str) -> "Onlooker":
        """What the store of that *engine* tells its works to."""
        return Onlooker(self, engine)

    def text(self) -> bytes:
        """Everything in Prometheus' text form."""
        return generate_latest(self.registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def _histogram(self, name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, says, labels, buckets=buckets, registry=self.registry)


class Onlooker:
    """A `storage.watching.Watch` that counts; it is called from the threads that write."""

    def __init__(self, meters: Meters, engine: str) -> None:
        self._meters = meters
        self._seconds: Callable[[float], None] = meters.transactions.labels(engine).observe
        self._works: Callable[[float], None] = meters.batch.labels(engine).observe
        self._questions: Callable[[float], None] = meters.questions.labels(engine).observe
        self._undone: Callable[[], None] = meters.undone.labels(engine).inc

    def committed(self, works: int, seconds: float) -> None:
        """A transaction has been committed."""
        self._meters.committed_at = time.monotonic()
        self._seconds(seconds)
        self._works(works)

    def undone(self, works: int) -> None:
        """A transaction has been undone as a whole."""
        del works
        self._undone()

    def asked(self, seconds: float) -> None:
        """A question was answered."""
        self._questions(seconds)

    def no_room(self) -> None:
        """The disk took nothing more."""
        self._meters.no_room_at = time.monotonic()

    def happened(self, moves: Sequence[str], receipts: Mapping[str, int], dropped: Mapping[str, int]) -> None:
        """What a committed work did."""
        for event in moves:
            self._meters.moves.labels(event).inc()
        for how, count in receipts.items():
            self._meters.receipts.labels(how).inc(count)
        for outcome, count in dropped.items():
            self._meters.dropped.labels(outcome).inc(count)


def _version() -> str:
    try:
        return version("huying")
    except PackageNotFoundError:
        return "unknown"
