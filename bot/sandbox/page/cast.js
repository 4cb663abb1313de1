/** Who is who, in the words of the tour: a resident, a worker … The page itself knows no such thing. */

import { language, t } from "./i18n.js";

let cast = {};

/** Take *known*: {id of a person: {zh, en}}. */
export function setCast(known) {
  cast = known || {};
}

/** Return the words for who *party* is, or an empty text. */
export function roleWords(party) {
  return cast[party?.id]?.[language()] || "";
}

/** Return the small line under somebody's name: who they are, or their user name, or their number. */
export function aboutPerson(party) {
  return roleWords(party) || (party.username ? `@${party.username}` : t("person.id", { id: party.id }));
}
