/** One open chat: its head, its pins, its messages and the place to write. */

import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { el, iconButton } from "./dom.js";
import { day, kindOf, nameOf, summary } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { replyKeyboard } from "./keyboard.js";
import { roleOf } from "./members.js";
import { drawRow, rowsOf, sameRow } from "./message.js";
import { openMenu } from "./popup.js";

const NEAR_PX = 96;
const EARLIER_PAGES = 20;

/**
 * The conversation of *session* in *chat*.
 *
 * `view`: {host, back(), actions, members(chat), chatMenu(anchor), run(action, fields), fail(error)}; `actions` are those
 * of `drawRow` except `menu` and `jump`, which belong here.
 */
export class Conversation {
  constructor(session, chat, view) {
    Object.assign(this, { session, chat, view });
    this.drawn = new Map();
    this.missed = 0;
    this.pinAt = 0;
    this.actions = { ...view.actions, menu: (message, node) => this.openActions(message, node), jump: (id) => this.jump(id) };
    this.build();
  }

  build() {
    this.rows = el("div", { class: "rows" });
    this.earlier = el("button", { type: "button", class: "quiet earlier", data: { testid: "earlier" }, onclick: () => this.loadEarlier() }, t("chat.earlier"));
    this.log = el(
      "div",
      { class: "log", role: "log", "aria-live": "off", tabindex: "0", "aria-label": t("chat.log", { title: this.title() }), data: { testid: "log", chat: this.chat.id }, onscroll: () => this.scrolled(), onkeydown: (event) => this.key(event) },
      this.earlier,
      this.rows,
    );
    this.latestCount = el("span", { class: "badge", hidden: true });
    this.latest = el("button", { type: "button", class: "latest", hidden: true, "aria-label": t("chat.latest"), title: t("chat.latest"), data: { testid: "latest" }, onclick: () => this.toEnd() }, icon("down"), this.latestCount);
    this.head = el("header", { class: "chat-head" });
    this.pins = el("div", { class: "pins", hidden: true });
    this.foot = el("footer", { class: "chat-foot" });
    this.element = el("section", { class: "conversation", "aria-label": this.title(), data: { testid: "conversation", chat: this.chat.id } }, this.head, this.pins, el("div", { class: "log-frame" }, this.log, this.latest), this.foot);
    this.composer = null;
    this.stuck = true;
    this.sizes = new ResizeObserver(() => this.stuck && this.toEnd());
    for (const node of [this.log, this.rows]) this.sizes.observe(node);
  }

  /** Load the newest messages, draw everything and stand at the end. */
  async open() {
    this.drawFrame();
    await this.session.load(this.chat.id);
    this.drawThread();
    this.toEnd();
  }

  title() {
    return nameOf(this.session.botOf(this.chat) || this.chat);
  }

  /** Draw head, pins and foot anew, after the chat or its members changed. */
  drawFrame() {
    this.chat = this.session.chat(this.chat.id) || this.chat;
    this.drawHead();
    this.drawPins();
    this.drawFoot();
  }

  drawHead() {
    const bot = this.session.botOf(this.chat);
    const count = (this.chat.members || []).length;
    const sub = bot ? t("chat.bot") : t("chat.members", { n: count });
    const membersButton = !bot && iconButton(icon("members"), t("chat.show_members"), "show-members", () => this.view.members(this.chat));
    this.head.replaceChildren(
      ...[
        iconButton(icon("back"), t("chats.back"), "back", () => this.view.back(), { class: "icon-button back" }),
        avatar(bot || this.chat, { bot: Boolean(bot) }),
        el("span", { class: "two-lines" }, el("h2", {}, this.title()), el("small", {}, sub)),
        membersButton,
        iconButton(icon("more"), t("chat.menu"), "chat-menu", (event) => this.view.chatMenu(event.currentTarget, this.chat), { "aria-haspopup": "menu" }),
      ].filter(Boolean),
    );
  }

