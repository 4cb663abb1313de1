/** Where a person writes: text, commands, pictures with a caption, replies, edits. */

import { sampleAddress } from "./api.js";
import { openAttachMenu } from "./attach.js";
import { el, iconButton } from "./dom.js";
import { nameOf, senderOf, summary } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { nextSample, picturesIn, readPicture } from "./pictures.js";
import { Suggestions, commandChoices, mentionChoices } from "./suggest.js";

const MOST_PICTURES = 10;
const TALLEST_PX = 160;
const drafts = new Map();

/**
 * The composer of one chat.
 *
 * `view`: {session, chat, people() for mentions, host for sheets, fail(error), lastOwn() the newest own text}.
 */
export class Composer {
  constructor(view) {
    this.view = view;
    this.replying = null;
    this.editing = null;
    this.pictures = [];
    this.draftKey = `${view.session.uid}@${view.chat.id}`;
    this.build();
    this.box.value = drafts.get(this.draftKey) || "";
    this.redraw();
  }

  build() {
    this.box = el("textarea", {
      rows: "1",
      placeholder: t("composer.placeholder"),
      "aria-label": t("composer.placeholder"),
      maxlength: "4096",
      data: { testid: "composer-text" },
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.drop(event, event.clipboardData),
    });
    this.suggestions = new Suggestions(this.box, {
      choices: (prefix) => this.choices(prefix),
      chosen: (choice, word, now) => this.choose(choice, word, now),
    });
    this.input = el("input", {
      type: "file",
      accept: "image/*",
      multiple: true,
      hidden: true,
      tabindex: "-1",
      data: { testid: "file-input" },
    });
    this.input.addEventListener("change", () => this.add([...this.input.files]));
    this.banner = el("div", { class: "composer-banner", hidden: true, data: { testid: "composer-banner" } });
    this.strip = el("div", { class: "picture-strip", hidden: true });
    this.clip = iconButton(icon("attach"), t("composer.attach"), "attach", () => this.openClip(), {
      "aria-haspopup": "menu",
    });
    this.sendButton = iconButton(icon("send"), t("composer.send"), "send", () => this.submit());
    this.sendButton.classList.add("send");
    this.element = el(
      "div",
      {
        class: "composer",
        data: { testid: "composer" },
        ondragover: (event) => event.preventDefault(),
        ondrop: (event) => this.drop(event, event.dataTransfer),
      },
      this.suggestions.element,
      this.banner,
      this.strip,
      el("div", { class: "composer-line" }, this.clip, this.box, this.sendButton),
      this.input,
    );
  }

  /** Answer *message* with whatever is sent next. */
  reply(message, focus = true) {
    this.replying = message;
    this.editing = null;
    this.redraw();
    if (focus) this.box.focus();
  }

  /** Put the text of the own *message* back into the box to change it. */
  edit(message) {
    this.editing = message;
    this.replying = null;
    this.box.value = message.text || message.caption || "";
    this.redraw();
    this.box.focus();
  }

  /** Put *text* and the sample pictures of these numbers into the box, in place of what stands there. */
  fill(text, samples = []) {
    this.settle(true);
    this.box.value = text;
    this.pictures = samples.map((number) => ({ sample: number }));
    if (text) drafts.set(this.draftKey, text);
    this.redraw();
  }

  choices(prefix) {
    const { session, chat } = this.view;
    if (prefix[0] === "@") return mentionChoices(this.view.people(), prefix);
    return commandChoices(chat, session.state.bots, prefix);
  }

  choose(choice, word, now) {
    const caret = this.box.selectionStart;
    const head = this.box.value.slice(0, caret - word.length) + choice.insert;
    this.box.value = `${head} ${this.box.value.slice(caret)}`;
    this.box.setSelectionRange(head.length + 1, head.length + 1);
    this.redraw();
    if (now && choice.send) this.submit();
  }

