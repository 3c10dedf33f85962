// One step or edge: its numbers, its last minutes, and what it declares.

import { failures, lost } from "./history.js";
import { count, drawn, element, quantile, rate, time, write } from "./text.js";

const WIDTH = 288;
const HEIGHT = 44;

const OF_STEPS = [
  { name: "rate", title: "ended well", show: rate },
  { name: "p99", title: "99 of 100 took at most", show: time },
  { name: "retries", title: "tried again", show: rate },
  { name: "failures", title: "failed", show: rate, isBad: true },
  { name: "in_flight", title: "working on", show: count },
];
const OF_EDGES = [
  { name: "fill", title: "waiting", show: count },
  { name: "rate", title: "taken", show: rate },
  { name: "blocked", title: "had to wait for room", show: rate },
  { name: "lost", title: "lost: timed out or dropped", show: rate, isBad: true },
];

export class Details {
  #panel;
  #close;
  #chosen = null;
  #lines = [];
  #cells = [];
  title = "";

  constructor(panel, close) {
    this.#panel = panel;
    this.#close = close;
  }

  get chosen() {
    return this.#chosen;
  }

  open(chosen, declared) {
    this.#chosen = chosen;
    const own = declared[chosen.kind][chosen.at];
    const isStep = chosen.kind === "steps";
    const title = isStep ? own.name : `${own.from} → ${own.to}`;
    this.title = isStep ? `step ${own.name}` : `edge ${own.from} to ${own.to}`;
    const close = element("button", { class: "close", type: "button", "aria-label": "Close the details" }, "×");
    close.addEventListener("click", () => this.#close());
    this.#lines = (isStep ? OF_STEPS : OF_EDGES).map((series) => new Line(series, isStep ? null : own.capacity));
    const numbers = element("dl", { class: "numbers" });
    this.#cells = (isStep ? stepCells : edgeCells).map(([name, of]) => {
      const cell = element("dd", {}, "–");
      numbers.append(element("div", {}, element("dt", {}, name), cell));
      return [cell, of];
    });
    const contract = element("dl", { class: "contract" });
    for (const [name, text] of own.contract) {
      contract.append(element("dt", {}, name), element("dd", {}, text));
    }
    this.#panel.replaceChildren(
      element("div", { class: "head" }, element("h2", {}, element("small", {}, isStep ? "step" : "edge"), title), close),
      element("div", { class: "columns" },
        element("section", {}, element("h3", {}, "Since the start"), numbers),
        element("section", {}, element("h3", {}, "Declared"), contract),
        element("section", { class: "lines" }, element("h3", {}, "The last minutes"),
          element("div", {}, ...this.#lines.map((line) => line.figure)))),
      element("div", { class: "inside" }));
    this.#panel.hidden = false;
  }

  close() {
    this.#chosen = null;
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
  }

  update(numbers, history) {
    if (!this.#chosen) return;
    const { kind, at } = this.#chosen;
    const own = numbers[kind][at];
    for (const [cell, of] of this.#cells) write(cell, of(own));
    for (const line of this.#lines) line.draw(history.of(kind, at, line.name));
    if (own.inside) this.#panel.querySelector(".inside").replaceChildren(...inside(own.inside));
  }
}

const stepCells = [
  ["done", (step) => count(step.succeeded)],
  ["working on", (step) => count(step.in_flight)],
  ["retries", (step) => count(step.retries)],
  ["errors", (step) => count(step.errors)],
  ["timeouts", (step) => count(step.timeouts)],
  ["panics", (step) => count(step.panics)],
  ["p50", (step) => quantile(step.took, "p50")],
  ["p99", (step) => quantile(step.took, "p99")],
  ["longest", (step) => quantile(step.took, "max")],
];
const edgeCells = [
  ["waiting", (edge) => count(edge.fill)],
  ["taken", (edge) => count(edge.taken)],
  ["had to wait", (edge) => count(edge.blocked)],
  ["timed out", (edge) => count(edge.timed_out)],
  ["dropped", (edge) => count(edge.dropped)],
  ["waits p50", (edge) => quantile(edge.waited, "p50")],
  ["waits p99", (edge) => quantile(edge.waited, "p99")],
  ["longest", (edge) => quantile(edge.waited, "max")],
];

// A line over the last minutes, with its highest and its last value.
class Line {
  constructor({ name, title, show, isBad }, capacity) {
    Object.assign(this, { name, show, title });
    this.top = name === "fill" ? capacity : null;
    this.now = element("span", { class: "now" });
    this.high = element("span", { class: "high" });
    this.since = element("span");
    this.area = drawn("path", { class: "area" });
    this.line = drawn("path", { class: "line" });
    this.svg = drawn("svg", { class: `spark${isBad ? " bad" : ""}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" }, this.area, this.line);
    this.figure = element("figure", {},
      element("figcaption", {}, element("span", {}, title), this.now),
      this.svg,
      element("div", { class: "axis", "aria-hidden": "true" }, this.since, this.high, element("span", {}, "now")));
  }

  draw(points) {
    const span = Math.max(30e6, points[0]?.[0] ?? 0);
    const highest = Math.max(0, ...points.map(([, value]) => value));
    const top = this.top ?? (highest || 1);
    const place = ([age, value]) =>
      `${(WIDTH * (1 - age / span)).toFixed(1)} ${(HEIGHT - 2 - (HEIGHT - 6) * Math.min(1, value / top)).toFixed(1)}`;
    const line = points.map(place).join("L");
    const first = points.length ? (WIDTH * (1 - points[0][0] / span)).toFixed(1) : 0;
    this.line.setAttribute("d", points.length ? `M${line}` : "");
    this.area.setAttribute("d", points.length ? `M${first} ${HEIGHT}L${line}L${WIDTH} ${HEIGHT}Z` : "");
    const now = this.show(points.at(-1)?.[1] ?? 0);
    write(this.now, now);
    write(this.high, `highest ${this.show(highest)}${this.top ? ` of ${this.top}` : ""}`);
    write(this.since, span < 90e6 ? `${Math.round(span / 1e6)} s ago` : `${Math.round(span / 60e6)} min ago`);
    this.svg.setAttribute("aria-label", `${this.title}: ${now} now, at most ${this.show(highest)}`);
  }
}

// The steps of the topologies that a step is, all replicas together.
function inside(replicas) {
  const rows = replicas[0].steps.map((step, at) => {
    const all = replicas.map((replica) => replica.steps[at]);
    const sum = (of) => all.reduce((total, one) => total + of(one), 0);
    const cells = [sum((one) => one.succeeded), sum((one) => one.retries), sum(failures)];
    return element("tr", {}, element("th", { scope: "row" }, step.name), ...cells.map((cell) => element("td", {}, count(cell))));
  });
  const waiting = replicas[0].edges.map((edge, at) => {
    const all = replicas.map((replica) => replica.edges[at]);
    const sum = (of) => all.reduce((total, one) => total + of(one), 0);
    return element("tr", {}, element("th", { scope: "row" }, `${edge.from} → ${edge.to}`),
      ...[sum((one) => one.fill), sum((one) => one.taken), sum(lost)].map((cell) => element("td", {}, count(cell))));
  });
  const head = (...names) => element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
  return [
    element("h3", {}, "Inside"),
    element("table", {}, head("step", "done", "retries", "failed"), ...rows),
    element("table", {}, head("edge", "waiting", "taken", "lost"), ...waiting),
  ];
}