  drawPins() {
    const pinned = [...(this.chat.pinned || [])].sort((a, b) => b.message_id - a.message_id);
    this.pins.hidden = pinned.length === 0;
    if (pinned.length === 0) return;
    const message = pinned[this.pinAt % pinned.length];
    const onclick = () => {
      this.pinAt = (this.pinAt + 1) % pinned.length;
      this.drawPins();
      this.jump(message.message_id);
    };
    const number = pinned.length > 1 ? ` ${(this.pinAt % pinned.length) + 1}/${pinned.length}` : "";
    this.pins.replaceChildren(
      el("button", { type: "button", data: { testid: "pin", target: message.message_id }, onclick }, icon("pin"), el("span", { class: "two-lines" }, el("strong", {}, `${t("chat.pinned")}${number}`), el("small", {}, summary(message)))),
    );
  }

  drawFoot() {
    const bot = this.session.botOf(this.chat);
    const started = this.session.started(this.chat);
    if (bot && this.chat.blocked) {
      this.bar("unblock", t("chat.unblock"), () => this.view.run("unblock", { bot: bot.username }), t("chat.blocked"));
    } else if (bot && !started) {
      this.bar("start", t("chat.start"), () => this.view.run("start", { bot: bot.username }), t("chat.start_hint"));
    } else if (!bot && !this.session.member(this.chat, this.session.uid)) {
      this.bar("join", t("chat.join"), () => this.view.run("join", { chat: this.chat.ref }));
    } else if (!this.composer) {
      this.composer = new Composer({
        session: this.session,
        chat: this.chat,
        host: this.view.host,
        fail: this.view.fail,
        people: () => this.mentionable(),
        lastOwn: () => this.session.messages(this.chat.id).findLast((message) => this.editable(message)),
      });
      this.foot.replaceChildren(this.composer.element);
      this.composer.redraw();
    }
  }

  bar(testid, label, onclick, hint) {
    this.composer = null;
    const button = el("button", { type: "button", class: "primary wide", data: { testid }, onclick }, label);
    this.foot.replaceChildren(el("div", { class: "foot-bar" }, hint && el("p", { class: "muted" }, hint), button));
  }

  mentionable() {
    const { people, bots } = this.session.state;
    const present = new Set((this.chat.members || []).map((member) => member.id));
    return [...bots, ...people].filter((party) => present.has(party.id));
  }

  editable(message) {
    return message.from?.id === this.session.uid && (message.text !== undefined || message.caption !== undefined) && !message.forward_origin;
  }

  /** Draw the messages, touching only the rows that changed; stay at the end when the reader stood there. */
  drawThread(arrived = null) {
    const messages = this.session.messages(this.chat.id);
    const fromBottom = this.log.scrollHeight - this.log.scrollTop;
    const rows = rowsOf(messages);
    const fresh = new Map();
    const nodes = rows.flatMap((row) => {
      const old = this.drawn.get(row.key);
      const entry = old && sameRow(old.row, row) ? old : { row, nodes: this.drawNodes(row) };
      fresh.set(row.key, entry);
      return entry.nodes;
    });
    this.drawn = fresh;
    this.patch(nodes);
    this.rows.classList.toggle("is-empty", nodes.length === 0);
    this.earlier.hidden = !this.session.hasEarlier(this.chat.id);
    this.drawReplyKeyboard(messages);
    const own = arrived?.from?.id === this.session.uid;
    if (this.stuck || own) this.toEnd();
    else this.keepPlace(arrived, fromBottom);
  }

  drawNodes(row) {
    const view = { me: this.session.me, chat: this.chat, role: (id) => roleOf(this.session.member(this.chat, id)), actions: this.actions };
    const node = drawRow(row, view);
    const separator = row.day && el("div", { class: "row service day" }, el("span", { class: "pill" }, day(row.messages[0].date)));
    return separator ? [separator, node] : [node];
  }