  typed() {
    if (!this.editing) drafts.set(this.draftKey, this.box.value);
    this.suggestions.update();
    this.redraw();
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.suggestions.key(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.replying || this.editing)) {
      event.stopPropagation();
      this.settle(Boolean(this.editing));
    } else if (event.key === "ArrowUp" && !this.box.value) {
      const own = this.view.lastOwn();
      if (!own) return;
      event.preventDefault();
      this.edit(own);
    }
  }

  openClip() {
    openAttachMenu(this.clip, {
      host: this.view.host,
      files: () => this.input.click(),
      samples: (count) => this.lay(count === 1 ? [{ sample: nextSample() }] : Array.from({ length: count }, () => ({}))),
      send: (action, fields) => this.deliver(action, { ...fields, ...this.answering() }),
    });
  }

  drop(event, transfer) {
    const files = picturesIn(transfer);
    if (files.length === 0) return;
    event.preventDefault();
    this.add(files);
  }

  async add(files) {
    this.input.value = "";
    try {
      this.lay(await Promise.all(files.map(readPicture)));
    } catch {
      this.view.fail(new Error(t("attach.unreadable")));
    }
  }

  lay(pictures) {
    const all = [...this.pictures, ...pictures];
    if (all.length > MOST_PICTURES) this.view.fail(new Error(t("attach.too_many")));
    this.pictures = all.slice(0, MOST_PICTURES);
    this.redraw();
    this.box.focus();
  }

  answering() {
    return this.replying ? { reply_to: this.replying.message_id } : {};
  }

  async submit() {
    const text = this.box.value.trim();
    if (this.editing) {
      await this.saveEdit(text);
    } else if (this.pictures.length > 0) {
      await this.deliver(...this.pictureAction(text));
    } else if (text) {
      await this.deliver("send_text", { text, ...this.answering() });
    }
  }

  async saveEdit(text) {
    const captioned = this.editing.caption !== undefined || !this.editing.text;
    const words = captioned ? { caption: text } : { text };
    await this.deliver(captioned ? "edit_caption" : "edit_text", { message: this.editing.message_id, ...words });
  }

  pictureAction(text) {
    const fields = { ...(text ? { caption: text } : {}), ...this.answering() };
    const contents = this.pictures.map((picture) => picture.base64);
    if (contents.length === 1) return ["send_photo", { ...fields, ...onePicture(this.pictures[0]) }];
    if (contents.every((content) => !content)) return ["send_album", { ...fields, count: contents.length }];
    return ["send_album", { ...fields, photos: contents.map((content) => content || null) }];
  }

  /** Send, and empty the box at once; a refused message comes back into it. */
  async deliver(action, fields) {
    const { session, chat, fail } = this.view;
    const kept = { text: this.box.value, pictures: this.pictures, replying: this.replying, editing: this.editing };
    const usesBox = "text" in fields || "caption" in fields || this.pictures.length > 0;
    this.settle(usesBox);
    try {
      await session.act(action, { chat: chat.ref, ...fields });
    } catch (error) {
      Object.assign(this, { pictures: kept.pictures, replying: kept.replying, editing: kept.editing });
      if (usesBox && !this.box.value) this.box.value = kept.text;
      this.redraw();
      fail(error);
    }
  }

  settle(emptyBox) {
    this.replying = null;
    this.editing = null;
    if (emptyBox) {
      this.box.value = "";
      this.pictures = [];
      drafts.delete(this.draftKey);
    }
    this.suggestions.clear();
    this.redraw();
  }

  redraw() {
    this.box.style.height = "auto";
    if (this.box.scrollHeight) this.box.style.height = `${Math.min(this.box.scrollHeight, TALLEST_PX)}px`;
    this.box.placeholder = t(this.pictures.length > 0 ? "composer.caption" : "composer.placeholder");
    const label = t(this.editing ? "composer.save" : "composer.send");
    this.sendButton.setAttribute("aria-label", label);
    this.sendButton.title = label;
    this.sendButton.replaceChildren(icon(this.editing ? "check" : "send"));
    this.sendButton.classList.toggle("is-ready", Boolean(this.box.value.trim()) || this.pictures.length > 0);
    this.drawBanner();
    this.drawStrip();
  }

  drawBanner() {
    const message = this.editing || this.replying;
    this.banner.hidden = !message;
    if (!message) return;
    const title = this.editing ? t("composer.editing") : t("composer.replying", { name: nameOf(senderOf(message)) });
    this.banner.replaceChildren(
      icon(this.editing ? "edit" : "reply"),
      el("span", { class: "two-lines" }, el("strong", {}, title), el("small", {}, summary(message))),
      iconButton(icon("close"), t("composer.cancel"), "composer-cancel", () => this.settle(Boolean(this.editing))),
    );
  }

  drawStrip() {
    this.strip.hidden = this.pictures.length === 0;
    this.strip.replaceChildren(
      ...this.pictures.map((picture) => {
        const remove = () => {
          this.pictures = this.pictures.filter((other) => other !== picture);
          this.redraw();
        };
        const source = picture.preview || (picture.sample && sampleAddress(picture.sample));
        const shown = source
          ? el("img", { src: source, alt: t("kind.photo") })
          : el("span", { class: "sample-picture" }, icon("sample"), t("attach.sample_photo"));
        return el(
          "div",
          { class: "picture", data: { testid: "picture" } },
          shown,
          iconButton(icon("close"), t("composer.remove"), "picture-remove", remove),
        );
      }),
    );
  }
}

/** The fields of a picture that is sent alone: from disk, the sample of a number, or any sample. */
function onePicture({ base64, sample }) {
  if (base64) return { photo: base64 };
  return sample ? { sample } : {};
}
