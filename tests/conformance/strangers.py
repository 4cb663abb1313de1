"""One conversation, written five times, each the way its library's manual says.

Every bot greets the group it is brought into, answers /report with a card and a press on it with an edit, sends an
album for /album and a document for /file, and downloads a photo to tell its size.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import telegram
from aiogram import Bot as AiogramBot
from aiogram import Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telebot import asyncio_helper, types
from telebot.async_telebot import AsyncTeleBot
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

TOKEN = "42:SANDBOX"
SECRET = "s3cret"

Running = Callable[[str, str, Path], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def aiogram_bot(root: str, mode: str, picture: Path) -> AsyncIterator[None]:
    """The conversation with aiogram."""
    dispatcher = Dispatcher()

    @dispatcher.my_chat_member()
    async def greet(event: ChatMemberUpdated, bot: AiogramBot) -> None:
        await bot.send_message(event.chat.id, f"hello {event.chat.title}")

    @dispatcher.message(Command("report"))
    async def report(message: Message) -> None:
        button = InlineKeyboardButton(text="Claim", callback_data="claim")
        markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
        await message.reply("<b>card</b>", reply_markup=markup, parse_mode="HTML")

    @dispatcher.message(Command("album"))
    async def album(message: Message) -> None:
        two = [InputMediaPhoto(media=FSInputFile(picture), caption="two"), InputMediaPhoto(media=FSInputFile(picture))]
        await message.answer_media_group([*two])

    @dispatcher.message(Command("file"))
    async def file(message: Message) -> None:
        await message.answer_document(BufferedInputFile(b"a note", "note.txt"))

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
        if mode == "poll":
            polling = dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=5)
            async with _beside(polling):
                yield
        else:
            receiver = SimpleRequestHandler(dispatcher, bot, secret_token=SECRET)
            async with _listening(receiver.handle) as url:
                await bot.set_webhook(url, secret_token=SECRET)
                yield


@asynccontextmanager
async def ptb_bot(root: str, mode: str, picture: Path) -> AsyncIterator[None]:
    """The conversation with python-telegram-bot."""
    data = await asyncio.to_thread(picture.read_bytes)

    async def greet(update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_chat is not None
        await context.bot.send_message(update.effective_chat.id, f"hello {update.effective_chat.title}")

    async def report(update: telegram.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        button = telegram.InlineKeyboardButton("Claim", callback_data="claim")
        markup = telegram.InlineKeyboardMarkup([[button]])
        await update.message.reply_html("<b>card</b>", reply_markup=markup, do_quote=True)

    async def album(update: telegram.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        two = [telegram.InputMediaPhoto(data, caption="two"), telegram.InputMediaPhoto(data)]
        await update.message.reply_media_group(two)

    async def file(update: telegram.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_document(b"a note", filename="note.txt")

    async def claim(update: telegram.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        await query.answer("yours")
        await query.edit_message_text(f"claimed by {query.from_user.first_name}")

    async def photo(update: telegram.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        file = await update.message.photo[-1].get_file()
        await update.message.reply_text(f"photo of {len(await file.download_as_bytearray())} bytes")

    builder = Application.builder().token(TOKEN).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot")
    application = builder.build() if mode == "poll" else builder.updater(None).build()
    application.add_handler(ChatMemberHandler(greet, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(CommandHandler("report", report))
    application.add_handler(CommandHandler("album", album))
    application.add_handler(CommandHandler("file", file))
    application.add_handler(CallbackQueryHandler(claim))
    application.add_handler(MessageHandler(filters.PHOTO, photo))

    async def receive(request: web.Request) -> web.Response:
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
        await application.update_queue.put(telegram.Update.de_json(await request.json(), application.bot))
        return web.Response()

    async with application:
        await application.start()
        if application.updater is not None:
            await application.updater.start_polling(timeout=5)
            yield
            await application.updater.stop()
        else:
            async with _listening(receive) as url:
                await application.bot.set_webhook(url, secret_token=SECRET)
                yield
        await application.stop()


@asynccontextmanager
async def telebot_bot(root: str, mode: str, picture: Path) -> AsyncIterator[None]:
    """The conversation with pyTelegramBotAPI."""
    vars(asyncio_helper).update(API_URL=root + "/bot{0}/{1}", FILE_URL=root + "/file/bot{0}/{1}")
    bot = AsyncTeleBot(TOKEN)

    async def greet(event: types.ChatMemberUpdated) -> None:
        await bot.send_message(event.chat.id, f"hello {event.chat.title}")

    async def report(message: types.Message) -> None:
        markup = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Claim", callback_data="claim")]])
        await bot.reply_to(message, "<b>card</b>", parse_mode="HTML", reply_markup=markup)

    async def album(message: types.Message) -> None:
        first = types.InputMediaPhoto(types.InputFile(picture), caption="two")
        await bot.send_media_group(message.chat.id, [first, types.InputMediaPhoto(types.InputFile(picture))])

    async def file(message: types.Message) -> None:
        await bot.send_document(message.chat.id, b"a note", visible_file_name="note.txt")

    async def claim(query: types.CallbackQuery) -> None:
        assert query.message is not None
        await bot.answer_callback_query(query.id, "yours")
        text = f"claimed by {query.from_user.first_name}"
        await bot.edit_message_text(text, query.message.chat.id, query.message.message_id)

    async def photo(message: types.Message) -> None:
        assert message.photo is not None
        file = await bot.get_file(message.photo[-1].file_id)
        assert file.file_path is not None
        content = await bot.download_file(file.file_path)
        await bot.send_message(message.chat.id, f"photo of {len(content)} bytes")

    bot.register_my_chat_member_handler(greet)
    bot.register_message_handler(report, commands=["report"])
    bot.register_message_handler(album, commands=["album"])
    bot.register_message_handler(file, commands=["file"])
    bot.register_message_handler(photo, content_types=["photo"])
    bot.register_callback_query_handler(claim, func=lambda query: query.data == "claim")

    async def receive(request: web.Request) -> web.Response:
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
        update = types.Update.de_json(await request.json())  # type: ignore[no-untyped-call] # the library's own gap
        await bot.process_new_updates([update])
        return web.Response()

    try:
        if mode == "poll":
            async with _beside(bot.infinity_polling(timeout=5)):
                yield
        else:
            async with _listening(receive) as url:
                await bot.set_webhook(url, secret_token=SECRET)
                yield
    finally:
        await bot.close_session()  # type: ignore[no-untyped-call] # likewise


@asynccontextmanager
async def _beside(work: Awaitable[None]) -> AsyncIterator[None]:
    """Let *work* go on while the block runs."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _listening(receive: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Hand what is posted to the address that the block is given to *receive*."""
    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()
