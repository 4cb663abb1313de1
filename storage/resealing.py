"""Which key a database is sealed with, the way to another one, and the look whether everything opens."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, bindparam, literal, select, tuple_, update
from sqlalchemy.exc import DBAPIError

from storage import schema
from storage.engines import Database
from storage.errors import SchemaError, Unopened, Unusable
from storage.leases import alone
from storage.sealing import Ring, sealed_text
from storage.tables import metadata, settings
from storage.types import HOLLOW, Sealed, SealedBytes, SealedNested

MARK: Final = "sealed"
"""The setting that names the key of a city's rows; it is not there where nothing is sealed."""
_AT_ONCE: Final = 1000

SealedColumn = Sealed | SealedNested | SealedBytes


@dataclass(frozen=True, slots=True)
class Spot:
    """A sealed column.

    Args:
        bare: Its table with the values as they are stored.
        name: Of the column.
    """

    bare: Table
    name: str
    kind: SealedColumn


@dataclass(frozen=True, slots=True)
class Census:
    """How many values there are by the name of their key, and of each place how many do not open."""

    by_key: Mapping[str, int]
    shut: Mapping[str, int]


def spots() -> list[Spot]:
    """Every sealed column, in the order of the tables."""
    found = []
    for table in metadata.sorted_tables:
        kinds = {column.name: column.type for column in table.columns if isinstance(column.type, SealedColumn)}
        if kinds:
            bare = Table(table.name, MetaData(), *(_bare(column) for column in table.columns))
            found += [Spot(bare, name, kind) for name, kind in kinds.items()]
    return found


def _bare(column: Column[Any]) -> Column[Any]:
    """The column with its values as the engine has them."""
    kind = column.type
    return Column(column.name, getattr(kind, "impl_instance", kind), primary_key=column.primary_key)


def mark_of(connection: Connection, city: str) -> str | None:
    """The name of the key that seals the rows of *city*; ``None`` when they stand in the clear."""
    question = select(settings.c.value).where(settings.c.city_id == city, settings.c.key == MARK)
    return connection.execute(question).scalar_one_or_none()


def mark_at(database: Database, city: str) -> str | None:
    """The same of a database that is not open.

    Raises:
        SchemaError: it needs `huying migrate` first.
        Unusable: it cannot be opened.
    """
    if not database.exists():
        raise SchemaError(f"There is no database at {database.place} yet. Run `huying migrate`.")
    engine = database.looking()
    try:
        with engine.connect() as connection:
            schema.check(connection)
            return mark_of(connection, city)
    except DBAPIError as error:
        raise Unusable(f"The database {database.place} cannot be opened: {error.orig}.") from error
    finally:
        engine.dispose()


def has_words(connection: Connection, city: str) -> bool:
    """Whether any value of *city* stands where one could be sealed."""
    return any(connection.execute(_full(spot, city).limit(1)).first() is not None for spot in spots())


def agreed(ring: Ring | None, mark: str | None, place: str) -> Ring | None:
    """The keys that fit the database at *place*; its own key seals.

    Raises:
        Unusable: it was sealed with another key, or the key is missing; the sentence says what to do.
    """
    if mark is None:
        return None
    if ring is None:
        raise Unusable(
            f"The database {place} is sealed with the key {mark}, and HUYING_KEY_FILE names none. Set it to the file "
            "that `huying key new` made; without that file nobody can read what people wrote."
        )
    try:
        return ring.first(mark)
    except KeyError:
        raise Unusable(
            f"The database {place} is sealed with the key {mark}, and HUYING_KEY_FILE holds {', '.join(ring.names)}. "
            "Put the right file there, from its copy if need be."
        ) from None


def reseal(database: Database, ring: Ring) -> int:
    """Seal everything of every city with the first key of *ring*, in one transaction; returns how many values.

    What stood in the clear, or under one of its other keys, is overwritten. No program may run meanwhile.

    Raises:
        Unusable: it is in use, or a value opens with none of the keys; nothing was changed then.
        SchemaError: it needs `huying migrate` first.
    """
    lock = database.lock()
    engine = database.writing()
    try:
        with engine.connect() as connection:
            schema.check(connection)
        with engine.begin() as connection:
            alone(connection, database.place)
            marks = _marks(connection)
            for found in marks.values():
                agreed(ring, found, database.place)
            counts = sum((_reseal(connection, spot, ring, marks) for spot in spots()), Counter[str]())
            for city in {*marks, *counts}:
                mark(connection, city, ring)
        database.tidy()
    except DBAPIError as error:
        raise Unusable(f"The database {database.place} cannot be sealed anew: {error.orig}.") from error
    except Unopened as error:
        raise Unusable(f"Nothing was changed: {error}. Put the older key back into the file.") from error
    finally:
        engine.dispose()
        if lock is not None:
            lock.release()
    return counts.total()


