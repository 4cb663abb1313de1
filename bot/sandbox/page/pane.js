/** One person's phone: who holds it, their chats, the chat that is open. */

import { avatar } from "./avatar.js";
import { roleWords } from "./cast.js";
import { ChatList } from "./chatlist.js";
import { Conversation, spoken } from "./conversation.js";
import { el, iconButton } from "./dom.js";
import { followLink } from "./follow.js";
import { nameOf } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { botMenu, groupMenu } from "./chatmenu.js";
import { openMembers, openProfile } from "./members.js";
import { personPicker } from "./picker.js";
import { openMenu, openSheet, showAlert, showToast } from "./popup.js";
import { handleOf } from "./session.js";

/**
 * A pane without a person asks for one.
 *
 * `app`: {people(), take(person) gives a session, give(session) gives it back, changed() after every change of what is
 * open, close(pane), actAs(person), announce(text)}.
 */
export class Pane {
  constructor(app) {
    this.app = app;
    this.session = null;
    this.chat = null;
    this.conversation = null;
    this.listeners = [];
    this.bar = el("header", { class: "pane-bar" });
    this.body = el("div", { class: "pane-body" });
    this.lost = el("p", { class: "offline", role: "status", hidden: true, data: { testid: "offline" } });
    this.element = el("section", { class: "pane", data: { testid: "pane" } }, this.bar, this.lost, this.body);
    this.draw();
  }

  /** Hand the phone to *person*; throws when the server refuses. */
  async hold(person) {
    const session = await this.app.take(person);
    this.release();
    this.session = session;
    this.chat = null;
    this.hear("state", () => this.stateChanged());
    this.hear("status", () => this.drawBar());
    this.hear("thread", (event) => this.threadChanged(event.detail));
    this.hear("toast", (event) => this.answered(event.detail));
    this.draw();
    this.app.changed();
  }

  /** Stop listening and give the session back. */
  release() {
    for (const [type, listener] of this.listeners) this.session.removeEventListener(type, listener);
    this.listeners = [];
    if (this.session) this.app.give(this.session);
    this.session = null;
  }

  hear(type, listener) {
    this.session.addEventListener(type, listener);
    this.listeners.push([type, listener]);
  }

  /** Return {who, chat} for the page's address. */
  address() {
    if (!this.session) return { who: null, chat: null };
    const bot = this.session.botOf(this.chat);
    return { who: handleOf(this.session.me), chat: bot ? bot.username : (this.chat?.id ?? null) };
  }

  /** Return the name of whoever holds the phone, or the question who shall. */
  label() {
    return this.session ? nameOf(this.session.me) : t("person.choose");
  }

  /** Draw everything anew, as after a change of person or language. */
  draw() {
    if (this.session) this.element.dataset.person = this.session.uid;
    else delete this.element.dataset.person;
    this.element.setAttribute("aria-label", t("pane.label", { name: this.label() }));
    this.drawBar();
    if (this.session) this.drawPhone();
    else this.drawQuestion();
  }

  drawBar() {
    const close = iconButton(icon("close"), t("pane.close", { name: this.label() }), "close-pane", () =>
      this.app.close(this),
    );
    if (!this.session) {
      this.bar.replaceChildren(el("strong", { class: "pane-title" }, t("person.choose")), close);
      return;
    }
    const { me, online } = this.session;
    const label = t("person.switch", { name: nameOf(me) });
    const holder = el(
      "button",
      {
        type: "button",
        class: "holder",
        "aria-label": label,
        title: label,
        data: { testid: "switch-person" },
        onclick: () => this.chooseAnother(),
      },
      avatar(me, { small: true }),
      el("strong", {}, nameOf(me)),
      roleWords(me) && el("small", {}, roleWords(me)),
      icon("down"),
    );
    this.lost.hidden = online;
    this.lost.textContent = t("pane.offline");
    this.bar.replaceChildren(holder, close);
  }

  drawQuestion() {
    const people = this.app.people();
    const chosen = (person) => this.attempt(() => this.hold(person));
    this.body.className = "pane-body is-question";
    this.body.replaceChildren(
      el("div", { class: "question" }, el("p", { class: "muted" }, t("person.hint")), personPicker(people, chosen)),
    );
  }

  chooseAnother() {
    const chosen = (person) => {
      close();
      this.attempt(() => this.hold(person));
    };
    const picker = personPicker(this.session.state.people, chosen, this.session.uid);
    const close = openSheet(this.element, t("person.choose"), picker, { testid: "person-sheet" });
  }

  drawPhone() {
    this.list = new ChatList(this.session, (chat) => this.attempt(() => this.show(chat)));
    this.slot = el("div", { class: "slot" });
    this.body.replaceChildren(this.list.element, this.slot);
    this.conversation = null;
    if (this.chat) this.attempt(() => this.show(this.chat));
    else this.drawEmpty();
  }

