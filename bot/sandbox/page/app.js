/**
 * The sandbox's chat page: up to four people side by side, live.
 *
 * Stable hooks for tests and tours (nothing else of the markup is promised):
 *   [data-testid="pane"][data-person="<user id>"]            one person's pane; every hook below lies inside one
 *     "switch-person" "close-pane" "offline"                 its bar; "person-sheet" → "person"[data-person]
 *     "chat-list" → "chat"|"bot"|"joinable"[data-chat]       rows; "unread" is the count. A private chat has its bot's id
 *     "conversation"[data-chat] → "log"                      the open chat; "back" "show-members" "chat-menu" in its head
 *       "message"[data-message][data-from][data-mine=yes|no] a bubble; inside: "text" "photo" "album" "voice" "video"
 *                                                            "document" "location" "venue" "contact" "poll" "edited"
 *                                                            "quote"[data-target] "spoiler" "link" "command" "mention"
 *                                                            "option" of a poll, "voice-play", "ephemeral" (a whisper)
 *                                                            "reactions" → "reaction", each a button with its count
 *       "keyboard" → "key"[data-data|data-url]               inline buttons; "reply-key" for the old kind
 *       "service"[data-message] "pin"[data-target] "earlier" "latest"
 *     "composer" → "composer-text" "send" "attach" "composer-banner" "composer-cancel" "picture" "file-input"
 *     "suggestions" → "suggestion"                           after / and @
 *     "start" "unblock" "join"                               instead of the composer
 *     "toast"  "alert" → "alert-text" "alert-ok"             answers to presses, and errors
 *     "members" → "member"[data-person][data-role] "add-member"; "profile" → "act-as" "open-bot" "promote" "demote" "kick"
 *   "menu" → "react" (one of five) "reply" "edit" "copy" "pin-message" "delete", "attach-photo" "attach-sample-photo" … ,
 *            "leave" "block" "photo" "no-photo" …
 *   "viewer"                                                 a picture at full size
 *   "tour-open", "tour" → "tour-say" "tour-note" "tour-go" "tour-stop" "tour-chapter", "tour-ring" around what it points at
 *   "add-pane" "tab"[data-person] "open-link" → "link-text" "link-go", "language" "theme"
 * The address keeps the panes: #li@-1001,zhang@huying_bot (user name or id, then chat id or bot).
 */

import { fetchState, fetchTour } from "./api.js";
import { readHash, writeHash } from "./address.js";
import { avatar } from "./avatar.js";
import { roleWords, setCast } from "./cast.js";
import { el, iconButton } from "./dom.js";
import { language, locale, switchLanguage, t } from "./i18n.js";
import { icon } from "./icons.js";
import { Pane } from "./pane.js";
import { closeMenu, openMenu, openSheet } from "./popup.js";
import { applyTheme, nextTheme, recall, remember, theme } from "./preferences.js";
import { Session, findPerson } from "./session.js";
import { Tour } from "./tour.js";

const MOST_PANES = 4;
const NARROW = window.matchMedia("(max-width: 719px)");

/** The whole page: the top bar, the tabs of a phone, the panes and the sessions behind them. */
class App {
  constructor(root) {
    this.root = root;
    this.known = [];
    this.panes = [];
    this.active = null;
    this.sessions = new Map();
    this.steps = [];
    this.tour = null;
    this.announcer = el("div", {
      class: "unseen",
      role: "status",
      "aria-live": "polite",
      data: { testid: "announcer" },
    });
    this.top = el("header", { class: "top" });
    this.tabs = el("nav", { class: "tabs" });
    this.main = el("main", { class: "panes" });
    this.root.replaceChildren(this.top, this.tabs, this.main, this.announcer);
    window.addEventListener("hashchange", () => this.follow(window.location.hash));
  }

  /** Read who exists and open the panes of the address, or those of last time, or where the tour begins, or empty ones. */
  async start() {
    this.drawTop();
    try {
      this.known = (await fetchState(null)).people;
      const { cast, steps } = await fetchTour();
      setCast(cast);
      this.steps = steps || [];
    } catch {
      this.drawUnreachable();
      return;
    }
    const last = [window.location.hash, recall("panes")].find((hash) => hash?.length > 1);
    await this.follow(last || `#${this.steps[0]?.panes || ""}`);
  }

  people() {
    return this.known;
  }

