// The state in, where incidents are said to have happened out: on a map at the precision that is known, and as a list.
import { h, refill, svg } from "../dom.js";
import { claimsUpTo, disputes } from "../overviews.js";
import { claimParams, typesOf } from "../state.js";
import { day, figure, plural } from "../words.js";
import { fitted, held, labelled, radius, wheresOf, zoomed } from "../where.js";
import { borders, countries, geoGraticule10, geoNaturalEarth1, geoPath, numbers } from "../../vendor/map.js";
import { glyph, partWords, signOf } from "./glyphs.js";

/** @import { Claim, Dispute, Shell, State } from "../types.js" */
/** @import { Level, Where, Zoom } from "../where.js" */

/** Incidents of one question; "Show more" asks for as many again. */
const PAGE = 500;
const MOST_QUOTES = 300;
/** Incidents of one place whose quotes are shown together. */
const TOGETHER = 12;
/** @type {[Level, string, string][]} */
const LEVELS = [
  ["point", "At a settlement or site", "A dot; its area grows with the number of independent texts."],
  ["region", "In a region", "A hatched circle: how far the region reaches is not known, and the circle's size says nothing of it."],
  ["country", "In a country, place not located", "The country's area is tinted: where in it is not known to the map."],
  ["nowhere", "Not on the map", "Nothing tells where, or the gazetteer does not know the place."],
];

