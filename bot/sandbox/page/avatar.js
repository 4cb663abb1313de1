/** Round avatars: a colour and one or two characters, never a photo or a whole name. */

import { el } from "./dom.js";
import { initials, nameOf, tint } from "./format.js";
import { icon } from "./icons.js";

/** Return the avatar of a person, a bot or a chat. */
export function avatar(party, { bot = Boolean(party.is_bot), small = false } = {}) {
  const classes = `avatar tint-${tint(party.id)}${small ? " is-small" : ""}${party.id < 0 ? " is-group" : ""}`;
  return el("span", { class: classes, "aria-hidden": "true" }, bot ? icon("bot") : initials(nameOf(party)));
}