  drawEmpty() {
    this.body.className = "pane-body";
    this.slot.replaceChildren(
      el(
        "div",
        { class: "nothing" },
        icon("reply"),
        el("strong", {}, t("chat.pick")),
        el("p", { class: "muted" }, t("chat.pick_hint")),
      ),
    );
  }

  /** Open *chat* in this pane, at *message* where one is given. */
  async show(chat, message = null) {
    this.chat = chat;
    this.body.className = "pane-body is-open";
    this.conversation = new Conversation(this.session, chat, {
      host: this.element,
      back: () => this.back(),
      actions: this.actions(),
      members: (one) => openMembers(one, this.memberView()),
      chatMenu: (anchor, one) => this.openChatMenu(anchor, one),
      run: (action, fields) => this.run(action, fields),
      fail: (error) => this.fail(error),
    });
    this.slot.replaceChildren(this.conversation.element);
    this.list.select(chat.id);
    this.app.changed();
    await this.conversation.open();
    if (message) await this.conversation.jump(message);
  }

  /** Go back to the chat list, where the pane is too narrow for both. */
  back() {
    this.chat = null;
    this.conversation = null;
    this.list.select(null);
    this.drawEmpty();
    this.app.changed();
    this.list.element.querySelector("button")?.focus();
  }

  /** Open the chat that the page's address names: an id, or a bot's user name. */
  async showNamed(name) {
    const bot = this.session.bot(name);
    const chat = bot
      ? this.session.privateChat(bot)
      : this.session.chat(name) || this.session.joinable().find((one) => String(one.id) === String(name));
    if (chat) await this.show(chat);
  }

  actions() {
    return {
      press: (message, data) =>
        this.attempt(() => this.session.press({ chat: this.chat.ref, message: message.message_id, data })),
      vote: (message, option) =>
        this.run("vote", { chat: this.chat.ref, message: message.message_id, options: [option] }),
      react: (message, emoji) => this.run("react", { chat: this.chat.ref, message: message.message_id, emoji }),
      link: (address) => this.attempt(() => this.openLink(address)),
      command: (text) => this.run("send_text", { chat: this.chat.ref, text }),
      mention: (username) => this.openMention(username),
      person: (user) => openProfile(user, this.chat, this.memberView()),
      profile: (party) => openProfile(party, this.chat, this.memberView()),
      copy: (text) => this.copy(text),
      plain: () => showToast(this.element, t("keyboard.plain")),
    };
  }

  memberView() {
    return {
      host: this.element,
      session: this.session,
      actAs: (person) => this.app.actAs(person),
      run: (action, fields) => this.run(action, fields),
      private: (bot) =>
        this.attempt(() =>
          this.show(this.session.privateChat(this.session.state.bots.find((one) => one.id === bot.id))),
        ),
    };
  }

  openMention(username) {
    const everybody = [...this.session.state.bots, ...this.session.state.people];
    const party = everybody.find((one) => one.username?.toLowerCase() === username.toLowerCase());
    if (party) openProfile(party, this.chat, this.memberView());
    else this.fail(new Error(t("toast.no_such_person", { name: username })));
  }

  /** Follow a link as Telegram would. Throws when it leads nowhere. */
  async openLink(address) {
    await followLink(address, {
      host: this.element,
      session: this.session,
      show: (chat, message) => this.show(chat, message),
      run: (action, fields) => this.run(action, fields),
      profile: (party) => openProfile(party, this.chat, this.memberView()),
    });
  }

  openChatMenu(anchor, chat) {
    const bot = this.session.botOf(chat);
    openMenu(anchor, bot ? botMenu(chat, bot, this.memberView()) : groupMenu(chat, this.memberView()));
  }

  async copy(text) {
    await navigator.clipboard?.writeText(text);
    showToast(this.element, t("toast.copied"));
  }

  stateChanged() {
    this.list?.redraw();
    this.conversation?.drawFrame();
  }

  threadChanged({ chat, arrived }) {
    if (!this.conversation || String(chat) !== String(this.chat.id)) return;
    this.conversation.drawThread(arrived);
    if (arrived?.migrate_to_chat_id) this.attempt(() => this.moveTo(arrived.migrate_to_chat_id));
    if (arrived && arrived.from?.id !== this.session.uid) this.app.announce(spoken(arrived));
  }

  /** Follow a group that became a supergroup to its new number. */
  async moveTo(id) {
    await this.session.refresh();
    await this.showNamed(id);
  }

  answered(toast) {
    if (toast.url) this.attempt(() => this.openLink(toast.url));
    else if (toast.alert) showAlert(this.element, this.conversation?.title() || t("app.name"), toast.text);
    else if (toast.text) showToast(this.element, toast.text);
  }

  run(action, fields) {
    return this.attempt(() => this.session.act(action, fields));
  }

  async attempt(step) {
    try {
      await step();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    showToast(this.element, error.message, { error: true });
  }
}
