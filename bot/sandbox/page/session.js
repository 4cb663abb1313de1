/** What one person sees, kept live: their chats, the messages read so far, and what they can do. */

import { act, fetchMessages, fetchState, listen, markRead } from "./api.js";
import { roleWords } from "./cast.js";
import { nameOf } from "./format.js";

const PAGE_SIZE = 50;
const PATIENCE_MS = 15000;
const MESSAGE_EVENTS = new Set(["message", "edit", "delete"]);
const MEMBERSHIP_EVENTS = new Set(["member", "pin", "chat"]);

/**
 * One person's session, shared by all panes that show this person.
 *
 * Events (CustomEvent): `state` when chats or people changed; `thread` {chat, arrived} when messages of a chat
 * changed; `toast` {text, alert, url}; `status` when the connection came or went.
 */
export class Session extends EventTarget {
  constructor(uid) {
    super();
    this.uid = uid;
    this.online = true;
    this.state = { me: null, people: [], chats: [], bots: [] };
    this.threads = new Map();
    this.loading = new Set();
    this.answers = new Map();
    this.hangUp = null;
    this.refreshing = null;
    this.refreshAgain = false;
  }

  /** Start to listen, then read the state, so that nothing falls between. Throws when the server can't be reached. */
  async open() {
    try {
      await new Promise((resolve, reject) => {
        this.hangUp = listen(
          this.uid,
          (event) => this.apply(event),
          (online) => {
            this.online = online;
            this.tell("status");
            if (online || !this.me) this.catchUp().then(resolve, reject);
          },
        );
      });
    } catch (error) {
      this.close();
      throw error;
    }
    return this;
  }

  /** Stop listening; the session is not used afterwards. */
  close() {
    if (this.hangUp) this.hangUp();
  }

  get me() {
    return this.state.me;
  }

  /** Return the chat with this id, or null. */
  chat(id) {
    return this.state.chats.find((chat) => String(chat.id) === String(id)) || null;
  }

  /** Return the bot with this user name (any case), or null. */
  bot(username) {
    const wanted = String(username).toLowerCase();
    return this.state.bots.find((bot) => bot.username.toLowerCase() === wanted) || null;
  }

  /** Return the bot behind a private chat (such a chat has its bot's id), or null. */
  botOf(chat) {
    return this.state.bots.find((bot) => bot.id === chat?.id) || null;
  }

  /** Return the private chat with *bot*; one that was never started is empty. */
  privateChat(bot) {
    return (
      this.chat(bot.id) || { id: bot.id, type: "private", title: bot.name, ref: `private:${bot.username}`, members: [] }
    );
  }

  /** Return the groups that this person could join. */
  joinable() {
    return (this.state.joinable || []).map((chat) => ({ members: [], ref: chat.id, ...chat }));
  }

  /** Return whether this person has ever written in this private chat. */
  started(chat) {
    return this.chat(chat.id) !== null && Boolean(chat.last);
  }

  /** Return the member of *chat* with this id, or null. */
  member(chat, id) {
    return (chat?.members || []).find((member) => member.id === id) || null;
  }

  /** Return the loaded messages of a chat, oldest first. */
  messages(id) {
    return this.threads.get(String(id))?.messages || [];
  }

  /** Return whether older messages may exist before those loaded. */
  hasEarlier(id) {
    const thread = this.threads.get(String(id));
    return Boolean(thread) && !thread.complete;
  }

  /** Load the newest messages of a chat once. */
  async load(id) {
    if (!this.threads.has(String(id))) await this.reload(id);
  }

  /** Load the newest messages of a chat anew; what happens meanwhile is applied on top, also when two load at once. */
  async reload(id) {
    const load = { id: String(id), meanwhile: [] };
    this.loading.add(load);
    try {
      const messages = await fetchMessages(this.uid, id, null, PAGE_SIZE);
      const lasting = messages.filter((message) => message.message_id > 0);
      const thread = { messages, complete: lasting.length < PAGE_SIZE };
      this.threads.set(load.id, thread);
      for (const event of load.meanwhile) changeThread(thread, event);
    } finally {
      this.loading.delete(load);
    }
    this.tell("thread", { chat: id, arrived: null });
  }

  /** Load one page of messages older than those already here. */
  async loadEarlier(id) {
    const thread = this.threads.get(String(id));
    if (!thread || thread.complete || thread.loading) return;
    thread.loading = true;
    try {
      const older = await fetchMessages(this.uid, id, thread.messages.find((message) => message.message_id > 0)?.message_id ?? null, PAGE_SIZE);
      thread.messages = [...older, ...thread.messages];
      thread.complete = older.length < PAGE_SIZE;
    } finally {
      thread.loading = false;
    }
    this.tell("thread", { chat: id, arrived: null });
  }

  /** Say that everything in this chat has been seen. */
  read(id) {
    const chat = this.chat(id);
    const last = this.messages(id).findLast((message) => message.message_id > 0);
    if (!chat || !chat.unread || !last) return;
    chat.unread = 0;
    this.tell("state");
    markRead(this.uid, id, last.message_id).catch(() => this.refresh());
  }

