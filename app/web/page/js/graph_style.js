// How nodes and edges look: one table for the canvas and for the swatches of the legend. Line style and arrowhead always
// tell the kinds apart; colour only helps.
import { svg } from "./dom.js";

/** @import { EdgeKind, Modality } from "./types.js" */

/** @typedef {{ colour: string, width: number, line: "solid" | "dashed" | "dotted", head: "triangle" | "tee" | "vee" | "none" }} Stroke */

/** @type {Record<string, Stroke>} */
const STROKES = {
  accuses: { colour: "--accuses", width: 2.2, line: "solid", head: "triangle" },
  denies: { colour: "--denies", width: 2.2, line: "dashed", head: "tee" },
  "retaliates carried_out": { colour: "--retaliates", width: 5, line: "solid", head: "vee" },
  "retaliates threatened": { colour: "--retaliates", width: 3.2, line: "dotted", head: "vee" },
  "retaliates called_for": { colour: "--retaliates", width: 1.6, line: "dotted", head: "vee" },
  about: { colour: "--context", width: 1.2, line: "dashed", head: "none" },
  located_in: { colour: "--context", width: 1.2, line: "dotted", head: "none" },
  part_of: { colour: "--context", width: 1.2, line: "solid", head: "vee" },
};

/**
 * @param {EdgeKind} kind
 * @param {Modality | null} modality
 * @returns {string} the key of its stroke
 */
export function strokeKey(kind, modality) {
  return kind === "retaliates" ? `retaliates ${modality && modality !== "asserted" ? modality : "carried_out"}` : kind;
}

/** Shapes of actors on the canvas. @type {Record<string, string>} */
export const SHAPES = {
  state: "ellipse",
  government_body: "round-rectangle",
  armed_force: "triangle",
  armed_group: "pentagon",
  political_group: "octagon",
  international_organisation: "hexagon",
  company: "rectangle",
  media: "rhomboid",
  ngo: "heptagon",
  person: "star",
  unknown: "barrel",
  incident: "diamond",
  place: "round-tag",
};

/** @type {HTMLElement | null} */
let probe = null;

/**
 * A colour of the page's style as the theme in force has it. It is read off an element, for the property itself holds
 * both themes' colours.
 * @param {string} name of a custom property
 * @returns {string} `rgb(…)`
 */
export function token(name) {
  if (!probe) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.setProperty("color", `var(${name})`);
  return getComputedStyle(probe).color;
}

/** The stylesheet of the canvas, in the colours now in force. @returns {object[]} */
export function stylesheet() {
  const [ground, ink, muted, actor, incident, place, focus] =
    ["--canvas", "--ink", "--muted", "--actor", "--incident", "--place", "--focus"].map(token);
  /** @type {object[]} */
  const sheet = [
    {
      selector: "node",
      style: {
        label: "data(label)",
        shape: "data(shape)",
        width: "data(size)",
        height: "data(size)",
        "background-color": actor,
        "border-width": 1.5,
        "border-color": ground,
        color: ink,
        "font-family": "system-ui, sans-serif",
        "font-size": "data(font)",
        "font-weight": 600,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-wrap": "wrap",
        "text-max-width": "data(wrap)",
        "text-background-color": ground,
        "text-background-opacity": 0.82,
        "text-background-padding": 2,
        "text-background-shape": "round-rectangle",
        "z-index": 10,
      },
    },
    { selector: "node[kind = 'incident']", style: { "background-color": incident, "font-size": 11, "font-weight": 400, "min-zoomed-font-size": 7 } },
    { selector: "node[kind = 'place']", style: { "background-color": place, "font-size": 11, "font-weight": 400, "min-zoomed-font-size": 7 } },
    { selector: "node[shape = 'barrel']", style: { "border-style": "dashed", "border-color": muted } },
    { selector: "node[kind = 'more']", style: { "background-color": ground, "border-color": muted, "border-style": "dashed", color: ink, "font-weight": 400, "text-valign": "bottom" } },
    { selector: "node.pinned", style: { "border-width": 3, "border-style": "double", "border-color": muted } },
    { selector: "node.focus", style: { "border-width": 4, "border-color": focus } },
    {
      selector: "edge",
      style: {
        "curve-style": "bezier",
        "control-point-step-size": 46,
        "loop-direction": "-45deg",
        "arrow-scale": 1.25,
        "font-family": "system-ui, sans-serif",
        "font-size": 11,
        color: ink,
        "text-rotation": "autorotate",
        "text-background-color": ground,
        "text-background-opacity": 0.9,
        "text-background-padding": 2,
        "min-zoomed-font-size": 7,
        "line-cap": "butt",
      },
    },
  ];
  for (const [key, stroke] of Object.entries(STROKES)) {
    const colour = token(stroke.colour);
    sheet.push({
      selector: `edge[stroke = '${key}']`,
      style: {
        width: stroke.width,
        "line-color": colour,
        // The canvas's own dots are one pixel each and run into a line where it is wide.
        "line-style": stroke.line === "solid" ? "solid" : "dashed",
        "line-dash-pattern": stroke.line === "dotted" ? [0.1, 2.2 * stroke.width] : [9, 5],
        "target-arrow-shape": stroke.head,
        "target-arrow-color": colour,
        "line-cap": stroke.line === "dotted" ? "round" : "butt",
      },
    });
  }
  return [
    ...sheet,
    { selector: ".labelled edge, edge.labelled, edge.hot", style: { label: "data(label)" } },
    { selector: "node.marked", style: { "underlay-color": focus, "underlay-opacity": 0.35, "underlay-padding": 9, "underlay-shape": "ellipse" } },
    { selector: ".dim", style: { opacity: 0.14 } },
    { selector: "edge.hot", style: { "z-index": 20, "min-zoomed-font-size": 0 } },
    { selector: ":selected", style: { "overlay-color": focus, "overlay-opacity": 0.22, "overlay-padding": 5, "z-index": 30 } },
    { selector: "node:selected", style: { "overlay-shape": "ellipse", "overlay-padding": 9 } },
    { selector: "node:active", style: { "overlay-opacity": 0.1 } },
  ];
}

