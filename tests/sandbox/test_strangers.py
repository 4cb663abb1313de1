"""Bots written the way their libraries' manuals say hold a conversation with the sandbox, unchanged."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
from aiogram import Bot as AiogramBot
from aiogram import Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram import InlineKeyboardButton as PtbButton
from telegram import InlineKeyboardMarkup as PtbMarkup
from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.sandbox import Sandbox
from tests.sandbox.conformance import check_everything
from tests.sandbox.conftest import TOKEN

Running = Callable[[str], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def aiogram_bot(root: str) -> AsyncIterator[None]:
    """Answer /report with a button, a press with an edit, a photo with its size."""
    dispatcher = Dispatcher()

    @dispatcher.message(Command("report"))
    async def report(message: Message) -> None:
        button = InlineKeyboardButton(text="Claim", callback_data="claim")
        await message.reply(
            "<b>card</b>", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]), parse_mode="HTML"
        )

    @dispatcher.callback_query(F.data == "claim")
    async def claim(query: CallbackQuery) -> None:
        await query.answer("yours")
        assert isinstance(query.message, Message)
        await query.message.edit_text(f"claimed by {query.from_user.first_name}")

    @dispatcher.message(F.photo)
    async def photo(message: Message, bot: AiogramBot) -> None:
        assert message.photo is not None
        content = await bot.download(message.photo[-1])
        assert content is not None
        await message.answer(f"photo of {len(content.read())} bytes")

    session = AiohttpSession(api=TelegramAPIServer.from_base(root))
    async with AiogramBot(TOKEN, session=session) as bot:
        polling = asyncio.create_task(
            dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=5)
        )
        try:
            yield
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling


@asynccontextmanager
async def ptb_bot(root: str) -> AsyncIterator[None]:
    """The same conversation with python-telegram-bot."""

    async def report(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        markup = PtbMarkup([[PtbButton("Claim", callback_data="claim")]])
        await update.message.reply_html("<b>card</b>", reply_markup=markup, do_quote=True)

    async def claim(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        await query.answer("yours")
        await query.edit_message_text(f"claimed by {query.from_user.first_name}")

    async def photo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        file = await update.message.photo[-1].get_file()
        await update.message.reply_text(f"photo of {len(await file.download_as_bytearray())} bytes")

    application = Application.builder().token(TOKEN).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot").build()
    application.add_handler(CommandHandler("report", report))
    application.add_handler(CallbackQueryHandler(claim))
    application.add_handler(MessageHandler(filters.PHOTO, photo))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=5)
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


@pytest.mark.parametrize("running", [aiogram_bot, ptb_bot])
async def test_a_strangers_bot_holds_a_conversation(running: Running) -> None:
    async with Sandbox() as sandbox:
        bot = sandbox.add_bot("Huying Sample", "huying_sample_bot", TOKEN)
        li = sandbox.add_person("Li Wei", username="liwei")
        group = sandbox.add_group("3号网格", owner=li)
        sandbox.seat(group, bot, admin=True)
        async with running(sandbox.url):
            told = await sandbox.act(li, "send_text", chat=group.id, text="/report@huying_sample_bot 灯坏了")
            card = await sandbox.wait_for(lambda s: s.messages(group.id)[2:])
            await sandbox.act(li, "press", chat=group.id, message=card[0]["message_id"], data="claim")
            edited = await sandbox.wait_for(lambda s: [m for m in s.messages(group.id) if "edit_date" in m])
            photo = await sandbox.act(li, "send_photo", chat=group.id)
            answer = await sandbox.wait_for(lambda s: s.messages(group.id)[4:])

        assert card[0]["reply_to_message"]["message_id"] == told["message_id"]
        assert card[0]["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
        assert edited[0]["text"] == "claimed by Li Wei"
        assert "reply_markup" not in edited[0]
        assert sandbox.toasts[0]["text"] == "yours"
        assert answer[0]["text"] == f"photo of {photo['message']['photo'][-1]['file_size']} bytes"
        check_everything(sandbox)
