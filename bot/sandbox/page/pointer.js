/** A box that stands beside what it speaks of, with a ring around that, for as long as both are on the page. */

import { el } from "./dom.js";

const GAP_PX = 14;
const EDGE_PX = 12;
const RING_PX = 5;

/** Return where a box of *size* goes beside *target* in *room*: {left, top, side}, side being where it stands. */
export function placeBeside(target, size, room) {
  const clamp = (value, most) => Math.max(EDGE_PX, Math.min(value, most - EDGE_PX));
  const left = clamp(target.left + target.width / 2 - size.width / 2, room.width - size.width);
  const top = clamp(target.bottom - size.height, room.height - size.height);
  const sides = [
    { side: "right", left: target.right + GAP_PX, top, fits: target.right + GAP_PX + size.width < room.width },
    { side: "left", left: target.left - GAP_PX - size.width, top, fits: target.left - GAP_PX - size.width > 0 },
    { side: "above", left, top: target.top - GAP_PX - size.height, fits: target.top - GAP_PX - size.height > 0 },
  ];
  return sides.find((one) => one.fits) || { side: "over", left, top };
}

/** The part of the page beside which the box stands: a button's whole keyboard, so that its neighbours stay in sight. */
function surroundings(target) {
  const inner = target.getBoundingClientRect();
  const outer = (target.closest(".keyboard") || target).getBoundingClientRect();
  return { top: inner.top, bottom: inner.bottom, left: outer.left, right: outer.right, width: outer.width };
}

/** Keeps *box* beside the element that *target()* returns; with none it stands in the middle. */
export class Pointer {
  constructor(box, target) {
    this.box = box;
    this.target = target;
    this.ring = el("div", { class: "tour-ring", "aria-hidden": "true", hidden: true, data: { testid: "tour-ring" } });
    this.shown = false;
    this.aimed = null;
  }

  /** Begin to follow. */
  show() {
    this.shown = true;
    document.body.append(this.ring);
    const follow = () => {
      if (!this.shown) return;
      if (this.target() === this.aimed) this.place();
      else this.settle();
      window.requestAnimationFrame(follow);
    };
    follow();
  }

  /** Bring what is pointed at into view; again by itself when something else is pointed at. */
  settle() {
    this.aimed = this.target();
    this.aimed?.scrollIntoView({ block: "nearest" });
    this.place();
  }

  /** Stop to follow. */
  hide() {
    this.shown = false;
    this.ring.remove();
  }

  place() {
    const target = this.target();
    const size = this.box.getBoundingClientRect();
    const room = { width: window.innerWidth, height: window.innerHeight };
    const middle = { side: "none", left: (room.width - size.width) / 2, top: (room.height - size.height) / 2 };
    const { left, top, side } = target ? placeBeside(surroundings(target), size, room) : middle;
    this.box.dataset.side = side;
    this.box.style.left = `${Math.round(left)}px`;
    this.box.style.top = `${Math.round(top)}px`;
    this.ring.hidden = !target;
    if (target) this.encircle(target.getBoundingClientRect());
  }

  encircle({ left, top, width, height }) {
    this.ring.style.left = `${left - RING_PX}px`;
    this.ring.style.top = `${top - RING_PX}px`;
    this.ring.style.width = `${width + 2 * RING_PX}px`;
    this.ring.style.height = `${height + 2 * RING_PX}px`;
  }
}
