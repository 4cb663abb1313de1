"""The chat page in a real browser against the real sandbox: what a newcomer sees and does.

Li is a resident and Zhang a worker of one group; the bot is played by the tests over the Bot API.
"""

import shutil
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.sandbox import Chat, Person, Sandbox

pytestmark = pytest.mark.browser

TOKEN = "42:SANDBOX"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Town:
    """One group with Li, Zhang and the bot, and a browser that looks at it."""

    def __init__(self, sandbox: Sandbox, browser: Browser, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.browser = browser
        self.http = http
        self.bot = sandbox.add_bot("Town Bot", "town_bot", TOKEN, privacy=False)
        self.li: Person = sandbox.add_person("李伟", "liwei", "zh")
        self.zhang: Person = sandbox.add_person("张敏", "zhangmin", "zh")
        self.group: Chat = sandbox.add_group("3号网格", self.zhang, members=[self.li])
        sandbox.seat(self.group, self.bot, admin=True)
        self.complaints: list[str] = []
        self.updates: list[dict[str, Any]] = []
        self.offset = 0

    async def call(self, method: str, **params: Any) -> Any:
        """Call the Bot API as the bot."""
        async with self.http.post(f"{self.sandbox.url}/bot{TOKEN}/{method}", json=params) as answer:
            body = await answer.json()
        assert body["ok"], body
        return body["result"]

    async def asks(self, text: str, *rows: list[dict[str, str]]) -> int:
        """Let the bot write to the group, with buttons; returns the message's number."""
        markup = {"inline_keyboard": list(rows)}
        sent = await self.call("sendMessage", chat_id=self.group.id, text=text, reply_markup=markup)
        return int(sent["message_id"])

    async def hears(self, kind: str) -> Any:
        """Return the bot's next update of this kind; others before it, and who joined, are passed over."""
        while True:
            while self.updates:
                update = self.updates.pop(0)
                if kind in update and "new_chat_members" not in update[kind]:
                    return update[kind]
            self.updates = await self.call("getUpdates", timeout=5, offset=self.offset)
            self.offset = max((update["update_id"] + 1 for update in self.updates), default=self.offset)

    async def open(self, *panes: str, view: dict[str, int] = WIDE, locale: str = "zh-CN") -> Page:
        """Open the page with the panes of a link; whatever the browser complains about is kept."""
        context = await self.browser.new_context(
            viewport={"width": view["width"], "height": view["height"]}, locale=locale, timezone_id="Asia/Shanghai"
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        await page.goto(f"{self.sandbox.url}/#{','.join(panes)}")
        return page

    def at(self, person: str) -> str:
        """The part of a link that opens the group as *person*."""
        return f"{person}@{self.group.id}"

    def pane(self, page: Page, person: Person) -> Locator:
        """The pane of *person*."""
        return page.locator(f"[data-testid=pane][data-person='{person.id}']")

    async def writes(self, pane: Locator, text: str) -> None:
        """Type *text* into the composer of *pane* and press Enter."""
        await pane.get_by_test_id("composer-text").fill(text)
        await pane.get_by_test_id("composer-text").press("Enter")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the chat page was NOT looked at")
    async with async_playwright() as playwright, Sandbox() as sandbox, aiohttp.ClientSession() as http:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        town = Town(sandbox, browser, http)
        yield town
        await browser.close()
        assert town.complaints == [], "the browser complained"


async def test_what_one_person_writes_the_other_sees_at_once(town: Town) -> None:
    page = await town.open(town.at("liwei"), "zhangmin")
    li, zhang = town.pane(page, town.li), town.pane(page, town.zhang)
    await expect(zhang.get_by_test_id("chat")).to_have_count(1)

    await town.writes(li, "楼道灯坏了")

    await expect(zhang.get_by_test_id("unread")).to_have_text("1")
    await zhang.get_by_test_id("chat").click()
    await expect(zhang.get_by_test_id("text").last).to_have_text("楼道灯坏了")
    await expect(zhang.get_by_test_id("unread")).to_have_count(0)
    assert page.url.endswith(f"#liwei@{town.group.id},zhangmin@{town.group.id}")


async def test_foreign_text_stays_text(town: Town) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\"> &amp; <b>bold</b>"
    town.sandbox.add_person(nasty, "nasty")
    page = await town.open(town.at("liwei"), "nasty")

    await town.writes(town.pane(page, town.li), nasty)

    await expect(town.pane(page, town.li).get_by_test_id("text").last).to_have_text(nasty)
    await expect(page.get_by_test_id("switch-person").last).to_contain_text(nasty)
    assert await page.locator("img[src=x]").count() == 0
    assert await page.title() != "owned"


async def test_a_press_reaches_the_bot_and_its_answer_only_the_presser(town: Town) -> None:
    page = await town.open(town.at("liwei"), town.at("zhangmin"))
    li, zhang = town.pane(page, town.li), town.pane(page, town.zhang)
    card = await town.asks("HY-0001", [{"text": "接单", "callback_data": "claim", "style": "success"}])

    await zhang.locator("[data-data=claim]").focus()
    await page.keyboard.press("Enter")
    press = await town.hears("callback_query")
    await expect(zhang.locator("[data-data=claim]")).to_have_attribute("aria-busy", "true")
    await town.call("answerCallbackQuery", callback_query_id=press["id"], text="已接单")
    await expect(zhang.get_by_test_id("toast")).to_have_text("已接单")
    await town.call("editMessageText", chat_id=town.group.id, message_id=card, text="HY-0001 张敏")

    assert (press["data"], press["from"]["id"]) == ("claim", town.zhang.id)
    for pane in (li, zhang):
        message = pane.locator(f"[data-message='{card}']")
        await expect(message.get_by_test_id("text")).to_have_text("HY-0001 张敏")
        await expect(message.get_by_test_id("edited")).to_be_visible()
        await expect(message.get_by_test_id("key")).to_have_count(0)
    await expect(li.get_by_test_id("toast")).to_have_count(0)
    await expect(zhang.locator(f"[data-message='{card}']")).to_be_focused()


async def test_an_alert_waits_until_it_was_read(town: Town) -> None:
    page = await town.open(town.at("liwei"))
    li = town.pane(page, town.li)
    await town.asks("HY-0001", [{"text": "详情", "callback_data": "details"}])

    await li.locator("[data-data=details]").click()
    press = await town.hears("callback_query")
    await town.call("answerCallbackQuery", callback_query_id=press["id"], text="还剩 9 小时", show_alert=True)

    await expect(li.get_by_test_id("alert-text")).to_have_text("还剩 9 小时")
    await page.keyboard.press("Enter")
    await expect(li.get_by_test_id("alert")).to_have_count(0)


async def test_pictures_from_disk_reach_the_bot_as_one_album_with_its_caption(town: Town, tmp_path: Path) -> None:
    page = await town.open(town.at("liwei"), town.at("zhangmin"))
    li, zhang = town.pane(page, town.li), town.pane(page, town.zhang)
    for name in ("one.png", "two.png"):
        Image.new("RGB", (2600, 1300), "teal").save(tmp_path / name)

    await li.get_by_test_id("file-input").set_input_files([tmp_path / "one.png", tmp_path / "two.png"])
    await expect(li.get_by_test_id("picture")).to_have_count(2)
    await town.writes(li, "垃圾没人收")

    message = zhang.get_by_test_id("message").last
    await expect(message.get_by_test_id("album").get_by_test_id("photo")).to_have_count(2)
    await expect(message.get_by_test_id("text")).to_have_text("垃圾没人收")
    first, second = await town.hears("message"), await town.hears("message")
    assert first["media_group_id"] == second["media_group_id"]
    assert (first["caption"], second.get("caption")) == ("垃圾没人收", None)
    largest = await town.call("getFile", file_id=first["photo"][-1]["file_id"])
    async with town.http.get(f"{town.sandbox.url}/file/bot{TOKEN}/{largest['file_path']}") as answer:
        with Image.open(BytesIO(await answer.read())) as picture:
            assert picture.size == (1280, 640), "scaled as Telegram's own apps do"


async def test_a_link_on_a_button_opens_the_private_chat_and_starts_the_bot(town: Town) -> None:
    page = await town.open(town.at("liwei"))
    li = town.pane(page, town.li)
    await town.asks("上报", [{"text": "我要上报", "url": f"https://t.me/{town.bot.username}?start=plaque-3"}])

    await li.get_by_test_id("key").click()

    await expect(li.get_by_test_id("conversation")).to_have_attribute("data-chat", str(town.bot.id))
    started = await town.hears("message")
    assert (started["text"], started["chat"]["id"]) == ("/start plaque-3", town.li.id)
    await expect(li.get_by_test_id("text").last).to_have_text("/start plaque-3")
    await page.reload()
    await expect(li.get_by_test_id("text").last).to_have_text("/start plaque-3")


async def test_a_bot_can_be_started_blocked_and_unblocked(town: Town) -> None:
    page = await town.open("liwei")
    li = town.pane(page, town.li)

    await li.get_by_test_id("bot").click()
    await li.get_by_test_id("start").click()
    assert (await town.hears("message"))["text"] == "/start"
    await li.get_by_test_id("chat-menu").click()
    await page.get_by_test_id("block").click()
    assert (await town.hears("my_chat_member"))["new_chat_member"]["status"] == "kicked"
    await li.get_by_test_id("unblock").click()

    assert (await town.hears("my_chat_member"))["new_chat_member"]["status"] == "member"
    await expect(li.get_by_test_id("composer")).to_be_visible()


async def test_a_group_can_be_left_and_joined_again(town: Town) -> None:
    page = await town.open(town.at("liwei"))
    li = town.pane(page, town.li)

    await li.get_by_test_id("chat-menu").click()
    await page.get_by_test_id("leave").click()
    await expect(li.get_by_test_id("composer")).to_have_count(0)
    assert not town.group.member(town.li.id).present
    await li.get_by_test_id("join").click()

    await expect(li.get_by_test_id("composer")).to_be_visible()
    assert town.group.member(town.li.id).present


async def test_replying_editing_and_deleting_need_no_mouse(town: Town) -> None:
    page = await town.open(town.at("liwei"), town.at("zhangmin"))
    li, zhang = town.pane(page, town.li), town.pane(page, town.zhang)
    await town.writes(zhang, "几号楼?")
    await expect(li.get_by_test_id("text")).to_have_text(["几号楼?"])

    await li.get_by_test_id("log").focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("r")
    await page.keyboard.type("3号楼")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("二单元")
    await page.keyboard.press("Enter")
    await expect(zhang.get_by_test_id("quote")).to_contain_text("几号楼?")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("5号楼")
    await page.keyboard.press("Enter")
    await expect(zhang.get_by_test_id("text").last).to_have_text("5号楼")
    await li.get_by_test_id("log").focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")

    await expect(zhang.get_by_test_id("text")).to_have_text(["几号楼?"])


async def test_a_slash_offers_the_commands_of_this_chat(town: Town) -> None:
    await town.call("setMyCommands", commands=[{"command": "report", "description": "上报"}])
    page = await town.open(town.at("liwei"))
    li = town.pane(page, town.li)

    await li.get_by_test_id("composer-text").press_sequentially("/re")
    await expect(li.get_by_test_id("suggestion")).to_have_text(["/report上报"])
    await page.keyboard.press("Tab")
    await page.keyboard.type("灯坏了")
    await page.keyboard.press("Enter")

    message = await town.hears("message")
    assert message["text"] == "/report 灯坏了"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 7}]
    await expect(li.get_by_test_id("command")).to_have_text("/report")


