/** One open chat: its head, its pins, its messages and the place to write. */

import { SAMPLE_PHONE, SAMPLE_PLACE } from "./attach.js";
import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { el, iconButton } from "./dom.js";
import { kindOf, nameOf, summary } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { asker, keyboardBringer, replyKeyboard } from "./keyboard.js";
import { MessageLog } from "./log.js";
import { roleOf } from "./members.js";
import { openMenu } from "./popup.js";

const REACTIONS = ["👍", "❤", "🙏", "👏", "👎"];

/**
 * The conversation of *session* in *chat*.
 *
 * `view`: {host, back(), actions, members(chat), chatMenu(anchor), run(action, fields), fail(error)}; `actions` are those
 * of `drawRow` except `menu`, which belongs here, and `jump`, which is the log's.
 */
export class Conversation {
  constructor(session, chat, view) {
    Object.assign(this, { session, chat, view });
    this.pinAt = 0;
    this.shown = new Map();
    this.build();
  }

  build() {
    this.log = new MessageLog(this.session, this.chat, {
      title: this.title(),
      fail: this.view.fail,
      reply: (message) => this.composer?.reply(message),
      actions: { ...this.view.actions, menu: (message, node) => this.openActions(message, node) },
    });
    this.head = el("header", { class: "chat-head" });
    this.pins = el("div", { class: "pins", hidden: true });
    this.foot = el("footer", { class: "chat-foot" });
    this.element = el(
      "section",
      { class: "conversation", "aria-label": this.title(), data: { testid: "conversation", chat: this.chat.id } },
      this.head,
      this.pins,
      this.log.element,
      this.foot,
    );
    this.composer = null;
  }

  /** Load the newest messages, draw everything and stand at the end. */
  async open() {
    this.drawFrame();
    await this.session.load(this.chat.id);
    this.drawThread();
    this.openReply();
    this.log.toEnd();
  }

  /** Open the reply field where somebody is asked. */
  openReply(focus = false) {
    const message = asker(this.session.messages(this.chat.id), this.chat, this.session.me);
    if (message) this.composer?.reply(message, focus);
  }

  /** Draw the messages anew after one *arrived* (null: after any other change). */
  drawThread(arrived = null) {
    this.log.draw(arrived);
    this.drawReplyKeyboard();
    if (arrived?.reply_keyboard?.force_reply) this.openReply(true);
  }

  /** Show the message with this number. */
  jump(messageId) {
    return this.log.jump(messageId);
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
    this.drawReplyKeyboard();
  }

  /** Say whether *part* already shows *what*, and note that it does: what is the same keeps its focus. */
  same(part, what) {
    const before = this.shown.get(part);
    this.shown.set(part, what);
    return before === what;
  }

  drawHead() {
    const bot = this.session.botOf(this.chat);
    const count = (this.chat.members || []).length;
    if (this.same("head", `${this.title()} ${count} ${this.chat.photo}`)) return;
    const sub = bot ? t("chat.bot") : t("chat.members", { n: count });
    const membersButton =
      !bot && iconButton(icon("members"), t("chat.show_members"), "show-members", () => this.view.members(this.chat));
    this.head.replaceChildren(
      ...[
        iconButton(icon("back"), t("chats.back"), "back", () => this.view.back(), { class: "icon-button back" }),
        avatar(bot || this.chat, { bot: Boolean(bot) }),
        el("span", { class: "two-lines" }, el("h2", {}, this.title()), el("small", {}, sub)),
        membersButton,
        iconButton(
          icon("more"),
          t("chat.menu"),
          "chat-menu",
          (event) => this.view.chatMenu(event.currentTarget, this.chat),
          { "aria-haspopup": "menu" },
        ),
      ].filter(Boolean),
    );
  }

