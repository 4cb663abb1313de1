/** Suggestions over the composer: commands after a slash, names after an at sign. */

import { el } from "./dom.js";
import { nameOf } from "./format.js";
import { t } from "./i18n.js";

const MOST = 8;
let serial = 0;

/** Suggestions for one text box; `choices(prefix)` returns [{insert, label, hint}] and `chosen(choice, now)` takes one. */
export class Suggestions {
  constructor(box, { choices, chosen }) {
    this.box = box;
    this.choices = choices;
    this.chosen = chosen;
    this.items = [];
    this.at = 0;
    serial += 1;
    this.id = `suggestions-${serial}`;
    this.element = el("ul", {
      class: "suggestions",
      role: "listbox",
      id: this.id,
      hidden: true,
      "aria-label": t("composer.suggestions"),
      data: { testid: "suggestions" },
    });
    box.setAttribute("aria-controls", this.id);
    box.setAttribute("aria-autocomplete", "list");
  }

  /** Look at the word before the caret and show what fits it. */
  update() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const word = /(?:^|\s)([/@]\w*)$/.exec(before)?.[1] || null;
    const usable = word && (word[0] === "@" || before === word);
    this.items = usable ? this.choices(word).slice(0, MOST) : [];
    this.word = word;
    this.at = 0;
    this.draw();
  }

  /** Show nothing. */
  clear() {
    this.items = [];
    this.draw();
  }

  /** Handle a key of the text box; returns true when it was meant for the list. */
  key(event) {
    if (this.items.length === 0) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      this.at = (this.at + steps[event.key] + this.items.length) % this.items.length;
      this.draw();
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.take(this.items[this.at], event.key === "Enter");
    } else if (event.key === "Escape") {
      this.clear();
    } else {
      return false;
    }
    return true;
  }

  take(item, now) {
    const word = this.word;
    this.clear();
    this.chosen(item, word, now);
  }

  draw() {
    this.element.hidden = this.items.length === 0;
    this.element.replaceChildren(...this.items.map((item, index) => this.option(item, index)));
    if (this.items.length > 0) this.box.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  option(item, index) {
    const node = el(
      "li",
      {
        role: "option",
        id: `${this.id}-${index}`,
        "aria-selected": String(index === this.at),
        data: { testid: "suggestion" },
      },
      el("strong", {}, item.insert),
      el("span", {}, item.hint),
    );
    node.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(item, true);
    });
    return node;
  }
}

/** Return the commands offered to the writer in *chat* that begin with *prefix*. */
export function commandChoices(chat, bots, prefix) {
  const offered = chat.commands || bots.flatMap((bot) => bot.commands || []);
  return offered
    .map((command) => ({ insert: `/${command.command}`, hint: command.description, send: true }))
    .filter((choice) => choice.insert.startsWith(prefix.toLowerCase()));
}

/** Return the members and bots of *chat* whose user name begins with *prefix*. */
export function mentionChoices(members, prefix) {
  return members
    .filter((member) => member.username)
    .map((member) => ({ insert: `@${member.username}`, hint: nameOf(member), send: false }))
    .filter((choice) => choice.insert.toLowerCase().startsWith(prefix.toLowerCase()));
}
