// The topology as it was declared, with its numbers.

import { failures } from "./history.js";
import { layout } from "./layout.js";
import { count, drawn, quantile, rate, shortened, write } from "./text.js";

const STEP_HEIGHT = 66;
// Below this part of its size nobody can read it.
const SMALLEST = 0.75;
const HEADS = { idle: 9, some: 10, high: 12, full: 15, else: 9 };
const pen = document.createElement("canvas").getContext("2d");

function widthOf(text, font) {
  pen.font = font;
  return pen.measureText(text).width;
}

const TITLE = "600 13px system-ui, sans-serif";
const SMALL = "11px system-ui, sans-serif";

export class Picture {
  #steps = new Map();
  #edges = [];

  // `choose` is called with {kind, at} of a step or an edge.
  constructor(declared, choose) {
    this.declared = declared;
    const { nodes, arrows } = declared.drawing;
    const place = layout(nodes.map((node) => this.#size(node)), arrows.map((arrow) => this.#room(arrow)));
    this.svg = drawn("svg", {
      viewBox: `0 0 ${place.width} ${place.height}`,
      width: place.width,
      height: place.height,
      role: "group",
      "aria-label": `The topology ${declared.name}, from left to right`,
    });
    this.svg.style.minWidth = `${Math.round(place.width * SMALLEST)}px`;
    const arrowheads = Object.entries(HEADS).map(([name, size]) =>
      drawn("marker", { id: `head-${name}`, class: `head ${name}`, viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: size, markerHeight: size, markerUnits: "userSpaceOnUse", orient: "auto" },
        drawn("path", { d: "M0 0L8 4L0 8Z" })));
    this.svg.append(drawn("defs", {}, ...arrowheads));
    for (const way of place.ways) this.#draw(way, choose);
    for (const node of nodes) this.#put(node, place.boxes.get(node.key), choose);
    // Labels lie above lines and boxes.
    for (const { label } of this.#edges) if (label) this.svg.append(label);
    this.#order();
  }

  #size(node) {
    const step = this.declared.steps[node.step];
    if (node.kind === "in" || node.kind === "out") {
      const [end, type] = parts(node.label);
      const width = Math.max(widthOf(end, TITLE), widthOf(shortened(type, 18), SMALL)) + 28;
      return { key: node.key, width, height: 44 };
    }
    if (!step) return { key: node.key, width: 62, height: 24 };
    const badge = step.replicas > 1 ? widthOf(`×${step.replicas}`, SMALL) + 12 : 0;
    const width = widthOf(shortened(step.name, 24), TITLE) + badge + 24;
    return { key: node.key, width: Math.max(138, width), height: STEP_HEIGHT };
  }

  #room(arrow) {
    const edge = this.declared.edges[arrow.edge];
    const pattern = shortened(arrow.pattern, 26);
    const fill = edge ? widthOf(`${edge.capacity}/${edge.capacity}`, SMALL) + 14 : 0;
    const width = Math.max(fill, pattern ? widthOf(pattern, SMALL) + 6 : 0);
    return {
      from: arrow.from,
      to: arrow.to,
      own: arrow,
      pattern,
      fill,
      label: { width, height: (edge ? 18 : 0) + (pattern ? 15 : 0) },
      before: arrow.routed ? 18 : 0,
      after: arrow.joint ? (arrow.joint.length > 1 ? 32 : 20) : 0,
    };
  }

  #draw({ arrow: room, path, label: at, begin, end, isBack }, choose) {
    const arrow = room.own;
    const edge = this.declared.edges[arrow.edge];
    const isElse = arrow.kind === "else" || arrow.kind === "instead";
    const kind = arrow.kind === "call" ? "call" : isElse ? "else" : "idle";
    const line = drawn("path", { class: `way ${kind}`, d: path, "marker-end": kind === "call" ? null : `url(#head-${kind})` });
    const group = drawn("g", { class: "edge" });
    if (arrow.kind === "call") {
      group.append(line, drawn("path", { class: "way call inner", d: path }), drawn("title", {}, "a call, no queue"));
    } else {
      group.append(line);
    }
    const label = at && drawn("g", { class: "label", transform: `translate(${at.x} ${at.y})` });
    let text = null;
    if (label && room.pattern) {
      const y = edge ? -room.label.height / 2 + 10 : 4;
      label.append(drawn("text", { class: "pattern", y }, room.pattern), drawn("title", {}, arrow.pattern));
    }
    if (edge) {
      const y = room.label.height / 2 - 9;
      text = drawn("text", { class: "fill", y: y + 4 }, `0/${edge.capacity}`);
      label.append(drawn("rect", { class: "pill", x: -room.fill / 2, y: y - 9, width: room.fill, height: 18, rx: 9 }), text);
      group.prepend(drawn("path", { class: "reach", d: path }));
      choosable(group, `edge ${edge.from} to ${edge.to}, room for ${edge.capacity}`, () => choose({ kind: "edges", at: arrow.edge }));
      label.addEventListener("click", () => choose({ kind: "edges", at: arrow.edge }));
    }
    this.svg.append(group);
    if (arrow.routed && !isBack) {
      const [x, y] = begin;
      this.svg.append(drawn("path", { class: "joint", d: `M${x - 18} ${y}l9 -8l9 8l-9 8Z` }, drawn("title", {}, "match: one of these ways")));
    }
    if (arrow.joint && !isBack) {
      const [x, y] = [end[0] + 8, end[1]];
      const wide = arrow.joint.length > 1 ? 32 : 20;
      this.svg.append(
        drawn("rect", { class: "joint", x, y: y - 10, width: wide, height: 20, rx: 10 }),
        drawn("text", { class: "sign", x: x + wide / 2, y: y + 4 }, arrow.joint));
    }
    this.#edges.push({ at: arrow.edge, group, line, label, text, isElse, x: begin[0] });
  }

