/** Small texts made of data: names, initials, times, sizes, one-line summaries. */

import { locale, t } from "./i18n.js";

const TINTS = 7;
const KINDS = [
  "photo",
  "video",
  "animation",
  "voice",
  "audio",
  "video_note",
  "document",
  "venue",
  "location",
  "contact",
  "sticker",
  "dice",
  "poll",
];

/** Return a person's, bot's or chat's shown name. */
export function nameOf(party) {
  if (!party) return "";
  return party.name || party.title || [party.first_name, party.last_name].filter(Boolean).join(" ") || `${party.id}`;
}

/** Return who wrote *message*: the chat that spoke (anonymous admins, channels) or the person. */
export function senderOf(message) {
  return message.sender_chat || message.from || message.chat;
}

/** Return one or two characters for an avatar: never a whole name. */
export function initials(name) {
  const words = name
    .replace(/[^\p{L}\p{N}\s]/gu, " ")
    .trim()
    .split(/\s+/);
  const first = words[0] || "·";
  if (/\p{Script=Han}/u.test(first[0])) return first[0];
  return (first[0] + (words.length > 1 ? words[words.length - 1][0] : "")).toUpperCase();
}

/** Return the colour number of *id*; the same id has the same colour in every pane. */
export function tint(id) {
  let sum = 7;
  for (const character of String(id)) sum = (sum * 31 + character.codePointAt(0)) % 99991;
  return sum % TINTS;
}

/** Return hours and minutes of a Unix time in seconds, in the reader's zone. */
export function clock(seconds) {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hour12: false }).format(
    seconds * 1000,
  );
}

/** Return the day of a Unix time in seconds, with the year only when it is not this one. */
export function day(seconds) {
  const date = new Date(seconds * 1000);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(locale(), { year, month: "long", day: "numeric" }).format(date);
}

/** Return the clock for today and the short date for every other day. */
export function clockOrDay(seconds) {
  const date = new Date(seconds * 1000);
  if (date.toDateString() === new Date().toDateString()) return clock(seconds);
  return new Intl.DateTimeFormat(locale(), { month: "numeric", day: "numeric" }).format(date);
}

/** Return a Unix time in seconds in full words, with its zone. */
export function fullTime(seconds) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "long" }).format(seconds * 1000);
}

/** Return seconds as m:ss. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Return a byte count in the largest fitting unit. */
export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} ${t("unit.byte")}`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Return the kind of attachment that *message* carries (photo, voice …), or null for text and service messages. */
export function kindOf(message) {
  return KINDS.find((kind) => message[kind]) || null;
}

/** Return one line that stands for *message* in lists and quotes. */
export function summary(message) {
  const kind = kindOf(message);
  const words = (message.text || message.caption || "").replace(/\s+/g, " ").trim();
  if (kind) return [`[${t(`kind.${kind}`)}]`, words].filter(Boolean).join(" ");
  return words || serviceText(message) || t("message.unknown");
}

/** Return the sentence for a service message, or null when *message* is an ordinary one. */
export function serviceText(message) {
  const actor = nameOf(message.from);
  if (message.new_chat_members) {
    const others = message.new_chat_members.filter((member) => member.id !== message.from?.id);
    if (others.length === 0) return t("service.joined", { actor });
    return t("service.added", { actor, names: others.map(nameOf).join("、") });
  }
  if (message.left_chat_member) {
    if (message.left_chat_member.id === message.from?.id) return t("service.left", { actor });
    return t("service.removed", { actor, names: nameOf(message.left_chat_member) });
  }
  if (message.pinned_message) return pinnedText(message, actor);
  if (message.group_chat_created || message.supergroup_chat_created) return t("service.created", { actor });
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("service.migrated");
  if (message.new_chat_title) return t("service.title", { text: message.new_chat_title });
  if (message.new_chat_photo) return t("service.photo");
  if (message.delete_chat_photo) return t("service.photo_gone");
  return topicText(message);
}

function topicText(message) {
  if (message.forum_topic_created) return t("service.topic_created", { text: message.forum_topic_created.name });
  if (message.forum_topic_edited) return t("service.topic_renamed", { text: message.forum_topic_edited.name });
  if (message.forum_topic_closed) return t("service.topic_closed");
  if (message.forum_topic_reopened) return t("service.topic_open");
  if (message.general_forum_topic_hidden) return t("service.topic_hidden");
  if (message.general_forum_topic_unhidden) return t("service.topic_shown");
  return null;
}

function pinnedText(message, actor) {
  const pinned = message.pinned_message;
  const words = pinned.text || pinned.caption || kindOf(pinned) ? summary(pinned) : "";
  if (!words) return t("service.pinned_plain", { actor });
  return t("service.pinned", { actor, text: words.length > 40 ? `${words.slice(0, 40)}…` : words });
}
