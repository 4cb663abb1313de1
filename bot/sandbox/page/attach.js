/** The paper clip: what can be sent besides text. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { drawMap, placeAt } from "./map.js";
import { openMenu, openSheet } from "./popup.js";

/** Where a sample place is, and the number of a sample card; both are nobody's. */
export const SAMPLE_PLACE = { latitude: 37.3555, longitude: 120.4012 };
export const SAMPLE_PHONE = "+86 000 0000 0000";
const NUDGE_DEGREES = 0.0002;
const NUDGES = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Open the menu of attachments.
 *
 * `actions`: `files()` asks for pictures on disk, `samples(count)` lays sample pictures on the composer,
 * `send(action, fields)` sends at once, `host` is where the map opens.
 */
export function openAttachMenu(anchor, actions) {
  const now = (name, action, fields = {}) => ({
    icon: name,
    label: t(`attach.${name}`),
    testid: `attach-${name}`,
    onclick: () => actions.send(action, fields),
  });
  openMenu(anchor, [
    { icon: "photo", label: t("attach.photo"), testid: "attach-photo", onclick: actions.files },
    {
      icon: "sample",
      label: t("attach.sample_photo"),
      testid: "attach-sample-photo",
      onclick: () => actions.samples(1),
    },
    {
      icon: "album",
      label: t("attach.sample_album"),
      testid: "attach-sample-album",
      onclick: () => actions.samples(3),
    },
    now("voice", "send_voice"),
    now("video", "send_video"),
    now("document", "send_document"),
    {
      icon: "location",
      label: t("attach.location"),
      testid: "attach-location",
      onclick: () => openPlacePicker(actions),
    },
    now("venue", "send_venue", { ...SAMPLE_PLACE, title: t("sample.venue"), address: t("sample.address") }),
    now("contact", "send_contact", { first_name: t("sample.contact"), phone_number: SAMPLE_PHONE }),
    now("poll", "send_poll", { question: t("sample.question"), options: [t("sample.option_1"), t("sample.option_2")] }),
    now("sticker", "send_sticker"),
    now("dice", "send_dice"),
  ]);
}

function openPlacePicker(actions) {
  let place = { ...SAMPLE_PLACE };
  const map = el("div", {
    class: "place-picker",
    role: "application",
    tabindex: "0",
    "aria-label": t("attach.pick_place"),
    data: { testid: "place-map" },
  });
  const figures = el("output", { class: "muted" });
  const show = () => {
    map.replaceChildren(drawMap(place));
    figures.textContent = `${t("attach.latitude")} ${place.latitude.toFixed(5)} · ${t("attach.longitude")} ${place.longitude.toFixed(5)}`;
  };
  const move = (next) => {
    place = next;
    show();
  };
  map.addEventListener("click", (event) => {
    const box = map.getBoundingClientRect();
    move(placeAt(place, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height));
  });
  map.addEventListener("keydown", (event) => {
    const step = NUDGES[event.key];
    if (!step) return;
    event.preventDefault();
    move({ latitude: place.latitude + step[0] * NUDGE_DEGREES, longitude: place.longitude + step[1] * NUDGE_DEGREES });
  });
  const onclick = () => {
    close();
    actions.send("send_location", place);
  };
  const send = el(
    "button",
    { type: "button", class: "primary", data: { testid: "place-send" }, onclick },
    icon("send"),
    t("attach.send_place"),
  );
  show();
  const hint = el("p", { class: "muted" }, t("attach.pick_place"));
  const close = openSheet(
    actions.host,
    t("kind.location"),
    el("div", { class: "place-sheet" }, hint, map, figures, send),
    { testid: "place-sheet" },
  );
}