  /** Open the panes that *hash* names. One after the other: two layings out at once would leave panes twice. */
  follow(hash) {
    const laid = (this.laying || Promise.resolve()).then(() => this.layOut(hash));
    this.laying = laid.catch(() => {});
    return laid;
  }

  async layOut(hash) {
    if (hash === writeHash(this.panes.map((pane) => pane.address())) && this.panes.length > 0) return;
    for (const pane of this.panes) pane.release();
    this.panes = [];
    this.main.replaceChildren();
    const named = readHash(hash).slice(0, MOST_PANES);
    for (const { who, chat } of named) await this.openNamed(who, chat);
    while (this.panes.length < (NARROW.matches || named.length === 1 ? 1 : 2)) this.addPane();
    this.activate(this.panes[0]);
  }

  async openNamed(who, chat) {
    const person = findPerson(this.known, who);
    const pane = this.addPane();
    if (!person) return;
    try {
      await pane.hold(person);
      if (chat) await pane.showNamed(chat);
    } catch (error) {
      pane.fail(error);
    }
  }

  /** Open exactly these panes, written as in the page's address; what is open already stays as it is. */
  async arrange(address) {
    await this.laying;
    const named = readHash(`#${address}`);
    const holds = (pane, who) => pane?.session && findPerson([pane.session.me], who);
    if (named.length !== this.panes.length || !named.every(({ who }, index) => holds(this.panes[index], who))) {
      await this.follow(`#${address}`);
      return;
    }
    for (const [index, { chat }] of named.entries()) {
      const pane = this.panes[index];
      if (chat && String(pane.address().chat) !== chat) await pane.showNamed(chat);
    }
  }

  /** Return the pane of the person with this id, or undefined. */
  paneOf(id) {
    return this.panes.find((pane) => String(pane.session?.uid) === String(id));
  }

  startTour() {
    this.tour?.stop();
    remember("tour", "seen");
    this.tour = new Tour(this, this.steps, () => {
      this.tour = null;
      this.drawTop();
      this.top.querySelector("[data-testid=tour-open]").focus();
    });
    this.tabs.after(this.tour.element);
    this.tour.start();
    this.drawTop();
  }

  addPane() {
    const pane = new Pane(this);
    this.panes.push(pane);
    this.main.append(pane.element);
    this.activate(pane);
    this.changed();
    return pane;
  }

  async actAs(person) {
    const present = this.panes.find((pane) => pane.session?.uid === person.id);
    const free = this.panes.find((pane) => !pane.session);
    if (present) {
      this.activate(present);
      return;
    }
    const pane = free || (this.panes.length < MOST_PANES ? this.addPane() : this.panes.at(-1));
    await pane.attempt(() => pane.hold(person));
    this.activate(pane);
  }

  close(pane) {
    pane.release();
    this.panes = this.panes.filter((other) => other !== pane);
    pane.element.remove();
    if (this.panes.length === 0) this.addPane();
    if (this.active === pane) this.activate(this.panes[0]);
    this.changed();
  }

  activate(pane) {
    this.active = pane;
    for (const other of this.panes) other.element.classList.toggle("is-active", other === pane);
    this.drawTabs();
  }

  async take(person) {
    const known = this.sessions.get(person.id) || this.open(person.id);
    known.users += 1;
    try {
      return await known.opened;
    } catch (error) {
      this.forget(known);
      throw error;
    }
  }

  /** Begin a session of the person with this id; whoever takes it meanwhile waits for the same one. */
  open(id) {
    const session = new Session(id);
    const known = { session, users: 0, opened: session.open() };
    this.sessions.set(id, known);
    return known;
  }

  give(session) {
    this.forget(this.sessions.get(session.uid));
  }

  forget(known) {
    known.users -= 1;
    if (known.users > 0) return;
    known.session.close();
    if (this.sessions.get(known.session.uid) === known) this.sessions.delete(known.session.uid);
  }

  changed() {
    const hash = writeHash(this.panes.map((pane) => pane.address()));
    if (hash !== window.location.hash) window.history.replaceState(null, "", hash);
    remember("panes", hash);
    this.main.dataset.count = this.panes.length;
    this.drawTop();
    this.drawTabs();
  }

  announce(text) {
    this.announcer.textContent = text;
  }

