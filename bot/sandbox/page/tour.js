/**
 * The guided tour: one bubble and one button per step. What is told and done is data, served at /page/tour.json:
 *
 *   {cast: {person's id: {zh, en}}, steps: [{panes, as, say, go, write | press | crowd, wait, chapter}]}
 *
 * `panes` is what the page's address holds; `as` the id of the person who acts. `say` {zh, en} stands in the bubble and
 * `go` {zh, en} on its button. `write` {text, sample} is put into the composer (with the sample picture of that number)
 * and sent by the button; `press` is the last word of a button's label, the newest such button of the open chat is
 * pressed. `crowd` {people: "id@chat,…", press: [words], again} lets many people press; see crowd.js. `wait` {as, chat, text} names a text that must appear, in a new or a changed message, before the next step:
 * whoever does the step by hand goes on just the same. A step without `wait` ends with its button. `about`, in a step or
 * in its `wait`, are words that the message pressed or awaited must hold too: a desk has cards of other cases. `chapter`
 * {zh, en} names a part of the story: the first bubble has a button that leads to each later one.
 */

import { language, t } from "./i18n.js";
import { el, iconButton } from "./dom.js";
import { crowd, endsWith } from "./crowd.js";
import { icon } from "./icons.js";
import { Pointer } from "./pointer.js";
import { lookOut } from "./watch.js";

const PATIENCE_MS = 20000;
const CROWD_PATIENCE_MS = 180000;
const MANY = 18; // steps, beyond which their dots move closer together

/** One run through *steps*; `app`: {arrange(panes), paneOf(person id), activate(pane), take(person), give(session)}. */
export class Tour {
  constructor(app, steps, ended) {
    Object.assign(this, { app, steps, ended });
    this.at = 0;
    this.state = "ready";
    this.watch = null;
    this.timer = null;
    this.build();
  }

  build() {
    this.title = el("h2", { id: "tour-title", class: "unseen" });
    this.words = el("p", { id: "tour-words", "aria-live": "polite", "aria-atomic": "true", data: { testid: "tour-say" } });
    this.note = el("p", { class: "muted", role: "status", data: { testid: "tour-note" } });
    this.dots = el("span", { class: this.steps.length > MANY ? "tour-dots is-many" : "tour-dots", "aria-hidden": "true" });
    this.button = el("button", {
      type: "button",
      class: "primary",
      data: { testid: "tour-go" },
      onclick: () => this.pressed(),
    });
    this.cross = iconButton(icon("close"), t("tour.stop"), "tour-stop", () => this.stop());
    this.element = el(
      "section",
      {
        class: "tour",
        role: "dialog",
        "aria-labelledby": "tour-title",
        "aria-describedby": "tour-words",
        data: { testid: "tour" },
        onkeydown: (event) => event.key === "Escape" && this.stop(),
      },
      this.title,
      this.cross,
      this.words,
      this.note,
      (this.chapters = el("div", { class: "tour-chapters" })),
      el("div", { class: "tour-foot" }, this.dots, this.button),
    );
    this.pointer = new Pointer(this.element, () => this.target());
  }

  /** Show the first step. */
  start() {
    this.pointer.show();
    return this.enter(0);
  }

  /** End the tour wherever it is, and leave no half-written message behind. */
  stop() {
    this.leave();
    this.state = "over";
    this.pointer.hide();
    this.element.remove();
    this.ended();
  }

  get step() {
    return this.steps[this.at];
  }

  get pane() {
    return this.app.paneOf(this.step.as);
  }

  /** Go to step number *at*; when it can't be laid out (the server is away) it can be skipped. */
  async enter(at) {
    this.leave();
    this.at = at;
    this.turn("busy");
    try {
      await this.prepare();
      if (this.step.wait) this.watch = await lookOut(this.app, this.step.wait);
    } catch {
      this.turn("late");
      return;
    }
    if (this.state === "over") {
      this.watch?.stop();
      return;
    }
    this.turn("ready");
    this.pointer.settle();
    this.button.focus({ preventScroll: true });
    this.watch?.seen.then((seen) => seen && this.next());
  }

  /** Open the panes of the step and lay out what will be sent. */
  async prepare() {
    const { panes, write } = this.step;
    await this.app.arrange(panes);
    this.app.activate(this.pane);
    const composer = this.pane.conversation?.composer;
    if (write && composer && composer.box.value !== write.text) {
      composer.fill(write.text, write.sample ? [write.sample] : []);
      this.pane.conversation.openReply();
    }
  }

  /** Forget what the step waited for, and take back what it had laid out and nobody sent. */
  leave() {
    window.clearTimeout(this.timer);
    this.watch?.stop();
    this.watch = null;
    const composer = this.pane?.conversation?.composer;
    if (this.step.write && composer?.box.value === this.step.write.text) composer.fill("");
  }

  next() {
    return this.at + 1 < this.steps.length ? this.enter(this.at + 1) : this.stop();
  }

  pressed() {
    if (this.state === "busy") return;
    if (this.state === "late" || !this.step.wait) {
      this.next();
      return;
    }
    this.turn("busy");
    this.timer = window.setTimeout(() => this.turn("late"), this.step.crowd ? CROWD_PATIENCE_MS : PATIENCE_MS);
    const { step } = this;
    this.perform(step).catch(() => this.step === step && this.turn("late"));
  }

  /** Do what *step* says, in its own place even when somebody has gone elsewhere; nothing once it was skipped. */
  async perform(step) {
    await this.prepare();
    if (this.step !== step || this.state === "over") return;
    if (step.crowd) await crowd(this.app, step.crowd);
    else if (step.write) await this.pane.conversation.composer.submit();
    else this.key().click();
  }

  turn(state) {
    if (this.state === "over") return;
    this.state = state;
    this.draw();
  }

  /** Draw the words of the step, as after a change of language. */
  draw() {
    const place = { n: this.at + 1, all: this.steps.length };
    this.title.textContent = t("tour.step", place);
    this.words.textContent = this.step.say[language()];
    this.note.textContent = { busy: t("tour.waiting"), late: t("tour.late") }[this.state] || "";
    this.button.textContent = this.state === "late" ? t("tour.skip") : this.step.go[language()];
    this.button.setAttribute("aria-disabled", String(this.state === "busy"));
    this.cross.setAttribute("aria-label", t("tour.stop"));
    this.cross.title = t("tour.stop");
    this.chapters.replaceChildren(...(this.at === 0 ? this.chapterButtons() : []));
    this.dots.replaceChildren(
      ...this.steps.map((_, index) => el("i", { class: index === this.at ? "is-here" : index < this.at ? "is-done" : null })),
    );
  }

  /** A button for each later part of the story. */
  chapterButtons() {
    const later = [...this.steps.entries()].filter(([index, step]) => index > 0 && step.chapter);
    return later.map(([index, step]) =>
      el(
        "button",
        { type: "button", class: "quiet", data: { testid: "tour-chapter" }, onclick: () => this.enter(index) },
        step.chapter[language()],
      ),
    );
  }

  /** What the bubble points at: the button to press, the box that will be sent, or nothing. */
  target() {
    if (this.step.press) return this.key();
    return this.step.write ? this.pane?.conversation?.composer?.element : null;
  }

  key() {
    const keys = [...(this.pane?.element.querySelectorAll("[data-testid=key]") || [])];
    const { press, about = "" } = this.step;
    const meant = (key) => endsWith(key.textContent, press) && key.closest("[data-testid=message]").textContent.includes(about);
    return keys.findLast(meant) || null;
  }
}
