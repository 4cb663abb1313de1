/** Choosing a person: a searchable list. */

import { avatar } from "./avatar.js";
import { aboutPerson } from "./cast.js";
import { el } from "./dom.js";
import { nameOf } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { searchPeople } from "./session.js";

const SEARCH_FROM = 8;
const MOST_SHOWN = 200;

/** Return a list of *people* to choose from; `chosen(person)` is called with the choice. */
export function personPicker(people, chosen, current = null) {
  const list = el("div", { class: "person-list", data: { testid: "person-list" } });
  const search = searchBox(t("person.search"), "person-search", (words) => show(words));
  const show = (words) => {
    const found = searchPeople(people, words).slice(0, MOST_SHOWN);
    list.replaceChildren(...found.map((person) => personButton(person, chosen, current)));
    if (found.length === 0) list.append(el("p", { class: "muted" }, t("person.none")));
  };
  show("");
  return el(
    "div",
    { class: "picker", data: { testid: "person-picker" } },
    people.length >= SEARCH_FROM && search,
    list,
  );
}

/** Return a search field; `changed(words)` is called with every change. */
export function searchBox(label, testid, changed) {
  const oninput = (event) => changed(event.target.value);
  const field = el("input", {
    type: "search",
    placeholder: label,
    "aria-label": label,
    autocomplete: "off",
    data: { testid },
    oninput,
  });
  return el("label", { class: "search" }, icon("search"), field);
}

function personButton(person, chosen, current) {
  return el(
    "button",
    {
      type: "button",
      class: "person",
      "aria-current": person.id === current ? "true" : null,
      data: { testid: "person", person: person.id },
      onclick: () => chosen(person),
    },
    avatar(person),
    el("span", { class: "two-lines" }, el("strong", {}, nameOf(person)), el("small", {}, aboutPerson(person))),
    person.id === current && icon("check"),
  );
}
