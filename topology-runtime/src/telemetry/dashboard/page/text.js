// Numbers as people read them.

export function count(number) {
  if (number < 10_000) return String(number);
  if (number < 1_000_000) return `${(number / 1_000).toFixed(1)}k`;
  if (number < 1_000_000_000) return `${(number / 1_000_000).toFixed(1)}M`;
  return `${(number / 1_000_000_000).toFixed(1)}G`;
}

export function rate(perSecond) {
  if (perSecond === 0) return "0/s";
  if (perSecond < 10) return `${perSecond.toFixed(1)}/s`;
  return `${count(Math.round(perSecond))}/s`;
}

export function time(micros) {
  if (micros < 1_000) return `${Math.round(micros)}µs`;
  const [amount, unit] = micros < 1_000_000 ? [micros / 1_000, "ms"] : [micros / 1_000_000, "s"];
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)}${unit}`;
}

// A quantile of nothing is nothing.
export function quantile(latency, which) {
  return latency.count === 0 ? "–" : time(latency[which]);
}

export function shortened(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

// An element with attributes and what is inside.
export function element(name, attributes = {}, ...inside) {
  return filled(document.createElement(name), attributes, inside);
}

export function drawn(name, attributes = {}, ...inside) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, inside);
}

function filled(element, attributes, inside) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}

// Changes only what is different: everything else would be drawn anew.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