  drawPins() {
    const pinned = [...(this.chat.pinned || [])].sort((a, b) => b.message_id - a.message_id);
    this.pins.hidden = pinned.length === 0;
    if (pinned.length === 0) return;
    const message = pinned[this.pinAt % pinned.length];
    if (this.same("pins", `${pinned.length} ${message.message_id} ${summary(message)}`)) return;
    const onclick = () => {
      this.pinAt = (this.pinAt + 1) % pinned.length;
      this.drawPins();
      this.jump(message.message_id);
    };
    const number = pinned.length > 1 ? ` ${(this.pinAt % pinned.length) + 1}/${pinned.length}` : "";
    this.pins.replaceChildren(
      el(
        "button",
        { type: "button", data: { testid: "pin", target: message.message_id }, onclick },
        icon("pin"),
        el(
          "span",
          { class: "two-lines" },
          el("strong", {}, `${t("chat.pinned")}${number}`),
          el("small", {}, summary(message)),
        ),
      ),
    );
  }

  drawFoot() {
    const bot = this.session.botOf(this.chat);
    const started = this.session.started(this.chat);
    if (bot && this.chat.blocked) {
      this.bar("unblock", t("chat.unblock"), () => this.view.run("unblock", { bot: bot.username }), t("chat.blocked"));
    } else if (bot && !started) {
      this.bar("start", t("chat.start"), () => this.view.run("start", { bot: bot.username }), t("chat.start_hint"));
    } else if (!bot && !this.session.chat(this.chat.id)) {
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
      this.same("foot", "composer");
      this.foot.replaceChildren(this.composer.element);
      this.composer.redraw();
    }
  }

  bar(testid, label, onclick, hint) {
    if (this.same("foot", testid)) return;
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
    return (
      message.from?.id === this.session.uid &&
      (message.text !== undefined || message.caption !== undefined) &&
      !message.forward_origin
    );
  }

  drawReplyKeyboard() {
    const bringer = this.composer && keyboardBringer(this.session.messages(this.chat.id));
    if (this.same("keys", bringer?.message_id ?? null)) return;
    this.foot.querySelector(".reply-keyboard")?.remove();
    if (bringer) this.foot.append(replyKeyboard(bringer, (button) => this.keyPressed(button)));
  }

  keyPressed(button) {
    const chat = this.chat.ref;
    const { first_name } = this.session.me;
    if (button.request_location) this.view.run("send_location", { chat, ...SAMPLE_PLACE });
    else if (button.request_contact) this.view.run("send_contact", { chat, first_name, phone_number: SAMPLE_PHONE });
    else this.view.run("send_text", { chat, text: button.text });
  }

  openActions(message, node) {
    const target = { chat: this.chat.ref, message: message.message_id };
    const words = message.text || message.caption;
    const writable = Boolean(this.composer);
    const admin = ["creator", "administrator"].includes(roleOf(this.session.member(this.chat, this.session.uid)));
    const mine = message.from?.id === this.session.uid;
    const pinned = (this.chat.pinned || []).some((other) => other.message_id === message.message_id);
    const does = (action) => () => this.view.run(action, target);
    const own = message.reactions?.[this.session.uid];
    openMenu(node.querySelector(".bubble") || node, [
      writable && {
        choices: REACTIONS.map((emoji) => ({
          label: emoji,
          testid: "react",
          onclick: () => this.view.actions.react(message, emoji === own ? null : emoji),
        })),
      },
      writable && {
        icon: "reply",
        label: t("message.reply"),
        testid: "reply",
        onclick: () => this.composer.reply(message),
      },
      writable &&
        this.editable(message) && {
          icon: "edit",
          label: t("message.edit"),
          testid: "edit",
          onclick: () => this.composer.edit(message),
        },
      words && { icon: "copy", label: t("message.copy"), testid: "copy", onclick: () => this.view.actions.copy(words) },
      (admin || this.chat.type === "private") && {
        icon: "pin",
        label: t(pinned ? "message.unpin" : "message.pin"),
        testid: pinned ? "unpin-message" : "pin-message",
        onclick: does(pinned ? "unpin" : "pin"),
      },
      (mine || admin) && {
        icon: "delete",
        label: t("message.delete"),
        testid: "delete",
        danger: true,
        onclick: does("delete"),
      },
    ]);
  }
}

/** Return what a screen reader says when *message* comes in. */
export function spoken(message) {
  return t("message.new", {
    name: nameOf(message.from || message.chat),
    text: kindOf(message) || message.text ? summary(message) : "",
  });
}
