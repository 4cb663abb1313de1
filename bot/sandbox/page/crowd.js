/** Many people pressing buttons of one name, each in a chat of their own, as a whole town does. */

import { fingerprint } from "./watch.js";

const PATIENCE_MS = 5000;
const MOST = 80; // presses of one person

/** Whether the label of a button ends with the word *word*. */
export function endsWith(label, word) {
  return label.trim().split(/\s+/).at(-1) === word;
}

/**
 * Let everybody of `people` ("id@chat,id@chat…") press the newest button whose label ends with the first of the words
 * in `press` that any does; with `again` until there is none.
 *
 * `app`: {take(person) gives a session, give(session) takes it back}.
 */
export function crowd(app, { people, press, again = false }) {
  const places = people.split(",").map((place) => place.split("@"));
  return Promise.all(places.map(([as, chat]) => pressAll(app, as, chat, press, again ? MOST : 1)));
}

async function pressAll(app, as, chat, words, times) {
  const session = await app.take({ id: Number(as) });
  try {
    const id = String(session.bot(chat)?.id ?? chat);
    await session.load(id);
    for (let turn = 0; turn < times; turn += 1) {
      const found = newest(session.messages(id), words);
      if (!found) return;
      const changed = change(session, id, found.message);
      await session.press({ chat: session.chat(id).ref, message: found.message.message_id, data: found.button.callback_data });
      if (turn + 1 < times) await changed;
    }
  } finally {
    app.give(session);
  }
}

/** The newest of *messages* that has a button of one of the *words*, and its first button of the earliest word. */
function newest(messages, words) {
  for (const message of messages.toReversed()) {
    const buttons = (message.reply_markup?.inline_keyboard || []).flat();
    for (const word of words) {
      const button = buttons.find((one) => one.callback_data && endsWith(one.text, word));
      if (button) return { message, button };
    }
  }
  return null;
}

/** Resolves when *message* is another than it is now, or when nobody would wait any longer. */
function change(session, id, message) {
  const before = fingerprint(message);
  return new Promise((resolve) => {
    const end = () => {
      window.clearTimeout(timer);
      session.removeEventListener("thread", look);
      resolve();
    };
    const look = () => {
      const now = session.messages(id).find((one) => one.message_id === message.message_id);
      if (!now || fingerprint(now) !== before) end();
    };
    const timer = window.setTimeout(end, PATIENCE_MS);
    session.addEventListener("thread", look);
  });
}
