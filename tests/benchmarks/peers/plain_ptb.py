"""python-telegram-bot with SQLAlchemy's asyncio ORM over aiosqlite: a session and a commit for every report."""

import time
from collections.abc import Sequence
from pathlib import Path

import orjson
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from telegram import Update
from telegram.ext import CommandHandler, ContextTypes

from bot.bench.stand import TOKEN, Offline
from bot.telegram import App, build


class Base(DeclarativeBase):
    """The tables of this bot."""


class Report(Base):
    """One report."""

    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[int]
    person: Mapped[int]
    text: Mapped[str]


async def store(raws: Sequence[bytes], path: Path) -> float:
    """Seconds to handle them all, one after another, as the library does by itself."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine)

    async def report(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is None or update.message.from_user is None:
            return
        async with sessions() as session:
            session.add(
                Report(chat=update.message.chat_id, person=update.message.from_user.id, text=update.message.text or "")
            )
            await session.commit()

    application: App = build(TOKEN, "https://127.0.0.1", request=Offline())
    application.add_handler(CommandHandler("report", report))
    await application.initialize()
    started = time.perf_counter()
    for raw in raws:
        await application.process_update(Update.de_json(orjson.loads(raw), application.bot))
    spent = time.perf_counter() - started
    await application.shutdown()
    await engine.dispose()
    return spent
