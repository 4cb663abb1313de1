"""What makes a process well, as pure judgements over what was seen: each check has a figure, a limit and a sentence.

*Vital* is what only a restart mends: a loop that stands still, a writer or a courier that answers nobody. *Ready* is
more: whether the work gets done at present. A database or a Telegram that is away makes a process unready and leaves
it alive, because a restart would mend nothing and would only stop it from spooling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

LOOP_S: Final = 5.0
WRITER_S: Final = 90.0
COURIER_S: Final = 120.0
CALL_S: Final = 300.0  # whoever is patient with a database in trouble is told so before
WORKER_S: Final = 300.0
POLLER_S: Final = 300.0
COMMIT_S: Final = 30.0
POLL_S: Final = 90.0  # three long polls
SWEEP_S: Final = 30.0
UPDATE_S: Final = 300.0
MESSAGE_S: Final = 300.0
NO_ROOM: Final = 200 * 1024 * 1024
_BEHIND: Final = "handling does not keep up, or what it needs is away"
FULL_S: Final = 30.0  # whatever finds no room is tried again sooner


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at, in real seconds since; ``None`` where this process has no such part.

    Args:
        loop_lag_s: How late the loop's last tick came.
        writer_s: Since the writer last answered, be it with an error.
        courier_s: Since the slowest courier last went round.
        call_s: For which the oldest call to the database has had no answer.
        worker_s: Since the worker last looked for updates, or the slowest of its chats went on.
        poller_s: Since the slowest poller last went round, whatever Telegram answered.
        commit_s: Since the last commit.
        poll_s: Since the slowest poller was last answered.
        sweep_s: Since the clocks were last looked at.
        update_s: For which the oldest update waits.
        message_s: For which the oldest alarm or answer waits.
        revision: Of the database's schema; ``None`` when it could not be asked.
        wanted: The revision that this program needs.
        lease_over: Others may have taken over.
        free: Bytes on the disk.
        full_s: Since a disk last took nothing more, the database's or the spool's; ``None`` when that never happened.
        stopping: It was asked to stop.
    """

    loop_lag_s: float = 0.0
    writer_s: float = 0.0
    courier_s: float | None = None
    call_s: float = 0.0
    worker_s: float | None = None
    poller_s: float | None = None
    commit_s: float = 0.0
    poll_s: float | None = None
    sweep_s: float | None = None
    update_s: float | None = None
    message_s: float | None = None
    revision: str | None = None
    wanted: str = ""
    lease_over: bool = False
    free: float = float("inf")
    full_s: float | None = None
    stopping: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One judgement: what was looked at, whether it is well, and the sentence that says so."""

    check: str
    well: bool
    says: str

    def as_json(self) -> dict[str, Any]:
        """As `/readyz` shows it."""
        return {"check": self.check, "well": self.well, "says": self.says}


def vital(seen: Seen) -> list[Check]:
    """The checks that a restart would mend."""
    checks = [
        _fresh("loop", seen.loop_lag_s, LOOP_S, "The loop turns {s} late", "something holds it up"),
        _fresh("writer", seen.writer_s, WRITER_S, "The writer last answered {s} ago", "it hangs"),
    ]
    says = "The oldest call to the database waits for {s}"
    checks.append(_fresh("call", seen.call_s, CALL_S, says, "a thread hangs"))
    for name, value, limit in (
        ("courier", seen.courier_s, COURIER_S),
        ("worker", seen.worker_s, WORKER_S),
        ("poller", seen.poller_s, POLLER_S),
    ):
        if value is not None:
            checks.append(_fresh(name, value, limit, f"The {name} last went round {{s}} ago", "it hangs"))
    return [*checks, _lease(seen)]


def ready(seen: Seen) -> list[Check]:
    """Every check, the vital ones first."""
    checks = [*vital(seen), _stopping(seen), _schema(seen), _room(seen)]
    checks.append(
        _fresh(
            "commit", seen.commit_s, COMMIT_S, "Something was last committed {s} ago", "the database does not answer"
        )
    )
    for name, value, limit, says, meaning in (
        ("poll", seen.poll_s, POLL_S, "Telegram last answered a poll {s} ago", "is it away, or another poller there?"),
        ("sweep", seen.sweep_s, SWEEP_S, "The clocks were last looked at {s} ago", "deadlines do not ring"),
        ("inbox", seen.update_s, UPDATE_S, "The oldest update waits for {s}", _BEHIND),
        ("outbox", seen.message_s, MESSAGE_S, "The oldest alarm or answer waits for {s}", "is sending halted?"),
    ):
        if value is not None:
            checks.append(_fresh(name, value, limit, says, meaning))
    return checks


def all_well(checks: Sequence[Check]) -> bool:
    """Whether none of them fails."""
    return all(one.well for one in checks)


def _fresh(name: str, value_s: float, limit_s: float, says: str, meaning: str) -> Check:
    sentence = says.format(s=f"{value_s:.1f} s")
    if value_s < limit_s:
        return Check(name, True, f"{sentence}.")
    return Check(
        name, False, f"{sentence}, and {limit_s:.0f} s is the limit: {meaning}{'' if meaning[-1] == '?' else '.'}"
    )


def _stopping(seen: Seen) -> Check:
    return Check("open", not seen.stopping, "It is stopping." if seen.stopping else "It takes work.")


def _lease(seen: Seen) -> Check:
    if seen.lease_over:
        return Check("lease", False, "Its lease is over: another program has taken over.")
    return Check("lease", True, "It may write.")


def _schema(seen: Seen) -> Check:
    if seen.revision is None:
        return Check("schema", False, "The database could not be asked for its schema.")
    if seen.revision != seen.wanted:
        says = f"The schema is at {seen.revision}, and this program needs {seen.wanted}: start the right version."
        return Check("schema", False, says)
    return Check("schema", True, f"The schema is at {seen.revision}.")


def _room(seen: Seen) -> Check:
    if seen.full_s is not None and seen.full_s < FULL_S:
        says = f"Nothing more could be written {seen.full_s:.1f} s ago: the disk is full, or fails."
        return Check("disk", False, f"{says} Make room, and the program goes on by itself; nothing is lost.")
    says = f"{seen.free / 1024 / 1024:.0f} MiB are free."
    return Check("disk", seen.free >= NO_ROOM, says if seen.free >= NO_ROOM else f"Only {says} Make room.")