def mark(connection: Connection, city: str, ring: Ring) -> None:
    """Note with which key the rows of *city* are sealed."""
    there = (settings.c.city_id == city, settings.c.key == MARK)
    if not connection.execute(update(settings).where(*there).values(value=ring.name)).rowcount:
        connection.execute(settings.insert().values(city_id=city, key=MARK, value=ring.name))


def census(connection: Connection, ring: Ring) -> Census:
    """Try to open everything."""
    by_key: Counter[str] = Counter()
    shut: Counter[str] = Counter()
    for spot in spots():
        for _, value in _values(connection, spot):
            try:
                by_key[_opened(spot, value, ring)[1]] += 1
            except Unopened:
                shut[spot.kind.place] += 1
    return Census(by_key, shut)


def _marks(connection: Connection) -> dict[str, str]:
    """The name of the key of each city whose rows are sealed."""
    question = select(settings.c.city_id, settings.c.value).where(settings.c.key == MARK)
    return {row.city_id: row.value for row in connection.execute(question)}


def _reseal(connection: Connection, spot: Spot, ring: Ring, marks: Mapping[str, str]) -> Counter[str]:
    """Seal the values of a column anew; returns how many that were, by city."""
    keys = [column.name for column in spot.bare.primary_key]
    where = [spot.bare.c[name] == bindparam(f"of_{name}") for name in keys]
    change = update(spot.bare).where(*where).values({spot.name: bindparam("anew")})
    counts: Counter[str] = Counter()
    page: list[dict[str, Any]] = []
    for of, value in _values(connection, spot):
        plain = _opened(spot, value, ring)[0] if of[0] in marks else _as_bytes(value)
        named = {f"of_{name}": part for name, part in zip(keys, of, strict=True)}
        page.append(named | {"anew": _anew(spot, plain, ring)})
        counts[of[0]] += 1
        if len(page) == _AT_ONCE:
            connection.execute(change, page)
            page = []
    if page:
        connection.execute(change, page)
    return counts


def _anew(spot: Spot, plain: bytes, ring: Ring) -> Any:
    if isinstance(spot.kind, SealedBytes):
        return ring.seal(spot.kind.place, plain)
    make = ring.match if isinstance(spot.kind, Sealed) and spot.kind.match else ring.seal
    return sealed_text(make, spot.kind.place, plain.decode("utf-8", "surrogatepass"))


def _opened(spot: Spot, value: Any, ring: Ring) -> tuple[bytes, str]:
    """What a sealed value says, and the name of its key.

    Raises:
        Unopened: none of the keys sealed it, for this place and as it stands.
    """
    place = spot.kind.place
    if isinstance(spot.kind, SealedBytes):
        value = bytes(value)
        return ring.open(place, value), ring.named(value) or ""
    return _as_bytes(ring.open_text(place, value)), ring.named_text(value) or ""


def _as_bytes(value: Any) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)


def _values(connection: Connection, spot: Spot) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The key and the value of every row that has one; the rows may be changed meanwhile."""
    keys = list(spot.bare.primary_key)
    question = _full(spot).order_by(*keys).limit(_AT_ONCE)
    rows = connection.execute(question).all()
    while rows:
        for *of, value in rows:
            yield tuple(of), value
        after = tuple_(*keys) > tuple_(*(literal(part) for part in rows[-1][:-1]))
        rows = connection.execute(question.where(after)).all()


def _full(spot: Spot, city: str | None = None) -> Any:
    column = spot.bare.c[spot.name]
    question = select(*spot.bare.primary_key, column).where(column.is_not(None))
    if not isinstance(column.type, LargeBinary):
        question = question.where(column.not_in(sorted(HOLLOW)))
    return question if city is None else question.where(spot.bare.c.city_id == city)
