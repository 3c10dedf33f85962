// Where everything stands: layers from left to right (Sugiyama, Tagawa and
// Toda, "Methods for Visual Understanding of Hierarchical System Structures",
// 1981), as small as topologies need it.

const BETWEEN_NODES = 30;
const BETWEEN_LAYERS = 40;
const MARGIN = 14;
// The line ends where the head of its arrow begins.
const HEAD = 8;

// `nodes`: {key, width, height}; `arrows`: {from, to, label: {width, height},
// before, after}, the last two the room for what stands at the ends.
export function layout(nodes, arrows) {
  const boxes = new Map(nodes.map((node) => [node.key, { ...node, ways: [] }]));
  const ways = arrows.map((arrow) => ({ arrow, from: boxes.get(arrow.from), to: boxes.get(arrow.to) }));
  markBack(boxes, ways);
  rank(boxes, ways);
  const layers = inLayers(boxes, ways);
  order(layers);
  const width = placeAcross(layers, ways);
  placeDown(layers);
  const taken = [...boxes.values()].map(bounds);
  spreadPorts(boxes, ways);
  let height = Math.max(...layers.flat().map((box) => box.y + box.height / 2)) + MARGIN;
  for (const way of ways.filter((way) => way.isBack)) {
    height = routeBack(way, height);
  }
  for (const way of ways.filter((way) => !way.isBack)) route(way);
  for (const way of ways) way.label = placeLabel(way, taken);
  return {
    width,
    height,
    boxes,
    ways: ways.map(({ arrow, path, label, begin, end, isBack }) => ({ arrow, path, label, begin, end, isBack })),
  };
}

// A way back to where the search comes from closes a loop.
function markBack(boxes, ways) {
  const state = new Map();
  const visit = (box) => {
    state.set(box, "open");
    for (const way of ways.filter((way) => way.from === box)) {
      if (state.get(way.to) === "open") way.isBack = true;
      else if (!state.has(way.to)) visit(way.to);
    }
    state.set(box, "done");
  };
  const entered = new Set(ways.map((way) => way.to));
  for (const box of boxes.values()) if (!entered.has(box) && !state.has(box)) visit(box);
  for (const box of boxes.values()) if (!state.has(box)) visit(box);
}

function rank(boxes, ways) {
  const ahead = ways.filter((way) => !way.isBack);
  for (const box of boxes.values()) box.rank = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to } of ahead) {
      if (to.rank <= from.rank) {
        to.rank = from.rank + 1;
        changed = true;
      }
    }
  }
  const out = boxes.get("out");
  if (out) out.rank = Math.max(...[...boxes.values()].map((box) => box.rank));
  // What nothing leads to stands right before what it leads to.
  for (const box of boxes.values()) {
    if (ahead.some((way) => way.to === box)) continue;
    const next = ahead.filter((way) => way.from === box).map((way) => way.to.rank);
    if (next.length > 0 && box.key !== "in") box.rank = Math.min(...next) - 1;
  }
}

// With a bend in each layer that a long way crosses.
function inLayers(boxes, ways) {
  const layers = [];
  const put = (box) => (layers[box.rank] ??= []).push(box);
  for (const box of boxes.values()) {
    Object.assign(box, { before: [], after: [] });
    put(box);
  }
  for (const way of ways.filter((way) => !way.isBack)) {
    way.bends = [];
    let last = way.from;
    for (let rank = way.from.rank + 1; rank < way.to.rank; rank++) {
      const bend = { rank, width: 0, height: 4, before: [], after: [] };
      way.bends.push(bend);
      put(bend);
      join(last, bend);
      last = bend;
    }
    join(last, way.to);
  }
  return [...layers].map((layer) => layer ?? []);
}

function join(from, to) {
  from.after.push(to);
  to.before.push(from);
}

