"""Which programs work on the database, until when, and what each of them holds meanwhile."""

from typing import Final

from sqlalchemy import BigInteger, Index, Integer, Table, Text

from storage.tables.columns import city, given, key, metadata
from storage.types import Instant

leases: Final = Table(
    "leases",
    metadata,
    city(),
    key("epoch", BigInteger),
    given("node", Integer),
    given("program", Text),
    given("expires_at", Instant),
    Index("uq_leases_node", "city_id", "node", unique=True),
)

holdings: Final = Table(
    "holdings",
    metadata,
    city(),
    key("thing", Text),
    given("epoch", BigInteger),
    Index("ix_holdings_epoch", "city_id", "epoch"),
)
