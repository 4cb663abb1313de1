/** Buttons under messages and, for old-style keyboards, under the composer. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

const STYLES = new Set(["primary", "success", "danger"]);

/**
 * Return the inline keyboard of *message*, or null when it has none.
 *
 * `actions` says what a press does: `press(message, data)` resolves when the bot answered, `link(address)`,
 * `copy(text)`, `plain()` for kinds that mean nothing here.
 */
export function inlineKeyboard(message, actions) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows || rows.length === 0) return null;
  return el(
    "div",
    { class: "keyboard", data: { testid: "keyboard" } },
    rows.map((row) =>
      el(
        "div",
        { class: "keyboard-row" },
        row.map((button) => inlineButton(message, button, actions)),
      ),
    ),
  );
}

function inlineButton(message, button, actions) {
  const style = STYLES.has(button.style) ? ` is-${button.style}` : "";
  const node = el(
    "button",
    {
      type: "button",
      class: `key${style}`,
      data: { testid: "key", data: button.callback_data, url: button.url },
      title: button.url,
    },
    el("span", {}, button.text),
    button.url && icon("link"),
  );
  node.addEventListener("click", () => pressed(node, message, button, actions));
  return node;
}

async function pressed(node, message, button, actions) {
  if (button.url) {
    actions.link(button.url);
  } else if (button.copy_text) {
    actions.copy(button.copy_text.text);
  } else if (button.callback_data) {
    node.setAttribute("aria-busy", "true");
    await actions.press(message, button.callback_data);
    node.removeAttribute("aria-busy");
  } else {
    actions.plain();
  }
}

/** Return the newest of *messages* that brought a reply keyboard, or null when there is none or it was taken away. */
export function keyboardBringer(messages) {
  const last = messages.findLast(
    (message) => message.reply_keyboard?.keyboard || message.reply_keyboard?.remove_keyboard,
  );
  return last?.reply_keyboard.keyboard ? last : null;
}

/** Return the message of *messages* that waits for a reply from *me* and from nobody else, or null. */
export function asker(messages, chat, me) {
  const last = messages.findLast((message) => message.from?.id === me.id || asks(message, chat, me));
  return last && last.from?.id !== me.id ? last : null;
}

/** Whether *message* opens the reply field of *me*: a selective one does it for whom it names or answers. */
function asks(message, chat, me) {
  const asking = message.reply_keyboard;
  if (!asking?.force_reply) return false;
  if (chat.type === "private" || !asking.selective) return true;
  const named = (message.entities || []).some((entity) => entity.user?.id === me.id);
  return named || message.reply_to_message?.from?.id === me.id;
}

/** Return the reply keyboard that *message* brought; `pressed(button)` is called with a press. */
export function replyKeyboard(message, pressed) {
  const rows = message.reply_keyboard.keyboard;
  return el(
    "div",
    {
      class: "reply-keyboard",
      role: "group",
      "aria-label": t("composer.keyboard"),
      data: { testid: "reply-keyboard" },
    },
    rows.map((row) =>
      el(
        "div",
        { class: "keyboard-row" },
        row.map((button) => replyKey(button, pressed)),
      ),
    ),
  );
}

function replyKey(button, pressed) {
  const wanted = typeof button === "string" ? { text: button } : button;
  const style = STYLES.has(wanted.style) ? ` is-${wanted.style}` : "";
  return el(
    "button",
    { type: "button", class: `key${style}`, data: { testid: "reply-key" }, onclick: () => pressed(wanted) },
    wanted.text,
  );
}
