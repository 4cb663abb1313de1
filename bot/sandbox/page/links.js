/** Telegram addresses: what a t.me or tg: link asks for. */

const HOSTS = new Set(["t.me", "www.t.me", "telegram.me", "telegram.dog"]);

/**
 * Return what *address* means.
 *
 * One of {kind: "bot", username, payload}, {kind: "group", username, payload} for startgroup, {kind: "message", chat,
 * message} for a link into a group, {kind: "user", id}, {kind: "web", address}; null when it is no address at all.
 */
export function readLink(address) {
  const written = address.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(written) ? written : `https://${written}`;
  let url;
  try {
    url = new URL(withScheme);
  } catch {
    return null;
  }
  if (url.protocol === "tg:") return readScheme(url);
  if (HOSTS.has(url.hostname)) return readPath(url);
  if (["http:", "https:", "mailto:", "tel:"].includes(url.protocol)) return { kind: "web", address: url.href };
  return null;
}

function readScheme(url) {
  const verb = url.hostname || url.pathname.replace(/^\/+/, "").split("?")[0];
  if (verb === "user") return { kind: "user", id: Number(url.searchParams.get("id")) };
  if (verb === "resolve" && url.searchParams.get("domain"))
    return botLink(url.searchParams.get("domain"), url.searchParams);
  return null;
}

function readPath(url) {
  const [first, second, third] = url.pathname.split("/").filter(Boolean);
  if (!first) return null;
  if (first === "c" && second)
    return { kind: "message", chat: Number(`-100${second}`), message: Number(third) || null };
  if (second && /^\d+$/.test(second)) return { kind: "message", chat: first, message: Number(second) };
  return botLink(first.replace(/^@/, ""), url.searchParams);
}

function botLink(username, parameters) {
  if (parameters.has("startgroup")) return { kind: "group", username, payload: parameters.get("startgroup") || null };
  return { kind: "bot", username, payload: parameters.get("start") };
}