async def test_the_keyboard_of_a_private_chat_stands_under_the_composer_until_it_is_taken_away(town: Town) -> None:
    page = await town.open(f"liwei@{town.bot.username}")
    li = town.pane(page, town.li)
    await li.get_by_test_id("start").click()
    await town.hears("message")
    keyboard = {"keyboard": [[{"text": "我要上报"}, {"text": "位置", "request_location": True}]]}
    await town.call("sendMessage", chat_id=town.li.id, text="你好", reply_markup=keyboard)

    await li.get_by_test_id("reply-key").first.click()
    assert (await town.hears("message"))["text"] == "我要上报"
    await li.get_by_test_id("reply-key").last.click()
    assert "location" in await town.hears("message")
    await town.call("sendMessage", chat_id=town.li.id, text="谢谢", reply_markup={"remove_keyboard": True})

    await expect(li.get_by_test_id("text").last).to_have_text("谢谢")
    await expect(li.get_by_test_id("reply-key")).to_have_count(0)


async def test_everything_in_the_attachment_menu_can_be_sent_and_is_drawn(town: Town) -> None:
    page = await town.open(town.at("liwei"))
    li = town.pane(page, town.li)

    for kind in ("voice", "video", "document", "venue", "contact", "poll", "sticker", "dice"):
        await li.get_by_test_id("attach").click()
        await page.get_by_test_id(f"attach-{kind}").click()
        assert kind in await town.hears("message")
    await li.get_by_test_id("attach").click()
    await page.get_by_test_id("attach-location").click()
    await page.get_by_test_id("place-map").click(position={"x": 40, "y": 40})
    await page.get_by_test_id("place-send").click()
    sent = await town.hears("message")

    assert sent["location"]["longitude"] < 120.4012 < 120.5, "west of where the map opened"
    for drawn in ("voice", "video", "document", "venue", "contact", "poll", "location"):
        await expect(li.get_by_test_id(drawn)).to_have_count(1)


