/** The sandbox server's HTTP and WebSocket doors. */

const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8000;

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok || body.ok === false) throw new Error(body.error || body.description || `HTTP ${response.status}`);
  return body;
}

function query(path, values) {
  const present = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  const search = new URLSearchParams(present).toString();
  return search ? `${path}?${search}` : path;
}

async function post(path, body) {
  const headers = { "content-type": "application/json" };
  return answered(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Return what *uid* sees (people, chats, bots), or only the people when *uid* is null. Throws when refused. */
export async function fetchState(uid) {
  return answered(await fetch(query("/sandbox/state", { as: uid })));
}

/** Return the guided tour that the server offers, as `tour.js` describes it; an empty object for none. */
export async function fetchTour() {
  return answered(await fetch("/page/tour.json"));
}

/** Return up to *limit* messages of *chat*, oldest first, all older than *before* where it is given. */
export async function fetchMessages(uid, chat, before, limit) {
  const body = await answered(await fetch(query("/sandbox/messages", { as: uid, chat, before, limit })));
  return body.messages;
}

/** Do *action* as the person *uid*; throws an Error carrying the server's sentence when it is refused. */
export async function act(uid, action, fields) {
  return (await post("/sandbox/act", { as: uid, do: action, ...fields })).result;
}

/** Tell the server that *uid* has seen *chat* up to the message *upto*. */
export async function markRead(uid, chat, upto) {
  return post("/sandbox/read", { as: uid, chat, upto });
}

/** Return the address of the sample picture with this number. */
export function sampleAddress(number) {
  return `/page/sample/${number}`;
}

/** Return the address of a file's bytes. */
export function fileAddress(fileId) {
  return `/sandbox/file/${encodeURIComponent(fileId)}`;
}

/**
 * Listen to everything that happens before *uid*'s eyes, reconnecting for as long as it is wanted.
 *
 * `onevent` gets each event. `onstatus(true)` comes with every connection and `onstatus(false)` with every loss:
 * what happened in between is not repeated, so the listener then reads the state anew.
 * Returns a function that hangs up for good.
 */
export function listen(uid, onevent, onstatus) {
  let socket = null;
  let timer = null;
  let wanted = true;
  let retry = FIRST_RETRY_MS;

  function connect() {
    window.clearTimeout(timer);
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${window.location.host}${query("/sandbox/live", { as: uid })}`);
    socket.addEventListener("open", () => {
      retry = FIRST_RETRY_MS;
      onstatus(true);
    });
    socket.addEventListener("message", (frame) => onevent(JSON.parse(frame.data)));
    socket.addEventListener("close", () => {
      if (!wanted) return;
      onstatus(false);
      timer = window.setTimeout(connect, retry);
      retry = Math.min(retry * 2, LAST_RETRY_MS);
    });
  }

  function hurry() {
    if (socket.readyState === WebSocket.CLOSED) connect();
  }

  window.addEventListener("online", hurry);
  connect();
  return () => {
    wanted = false;
    window.clearTimeout(timer);
    window.removeEventListener("online", hurry);
    socket.close();
  };
}
