/** The page's address: which panes are open, as `#li@-1001,zhang@huying_bot`. */

/** Return the panes named by a hash: [{who, chat}], chat null when only the person is given. */
export function readHash(hash) {
  const written = decodeURIComponent(hash.replace(/^#\/?/, ""));
  return written
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [who, chat] = part.split("@");
      return { who, chat: chat || null };
    });
}

/** Return the hash for panes given as [{who, chat}]; panes without a person are left out. */
export function writeHash(panes) {
  const parts = panes.filter((pane) => pane.who).map((pane) => (pane.chat ? `${pane.who}@${pane.chat}` : pane.who));
  return parts.length > 0 ? `#${parts.join(",")}` : "#";
}