export class MapView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    /** @type {Dispute[]} */
    this.rows = [];
    /** @type {import("../types.js").Disputes | null} */
    this.answer = null;
    /** @type {Where[]} */
    this.wheres = [];
    this.asked = "";
    this.opened = "";
    /** @type {Zoom} */
    this.zoom = { k: 1, x: 0, y: 0 };
    /** @type {[number, number]} */
    this.size = [0, 0];
    this.fit = true;
    this.land = svg("g", { class: "land" });
    this.marks = svg("g", { class: "dots" });
    this.world = svg("g", { class: "world" }, this.land);
    const hatch = svg("pattern", { id: "map-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { width: 6, height: 6, class: "hatch-ground" }), svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "hatch-line" }));
    this.picture = svg("svg", { class: "map-picture", role: "img", "aria-label": "Map of where incidents are said to have happened; the list beside it says the same" }, svg("defs", {}, hatch), this.world, this.marks);
    const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ act) => h("button", { type: "button", id, "aria-label": label, title: label, onclick: act }, text);
    const tools = h(
      "div",
      { class: "map-tools", role: "group", "aria-label": "Zoom of the map" },
      button("map-in", "+", "Zoom in", () => this.#by(1.5)),
      button("map-out", "−", "Zoom out", () => this.#by(1 / 1.5)),
      button("map-fit", "Fit", "Fit: show all that is drawn", () => this.#fit()),
      button("map-world", "World", "World: show all of it", () => this.#to({ k: 1, x: 0, y: 0 })),
    );
    this.stage = h("div", { class: "map-stage", tabindex: 0, role: "group", "aria-label": "Map: arrow keys move it, plus and minus zoom, 0 shows all. The list of places says the same." }, this.picture, tools);
    this.note = h("p", { class: "quiet", id: "map-note" });
    this.list = h("div", { class: "map-list", id: "map-list" });
    const borderNote = "Borders are those of Natural Earth at 1:110 million; on disputed lines they take positions that are not ours. Places are those at which articles say that an incident happened; where an article was written or published is not drawn.";
    refill(place, this.note, h("div", { class: "map-both" }, h("div", { class: "map-left" }, this.stage, h("p", { class: "quiet map-borders" }, borderNote)), this.list));
    this.#bind();
  }

  /** @param {State} state */
  key(state) {
    return JSON.stringify([claimParams(state), typesOf(state), state.look]);
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    const types = typesOf(state);
    const params = { ...claimParams(state), type: types, limit: PAGE };
    const asked = JSON.stringify([params, this.shell.revision()]);
    if (asked !== this.asked) {
      const answer = types.length ? await disputes(params, signal) : null;
      signal.throwIfAborted();
      [this.answer, this.rows, this.asked, this.opened, this.fit] = [answer, answer?.disputes ?? [], asked, "", true];
    }
    this.#draw(state);
    await this.#open(state, signal);
  }

  summary() {
    const found = this.answer;
    if (!found) return "No type of claim is ticked.";
    const at = (/** @type {Level} */ level) => this.wheres.filter((one) => one.level === level).reduce((sum, one) => sum + one.disputes.length, 0);
    return `${figure(this.rows.length)} of ${plural(found.total, "incident")}: ${at("point")} at a settlement or site, ${at("region")} in a region, ${at("country")} in a country only, ${at("nowhere")} not on the map; ${plural(found.without_incident, "claim")} about no incident.`;
  }

  /** @param {State} state */
  #draw(state) {
    const found = this.answer;
    for (const row of this.rows) this.shell.names.set(row.incident, row.label);
    this.wheres = wheresOf(this.rows, (code) => countryOf(code)?.properties.name ?? code);
    if (!found) refill(this.note, "No type of claim is ticked: tick one under “Claims”.");
    else if (!this.rows.length) refill(this.note, found.claims ? "The matching claims are about no incident: they are in the Table." : "No claims match. Loosen the filters to see where incidents are reported.");
    else {
      const parts = ["Where articles say that incidents happened, each as exactly as that is known. Who did what there is only claimed."];
      if (found.without_incident) parts.push(`${plural(found.without_incident, "matching claim")} ${found.without_incident === 1 ? "is" : "are"} about no incident.`);
      if (found.undated_left_out) parts.push(`${plural(found.undated_left_out, "claim")} left out by the dates, because nothing tells their day.`);
      refill(this.note, parts.join(" "));
    }
    this.#drawList(state);
    this.#drawMap(state);
  }

  /** @param {State} state */
  #drawList(state) {
    const groups = LEVELS.flatMap(([level, title, words]) => {
      const wheres = this.wheres.filter((one) => one.level === level);
      if (!wheres.length) return [];
      const count = wheres.reduce((sum, one) => sum + one.disputes.length, 0);
      return [
        h(
          "section",
          { class: `where-group ${level}`, dataset: { level, incidents: String(count) } },
          h("h2", {}, h("span", { class: `where-sign ${level}`, "aria-hidden": "true" }), `${title} `, h("span", { class: "quiet" }, plural(count, "incident"))),
          h("p", { class: "quiet" }, words),
          h("ul", {}, wheres.map((where) => this.#where(where, state))),
        ),
      ];
    });
    const left = this.answer ? this.answer.total - this.rows.length : 0;
    refill(this.list, groups, left > 0 ? h("p", {}, `${figure(left)} of ${plural(this.answer?.total ?? 0, "incident")} not drawn yet, of fewest texts. `, h("button", { type: "button", id: "map-more", onclick: () => void this.#more() }, `Show ${figure(Math.min(left, PAGE))} more`)) : null);
  }

  /**
   * @param {Where} where
   * @param {State} state
   */
  #where(where, state) {
    const drawn = where.level !== "country" || countryOf(where.country);
    const look = `where:${where.key}`;
    const head = h(
      "button",
      { type: "button", class: "where", "aria-pressed": String(state.look === look), dataset: { where: where.key, level: where.level, incidents: String(where.disputes.length), lineages: String(where.lineages) }, onclick: () => this.#look(look) },
      h("strong", {}, where.name),
      where.country && where.level !== "country" ? h("span", { class: "quiet" }, ` ${countryOf(where.country)?.properties.name ?? where.country}`) : null,
      h("span", { class: "quiet" }, ` ${plural(where.disputes.length, "incident")}, ${plural(where.claims, "claim")}`),
    );
    return h("li", {}, where.level === "nowhere" ? null : head, drawn ? null : h("p", { class: "quiet" }, "Too small, or without a shape of its own, on this map: only listed."), h("ul", { class: "incidents" }, where.disputes.map((dispute) => this.#incident(dispute, where, state))));
  }

  /**
   * @param {Dispute} dispute
   * @param {Where} where
   * @param {State} state
   */
  #incident(dispute, where, state) {
    const look = `incident:${dispute.incident}`;
    const named = where.level !== "point" && where.level !== "region" && dispute.place ? ` Told of ${dispute.place}.` : "";
    return h(
      "li",
      {},
      h("button", { type: "button", class: "plain incident", "aria-pressed": String(state.look === look), dataset: { incident: dispute.incident, claims: String(dispute.claims) }, onclick: () => this.#look(look) }, dispute.label),
      h("span", { class: "signs-row" }, dispute.parts.map((part) => h("span", { class: "part" }, glyph(signOf(part.kind, part.modality)), figure(part.claims))), h("span", { class: "unseen" }, partWords(dispute.parts, "claims"))),
      h("span", { class: "quiet" }, ` ${plural(dispute.lineages, "independent text")}${dispute.date ? `, dated ${day(dispute.date)}` : ", day not told"}.${named}`),
      " ",
      h("button", { type: "button", class: "plain", dataset: { openIncident: dispute.incident }, onclick: () => this.shell.openIncident(dispute.incident) }, "Who says who did it"),
      " ",
      h("button", { type: "button", class: "plain", dataset: { openThread: dispute.thread }, onclick: () => this.shell.openThread(dispute.thread) }, "Thread"),
    );
  }

  /** @param {string} look */
  #look(look) {
    if (this.shell.state().look !== look) return this.shell.go({ look });
    this.opened = "";
    this.#open(this.shell.state(), new AbortController().signal).catch((error) => this.shell.problem(error));
  }

  async #more() {
    const cursor = this.answer?.next;
    if (!cursor) return;
    const state = this.shell.state();
    const asked = this.asked;
    try {
      const found = await disputes({ ...claimParams(state), type: typesOf(state), limit: PAGE, cursor });
      if (asked !== this.asked) return;
      this.rows = [...this.rows, ...found.disputes];
      this.answer = found;
      this.#draw(state);
      this.shell.say(this.summary());
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /**
   * The quotes of the incident, or of the incidents of the place, that is looked at.
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async #open(state, signal) {
    const where = this.wheres.find((one) => `where:${one.key}` === state.look);
    const one = this.rows.find((row) => `incident:${row.incident}` === state.look);
    const wanted = one ? [one] : (where?.disputes ?? []).slice(0, TOGETHER);
    const opened = `${this.asked} ${state.look}`;
    if (!wanted.length || opened === this.opened) return;
    this.list.querySelector("[aria-pressed='true']")?.scrollIntoView({ block: "nearest" });
    /** @type {Claim[]} */
    const claims = [];
    for (const dispute of wanted) claims.push(...(await claimsUpTo({ ...claimParams(state), type: typesOf(state), incident: dispute.incident }, MOST_QUOTES, signal)).claims);
    signal.throwIfAborted();
    this.opened = opened;
    this.shell.know(claims.map((claim) => claim.publisher));
    const rest = where && !one && where.disputes.length > TOGETHER ? ` (the first ${TOGETHER} of ${where.disputes.length} incidents)` : "";
    this.shell.evidence(one ? one.label : `${where?.level === "country" ? "Somewhere in " : ""}${where?.name}${rest}`, claims.map((claim) => claim.id));
  }

  /** @param {State} state */
  #drawMap(state) {
    const size = /** @type {[number, number]} */ ([Math.max(240, this.stage.clientWidth), Math.max(200, this.stage.clientHeight)]);
    const resized = size[0] !== this.size[0] || size[1] !== this.size[1];
    if (resized || !this.land.childNodes.length) this.#base(size);
    for (const shape of this.land.querySelectorAll(".country")) {
      shape.classList.remove("tinted", "chosen");
      shape.querySelector("title")?.remove();
      delete (/** @type {SVGElement} */ (shape).dataset.where);
    }
    this.marks.replaceChildren();
    /** Dots, circles, and the names of tinted countries, whose centre their negative radius keeps. @type {{ where: Where, mark: SVGElement, at: [number, number], r: number }[]} */
    this.placed = [];
    for (const where of this.wheres) {
      const chosen = state.look === `where:${where.key}` || where.disputes.some((one) => state.look === `incident:${one.incident}`);
      const title = svg("title", {});
      title.textContent = `${where.name}: ${plural(where.disputes.length, "incident")}, ${plural(where.claims, "claim")}`;
      if (where.level === "country") {
        const shape = /** @type {SVGElement | null} */ (this.land.querySelector(`[data-country="${where.country}"]`));
        if (!shape) continue;
        shape.classList.add("tinted");
        shape.classList.toggle("chosen", chosen);
        shape.dataset.where = where.key;
        shape.append(title);
        const name = svg("text", { y: 4, class: "name" });
        name.textContent = where.name;
        this.placed.push({ where, mark: svg("g", { class: `area-name${chosen ? " chosen" : ""}` }, name), at: this.path.centroid(countryOf(where.country)), r: -3.6 * where.name.length - 3 });
      }
      if (where.level !== "point" && where.level !== "region") continue;
      const at = this.projection([where.lon, where.lat]);
      if (!at) continue;
      const r = where.level === "region" ? 15 : radius(where.lineages);
      const name = svg("text", { x: r + 4, y: 4, class: "name" });
      name.textContent = where.name;
      const mark = svg("g", { class: `mark ${where.level}${chosen ? " chosen" : ""}`, "data-where": where.key, "data-level": where.level, "data-lineages": where.lineages }, svg("circle", { r }), name, title);
      this.placed.push({ where, mark, at, r });
    }
    this.placed.sort((a, b) => Number(a.r < 0) - Number(b.r < 0));
    // Names of countries lie under regions, regions under dots, and of dots the small over the large, so that none hides another.
    for (const level of ["country", "region", "point"]) this.marks.append(...this.placed.filter((one) => one.where.level === level).map((one) => one.mark));
    if (this.fit || resized) this.#fit();
    else this.#to(this.zoom);
  }

  /**
   * The land, drawn anew when the window's size changes.
   * @param {[number, number]} size
   */
  #base(size) {
    this.size = size;
    this.picture.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    this.projection = geoNaturalEarth1().fitExtent([[4, 4], [size[0] - 4, size[1] - 4]], { type: "Sphere" });
    this.path = geoPath(this.projection);
    const draw = (/** @type {any} */ what, /** @type {string} */ name) => svg("path", { d: this.path(what) ?? "", class: name });
    this.land.replaceChildren(
      draw({ type: "Sphere" }, "sea"),
      draw(geoGraticule10(), "graticule"),
      ...countries.map((/** @type {any} */ shape) => {
        const path = draw(shape, "country");
        const code = codeOf(shape);
        if (code) path.dataset.country = code;
        return path;
      }),
      draw(borders, "borders"),
    );
  }

  #fit() {
    /** @type {[[number, number], [number, number]][]} */
    const boxes = (this.placed ?? []).filter((one) => one.r > 0).map(({ at: [x, y] }) => [[x - 6, y - 6], [x + 6, y + 6]]);
    for (const where of this.wheres) {
      const shape = where.level === "country" ? countryOf(where.country) : null;
      // The whole of a country that spans the world would show the world.
      if (shape && !boxes.length) boxes.push(this.path.bounds(shape));
      else if (shape) boxes.push([this.path.centroid(shape), this.path.centroid(shape)]);
    }
    const box = boxes.length ? boxes.reduce(([[a, b], [c, d]], [[e, f], [g, i]]) => [[Math.min(a, e), Math.min(b, f)], [Math.max(c, g), Math.max(d, i)]]) : null;
    this.#to(fitted(box, this.size));
    this.fit = true;
  }

  /** @param {Zoom} zoom */
  #to(zoom) {
    this.zoom = held(zoom, this.size);
    this.fit = false;
    const { k, x, y } = this.zoom;
    this.world.setAttribute("transform", `translate(${x} ${y}) scale(${k})`);
    const placed = (this.placed ?? []).map((one) => ({ ...one, x: one.at[0] * k + x, y: one.at[1] * k + y }));
    const named = labelled(placed.map(({ x: left, y: top, r, where }) => ({ x: left, y: top, r, width: where.name.length * 7.2 })), this.size);
    for (const [index, { mark, where, r, x: left, y: top }] of placed.entries()) {
      mark.setAttribute("transform", `translate(${left.toFixed(1)} ${top.toFixed(1)})`);
      mark.classList.toggle("named", named[index] || mark.classList.contains("chosen"));
      if (r < 0) continue;
      const outside = left + r + 4 + where.name.length * 7.2 > this.size[0];
      mark.querySelector(".name")?.classList.toggle("left", outside);
      mark.querySelector(".name")?.setAttribute("x", String(outside ? -r - 4 : r + 4));
    }
  }

  /**
   * @param {number} factor
   * @param {[number, number]} [at]
   */
  #by(factor, at = [this.size[0] / 2, this.size[1] / 2]) {
    this.#to(zoomed(this.zoom, factor, at));
  }

  #bind() {
    this.picture.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-where]")?.getAttribute("data-where");
      if (key && !this.dragged) this.#look(`where:${key}`);
    });
    this.picture.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const box = this.picture.getBoundingClientRect();
        this.#by(2 ** (-event.deltaY / 300), [event.clientX - box.left, event.clientY - box.top]);
      },
      { passive: false },
    );
    /** @type {{ x: number, y: number, zoom: Zoom } | null} */
    let held = null;
    this.dragged = false;
    this.picture.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, y: event.clientY, zoom: this.zoom };
      this.dragged = false;
    });
    addEventListener("pointermove", (event) => {
      if (!held) return;
      const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      if (Math.hypot(dx, dy) > 4) this.dragged = true;
      if (this.dragged) this.#to({ k: held.zoom.k, x: held.zoom.x + dx, y: held.zoom.y + dy });
    });
    for (const sign of ["pointerup", "pointercancel"]) addEventListener(sign, () => (held = null));
    this.stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.target !== this.stage || event.ctrlKey || event.metaKey || event.altKey) return;
      const { k, x, y } = this.zoom;
      const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (step) this.#to({ k, x: x + step[0], y: y + step[1] });
      else if (event.key === "+" || event.key === "=") this.#by(1.5);
      else if (event.key === "-") this.#by(1 / 1.5);
      else if (event.key === "0") this.#fit();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.stage;
      if (width && height && this.answer && (Math.abs(width - this.size[0]) > 1 || Math.abs(height - this.size[1]) > 1)) this.#drawMap(this.shell.state());
    }).observe(this.stage);
  }
}

/** Shapes of the atlas that have no number of their own. @type {Record<string, string>} */
const UNNUMBERED = { Kosovo: "XKX" };
const CODES = new Map([...numbers].map(([code, number]) => [number, code]));
/** @type {Map<string, any>} */
const SHAPES = new Map(countries.flatMap((/** @type {any} */ shape) => (codeOf(shape) ? [[codeOf(shape), shape]] : [])));

/** @param {any} shape @returns {string | undefined} its alpha-3 code */
function codeOf(shape) {
  return shape.id ? CODES.get(shape.id) : UNNUMBERED[shape.properties.name];
}

/** @param {string | null} code alpha-3 @returns {any} its shape, if it has one */
function countryOf(code) {
  return code ? SHAPES.get(code) : undefined;
}
