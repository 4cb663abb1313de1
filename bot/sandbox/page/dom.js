/** Building elements. Foreign text only ever becomes a text node, never markup. */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function setProperty(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "data") {
    for (const [key, item] of Object.entries(value)) {
      if (item !== null && item !== undefined) node.dataset[key] = item;
    }
  } else if (name.startsWith("on")) {
    node.addEventListener(name.slice(2), value);
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) setProperty(node, name, value);
  const present = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  node.append(...present);
  return node;
}

/**
 * Return a new element.
 *
 * `properties` holds attributes, plus `data` (an object for the dataset) and `onclick`-style listeners;
 * a null, undefined or false value leaves the attribute out. Strings among the children become text nodes.
 */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Return a new SVG element; the same rules as for `el`. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), properties, children);
}

/** Return a button that shows an icon only, named for screen readers and on hover. */
export function iconButton(picture, label, testid, onclick, extra = {}) {
  return el(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, data: { testid }, onclick, ...extra },
    picture,
  );
}
