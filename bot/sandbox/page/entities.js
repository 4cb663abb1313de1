/** Message text with its entities (offsets are UTF-16 units, as in JavaScript strings) into elements. */

import { el } from "./dom.js";
import { fullTime } from "./format.js";
import { locale, t } from "./i18n.js";

const PLAIN_TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  custom_emoji: "span",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const DATE_PARTS = {
  w: { weekday: "long" },
  d: { year: "numeric", month: "numeric", day: "numeric" },
  D: { year: "numeric", month: "long", day: "numeric" },
  t: { hour: "2-digit", minute: "2-digit", hour12: false },
  T: { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
};
const RELATIVE_STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/**
 * Return nodes for *text*.
 *
 * `actions` says what a press does: `link(address)`, `command(text)`, `mention(username)`, `person(user)`.
 */
export function richText(text, entities, actions) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nest(text, sorted, 0, text.length, actions);
}

/** Nest entities; a block brings its own line breaks, so the one on either side of it is not shown twice. */
function nest(text, entities, from, to, actions) {
  const nodes = [];
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) continue;
    const block = BLOCKS.has(entity.type);
    const before = text.slice(at, entity.offset);
    if (before) nodes.push(block ? before.replace(/\n$/, "") : before);
    const inside = entities.slice(index + 1).filter((other) => other.offset < end);
    const children = nest(text, inside, entity.offset, end, actions);
    nodes.push(wrap(entity, text.slice(entity.offset, end), children, actions));
    at = block && text[end] === "\n" ? end + 1 : end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrap(entity, words, children, actions) {
  if (entity.type in PLAIN_TAGS) return el(PLAIN_TAGS[entity.type], {}, children);
  switch (entity.type) {
    case "pre":
      return el("pre", { data: { language: entity.language } }, el("code", {}, children));
    case "blockquote":
      return el("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "spoiler":
      return spoiler(children);
    case "url":
      return pressable(children, () => actions.link(words), words);
    case "text_link":
      return pressable(children, () => actions.link(entity.url), entity.url);
    case "email":
      return pressable(children, () => actions.link(`mailto:${words}`), words);
    case "bot_command":
      return pressable(children, () => actions.command(words), null, "command");
    case "mention":
      return pressable(children, () => actions.mention(words.slice(1)), null, "mention");
    case "text_mention":
      return pressable(children, () => actions.person(entity.user), null, "mention");
    case "date_time":
      return moment(entity, children);
    default:
      return el("span", { class: `entity-${entity.type}` }, children);
  }
}

function pressable(children, onclick, title, testid = "link") {
  return el("button", { type: "button", class: "text-link", title, data: { testid }, onclick }, children);
}

function spoiler(children) {
  const node = el(
    "span",
    {
      class: "spoiler",
      role: "button",
      tabindex: "0",
      "aria-label": t("message.spoiler"),
      data: { testid: "spoiler" },
    },
    el("span", { class: "spoiler-text" }, children),
  );
  const reveal = () => {
    node.classList.add("is-open");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", reveal, { once: true });
  node.addEventListener("keydown", (event) => event.key === "Enter" && reveal());
  return node;
}

function expandable(children) {
  const node = el("blockquote", { class: "is-folded", tabindex: "0" }, children);
  node.addEventListener("click", () => node.classList.toggle("is-folded"));
  node.addEventListener("keydown", (event) => event.key === "Enter" && node.classList.toggle("is-folded"));
  return node;
}

/** A moment is shown in the reader's own zone when the entity says how; otherwise its words stand as they are. */
function moment(entity, children) {
  const seconds = entity.unix_time;
  const format = entity.date_time_format || "";
  const shown = format ? momentText(seconds, format) : null;
  const attributes = { class: "moment", title: fullTime(seconds), datetime: new Date(seconds * 1000).toISOString() };
  return el("time", attributes, shown ?? children);
}

function momentText(seconds, format) {
  if (format.toLowerCase() === "r") return relative(seconds);
  const parts = Object.assign({}, ...[...format].map((letter) => DATE_PARTS[letter] || {}));
  if (Object.keys(parts).length === 0) return null;
  if (new Date(seconds * 1000).getFullYear() === new Date().getFullYear()) delete parts.year;
  return new Intl.DateTimeFormat(locale(), parts).format(seconds * 1000);
}

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = RELATIVE_STEPS.find(([, step]) => Math.abs(away) >= step) || ["second", 1];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.trunc(away / size), unit);
}