async def test_a_refusal_is_shown_and_the_text_comes_back(town: Town) -> None:
    page = await town.open(town.at("liwei"))
    li = town.pane(page, town.li)
    await expect(li.get_by_test_id("composer")).to_be_visible()
    await town.sandbox.act(town.zhang, "restrict", chat=town.group.id, user=town.li.id, rights=[])

    await town.writes(li, "有人吗")

    await expect(li.get_by_test_id("toast")).to_be_visible()
    await expect(li.get_by_test_id("composer-text")).to_have_value("有人吗")
    town.complaints.clear()  # a browser also complains of every answer that is no 2xx


async def test_the_page_comes_back_by_itself_when_the_server_does(town: Town, tmp_path: Path) -> None:
    async with Sandbox(state=tmp_path) as before:
        port = int(before.url.rsplit(":", 1)[1])
        li = before.add_person("李伟", "liwei", "zh")
        group = before.add_group("3号网格", li)
        page = await town.open("nobody")
        await page.goto(f"{before.url}/#liwei@{group.id}")
        await expect(page.get_by_test_id("composer")).to_be_visible()
    await expect(page.get_by_test_id("offline")).to_be_visible()

    async with Sandbox(port=port, state=tmp_path) as after:
        await after.act(li.id, "send_text", chat=group.id, text="回来了")
        await expect(page.get_by_test_id("text").last).to_have_text("回来了")
        await expect(page.get_by_test_id("offline")).to_be_hidden()
    town.complaints.clear()  # the lost connection was complained of


