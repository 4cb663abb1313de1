/** Looking out for a text to appear in somebody's chat. */

/** Whatever tells one state of a message from another. */
export function fingerprint(message) {
  return [message.message_id, message.edit_date, message.text, message.caption].join(" ");
}

/** Whether *message* holds the words *text*. */
export function says(message, text) {
  return (message.text || message.caption || "").includes(text);
}

/**
 * Look out for *text* in a message of *chat* that is new or changed from now on, as the person *as* sees it.
 * A message that does not say *about* too, where it is given, is of something else.
 *
 * `app`: {take(person) gives a session, give(session) takes it back}. A chat is named by its id or by its bot's user name.
 * Returns {seen, stop()} once it looks: `seen` resolves to true, or to false after `stop()`.
 */
export async function lookOut(app, { as, chat, text, about = "" }) {
  const session = await app.take({ id: Number(as) });
  const id = String(session.bot(chat)?.id ?? chat);
  await session.load(id);
  const before = new Set(session.messages(id).map(fingerprint));
  let stop;
  const seen = new Promise((resolve) => {
    const end = (value) => {
      session.removeEventListener("thread", look);
      resolve(value);
    };
    const look = () => {
      const fresh = session.messages(id).filter((message) => !before.has(fingerprint(message)));
      if (fresh.some((message) => says(message, text) && says(message, about))) end(true);
    };
    stop = () => end(false);
    session.addEventListener("thread", look);
  });
  return { seen: seen.finally(() => app.give(session)), stop };
}
