"""Connections that do not wait for ever: a link that swallows what is sent looks like a server that thinks."""

from typing import Any, Final

import psycopg
from psycopg.errors import _WaitTimeout

ALERT: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""So a server that vanished is noticed within half a minute; what the URL says is stronger."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is given up when an answer is not there after `patience_s` seconds; ``None`` waits for ever.

    The server ends what was being done when it notices, and the caller runs it again on another connection.
    """

    patience_s: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for one answer.

        Raises:
            psycopg.OperationalError: there was none in time; the connection is closed.
        """
        if timeout is not None or self.patience_s is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience_s)
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer from the server for {self.patience_s:g} s") from error
