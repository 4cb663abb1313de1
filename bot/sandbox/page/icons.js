/** Line icons on a 24 × 24 grid, drawn with the current text colour. */

import { svg } from "./dom.js";

const PATHS = {
  add: "M12 5v14M5 12h14",
  album: "M8 4h10a2 2 0 0 1 2 2v10M6 8h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zm-2 9 4-4 6 6",
  attach: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8L9.4 17.2a1.7 1.7 0 0 1-2.4-2.4L14.5 7.3",
  auto: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  back: "M15 5l-7 7 7 7",
  block: "M12 3a9 9 0 1 0 .01 0zM5.7 5.7l12.6 12.6",
  bot: "M6 9h12a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2zM12 9V5M9 13v2M15 13v2",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6L6 18",
  contact: "M12 12a4 4 0 1 0-.01 0zM5 20c.6-3.4 3.4-5 7-5s6.4 1.6 7 5",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  dark: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  dice: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM9 9h.01M15 15h.01M12 12h.01",
  document: "M7 3h7l5 5v13H7zM14 3v5h5M10 13h6M10 17h6",
  down: "M6 9l6 6 6-6",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  globe: "M12 3a9 9 0 1 0 .01 0zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  join: "M14 4h5v16h-5M4 12h11M11 8l4 4-4 4",
  leave: "M10 4H5v16h5M9 12h11M16 8l4 4-4 4",
  light: "M12 8a4 4 0 1 0 .01 0zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  location: "M12 21c4-5 7-8 7-11a7 7 0 0 0-14 0c0 3 3 6 7 11zM12 12.5a2.5 2.5 0 1 0-.01 0z",
  members:
    "M9 11a3.5 3.5 0 1 0-.01 0zM2.5 19c.5-3 3-4.5 6.5-4.5s6 1.5 6.5 4.5M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.8c2 .6 3.2 2 3.5 4.2",
  more: "M12 5.5h.01M12 12h.01M12 18.5h.01",
  pause: "M8 5h2.5v14H8zM13.5 5H16v14h-2.5z",
  photo:
    "M5 5h14a1.5 1.5 0 0 1 1.5 1.5v11A1.5 1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 5 5zM4 17l5-5 4 4 2.5-2.5L20 18M15 9.5h.01",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v7",
  play: "M8 5l11 7-11 7z",
  poll: "M6 20v-7M12 20V4M18 20v-10",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 6",
  sample: "M12 4l1.8 5.2L19 11l-5.2 1.8L12 18l-1.8-5.2L5 11l5.2-1.8zM19 17v4M17 19h4",
  search: "M10.5 4a6.5 6.5 0 1 0 .01 0zM15.5 15.5L21 21",
  send: "M4 12l16-8-5 16-3-7zM12 13l8-9",
  start: "M8 5l11 7-11 7z",
  sticker: "M12 3a9 9 0 1 0 9 9c-5 0-9-4-9-9zM12 3l9 9",
  tag: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
  tour: "M12 3a9 9 0 1 0 .01 0zM15.5 8.5l-2 5-5 2 2-5z",
  venue: "M4 10l8-6 8 6v10H4zM10 20v-6h4v6",
  video: "M4 6h11v12H4zM15 10l6-3v10l-6-3",
  voice: "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6 11a6 6 0 0 0 12 0M12 17v4",
};

/** Return the icon called *name*; the caller names its button, so the picture itself is silent. */
export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false", data: { icon: name } },
    svg("path", { d: PATHS[name] }),
  );
}