// Few crossings: each where those it is joined with are in the mean.
function order(layers) {
  const number = () => layers.forEach((layer) => layer.forEach((box, at) => (box.at = at)));
  number();
  let best = { crossings: crossings(layers), layers: layers.map((layer) => [...layer]) };
  for (let sweep = 0; sweep < 12 && best.crossings > 0; sweep++) {
    const side = sweep % 2 === 0 ? "before" : "after";
    const swept = side === "before" ? layers : [...layers].reverse();
    for (const layer of swept) {
      for (const box of layer) box.wish = box[side].length ? mean(box[side].map((other) => other.at)) : box.at;
      layer.sort((one, other) => one.wish - other.wish);
      layer.forEach((box, at) => (box.at = at));
    }
    const now = crossings(layers);
    if (now < best.crossings) best = { crossings: now, layers: layers.map((layer) => [...layer]) };
  }
  best.layers.forEach((layer, at) => layers[at].splice(0, Infinity, ...layer));
  number();
}

function crossings(layers) {
  let count = 0;
  for (const layer of layers) {
    const ways = layer.flatMap((box) => box.after.map((to) => [box.at, to.at]));
    for (const [from, to] of ways) {
      count += ways.filter(([otherFrom, otherTo]) => otherFrom > from && otherTo < to).length;
    }
  }
  return count;
}

// Returns the width of everything.
function placeAcross(layers, ways) {
  let x = MARGIN;
  layers.forEach((layer, rank) => {
    const width = Math.max(0, ...layer.map((box) => box.width));
    for (const box of layer) box.x = x + width / 2;
    for (const box of layer) box.column = [x, x + width];
    const leaving = ways.filter((way) => !way.isBack && way.from.rank <= rank && way.to.rank > rank);
    const labels = leaving.map(({ arrow, from, to }) =>
      from.rank === rank || to.rank === rank + 1 ? arrow.label.width + arrow.before + arrow.after : 0);
    x += width + (leaving.length ? BETWEEN_LAYERS + Math.max(0, ...labels) : 0);
  });
  return x + MARGIN;
}

function placeDown(layers) {
  for (const layer of layers) {
    let y = 0;
    for (const box of layer) {
      box.y = y + box.height / 2;
      y += box.height + BETWEEN_NODES;
    }
  }
  for (let round = 0; round < 24; round++) {
    const isBack = round % 2 === 1;
    const side = isBack ? "after" : "before";
    for (const layer of isBack ? [...layers].reverse() : layers) {
      const wishes = layer.map((box) => {
        const joined = round > 16 ? [...box.before, ...box.after] : box[side];
        return joined.length ? mean(joined.map((other) => other.y)) : box.y;
      });
      settle(layer, wishes);
    }
  }
  // What follows one another alone stands in a row.
  for (const [side, other, swept] of [["after", "before", [...layers].reverse()], ["before", "after", layers]]) {
    for (const layer of swept) {
      settle(layer, layer.map((box) => {
        const [next] = box[side];
        return box[side].length === 1 && next[other].length === 1 ? next.y : box.y;
      }));
    }
  }
  const top = Math.min(...layers.flat().map((box) => box.y - box.height / 2));
  for (const box of layers.flat()) box.y += MARGIN + 6 - top;
}

// As near to the wishes as the order and the room allow: those that push each
// other stand as a block around the mean of their wishes.
function settle(layer, wishes) {
  const blocks = [];
  let offset = 0;
  layer.forEach((box, at) => {
    const above = layer[at - 1];
    if (above) offset += (above.height + box.height) / 2 + BETWEEN_NODES;
    box.offset = offset;
    let block = { boxes: [box], sum: wishes[at] - offset };
    while (blocks.length && at_(blocks.at(-1)) > at_(block)) {
      const upper = blocks.pop();
      block = { boxes: [...upper.boxes, ...block.boxes], sum: upper.sum + block.sum };
    }
    blocks.push(block);
  });
  for (const block of blocks) for (const box of block.boxes) box.y = at_(block) + box.offset;
}

const at_ = (block) => block.sum / block.boxes.length;
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

