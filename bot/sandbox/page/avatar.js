/** Round avatars: a colour and one or two characters, never a whole name; a group may have a photo. */

import { fileAddress } from "./api.js";
import { el } from "./dom.js";
import { initials, nameOf, tint } from "./format.js";
import { icon } from "./icons.js";

/** Return the avatar of a person, a bot or a chat. */
export function avatar(party, { bot = Boolean(party.is_bot), small = false } = {}) {
  const classes = `avatar tint-${tint(party.id)}${small ? " is-small" : ""}${party.id < 0 ? " is-group" : ""}`;
  return el("span", { class: classes, "aria-hidden": "true" }, face(party, bot));
}

function face(party, bot) {
  if (party.photo) return el("img", { src: fileAddress(party.photo), alt: "" });
  return bot ? icon("bot") : initials(nameOf(party));
}