  patch(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.rows.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, index) => {
      const present = this.rows.children[index] || null;
      if (present !== node) this.rows.insertBefore(node, present);
    });
  }

  drawReplyKeyboard(messages) {
    this.foot.querySelector(".reply-keyboard")?.remove();
    const keyboard = this.composer && replyKeyboard(messages, (_, text) => this.view.run("send_text", { chat: this.chat.ref, text }));
    if (keyboard) this.foot.append(keyboard);
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
  }

  keepPlace(arrived, fromBottom) {
    if (arrived) {
      this.missed += 1;
      this.scrolled();
    } else if (this.log.scrollTop < NEAR_PX) {
      this.log.scrollTop = this.log.scrollHeight - fromBottom;
    }
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.scrolled();
  }

  scrolled() {
    const atEnd = this.atEnd();
    this.stuck = atEnd;
    if (atEnd) this.missed = 0;
    this.latest.hidden = atEnd;
    this.latestCount.hidden = this.missed === 0;
    this.latestCount.textContent = String(this.missed);
    if (atEnd && document.visibilityState === "visible" && this.log.clientHeight > 0) this.session.read(this.chat.id);
    if (this.log.scrollTop < NEAR_PX && !atEnd && this.session.hasEarlier(this.chat.id)) this.loadEarlier();
  }

  loadEarlier() {
    return this.session.loadEarlier(this.chat.id).catch(this.view.fail);
  }

  row(messageId) {
    return this.rows.querySelector(`[data-message="${messageId}"]`)?.closest(".row") || null;
  }

  /** Show the message with this number, loading older ones as needed; a deleted one is named as such. */
  async jump(messageId) {
    for (let page = 0; page < EARLIER_PAGES && !this.row(messageId) && this.session.hasEarlier(this.chat.id); page += 1) {
      await this.loadEarlier();
    }
    const row = this.row(messageId);
    if (!row) return this.view.fail(new Error(t("message.deleted")));
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    row.classList.remove("is-found");
    void row.offsetWidth;
    return row.classList.add("is-found");
  }

  key(event) {
    const rows = [...this.rows.querySelectorAll("[data-testid=message]")];
    const at = rows.indexOf(event.target.closest?.("[data-testid=message]"));
    const message = at >= 0 && this.session.messages(this.chat.id).find((one) => String(one.message_id) === rows[at].dataset.message);
    if (event.target !== this.log && event.target !== rows[at]) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const next = at < 0 ? rows.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
      rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
    } else if (message && (event.key === "Enter" || event.key === "ContextMenu")) {
      event.preventDefault();
      this.openActions(message, rows[at]);
    } else if (message && event.key.toLowerCase() === "r" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.composer?.reply(message);
    }
  }

  openActions(message, node) {
    const target = { chat: this.chat.ref, message: message.message_id };
    const words = message.text || message.caption;
    const writable = Boolean(this.composer);
    const admin = ["creator", "administrator"].includes(roleOf(this.session.member(this.chat, this.session.uid)));
    const mine = message.from?.id === this.session.uid;
    const does = (action) => () => this.view.run(action, target);
    openMenu(node.querySelector(".bubble") || node, [
      writable && { icon: "reply", label: t("message.reply"), testid: "reply", onclick: () => this.composer.reply(message) },
      writable && this.editable(message) && { icon: "edit", label: t("message.edit"), testid: "edit", onclick: () => this.composer.edit(message) },
      words && { icon: "copy", label: t("message.copy"), testid: "copy", onclick: () => this.actions.copy(words) },
      (admin || this.chat.type === "private") && { icon: "pin", label: t("message.pin"), testid: "pin-message", onclick: does("pin") },
      (mine || admin) && { icon: "delete", label: t("message.delete"), testid: "delete", danger: true, onclick: does("delete") },
    ]);
  }
}

/** Return what a screen reader says when *message* comes in. */
export function spoken(message) {
  return t("message.new", { name: nameOf(message.from || message.chat), text: kindOf(message) || message.text ? summary(message) : "" });
}
