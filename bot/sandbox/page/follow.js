/** Following a link inside the sandbox: to a bot, a group, a message, a person, or out of the door. */

import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { nameOf } from "./format.js";
import { t } from "./i18n.js";
import { readLink } from "./links.js";
import { confirmOutside, openSheet } from "./popup.js";

/**
 * Follow *address* as Telegram would: start the bot, open the group, or ask before leaving.
 *
 * `phone`: {host, session, show(chat, message), run(action, fields), profile(party)}. Throws an Error with a sentence
 * when the link leads nowhere.
 */
export async function followLink(address, phone) {
  const link = readLink(address);
  const { session } = phone;
  const bot = link?.username ? session.bot(link.username) : null;
  if (link?.kind === "bot" && bot) {
    await startBot(bot, link.payload, phone);
  } else if (link?.kind === "group" && bot) {
    chooseGroup(bot, link.payload, phone);
  } else if (link?.kind === "message" && groupOf(link, session)) {
    await phone.show(groupOf(link, session), link.message);
  } else if (link?.kind === "user") {
    phone.profile(session.state.people.find((person) => person.id === link.id) || { id: link.id });
  } else if (link?.kind === "web") {
    confirmOutside(phone.host, link.address);
  } else {
    throw new Error(t("link.unknown"));
  }
}

function groupOf(link, session) {
  return session.chat(link.chat) || session.state.chats.find((chat) => chat.username && chat.username === link.chat);
}

async function startBot(bot, payload, { session, show }) {
  await show(session.privateChat(bot));
  if (payload === null) return;
  await session.act("start", { bot: bot.username, ...(payload ? { payload } : {}) });
}

function chooseGroup(bot, payload, { host, session, show, run }) {
  const chosen = async (chat) => {
    close();
    await run("start", { bot: bot.username, chat: chat.ref, ...(payload ? { payload } : {}) });
    await show(chat);
  };
  const rows = session.state.chats
    .filter((chat) => !session.botOf(chat))
    .map((chat) =>
      el(
        "button",
        {
          type: "button",
          class: "person",
          data: { testid: "group-choice", chat: chat.id },
          onclick: () => chosen(chat),
        },
        avatar(chat),
        el("strong", {}, nameOf(chat)),
      ),
    );
  const list = el("div", { class: "person-list" }, rows);
  const close = openSheet(host, t("link.choose_group"), list, { testid: "group-sheet" });
}
