/** One row of a conversation: a bubble, an album or a service line. */

import { avatar } from "./avatar.js";
import { el, iconButton } from "./dom.js";
import { richText } from "./entities.js";
import { clock, fullTime, kindOf, nameOf, senderOf, serviceText, summary, tint } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { inlineKeyboard } from "./keyboard.js";
import { drawAlbum, drawMedia } from "./media.js";

const RUN_GAP_S = 300;
const TOUCH = window.matchMedia("(hover: none)");
const BARE_KINDS = new Set(["sticker", "dice"]);

/**
 * Return the rows of a conversation in order, each {key, messages, day, opens, closes}.
 *
 * An album is one row. `opens` and `closes` mark the ends of a run of messages by one sender; `day` marks the first
 * message of a day.
 */
export function rowsOf(messages) {
  const rows = [];
  for (const message of messages) {
    const last = rows.at(-1);
    if (message.media_group_id && last?.messages[0].media_group_id === message.media_group_id) {
      last.messages.push(message);
    } else {
      rows.push({ key: message.message_id, messages: [message], day: false, opens: true, closes: true });
    }
  }
  rows.forEach((row, index) => joinRun(rows[index - 1], row));
  return rows;
}

function joinRun(previous, row) {
  const message = row.messages[0];
  const before = previous?.messages[0];
  row.day = !before || new Date(before.date * 1000).toDateString() !== new Date(message.date * 1000).toDateString();
  if (row.day || serviceText(message) || serviceText(before)) return;
  if (senderOf(before).id !== senderOf(message).id || message.date - before.date > RUN_GAP_S) return;
  row.opens = false;
  previous.closes = false;
}

/** Return whether two versions of a row look the same, so that its element can stay (and keep the focus). */
export function sameRow(a, b) {
  return (
    a.day === b.day &&
    a.opens === b.opens &&
    a.closes === b.closes &&
    a.messages.length === b.messages.length &&
    a.messages.every((message, index) => message === b.messages[index])
  );
}

/**
 * Return the element of a row.
 *
 * `view` says who looks: {me, chat, role(id), actions}; actions are those of entities and keyboards plus `menu(message,
 * anchor)`, `jump(messageId)` and `profile(party)`.
 */
export function drawRow(row, view) {
  const message = row.messages[0];
  const service = serviceText(message);
  return service ? serviceRow(message, service, view) : bubbleRow(row, view);
}

function serviceRow(message, text, view) {
  const pinned = message.pinned_message?.message_id;
  const content = pinned ? el("button", { type: "button", onclick: () => view.actions.jump(pinned) }, text) : text;
  return el(
    "div",
    { class: "row service", tabindex: "-1", data: { testid: "service", message: message.message_id } },
    el("span", { class: "pill" }, content),
  );
}

function bubbleRow(row, view) {
  const message = row.messages[0];
  const sender = senderOf(message);
  const mine = message.from?.id === view.me.id && !message.sender_chat;
  const group = view.chat.type !== "private";
  const classes = ["row", mine ? "mine" : "theirs", row.opens && "opens", row.closes && "closes", group && "in-group"];
  const node = el(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      tabindex: "-1",
      "aria-label": t("message.new", { name: nameOf(sender), text: summary(captioned(row)) }),
      data: { testid: "message", message: message.message_id, from: sender.id, mine: mine ? "yes" : "no" },
    },
    group && !mine && el("span", { class: "row-avatar" }, row.closes && profileButton(sender, view)),
    el(
      "div",
      { class: "stack" },
      bubble(row, view, { sender, mine, group }),
      inlineKeyboard(message, view.actions),
      iconButton(icon("more"), t("message.actions"), "message-menu", () => view.actions.menu(message, node), {
        tabindex: "-1",
        class: "icon-button message-menu",
      }),
    ),
  );
  node.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    view.actions.menu(message, node);
  });
  node.querySelector(".bubble").addEventListener("click", (event) => {
    if (TOUCH.matches && !event.target.closest("button, a, [role=button]")) view.actions.menu(message, node);
  });
  return node;
}