// Ways that share a side of a box do not share a point of it.
function spreadPorts(boxes, ways) {
  const ahead = ways.filter((way) => !way.isBack);
  for (const box of boxes.values()) {
    for (const [end, next, port] of [
      ["from", (way) => way.bends[0] ?? way.to, "leaves"],
      ["to", (way) => way.bends.at(-1) ?? way.from, "enters"],
    ]) {
      const own = ahead.filter((way) => way[end] === box);
      const isShared = (way) => (end === "from" ? way.arrow.before : way.arrow.after) > 0;
      const free = own.filter((way) => !isShared(way));
      const points = own.some(isShared) ? [...free, null] : free;
      const wish = (way) => (way ? next(way).y : mean(own.filter(isShared).map((way) => next(way).y)));
      points.sort((one, other) => wish(one) - wish(other));
      const apart = Math.min(16, (box.height - 20) / Math.max(1, points.length - 1));
      points.forEach((point, at) => {
        const y = box.y + (at - (points.length - 1) / 2) * apart;
        for (const way of point ? [point] : own.filter(isShared)) way[port] = y;
      });
    }
  }
}

function route(way) {
  const { arrow, from, to, bends } = way;
  way.begin = [from.x + from.width / 2 + arrow.before, way.leaves];
  way.end = [to.x - to.width / 2 - arrow.after - HEAD, way.enters];
  const points = [way.begin];
  // Beside wider boxes of its layer a way goes straight on.
  if (from.column[1] > way.begin[0]) points.push([from.column[1], way.leaves]);
  for (const bend of bends) points.push([bend.column[0], bend.y], [bend.column[1], bend.y]);
  if (to.column[0] < way.end[0]) points.push([to.column[0], way.enters]);
  points.push(way.end);
  way.pieces = points.slice(1).map((point, at) => piece(points[at], point));
  way.path = `M${points[0].join(" ")}` + way.pieces.map(([, b, c, d]) => `C${[b, c, d].map((p) => p.map(round).join(" ")).join(",")}`).join("");
}

function piece(from, to) {
  const half = (to[0] - from[0]) / 2;
  return [from, [from[0] + half, from[1]], [to[0] - half, to[1]], to];
}

const round = (number) => Math.round(number * 10) / 10;

// Below everything, from the bottom of one to the bottom of the other. Returns
// how far down that is.
function routeBack(way, height) {
  const { from, to } = way;
  const y = height + Math.max(12, way.arrow.label.height / 2 + 4);
  const [left, right] = from === to ? [to.x - 24, from.x + 24] : [to.x + 18, from.x - 18];
  const bottom = (box) => box.y + box.height / 2;
  way.begin = [right, bottom(from)];
  way.end = [left, bottom(to) + HEAD];
  way.isBack = true;
  const r = 10;
  way.path = `M${right} ${bottom(from)}V${y - r}Q${right} ${y} ${right - r} ${y}H${left + r}Q${left} ${y} ${left} ${y - r}V${way.end[1]}`;
  way.pieces = [piece([right - r, y], [left + r, y])];
  return y + Math.max(12, way.arrow.label.height / 2 + 6);
}

// In the middle, or as near to it as it is in nobody's way.
function placeLabel(way, taken) {
  const { width, height } = way.arrow.label;
  if (width === 0) return null;
  const steps = 40;
  const points = way.pieces.flatMap((piece) =>
    Array.from({ length: steps + 1 }, (_, at) => bezier(piece, at / steps)));
  const middle = (points.length - 1) / 2;
  const tried = points
    .map((point, at) => ({ point, far: Math.abs(at - middle) }))
    .sort((one, other) => one.far - other.far);
  const box = ([x, y]) => [x - width / 2 - 3, y - height / 2 - 3, x + width / 2 + 3, y + height / 2 + 3];
  const free = tried.find(({ point }) => !taken.some((other) => overlap(box(point), other)));
  const [x, y] = (free ?? tried[0]).point;
  taken.push(box([x, y]));
  return { x: round(x), y: round(y) };
}

function bezier([a, b, c, d], t) {
  const s = 1 - t;
  return [0, 1].map((i) => s * s * s * a[i] + 3 * s * s * t * b[i] + 3 * s * t * t * c[i] + t * t * t * d[i]);
}

function bounds(box) {
  return [box.x - box.width / 2 - 4, box.y - box.height / 2 - 4, box.x + box.width / 2 + 4, box.y + box.height / 2 + 4];
}

function overlap(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}
