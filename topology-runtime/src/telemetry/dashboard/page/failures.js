// The messages that failed last, each with what was done for it.

import { drawn, element, time, write } from "./text.js";

const MOST = 100;

export class Failures {
  #list;
  #count;
  #none;
  // What came while the list was held.
  #held = null;

  constructor(list, count, none, hold) {
    this.#list = list;
    this.#count = count;
    this.#none = none;
    hold.addEventListener("click", () => {
      const held = this.#held;
      this.#held = held ? null : [];
      hold.setAttribute("aria-pressed", String(!held));
      this.add(held ?? []);
    });
  }

  // The server says again what it has.
  clear() {
    if (this.#held) this.#held = [];
    this.#list.replaceChildren();
    this.#tell();
  }

  add(failed) {
    if (this.#held) this.#held = [...this.#held, ...failed].slice(-MOST);
    else this.#list.prepend(...failed.slice(-MOST).map(row).reverse());
    const rows = [...this.#list.children];
    // Nobody takes away what somebody reads.
    for (const row of rows.slice(MOST)) if (!row.open) row.remove();
    this.#tell();
  }

  #tell() {
    const { length } = this.#list.children;
    this.#none.hidden = length > 0;
    const all = length === 0 ? "" : length >= MOST ? `the last ${MOST}` : String(length);
    const more = this.#held?.length ? `, ${this.#held.length} more came` : "";
    write(this.#count, all + more);
  }
}

function row(failed) {
  const at = new Date(failed.at);
  const row = element("details", { class: "failure" },
    element("summary", {},
      element("time", { datetime: at.toISOString() }, at.toLocaleTimeString([], { hour12: false })),
      element("span", { class: "of" }, failed.topology),
      element("span", { class: "kind" }, failed.kind),
      element("span", { class: "error" }, failed.error),
      element("code", { title: failed.trace_id }, failed.trace_id)),
    element("div", { class: "waterfall" }));
  row.addEventListener("toggle", () => row.open && show(row.lastElementChild, failed));
  return row;
}

async function show(place, failed) {
  const said = [element("p", { class: "said" }, failed.error)];
  if (!failed.has_spans) {
    place.replaceChildren(...said, element("p", { class: "empty" }, "It was not sampled: there are no spans."));
    return;
  }
  const answer = await fetch(`failures/${failed.number}`).catch(() => null);
  if (!answer?.ok) {
    place.replaceChildren(...said, element("p", { class: "empty" }, "Its spans are not kept any more."));
    return;
  }
  const { spans, omitted } = await answer.json();
  place.replaceChildren(...said, waterfall(spans));
  if (omitted > 0) place.append(element("p", { class: "empty" }, `${omitted} more spans were not kept.`));
}

function waterfall(spans) {
  const starts = spans.map((span) => span.begins - span.waited);
  const first = Math.min(...starts);
  const last = Math.max(...spans.map((span) => span.ends ?? span.begins));
  const whole = Math.max(1, last - first);
  const at = (moment) => `${(100 * (moment - first) / whole).toFixed(2)}%`;
  const long = (from, to) => `${Math.max(0.4, 100 * (to - from) / whole).toFixed(2)}%`;
  const rows = inOrder(spans).map(({ span, depth }) => {
    const ends = span.ends ?? last;
    const bars = drawn("svg", { class: "bars", "aria-hidden": "true", height: 16 });
    if (span.waited > 0) bars.append(drawn("rect", { class: "waited", x: at(span.begins - span.waited), width: long(0, span.waited), y: 6, height: 4, rx: 2 }));
    bars.append(drawn("rect", { class: `bar ${span.outcome}`, x: at(span.begins), width: long(span.begins, ends), y: 3, height: 10, rx: 2 }));
    const name = element("th", { scope: "row" }, span.name);
    name.style.paddingLeft = `${8 + 14 * depth}px`;
    return element("tr", {},
      name,
      element("td", { class: `outcome ${span.outcome}`, title: span.error }, span.outcome || (span.ends === null ? "on its way" : "")),
      element("td", { class: "duration" }, span.waited ? time(span.waited) : ""),
      element("td", { class: "duration" }, span.ends === null ? "–" : time(span.ends - span.begins)),
      element("td", { class: "track" }, bars));
  });
  const head = ["span", "outcome", "waited", "took"].map((name) => element("th", { scope: "col" }, name));
  head.push(element("th", { scope: "col", class: "track" }, `over ${time(whole)}`));
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

// Each below its parent.
function inOrder(spans) {
  const below = (parent, depth) => spans.flatMap((span, at) =>
    span.parent === parent ? [{ span, depth }, ...below(at, depth + 1)] : []);
  return below(null, 0);
}
