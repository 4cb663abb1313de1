"""Who of several programs does what, and until when."""

from typing import Final

from sqlalchemy import BigInteger, Table, Text

from storage.tables.columns import city, given, key, metadata
from storage.types import Instant

leases: Final = Table(
    "leases",
    metadata,
    city(),
    key("lease", Text),
    given("holder", Text),
    given("epoch", BigInteger),
    given("expires_at", Instant),
)