  drawTop() {
    document.documentElement.lang = locale();
    document.title = t("app.title");
    const themeIcon = iconButton(icon(theme()), t(`app.theme.${theme()}`), "theme", () => {
      nextTheme();
      this.drawTop();
    });
    const languageButton = el(
      "button",
      {
        type: "button",
        class: "icon-button language",
        lang: language() === "zh" ? "en" : "zh-CN",
        "aria-label": t("app.language"),
        title: t("app.language"),
        data: { testid: "language" },
        onclick: () => this.switchLanguage(),
      },
      t("app.language_short"),
    );
    const add = el(
      "button",
      {
        type: "button",
        class: "quiet",
        data: { testid: "add-pane" },
        disabled: this.panes.length >= MOST_PANES,
        onclick: () => this.addPane(),
      },
      icon("add"),
      el("span", {}, t("app.add_pane")),
    );
    const link = el(
      "button",
      { type: "button", class: "quiet", data: { testid: "open-link" }, onclick: () => this.askLink() },
      icon("link"),
      el("span", {}, t("link.open")),
    );
    const tour =
      this.steps.length > 0 &&
      el(
        "button",
        {
          type: "button",
          class: recall("tour") ? "quiet" : "primary",
          "aria-label": t("tour.about"),
          "aria-pressed": String(this.tour !== null),
          title: t("tour.about"),
          data: { testid: "tour-open" },
          onclick: () => (this.tour ? this.tour.stop() : this.startTour()),
        },
        icon("tour"),
        el("span", {}, t("tour.open")),
      );
    this.top.replaceChildren(
      el("img", { class: "mark", src: "/page/mark.svg", alt: "", width: "32", height: "32" }),
      el("h1", {}, t("app.name"), el("small", {}, t("app.subtitle"))),
      el("div", { class: "top-actions" }, tour, link, add, languageButton, themeIcon),
    );
  }

  drawTabs() {
    this.tabs.setAttribute("aria-label", t("app.panes"));
    this.tabs.replaceChildren(
      ...this.panes.map((pane) =>
        el(
          "button",
          {
            type: "button",
            "aria-current": pane === this.active ? "true" : null,
            data: { testid: "tab", person: pane.session?.uid },
            onclick: (event) => this.tabPressed(pane, event.currentTarget),
          },
          pane.session && avatar(pane.session.me, { small: true }),
          el("span", {}, pane.label(), el("small", {}, roleWords(pane.session?.me))),
          pane === this.active && icon("down"),
        ),
      ),
    );
  }

  /** A tab comes to the front; pressed again it offers what the pane's own bar offers on a wide screen. */
  tabPressed(pane, tab) {
    if (pane !== this.active) {
      this.activate(pane);
      return;
    }
    openMenu(tab, [
      pane.session && {
        icon: "contact",
        label: t("person.choose"),
        testid: "switch-person",
        onclick: () => pane.chooseAnother(),
      },
      {
        icon: "close",
        label: t("pane.close", { name: pane.label() }),
        testid: "close-pane",
        onclick: () => this.close(pane),
      },
    ]);
  }

  drawUnreachable() {
    const retry = el(
      "button",
      { type: "button", class: "primary", data: { testid: "retry" }, onclick: () => this.start() },
      t("app.retry"),
    );
    this.main.replaceChildren(
      el("div", { class: "nothing", role: "alert" }, el("strong", {}, t("app.unreachable")), retry),
    );
  }

  switchLanguage() {
    switchLanguage();
    closeMenu();
    for (const pane of this.panes) pane.draw();
    this.tour?.draw();
    this.changed();
    this.top.querySelector("[data-testid=language]").focus();
  }

  askLink() {
    const pane = this.active?.session ? this.active : this.panes.find((one) => one.session);
    if (!pane) return;
    const field = el("input", {
      type: "text",
      name: "link",
      placeholder: t("link.hint"),
      "aria-label": t("link.hint"),
      autocomplete: "off",
      spellcheck: "false",
      data: { testid: "link-text" },
    });
    const form = el(
      "form",
      { class: "link-form" },
      el("p", { class: "muted" }, t("link.hint")),
      field,
      el("button", { type: "submit", class: "primary", data: { testid: "link-go" } }, t("link.go")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      close();
      if (field.value.trim()) pane.attempt(() => pane.openLink(field.value));
    });
    const close = openSheet(pane.element, `${t("link.open")} · ${pane.label()}`, form, { testid: "link-sheet" });
  }
}

applyTheme();
const app = new App(document.getElementById("app"));
document.addEventListener("focusin", (event) => {
  const pane = app.panes.find((one) => one.element.contains(event.target));
  if (pane && pane !== app.active) app.activate(pane);
});
app.start();