/**
 * A line as the canvas draws it, for the legend.
 * @param {string} key of a stroke
 */
export function strokeSwatch(key) {
  const { colour, width, line, head } = STROKES[key];
  const paint = `var(${colour})`;
  const dash = { solid: "none", dashed: "7 4", dotted: `0.1 ${width * 2}` }[line];
  const picture = svg(
    "svg",
    { viewBox: "0 0 46 14", width: 46, height: 14, "aria-hidden": "true", focusable: "false" },
    svg("line", { x1: 2, y1: 7, x2: head === "none" ? 44 : 37, y2: 7, stroke: paint, "stroke-width": width, "stroke-dasharray": dash, "stroke-linecap": line === "dotted" ? "round" : "butt" }),
  );
  if (head === "triangle") picture.append(svg("polygon", { points: "35,2 45,7 35,12", fill: paint }));
  if (head === "vee") picture.append(svg("polygon", { points: "34,2 45,7 34,12 37.5,7", fill: paint }));
  if (head === "tee") picture.append(svg("rect", { x: 37, y: 1.5, width: 3, height: 11, fill: paint }));
  return picture;
}

/** Corners of the swatches of nodes, in a box of 14 by 14; what is missing is a circle. @type {Record<string, string>} */
const CORNERS = {
  government_body: "1,2 13,2 13,12 1,12",
  armed_force: "7,1 13,13 1,13",
  armed_group: "7,1 13,5.5 10.7,13 3.3,13 1,5.5",
  political_group: "4.5,1 9.5,1 13,4.5 13,9.5 9.5,13 4.5,13 1,9.5 1,4.5",
  international_organisation: "1,7 4,1.8 10,1.8 13,7 10,12.2 4,12.2",
  company: "1.5,1.5 12.5,1.5 12.5,12.5 1.5,12.5",
  media: "1,2 9.5,2 13,12 4.5,12",
  ngo: "7,1 11.8,3.3 13,8.4 9.7,12.6 4.3,12.6 1,8.4 2.2,3.3",
  person: "7,0.8 8.8,5 13.2,5.4 9.8,8.3 10.9,12.8 7,10.4 3.1,12.8 4.2,8.3 0.8,5.4 5.2,5",
  unknown: "2,1 12,1 13,4 13,10 12,13 2,13 1,10 1,4",
  incident: "7,0.5 13.5,7 7,13.5 0.5,7",
  place: "1,2.5 9.5,2.5 13.5,7 9.5,11.5 1,11.5",
};

/**
 * A node's shape, for the legend.
 * @param {string} kind an actor's kind, "incident" or "place"
 */
export function shapeSwatch(kind) {
  const fill = `var(${kind === "incident" ? "--incident" : kind === "place" ? "--place" : "--actor"})`;
  const corners = CORNERS[kind];
  return svg(
    "svg",
    { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true", focusable: "false" },
    corners ? svg("polygon", { points: corners, fill }) : svg("circle", { cx: 7, cy: 7, r: 6, fill }),
  );
}
