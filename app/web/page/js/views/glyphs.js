// A type of claim in, the small sign for it out: the arrowheads of the graph, so that colour alone never tells types apart.
import { svg } from "../dom.js";

/** @import { ClaimType, Modality, Part } from "../types.js" */
/** @typedef {"accuses" | "denies" | "carried_out" | "threatened" | "called_for"} Sign */

/** @type {Record<Sign, string>} */
export const SIGN_WORDS = {
  accuses: "accuses",
  denies: "denies",
  carried_out: "is reported to have retaliated",
  threatened: "threatens to retaliate",
  called_for: "calls for retaliation",
};
/** @type {Record<Sign, [string, string]>} one and many */
export const SIGN_NOUNS = {
  accuses: ["accusation", "accusations"],
  denies: ["denial", "denials"],
  carried_out: ["reported retaliation", "reported retaliations"],
  threatened: ["threat", "threats"],
  called_for: ["call for retaliation", "calls for retaliation"],
};

/**
 * @param {ClaimType} type
 * @param {Modality | null} modality
 * @returns {Sign}
 */
export function signOf(type, modality) {
  if (type !== "retaliates") return type;
  return modality === "threatened" || modality === "called_for" ? modality : "carried_out";
}

/** @param {Sign} sign */
export function glyph(sign) {
  const picture = svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, class: `glyph ${sign}`, "aria-hidden": "true", focusable: "false" });
  if (sign === "accuses") picture.append(svg("polygon", { points: "2,1 13,7 2,13" }));
  else if (sign === "denies") picture.append(svg("rect", { x: 0.5, y: 5.5, width: 9, height: 3 }), svg("rect", { x: 9.5, y: 0.5, width: 3.5, height: 13 }));
  else picture.append(svg("polygon", { points: "1,1 13,7 1,13 5,7" }));
  return picture;
}

/**
 * What some claims amount to, in words: "2 accusations, 1 threat".
 * @param {Part[]} parts
 * @param {"claims" | "lineages"} by
 */
export function partWords(parts, by) {
  return parts
    .map((part) => {
      const [one, many] = SIGN_NOUNS[signOf(part.kind, part.modality)];
      return `${part[by]} ${part[by] === 1 ? one : many}`;
    })
    .join(", ");
}
