/** Who is in a chat, and what can be done with one of them. */

import { avatar } from "./avatar.js";
import { aboutPerson } from "./cast.js";
import { el } from "./dom.js";
import { nameOf } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { openSheet } from "./popup.js";
import { personPicker } from "./picker.js";

const ADMINS = new Set(["creator", "administrator"]);
const RANK = ["creator", "administrator", "member", "restricted"];

/**
 * Open the member list of *chat*.
 *
 * `view`: {host, session, actAs(person) opens a pane, run(action, fields) does and reports errors, private(bot)}.
 */
export function openMembers(chat, view) {
  const members = [...chat.members].sort((a, b) => RANK.indexOf(roleOf(a)) - RANK.indexOf(roleOf(b)));
  const choose = (member) => {
    close();
    openProfile(member, chat, view);
  };
  const rows = members.map((member) => memberRow(member, view.session, choose));
  const add = el(
    "button",
    {
      type: "button",
      class: "person",
      data: { testid: "add-member" },
      onclick: () => openAdding(chat, view, () => close()),
    },
    el("span", { class: "avatar is-plain" }, icon("add")),
    t("member.add"),
  );
  const title = `${t("chat.show_members")} · ${members.length}`;
  const close = openSheet(view.host, title, el("div", { class: "person-list" }, add, rows), { testid: "members" });
}

/** Return the role of a member: creator, administrator, member … */
export function roleOf(member) {
  return member?.role || member?.status || "member";
}

function isBot(member, session) {
  return Boolean(member.is_bot) || session.state.bots.some((bot) => bot.id === member.id);
}

function memberRow(member, session, choose) {
  const role = roleOf(member);
  const bot = isBot(member, session);
  return el(
    "button",
    {
      type: "button",
      class: "person",
      data: { testid: "member", person: member.id, role },
      onclick: () => choose(member),
    },
    avatar(member, { bot }),
    el(
      "span",
      { class: "two-lines" },
      el("strong", {}, nameOf(member)),
      el("small", {}, bot ? t("role.bot") : aboutPerson(member)),
    ),
    (ADMINS.has(role) || !bot) && el("span", { class: "role" }, member.tag || t(`role.${role}`)),
  );
}

function openAdding(chat, view, closeMembers) {
  closeMembers();
  const present = new Set(chat.members.map((member) => member.id));
  const bots = view.session.state.bots.map((bot) => ({ ...bot, is_bot: false }));
  const others = [...bots, ...view.session.state.people].filter((person) => !present.has(person.id));
  const chosen = (person) => {
    close();
    view.run("add_member", { chat: chat.ref, user: person.id });
  };
  const close = openSheet(view.host, t("member.add"), personPicker(others, chosen), { testid: "add-member-sheet" });
}

/** Open what is known about *party*; with a *chat* also what an administrator can do there. */
export function openProfile(party, chat, view) {
  const { session } = view;
  const member = session.member(chat, party.id);
  const mine = roleOf(session.member(chat, session.uid));
  const bot = isBot(party, session);
  const person = session.state.people.find((other) => other.id === party.id);
  const does = (action) => () => {
    close();
    view.run(action, { chat: chat.ref, user: party.id });
  };
  const rules =
    member && chat.type !== "private" && ADMINS.has(mine) && party.id !== session.uid && roleOf(member) !== "creator";
  const isAdmin = ADMINS.has(roleOf(member));
  const content = el(
    "div",
    { class: "profile" },
    avatar(party, { bot }),
    el("small", { class: "muted" }, [aboutPerson(party), member && t(`role.${roleOf(member)}`), member?.tag].filter(Boolean).join(" · ")),
    person && !bot && line("contact", t("person.open"), "act-as", () => (close(), view.actAs(person)), "primary"),
    bot && line("bot", t("member.private"), "open-bot", () => (close(), view.private(party)), "primary"),
    rules && !isAdmin && line("tag", t("member.promote"), "promote", does("promote")),
    rules && isAdmin && line("tag", t("member.demote"), "demote", does("demote")),
    rules && line("leave", t("member.kick"), "kick", does("kick"), "quiet is-danger"),
  );
  const close = openSheet(view.host, nameOf(party), content, { testid: "profile" });
}

function line(picture, label, testid, onclick, style = "quiet") {
  return el("button", { type: "button", class: style, data: { testid }, onclick }, icon(picture), label);
}