  /** Do *action* as this person; throws an Error with the server's sentence when it is refused. */
  async act(action, fields = {}) {
    return act(this.uid, action, fields);
  }

  /** Press a button; resolves when the bot has answered the press, or when a phone would stop waiting. */
  async press(fields) {
    const { query } = await this.act("press", fields);
    const { promise } = this.answer(query);
    await Promise.race([promise, new Promise((resolve) => window.setTimeout(resolve, PATIENCE_MS))]);
    this.answers.delete(query);
  }

  /** Return the {promise, resolve} of the answer to a press; the answer may come before the press is confirmed. */
  answer(query) {
    if (!this.answers.has(query)) {
      const waiting = {};
      waiting.promise = new Promise((resolve) => Object.assign(waiting, { resolve }));
      this.answers.set(query, waiting);
    }
    return this.answers.get(query);
  }

  /** Read the state anew; calls that come meanwhile are answered by one further reading. */
  async refresh() {
    this.refreshAgain = true;
    if (!this.refreshing) {
      this.refreshing = this.readUntilQuiet().finally(() => {
        this.refreshing = null;
      });
    }
    return this.refreshing;
  }

  async readUntilQuiet() {
    while (this.refreshAgain) {
      this.refreshAgain = false;
      await this.readState();
    }
    this.tell("state");
  }

  async readState() {
    this.state = await fetchState(this.uid);
    for (const chat of this.state.chats) chat.ref = this.reference(chat);
  }

  /** Return how an action names this chat. */
  reference(chat) {
    const bot = this.botOf(chat);
    return bot ? `private:${bot.username}` : chat.id;
  }

  async catchUp() {
    await this.refresh();
    for (const id of [...this.threads.keys()]) await this.reload(id);
  }

  apply(event) {
    if (event.type === "toast") {
      if (event.query) this.answer(event.query).resolve();
      this.tell("toast", event);
    } else if (MESSAGE_EVENTS.has(event.type)) {
      this.change(event);
    } else if (event.type === "reaction") {
      this.reacted(event);
    } else if (event.type === "read") {
      this.seen(event);
    } else if (MEMBERSHIP_EVENTS.has(event.type)) {
      this.refresh();
    }
  }

  change(event) {
    const thread = this.threads.get(String(event.chat));
    for (const load of this.loading) if (load.id === String(event.chat)) load.meanwhile.push(event);
    if (thread) changeThread(thread, event);
    const chat = this.chat(event.chat);
    const gone = event.message.left_chat_member?.id === this.uid;
    if (!chat || gone || event.type === "delete") this.refresh();
    else this.changeChat(chat, event);
    this.tell("thread", { chat: event.chat, arrived: event.type === "message" ? event.message : null });
  }

  changeChat(chat, { type, message }) {
    const same = (other) => other.message_id === message.message_id;
    if (type === "message" || (chat.last && same(chat.last))) chat.last = message;
    if (type === "message" && message.from?.id !== this.uid) chat.unread = (chat.unread || 0) + 1;
    chat.pinned = (chat.pinned || []).map((pin) => (same(pin) ? message : pin));
    this.tell("state");
  }

  /** Show a reaction under its message; the server keeps it for whoever reads the message later. */
  reacted({ chat, message_id, by, reaction }) {
    const thread = this.threads.get(String(chat));
    const at = thread ? thread.messages.findIndex((message) => message.message_id === message_id) : -1;
    if (at < 0) return;
    const message = thread.messages[at];
    const emoji = reaction.map((one) => one.emoji || "").join("");
    thread.messages[at] = { ...message, reactions: { ...message.reactions, [by]: emoji } };
    this.tell("thread", { chat, arrived: null });
  }

  seen(event) {
    const chat = this.chat(event.chat);
    if (!chat || event.as !== this.uid) return;
    chat.unread = 0;
    this.tell("state");
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Bring one message event into a loaded thread; the same event twice changes nothing. */
function changeThread(thread, { type, message }) {
  const at = thread.messages.findIndex((other) => other.message_id === message.message_id);
  if (type === "delete") thread.messages = thread.messages.filter((_, index) => index !== at);
  else if (at >= 0) thread.messages[at] = message;
  else if (type === "message") thread.messages.push(message);
}

/** Return the person meant by a user name or an id, or null. */
export function findPerson(people, who) {
  const wanted = String(who).toLowerCase();
  return (
    people.find((person) => String(person.id) === wanted || (person.username || "").toLowerCase() === wanted) || null
  );
}

/** Return the short word for a person in the page's address. */
export function handleOf(person) {
  return person.username || String(person.id);
}

/** Return the *people* whose name, user name, number or place in the tour's cast holds *words*. */
export function searchPeople(people, words) {
  const wanted = words.trim().toLowerCase();
  const known = (person) => [nameOf(person), person.username, person.id, roleWords(person)].join(" ").toLowerCase();
  const fits = (person) => known(person).includes(wanted);
  return people.filter((person) => !person.is_bot && fits(person));
}