async def test_a_phone_shows_one_person_at_a_time(town: Town) -> None:
    page = await town.open(town.at("liwei"), town.at("zhangmin"), view=PHONE)
    li, zhang = town.pane(page, town.li), town.pane(page, town.zhang)
    await expect(li.get_by_test_id("composer")).to_be_visible()
    await expect(zhang).to_be_hidden()

    await page.get_by_test_id("tab").nth(1).click()

    await expect(zhang.get_by_test_id("composer")).to_be_visible()
    await expect(li).to_be_hidden()
    await zhang.get_by_test_id("back").click()
    await expect(zhang.get_by_test_id("chat")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"


async def test_the_page_speaks_the_browsers_language_and_can_switch(town: Town) -> None:
    page = await town.open(town.at("liwei"), locale="en-GB")
    li = town.pane(page, town.li)

    await expect(li.get_by_test_id("send")).to_have_attribute("aria-label", "Send")
    await li.get_by_test_id("composer-text").fill("写了一半")
    await page.get_by_test_id("language").click()

    await expect(li.get_by_test_id("send")).to_have_attribute("aria-label", "发送")
    await expect(li.get_by_test_id("composer-text")).to_have_value("写了一半")
    assert await page.locator("html").get_attribute("lang") == "zh-CN"


async def test_four_people_fit_side_by_side_and_no_fifth(town: Town) -> None:
    page = await town.open(town.at("liwei"))
    await expect(page.get_by_test_id("pane")).to_have_count(1)

    for _ in range(3):
        await page.get_by_test_id("add-pane").click()

    await expect(page.get_by_test_id("pane")).to_have_count(4)
    await expect(page.get_by_test_id("add-pane")).to_be_disabled()
    await page.get_by_test_id("pane").nth(1).locator(f"[data-testid=person][data-person='{town.zhang.id}']").click()
    await expect(town.pane(page, town.zhang).get_by_test_id("chat")).to_have_count(1)
    assert page.url.endswith(f"#liwei@{town.group.id},zhangmin")
