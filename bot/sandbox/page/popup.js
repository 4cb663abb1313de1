/** What lies over the page for a moment: menus, sheets inside a pane, toasts, the full-size viewer. */

import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";

const MARGIN_PX = 8;
const TOAST_MS = 4000;
let openedMenu = null;

/** Close the open menu, if there is one. */
export function closeMenu() {
  if (openedMenu) openedMenu();
}

/**
 * Open a menu beside *anchor*.
 *
 * Each item is {label, icon, testid, onclick, danger}, or {choices: items without icons, side by side}; null items are
 * left out. Arrow keys move, Escape closes and gives the focus back.
 */
export function openMenu(anchor, items) {
  closeMenu();
  const menu = el(
    "div",
    { class: "menu", role: "menu", data: { testid: "menu" } },
    items.filter(Boolean).map((item) => (item.choices ? menuRow(item.choices) : menuItem(item))),
  );
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");

  const outside = (event) => !menu.contains(event.target) && openedMenu?.();
  openedMenu = () => {
    openedMenu = null;
    document.removeEventListener("pointerdown", outside, true);
    anchor.removeAttribute("aria-expanded");
    if (menu.contains(document.activeElement)) anchor.focus();
    menu.remove();
  };
  document.addEventListener("pointerdown", outside, true);
  menu.addEventListener("keydown", menuKeys);
  menu.querySelector("[role=menuitem]")?.focus();
}

function menuRow(choices) {
  return el("div", { class: "menu-row", role: "group" }, choices.map(menuItem));
}

function menuItem(item) {
  const onclick = () => {
    closeMenu();
    item.onclick();
  };
  return el(
    "button",
    {
      type: "button",
      role: "menuitem",
      class: item.danger ? "is-danger" : null,
      data: { testid: item.testid },
      onclick,
    },
    item.icon && icon(item.icon),
    el("span", {}, item.label),
  );
}

function menuKeys(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  if (event.key in steps) {
    event.preventDefault();
    items[(at + steps[event.key] + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
  }
}

function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(anchor.left, window.innerWidth - width - MARGIN_PX);
  const below = anchor.bottom + MARGIN_PX / 2;
  const above = anchor.top - height - MARGIN_PX / 2;
  const top = below + height > window.innerHeight && above > 0 ? above : below;
  menu.style.left = `${Math.max(MARGIN_PX, left)}px`;
  menu.style.top = `${Math.max(MARGIN_PX, Math.min(top, window.innerHeight - height - MARGIN_PX))}px`;
}

/**
 * Lay a sheet with *title* and *content* over *host*, whose other children rest meanwhile.
 *
 * Returns a function that closes it. Escape, the cross and a press beside it close it too.
 */
export function openSheet(host, title, content, { testid = "sheet", role = "dialog", closed = () => {} } = {}) {
  const before = document.activeElement;
  const resting = [...host.children];
  const close = () => {
    if (!cover.isConnected) return;
    cover.remove();
    for (const child of resting) child.inert = false;
    if (before?.isConnected) before.focus();
    closed();
  };
  const head = el(
    "header",
    { class: "sheet-head" },
    el("h2", {}, title),
    iconButton(icon("close"), t("media.close"), "sheet-close", () => close()),
  );
  const box = el(
    "section",
    { class: "sheet", role, "aria-modal": "true", "aria-label": title, data: { testid } },
    head,
    content,
  );
  const cover = el("div", { class: "cover", onclick: (event) => event.target === cover && close() }, box);
  cover.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  for (const child of resting) child.inert = true;
  host.append(cover);
  (box.querySelector("[autofocus], input, .primary") || box.querySelector("button")).focus();
  return close;
}

/** Show *text* over *host* for some seconds; a press sends it away at once. */
export function showToast(host, text, { error = false } = {}) {
  host.querySelector(":scope > .toast")?.remove();
  const role = error ? "alert" : "status";
  const toast = el("button", {
    type: "button",
    class: "toast",
    data: { testid: "toast" },
    onclick: () => toast.remove(),
  });
  toast.classList.toggle("is-error", error);
  host.append(toast);
  toast.append(el("span", { role }, text));
  window.setTimeout(() => toast.remove(), TOAST_MS + text.length * 40);
}

/** Show *text* over *host* until OK is pressed, as Telegram does with show_alert. */
export function showAlert(host, title, text) {
  const ok = el(
    "button",
    { type: "button", class: "primary", data: { testid: "alert-ok" }, onclick: () => close() },
    t("alert.ok"),
  );
  const content = el("div", { class: "alert-body" }, el("p", { data: { testid: "alert-text" } }, text), ok);
  const close = openSheet(host, title, content, { testid: "alert", role: "alertdialog" });
}

/** Ask before leaving the sandbox for *address*. */
export function confirmOutside(host, address) {
  const open = el(
    "a",
    {
      class: "primary button",
      href: address,
      target: "_blank",
      rel: "noopener noreferrer",
      data: { testid: "confirm-yes" },
      onclick: () => close(),
    },
    t("confirm.yes"),
  );
  const cancel = el(
    "button",
    { type: "button", class: "quiet", data: { testid: "confirm-no" }, onclick: () => close() },
    t("confirm.no"),
  );
  const content = el(
    "div",
    { class: "alert-body" },
    el("p", { class: "address" }, address),
    el("div", { class: "row-end" }, cancel, open),
  );
  const close = openSheet(host, t("link.outside"), content, { testid: "confirm-outside" });
}

/** Show a picture or a film over the whole page; Escape or a press closes it. */
export function showFullSize(content, label) {
  const dialog = el(
    "dialog",
    {
      class: "viewer",
      "aria-label": label,
      data: { testid: "viewer" },
      onclick: (event) => event.target !== content && dialog.close(),
    },
    content,
    iconButton(icon("close"), t("media.close"), "viewer-close", () => dialog.close()),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
