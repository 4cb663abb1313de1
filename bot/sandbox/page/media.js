/** What a message carries besides text: pictures, voices, films, files, places, cards. */

import { fileAddress } from "./api.js";
import { avatar } from "./avatar.js";
import { el, svg } from "./dom.js";
import { duration, fileSize, nameOf, tint } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { drawMap } from "./map.js";
import { showFullSize } from "./popup.js";

const BARS = 36;
const DRAWERS = {
  photo: (message) => photo(message),
  video: (message) => film(message.video, t("kind.video")),
  animation: (message) => film(message.animation, t("kind.animation")),
  video_note: (message) => film(message.video_note, t("kind.video_note")),
  voice: (message) => voice(message.voice),
  audio: (message) => voice(message.audio),
  document: (message) => file(message.document),
  venue: (message) => place(message.venue.location, message.venue.title, message.venue.address),
  location: (message) => place(message.location),
  contact: (message) => card(message.contact),
  sticker: (message) => sticker(message.sticker),
  dice: (message) => el("div", { class: "big-emoji" }, message.dice.emoji, el("small", {}, String(message.dice.value))),
  poll: (message, actions) => poll(message, actions),
};

/** Return the drawing for an attachment of the given *kind*; `actions.vote(message, option)` is for polls. */
export function drawMedia(message, kind, actions) {
  return DRAWERS[kind](message, actions);
}

/** Return the messages of one album as a grid; each cell keeps its own message number. */
export function drawAlbum(messages) {
  const cells = messages.map((message) => {
    const cell = message.photo ? photo(message) : film(message.video, t("kind.video"));
    cell.dataset.message = message.message_id;
    return cell;
  });
  return el("div", { class: `album of-${Math.min(messages.length, 5)}`, data: { testid: "album" } }, cells);
}

function photo(message) {
  const largest = message.photo.at(-1);
  const label = message.caption || t("kind.photo");
  const source = fileAddress(largest.file_id);
  const picture = el("img", { src: source, alt: label, width: largest.width, height: largest.height, loading: "lazy" });
  const onclick = () => showFullSize(el("img", { src: source, alt: label }), label);
  return el(
    "button",
    { type: "button", class: "photo", "aria-label": t("media.view"), data: { testid: "photo" }, onclick },
    picture,
  );
}

function film(video, label) {
  const source = fileAddress(video.file_id);
  const onclick = () => showFullSize(el("video", { src: source, controls: true, autoplay: true }), label);
  return el(
    "button",
    {
      type: "button",
      class: `film tint-${tint(video.file_unique_id)}`,
      "aria-label": t("media.play"),
      data: { testid: "video" },
      onclick,
    },
    video.thumbnail && el("img", { src: fileAddress(video.thumbnail.file_id), alt: "" }),
    el("span", { class: "film-play" }, icon("play")),
    el("span", { class: "film-length" }, `${label} ${duration(video.duration || 0)}`),
  );
}

/** Bars that look the same for the same recording; the page has no sound to measure. */
function waveform(seed) {
  let state = 17;
  for (const character of seed) state = (state * 31 + character.charCodeAt(0)) % 65521;
  const bars = Array.from({ length: BARS }, (_, index) => {
    state = (state * 75 + 74) % 65537;
    const height = 4 + Math.abs(Math.sin(index / 3 + state / 9000)) * 20;
    return svg("rect", { x: index * 4, y: 14 - height / 2, width: 2.5, height, rx: 1.2 });
  });
  return svg("svg", { class: "waveform", viewBox: `0 0 ${BARS * 4} 28`, "aria-hidden": "true" }, bars);
}

function voice(recording) {
  const length = el("span", { class: "voice-length" }, duration(recording.duration));
  const button = el(
    "button",
    { type: "button", class: "voice-play", "aria-label": t("media.play"), data: { testid: "voice-play" } },
    icon("play"),
  );
  const player = el("audio", { src: fileAddress(recording.file_id), preload: "none" });
  const box = el(
    "div",
    { class: "voice", data: { testid: "voice" } },
    button,
    waveform(recording.file_unique_id || ""),
    length,
    player,
  );
  button.addEventListener("click", () => (player.paused ? player.play().catch(() => silence(length)) : player.pause()));
  player.addEventListener("playing", () => setPlaying(box, button, true));
  for (const end of ["pause", "ended"]) player.addEventListener(end, () => setPlaying(box, button, false));
  return box;
}

function silence(length) {
  length.textContent = t("media.silent");
}

function setPlaying(box, button, playing) {
  box.classList.toggle("is-playing", playing);
  button.replaceChildren(icon(playing ? "pause" : "play"));
  button.setAttribute("aria-label", playing ? t("media.pause") : t("media.play"));
}

function file(document) {
  const name = document.file_name || t("kind.document");
  const ending = name.includes(".") ? name.split(".").pop().slice(0, 4).toUpperCase() : "";
  return el(
    "a",
    {
      class: "file",
      href: fileAddress(document.file_id),
      download: name,
      "aria-label": t("media.download", { name }),
      data: { testid: "document" },
    },
    el("span", { class: "file-badge" }, ending || icon("document")),
    el("span", { class: "two-lines" }, el("strong", {}, name), el("small", {}, fileSize(document.file_size))),
  );
}

function place(location, title, address) {
  const figures = `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`;
  return el(
    "div",
    { class: "place", data: { testid: title ? "venue" : "location" } },
    drawMap(location),
    el("div", { class: "two-lines" }, title && el("strong", {}, title), el("small", {}, address || figures)),
  );
}

function card(contact) {
  const party = { id: contact.user_id || contact.phone_number, name: nameOf(contact) };
  return el(
    "div",
    { class: "card", data: { testid: "contact" } },
    avatar(party),
    el("span", { class: "two-lines" }, el("strong", {}, party.name), el("small", {}, contact.phone_number)),
  );
}

function sticker(item) {
  const picture = el("img", {
    class: "sticker",
    src: fileAddress(item.file_id),
    alt: item.emoji || t("kind.sticker"),
    loading: "lazy",
  });
  picture.addEventListener("error", () =>
    picture.replaceWith(el("div", { class: "big-emoji" }, item.emoji || icon("sticker"))),
  );
  return picture;
}

function poll(message, actions) {
  const item = message.poll;
  const total = Math.max(1, item.total_voter_count);
  const options = item.options.map((option, index) =>
    el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          disabled: item.is_closed,
          data: { testid: "option" },
          onclick: () => actions.vote(message, index),
        },
        el("span", {}, option.text),
        el("small", {}, String(option.voter_count)),
        el("meter", { min: "0", max: String(total), value: String(option.voter_count), "aria-label": option.text }),
      ),
    ),
  );
  const votes = el("small", {}, t("poll.votes", { n: item.total_voter_count }));
  return el(
    "div",
    { class: "poll", data: { testid: "poll" } },
    el("strong", {}, item.question),
    el("ul", {}, options),
    votes,
  );
}
