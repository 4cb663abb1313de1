/** A small drawn map: streets and blocks invented from the coordinates, no tiles from anywhere. */

import { svg } from "./dom.js";
import { t } from "./i18n.js";

const WIDTH = 320;
const HEIGHT = 176;
const DEGREES_PER_PIXEL = 0.00002;
const STREET_STEP = 64;

/** Return a repeatable fraction in [0, 1) for a pair of whole numbers. */
function noise(a, b) {
  const mixed = Math.sin(a * 127.1 + b * 311.7) * 43758.5453;
  return mixed - Math.floor(mixed);
}

/** Return the coordinates of the point at *x*, *y* (fractions of the drawing) of a map centred at *centre*. */
export function placeAt(centre, x, y) {
  return {
    latitude: Number((centre.latitude - (y - 0.5) * HEIGHT * DEGREES_PER_PIXEL).toFixed(6)),
    longitude: Number((centre.longitude + (x - 0.5) * WIDTH * DEGREES_PER_PIXEL).toFixed(6)),
  };
}

/**
 * Return a drawing of the streets around a place with a pin in its middle.
 *
 * The same place always looks the same, and neighbouring places share their streets, so that moving the pin moves the town.
 */
export function drawMap({ latitude, longitude }) {
  const left = longitude / DEGREES_PER_PIXEL - WIDTH / 2;
  const top = -latitude / DEGREES_PER_PIXEL - HEIGHT / 2;
  const shapes = [];
  for (let column = Math.floor(left / STREET_STEP) - 1; column * STREET_STEP < left + WIDTH; column += 1) {
    for (let row = Math.floor(top / STREET_STEP) - 1; row * STREET_STEP < top + HEIGHT; row += 1) {
      shapes.push(block(column, row, left, top));
    }
  }
  return svg(
    "svg",
    {
      class: "map",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "xMidYMid slice",
      role: "img",
      "aria-label": t("media.map", { latitude, longitude }),
    },
    svg("rect", { class: "map-street", width: WIDTH, height: HEIGHT }),
    shapes,
    pin(),
  );
}

function block(column, row, left, top) {
  const chance = noise(column, row);
  const wide = noise(column, 7) > 0.75 ? 14 : 6;
  const high = noise(11, row) > 0.75 ? 14 : 6;
  const kind = chance > 0.86 ? "map-park" : chance < 0.06 ? "map-water" : "map-block";
  const x = column * STREET_STEP - left;
  const y = row * STREET_STEP - top;
  const parts = [svg("rect", { class: kind, x, y, width: STREET_STEP - wide, height: STREET_STEP - high, rx: 4 })];
  if (kind === "map-block") parts.push(...houses(column, row, x, y, STREET_STEP - wide, STREET_STEP - high));
  return parts;
}

function houses(column, row, x, y, width, height) {
  const count = 1 + Math.floor(noise(row, column) * 3);
  const each = (height - 8) / count;
  return Array.from({ length: count }, (_, index) =>
    svg("rect", {
      class: "map-house",
      x: x + 6,
      y: y + 6 + index * each,
      width: (width - 12) * (0.5 + noise(column + index, row) / 2),
      height: Math.max(4, each - 6),
      rx: 2,
    }),
  );
}

function pin() {
  const x = WIDTH / 2;
  const y = HEIGHT / 2;
  return svg(
    "g",
    { class: "map-pin" },
    svg("ellipse", { class: "map-shadow", cx: x, cy: y, rx: 8, ry: 3 }),
    svg("path", { d: `M${x} ${y}c-14 -17 -15 -22 -15 -27a15 15 0 0 1 30 0c0 5 -1 10 -15 27z` }),
    svg("circle", { class: "map-eye", cx: x, cy: y - 27, r: 5 }),
  );
}