  #put(node, box, choose) {
    const [x, y] = [box.x - box.width / 2, box.y - box.height / 2];
    const group = drawn("g", { class: `node ${node.kind}`, transform: `translate(${x} ${y})` });
    const round = node.step === null ? box.height / 2 : node.kind === "source" ? 22 : 9;
    group.append(drawn("rect", { class: "box", width: box.width, height: box.height, rx: round }));
    const step = this.declared.steps[node.step];
    if (!step) {
      const [title, type] = parts(node.label);
      const middle = box.width / 2;
      if (node.kind === "discard") group.append(drawn("text", { class: "quiet middle", x: middle, y: 16 }, title));
      else {
        group.append(drawn("text", { class: "title middle", x: middle, y: 19 }, title),
          drawn("text", { class: "quiet middle", x: middle, y: 34 }, shortened(type, 18)),
          drawn("title", {}, node.label));
      }
      this.svg.append(group);
      return;
    }
    if (node.kind === "topology") group.append(drawn("rect", { class: "frame", x: 3.5, y: 3.5, width: box.width - 7, height: box.height - 7, rx: 6 }));
    const right = box.width - 12;
    const parts_ = {
      rate: drawn("text", { class: "number", x: 12, y: 39 }),
      p99: drawn("text", { class: "number end", x: right, y: 39 }),
      retries: drawn("text", { class: "quiet", x: 12, y: 55 }),
      failures: drawn("text", { class: "quiet end failures", x: right, y: 55 }),
      busy: drawn("rect", { class: "busy", x: 0, y: box.height - 3, width: 0, height: 3 }),
    };
    const clip = `clip-${node.key}`;
    group.append(
      drawn("clipPath", { id: clip }, drawn("rect", { width: box.width, height: box.height, rx: round })),
      drawn("g", { "clip-path": `url(#${clip})` }, parts_.busy),
      drawn("text", { class: "title", x: 12, y: 21 }, shortened(step.name, 24)),
      ...(step.replicas > 1 ? [drawn("text", { class: "quiet end", x: right, y: 21 }, `×${step.replicas}`)] : []),
      parts_.rate, parts_.p99, parts_.retries, parts_.failures,
      drawn("title", {}, `${step.name}: working on up to ${step.replicas} at once`));
    const many = step.replicas > 1 ? `, ${step.replicas} replicas` : "";
    choosable(group, `step ${step.name}${many}`, () => choose({ kind: "steps", at: node.step }));
    this.svg.append(group);
    this.#steps.set(node.step, { group, width: box.width, x, ...parts_ });
  }

  // With Tab from left to right, steps and edges mixed.
  #order() {
    const own = [...this.#steps.values(), ...this.#edges].filter(({ group }) => group.hasAttribute("tabindex"));
    const inOrder = new Map(own.map(({ group, x }) => [group, x]));
    const groups = [...inOrder.keys()].sort((one, other) => inOrder.get(one) - inOrder.get(other));
    groups.forEach((group, at) => {
      group.addEventListener("keydown", (event) => {
        const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!way) return;
        event.preventDefault();
        groups[(at + way + groups.length) % groups.length].focus();
      });
    });
  }

  update(numbers, point) {
    numbers.steps.forEach((step, at) => {
      const own = this.#steps.get(at);
      if (!own) return;
      const failed = failures(step);
      write(own.rate, rate(point.steps[at].rate));
      write(own.p99, `p99 ${quantile(step.took, "p99")}`);
      write(own.retries, step.retries ? `↻ ${count(step.retries)}` : "");
      write(own.failures, failed ? `${count(failed)} failed` : "");
      own.group.classList.toggle("failing", point.steps[at].failures > 0);
      const busy = Math.min(1, step.in_flight / this.declared.steps[at].replicas);
      own.busy.setAttribute("width", Math.round(busy * own.width));
    });
    for (const { at, line, group, text, isElse } of this.#edges) {
      if (at === null) continue;
      const { fill } = numbers.edges[at];
      const { capacity } = this.declared.edges[at];
      const now = level(fill, capacity);
      const name = isElse && now === "idle" ? "else" : now;
      write(text, `${count(fill)}/${count(capacity)}`);
      if (group.dataset.level === name) continue;
      group.dataset.level = name;
      line.setAttribute("class", `way ${name}${isElse ? " dotted" : ""}`);
      line.setAttribute("marker-end", `url(#head-${name})`);
      text.parentNode.setAttribute("class", `label ${name}`);
    }
  }

  // Marks what the details are of.
  mark(chosen) {
    this.#steps.forEach(({ group }, at) => marked(group, chosen?.kind === "steps" && chosen.at === at));
    for (const { group, at, text } of this.#edges) {
      if (text) marked(group, chosen?.kind === "edges" && chosen.at === at);
    }
  }

  focus(chosen) {
    const own = chosen.kind === "steps" ? this.#steps.get(chosen.at) : this.#edges.find(({ at }) => at === chosen.at);
    own?.group.focus();
  }
}

export function level(fill, capacity) {
  if (fill === 0) return "idle";
  if (fill >= capacity) return "full";
  return fill * 2 >= capacity ? "high" : "some";
}

function parts(label) {
  const at = label.indexOf(": ");
  return at < 0 ? [label, ""] : [label.slice(0, at), label.slice(at + 2)];
}

function choosable(group, label, choose) {
  for (const [name, value] of Object.entries({ tabindex: 0, role: "button", "aria-label": label, "aria-expanded": "false", "aria-controls": "details" })) {
    group.setAttribute(name, value);
  }
  group.addEventListener("click", choose);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
}

function marked(group, is) {
  group.classList.toggle("chosen", is);
  group.setAttribute("aria-expanded", String(is));
}
