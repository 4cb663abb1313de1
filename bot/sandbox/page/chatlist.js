/** The list of one person's chats, with the newest line and the unread count of each. */

import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { clockOrDay, nameOf, senderOf, serviceText, summary } from "./format.js";
import { t } from "./i18n.js";
import { searchBox } from "./picker.js";

const SEARCH_FROM = 9;
const MOST_SHOWN = 300;

/** The chat list of *session*; `open(target)` is called with the chat that was chosen. */
export class ChatList {
  constructor(session, open) {
    this.session = session;
    this.open = open;
    this.words = "";
    this.rows = el("div", { class: "chat-rows" });
    this.search = searchBox(t("chats.search"), "chat-search", (words) => {
      this.words = words;
      this.redraw();
    });
    this.element = el(
      "nav",
      { class: "chat-list", "aria-label": t("chats.list"), data: { testid: "chat-list" } },
      this.search,
      this.rows,
    );
    this.current = null;
    this.redraw();
  }

  /** Mark the chat or bot that is open. */
  select(id) {
    this.current = id;
    this.redraw();
  }

  /** Draw the list anew from the session, keeping the focus where it was. */
  redraw() {
    const focused = this.rows.contains(document.activeElement) ? document.activeElement.dataset : null;
    const { session } = this;
    const chats = session.state.chats.filter((chat) => this.fits(chat)).sort((a, b) => lastDate(b) - lastDate(a));
    const fresh = session.state.bots.filter((bot) => !session.chat(bot.id) && this.fits(bot));
    const joinable = session.joinable().filter((chat) => this.fits(chat));
    this.search.hidden = session.state.chats.length + joinable.length < SEARCH_FROM;
    this.rows.replaceChildren(
      ...chats.slice(0, MOST_SHOWN).map((chat) => this.chatRow(chat)),
      ...section(
        t("chats.bots"),
        fresh.map((bot) => this.botRow(bot)),
      ),
      ...section(
        t("chats.joinable"),
        joinable.slice(0, MOST_SHOWN).map((chat) => this.joinRow(chat)),
      ),
    );
    if (this.rows.childElementCount === 0) this.rows.append(el("p", { class: "muted" }, t("chats.none")));
    if (focused?.chat) this.rows.querySelector(`[data-chat="${CSS.escape(focused.chat)}"]`)?.focus();
  }

  fits(party) {
    return `${nameOf(party)} ${party.username || ""}`.toLowerCase().includes(this.words.trim().toLowerCase());
  }

  chatRow(chat) {
    const bot = this.session.botOf(chat);
    const last = chat.last;
    return this.row({
      party: bot || chat,
      testid: "chat",
      chat: chat.id,
      title: nameOf(bot || chat),
      line: last ? this.lastLine(chat, last) : t("chats.empty"),
      when: last ? clockOrDay(last.date) : "",
      unread: chat.unread,
      onclick: () => this.open(chat),
    });
  }

  botRow(bot) {
    return this.row({
      party: bot,
      testid: "bot",
      chat: bot.id,
      title: bot.name,
      line: t("chats.not_started"),
      onclick: () => this.open(this.session.privateChat(bot)),
    });
  }

  joinRow(chat) {
    return this.row({
      party: chat,
      testid: "joinable",
      chat: chat.id,
      title: nameOf(chat),
      line: t("chat.join"),
      onclick: () => this.open(chat),
    });
  }

  row({ party, testid, chat, title, line, when, unread, onclick }) {
    const current = String(this.current) === String(chat);
    return el(
      "button",
      { type: "button", class: "chat-row", "aria-current": current ? "true" : null, data: { testid, chat }, onclick },
      avatar(party, { bot: party.id > 0 }),
      el("span", { class: "chat-line" }, el("strong", {}, title), when && el("time", {}, when)),
      el("span", { class: "chat-line" }, el("small", {}, line), unread > 0 && unreadBadge(unread)),
    );
  }

  lastLine(chat, last) {
    if (chat.type === "private" || last.from?.is_bot || serviceText(last)) return summary(last);
    const who = last.from?.id === this.session.uid ? t("chats.you") : nameOf(senderOf(last));
    return t("message.new", { name: who, text: summary(last) });
  }
}

function unreadBadge(count) {
  return el(
    "span",
    { class: "badge", "aria-label": t("chats.unread", { n: count }), data: { testid: "unread" } },
    count > 99 ? "99+" : String(count),
  );
}

function lastDate(chat) {
  return chat.last?.date || 0;
}

function section(title, rows) {
  return rows.length > 0 ? [el("h3", {}, title), ...rows] : [];
}
