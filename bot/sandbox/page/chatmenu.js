/** What can be done with a whole chat, besides writing in it. */

import { t } from "./i18n.js";
import { openMembers, roleOf } from "./members.js";

/** Return the menu of the private chat with *bot*; `view` is that of `openMembers`. */
export function botMenu(chat, bot, view) {
  const does = (action) => () => view.run(action, { bot: bot.username });
  return [
    { icon: "start", label: t("chat.restart"), testid: "restart", onclick: does("start") },
    chat.blocked
      ? { icon: "check", label: t("chat.unblock"), testid: "unblock", onclick: does("unblock") }
      : { icon: "block", label: t("chat.block"), testid: "block", danger: true, onclick: does("block") },
  ];
}

/** Return the menu of a group: everybody leaves or joins, administrators hide their name, the owner may upgrade it. */
export function groupMenu(chat, view) {
  const me = view.session.member(chat, view.session.uid);
  const inside = view.session.chat(chat.id) !== null;
  const role = roleOf(me);
  const admin = inside && ["creator", "administrator"].includes(role);
  const does =
    (action, fields = {}) =>
    () =>
      view.run(action, { chat: chat.ref, ...fields });
  const face = me?.anonymous ? "as_self" : "as_group";
  return [
    { icon: "members", label: t("chat.show_members"), testid: "menu-members", onclick: () => openMembers(chat, view) },
    admin && {
      icon: "tag",
      label: t(`chat.${face}`),
      testid: "anonymous",
      onclick: does("anonymous", { on: !me.anonymous }),
    },
    admin && { icon: "photo", label: t("chat.photo"), testid: "photo", onclick: does("photo") },
    admin &&
      chat.photo && {
        icon: "delete",
        label: t("chat.no_photo"),
        testid: "no-photo",
        onclick: does("photo", { remove: true }),
      },
    role === "creator" &&
      chat.type === "group" && { icon: "auto", label: t("chat.upgrade"), testid: "migrate", onclick: does("migrate") },
    inside
      ? { icon: "leave", label: t("chat.leave"), testid: "leave", danger: true, onclick: does("leave") }
      : { icon: "join", label: t("chat.join"), testid: "menu-join", onclick: does("join") },
  ];
}
