/** The scrolling messages of one open chat: drawn row by row, kept at the end, walked with the arrow keys. */

import { el } from "./dom.js";
import { day } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { roleOf } from "./members.js";
import { drawRow, rowsOf, sameRow } from "./message.js";

const NEAR_PX = 96;
const EARLIER_PAGES = 20;

/**
 * The messages of *session* in *chat*.
 *
 * `view`: {actions, title, fail(error), reply(message)}; `actions` are those of `drawRow` except `jump`,
 * which belongs here.
 */
export class MessageLog {
  constructor(session, chat, view) {
    Object.assign(this, { session, chat, view });
    this.actions = { ...view.actions, jump: (id) => this.jump(id) };
    this.drawn = new Map();
    this.missed = 0;
    this.build();
  }

  build() {
    this.rows = el("div", { class: "rows" });
    this.empty = el("p", { class: "pill empty", hidden: true }, t("chat.no_messages"));
    this.earlier = el(
      "button",
      { type: "button", class: "quiet earlier", data: { testid: "earlier" }, onclick: () => this.loadEarlier() },
      t("chat.earlier"),
    );
    this.log = el(
      "div",
      {
        class: "log",
        role: "log",
        "aria-live": "off",
        tabindex: "0",
        "aria-label": t("chat.log", { title: this.view.title }),
        data: { testid: "log", chat: this.chat.id },
        onscroll: () => this.scrolled(),
        onkeydown: (event) => this.key(event),
      },
      this.earlier,
      this.empty,
      this.rows,
    );
    this.latestCount = el("span", { class: "badge", hidden: true });
    this.latest = el(
      "button",
      {
        type: "button",
        class: "latest",
        hidden: true,
        "aria-label": t("chat.latest"),
        title: t("chat.latest"),
        data: { testid: "latest" },
        onclick: () => this.toEnd(),
      },
      icon("down"),
      this.latestCount,
    );
    this.element = el("div", { class: "log-frame" }, this.log, this.latest);
    this.stuck = true;
    this.top = 0;
    this.sizes = new ResizeObserver(() => this.stuck && this.toEnd());
    for (const node of [this.log, this.rows]) this.sizes.observe(node);
  }

  /** Draw the messages, touching only the rows that changed; stay at the end when the reader stood there. */
  draw(arrived) {
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
    this.keepFocus(() => this.patch(nodes));
    this.empty.hidden = nodes.length > 0;
    this.earlier.hidden = !this.session.hasEarlier(this.chat.id);
    const own = arrived?.from?.id === this.session.uid;
    if (this.stuck || own) this.toEnd();
    else this.keepPlace(arrived, fromBottom);
  }

  drawNodes(row) {
    const view = {
      me: this.session.me,
      chat: this.chat,
      role: (id) => roleOf(this.session.member(this.chat, id)),
      actions: this.actions,
    };
    const node = drawRow(row, view);
    const separator =
      row.day && el("div", { class: "row service day" }, el("span", { class: "pill" }, day(row.messages[0].date)));
    return separator ? [separator, node] : [node];
  }

  /** Whoever stood in a row that is drawn anew stands in it afterwards. */
  keepFocus(change) {
    const place = this.rows.contains(document.activeElement) && document.activeElement.closest("[data-message]");
    change();
    if (place && !place.isConnected) this.row(place.dataset.message)?.focus({ preventScroll: true });
  }

  patch(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.rows.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, index) => {
      const present = this.rows.children[index] || null;
      if (present !== node) this.rows.insertBefore(node, present);
    });
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

  /** Whoever stands at the end stays there while a late picture moves it away; only going up leaves it. */
  scrolled() {
    const top = this.log.scrollTop;
    const atEnd = this.atEnd() || (this.stuck && top >= this.top);
    this.top = top;
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
    for (
      let page = 0;
      page < EARLIER_PAGES && !this.row(messageId) && this.session.hasEarlier(this.chat.id);
      page += 1
    ) {
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
    const message =
      at >= 0 && this.session.messages(this.chat.id).find((one) => String(one.message_id) === rows[at].dataset.message);
    if (event.target !== this.log && event.target !== rows[at]) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const next = at < 0 ? rows.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
      rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
    } else if (message && (event.key === "Enter" || event.key === "ContextMenu")) {
      event.preventDefault();
      this.actions.menu(message, rows[at]);
    } else if (message && event.key.toLowerCase() === "r" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.view.reply(message);
    }
  }
}
