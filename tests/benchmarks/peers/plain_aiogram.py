"""aiogram with SQLAlchemy's asyncio ORM over aiosqlite: a session and a commit for every report."""

import time
from collections.abc import Sequence
from pathlib import Path

import orjson
from aiogram import Bot, Dispatcher
from aiogram.filters import Command
from aiogram.types import Message, Update
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bot.bench.stand import TOKEN
from tests.benchmarks.peers.plain_ptb import Base, Report


async def store(raws: Sequence[bytes], path: Path) -> float:
    """Seconds to handle them all, one after another."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine)
    dispatcher = Dispatcher()

    @dispatcher.message(Command("report"))
    async def report(message: Message) -> None:
        if message.from_user is None:
            return
        async with sessions() as session:
            session.add(Report(chat=message.chat.id, person=message.from_user.id, text=message.text or ""))
            await session.commit()

    bot = Bot(TOKEN.reveal())
    started = time.perf_counter()
    for raw in raws:
        await dispatcher.feed_update(bot, Update.model_validate(orjson.loads(raw), context={"bot": bot}))
    spent = time.perf_counter() - started
    await bot.session.close()
    await engine.dispose()
    return spent
