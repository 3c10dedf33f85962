// What comes from the server, and where it is shown.

import { Details } from "./details.js";
import { Failures } from "./failures.js";
import { History, failures as failed, lost } from "./history.js";
import { Picture, level } from "./picture.js";
import { count, element, quantile, rate, write } from "./text.js";

const place = (id) => document.getElementById(id);
const details = new Details(place("details"), close);
const failures = new Failures(place("failures"), place("failed-count"), place("no-failures"), place("pause"));
const histories = new Map();
const full = new Map();
let topologies = [];
let shown = null;
let picture = null;
let latest = new Map();

function declare({ topologies: declared }) {
  // After a restart of the program another topology may have that number.
  const isAsBefore = (one) => JSON.stringify(topologies.find(({ id }) => id === one.id)) === JSON.stringify(one);
  const isKnown = new Set(declared.filter(isAsBefore).map(({ id }) => id));
  topologies = declared;
  for (const id of histories.keys()) if (!isKnown.has(id)) histories.delete(id);
  for (const { id } of declared) if (!histories.has(id)) histories.set(id, new History());
  if (!isKnown.has(shown)) {
    close();
    picture = null;
  }
  const tabs = declared.map((one) => {
    const tab = element("button", { type: "button", "data-id": one.id }, one.name, element("small"));
    tab.addEventListener("click", () => show(one.id));
    return tab;
  });
  place("topologies").replaceChildren(...tabs);
  const wanted = decodeURIComponent(location.hash.slice(1));
  const again = declared.find((one) => one.id === shown) ?? declared.find((one) => one.name === wanted) ?? declared[0];
  if (again) show(again.id);
  else nothing();
}

function nothing() {
  close();
  [shown, picture] = [null, null];
  place("totals").replaceChildren();
  place("picture").replaceChildren(element("p", { class: "empty" }, "No topology is running."));
}

function show(id) {
  const declared = topologies.find((one) => one.id === id);
  for (const tab of place("topologies").children) {
    if (tab.dataset.id === String(id)) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  if (shown === id && picture) return;
  close();
  shown = id;
  document.title = `${declared.name} · topology`;
  history.replaceState(null, "", `#${encodeURIComponent(declared.name)}`);
  picture = new Picture(declared, choose);
  place("picture").replaceChildren(picture.svg);
  const now = latest.get(id);
  if (now) update(now.numbers, now.point);
}

function choose(chosen) {
  const open = details.chosen;
  if (open && open.kind === chosen.kind && open.at === chosen.at) return close();
  const declared = topologies.find((one) => one.id === shown);
  details.open(chosen, declared);
  picture.mark(chosen);
  write(place("news"), `Details of ${details.title} are shown below the drawing; Escape closes them`);
  const now = latest.get(shown);
  if (now) details.update(now.numbers, histories.get(shown));
}

function close() {
  const { chosen } = details;
  if (!chosen) return;
  const hadFocus = place("details").contains(document.activeElement);
  details.close();
  picture?.mark(null);
  if (hadFocus) picture?.focus(chosen);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});

function take(all) {
  latest = new Map();
  for (const numbers of all) {
    const declared = topologies.find((one) => one.id === numbers.id);
    if (!declared) continue;
    const point = histories.get(numbers.id).add(numbers);
    latest.set(numbers.id, { numbers, point });
    tell(declared, numbers);
    const tab = place("topologies").querySelector(`[data-id="${numbers.id}"] small`);
    if (tab) write(tab, rate(point.accepted));
    if (numbers.id === shown) update(numbers, point);
  }
}

function update(numbers, point) {
  totals(numbers, point);
  picture.update(numbers, point);
  details.update(numbers, histories.get(shown));
  if (place("tables").open) tables(numbers, point);
}

function totals(numbers, point) {
  const words = [
    ["accepted", count(numbers.accepted), rate(point.accepted)],
    ["completed", count(numbers.completed)],
    ["failed", count(numbers.failed), rate(point.failed)],
    ["ended", count(numbers.ended)],
    ["abandoned", count(numbers.abandoned)],
    ["on their way", count(numbers.live)],
  ];
  const list = place("totals");
  if (list.children.length !== words.length) {
    list.replaceChildren(...words.map(([name]) =>
      element("div", { class: name === "failed" ? "bad" : "" }, element("dt", {}, name), element("dd", {}, element("b"), element("small")))));
  }
  words.forEach(([, number, more], at) => {
    const [b, small] = list.children[at].lastElementChild.children;
    write(b, number);
    write(small, more ?? "");
  });
  list.querySelector(".bad").classList.toggle("none", numbers.failed === 0);
  const aborted = place("aborted");
  aborted.hidden = !numbers.aborted;
  write(aborted, numbers.aborted ? `Aborted: ${numbers.aborted}` : "");
}

// Said aloud when an edge has become full, and not again for a while.
function tell(declared, numbers) {
  numbers.edges.forEach((edge, at) => {
    const key = `${declared.id}/${at}`;
    if (level(edge.fill, declared.edges[at].capacity) !== "full") return;
    const last = full.get(key) ?? -Infinity;
    full.set(key, performance.now());
    if (performance.now() - last < 30_000) return;
    write(place("news"), `${declared.name}: the edge ${edge.from} to ${edge.to} is full`);
  });
}

function tables(numbers, point) {
  const declared = topologies.find((one) => one.id === shown);
  fill(place("steps"), ["step", "rate", "done", "working on", "p50", "p99", "retries", "failed"], numbers.steps.map((step, at) => [
    step.name, rate(point.steps[at].rate), count(step.succeeded), count(step.in_flight),
    quantile(step.took, "p50"), quantile(step.took, "p99"), count(step.retries), count(failed(step)),
  ]));
  fill(place("edges"), ["edge", "waiting", "capacity", "rate", "taken", "waits p99", "had to wait", "lost"], numbers.edges.map((edge, at) => [
    `${edge.from} → ${edge.to}`, count(edge.fill), String(declared.edges[at].capacity), rate(point.edges[at].rate),
    count(edge.taken), quantile(edge.waited, "p99"), count(edge.blocked), count(lost(edge)),
  ]));
  fill(place("runs"), ["what runs", "as", "inside", "restarts", "is at the trace", "last failure"], numbers.runs.map((one) => [
    one.name, one.what, one.inside ?? "", count(one.restarts), one.trace ?? "", one.last ?? "",
  ]));
}

function fill(table, names, rows) {
  if (table.rows.length !== rows.length + 1) {
    const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
    const body = rows.map((row) => element("tr", {}, element("th", { scope: "row" }), ...row.slice(1).map(() => element("td"))));
    table.replaceChildren(table.caption, element("thead", {}, head), element("tbody", {}, ...body));
  }
  rows.forEach((row, at) => row.forEach((text, column) => write(table.rows[at + 1].cells[column], text)));
}

place("tables").addEventListener("toggle", () => {
  const now = latest.get(shown);
  if (now) tables(now.numbers, now.point);
});

function connection(state, text) {
  place("connection").dataset.state = state;
  write(place("connection").firstElementChild, text);
}

const events = new EventSource("events");
const on = (name, take) => events.addEventListener(name, (event) => take(JSON.parse(event.data)));
on("declared", declare);
on("failed", (more) => failures.add(more));
on("numbers", take);
events.addEventListener("open", () => {
  failures.clear();
  connection("live", "live");
});
events.addEventListener("closed", () => connection("lost", "stopped, trying again"));
events.addEventListener("error", () => connection("lost", "not connected, trying again"));