function profileButton(sender, view) {
  const onclick = () => view.actions.profile(sender);
  return el(
    "button",
    { type: "button", class: "bare", tabindex: "-1", "aria-label": nameOf(sender), onclick },
    avatar(sender),
  );
}

/** The message of a row that carries its words: in an album the one with the caption. */
function captioned(row) {
  return row.messages.find((message) => message.caption) || row.messages[0];
}

function bubble(row, view, { sender, mine, group }) {
  const message = captioned(row);
  const kind = kindOf(message);
  const text = message.text || message.caption;
  const bare = BARE_KINDS.has(kind) ? " is-bare" : "";
  const media = row.messages.length > 1 ? drawAlbum(row.messages) : kind && drawMedia(message, kind, view.actions);
  const node = el(
    "div",
    { class: `bubble${bare}${media && !text ? " media-only" : ""}${media ? ` has-${kind}` : ""}` },
    group && !mine && row.opens && senderLine(sender, view, message.sender_tag),
    forwardLine(row.messages[0]),
    quote(row.messages[0], view),
    media,
    text &&
      el(
        "div",
        { class: "text", dir: "auto", data: { testid: "text" } },
        richText(text, message.entities || message.caption_entities, view.actions),
      ),
    !text && !media && el("div", { class: "text muted" }, t("message.unknown")),
    reactions(message, view),
    metaLine(message),
  );
  return node;
}

/** Who wrote; *tag* is the word that the group put beside their name. */
function senderLine(sender, view, tag) {
  const role = sender.is_bot ? "bot" : view.role(sender.id);
  const shown = role === "bot" || role === "creator" || role === "administrator";
  return el(
    "div",
    { class: `sender ink-${tint(sender.id)}` },
    el(
      "button",
      { type: "button", class: "bare", tabindex: "-1", onclick: () => view.actions.profile(sender) },
      nameOf(sender),
    ),
    (tag || shown) && el("span", { class: "role" }, tag || t(`role.${role}`)),
  );
}

function forwardLine(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const source = origin.sender_user || origin.sender_chat || origin.chat || { name: origin.sender_user_name };
  return el("div", { class: "forward" }, t("message.forwarded", { name: nameOf(source) }));
}

function quote(message, view) {
  const original = message.reply_to_message;
  if (!original) return null;
  const author = senderOf(original);
  return el(
    "button",
    {
      type: "button",
      class: `quote ink-${tint(author.id)}`,
      data: { testid: "quote", target: original.message_id },
      onclick: () => view.actions.jump(original.message_id),
    },
    el("strong", {}, nameOf(author)),
    el("span", {}, message.quote?.text || summary(original)),
  );
}

/** The reactions under a message, one chip for each kind; a press adds one's own or takes it back. */
function reactions(message, view) {
  const given = Object.entries(message.reactions || {}).filter(([, emoji]) => emoji);
  if (given.length === 0) return null;
  const own = given.find(([by]) => by === String(view.me.id))?.[1];
  const chips = [...new Set(given.map(([, emoji]) => emoji))].map((emoji) => {
    const count = given.filter(([, other]) => other === emoji).length;
    const onclick = () => view.actions.react(message, emoji === own ? null : emoji);
    return el(
      "button",
      { type: "button", "aria-pressed": String(emoji === own), data: { testid: "reaction" }, onclick },
      `${emoji} ${count}`,
    );
  });
  return el("span", { class: "reactions", data: { testid: "reactions" } }, chips);
}

function metaLine(message) {
  const edited = message.edited || message.edit_date;
  return el(
    "span",
    { class: "meta", title: fullTime(message.edit_date || message.date) },
    message.ephemeral_message_id && el("span", { data: { testid: "ephemeral" } }, t("message.ephemeral")),
    edited && el("span", { data: { testid: "edited" } }, t("message.edited")),
    el("time", {}, clock(message.date)),
  );
}
