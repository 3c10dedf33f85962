// What the page has seen of the last minutes; the server keeps nothing.

const MINUTES = 5;
// Rates are of the last two seconds, so that they can be read.
const SMOOTH = 2_000_000;

export class History {
  #frames = [];
  #points = [];

  add(numbers) {
    const last = this.#frames.at(-1);
    // A topology that is younger than it was is another one.
    if (last && numbers.uptime < last.uptime) this.#frames = [], this.#points = [];
    while (this.#frames.length > 1 && numbers.uptime - this.#frames[1].uptime >= SMOOTH) this.#frames.shift();
    const before = this.#frames[0] ?? numbers;
    this.#frames.push(numbers);
    const seconds = Math.max((numbers.uptime - before.uptime) / 1e6, 1e-6);
    const perSecond = (now, then) => (before === numbers ? 0 : Math.max(0, now - then) / seconds);
    const point = {
      at: numbers.uptime,
      accepted: perSecond(numbers.accepted, before.accepted),
      failed: perSecond(numbers.failed, before.failed),
      steps: numbers.steps.map((step, at) => {
        const then = before.steps[at];
        return {
          rate: perSecond(step.succeeded, then.succeeded),
          p99: step.took.p99,
          retries: perSecond(step.retries, then.retries),
          failures: perSecond(failures(step), failures(then)),
          in_flight: step.in_flight,
        };
      }),
      edges: numbers.edges.map((edge, at) => {
        const then = before.edges[at];
        return {
          fill: edge.fill,
          rate: perSecond(edge.taken, then.taken),
          lost: perSecond(lost(edge), lost(then)),
          blocked: perSecond(edge.blocked, then.blocked),
        };
      }),
    };
    this.#points.push(point);
    while (numbers.uptime - this.#points[0].at > MINUTES * 60e6) this.#points.shift();
    return point;
  }

  // [age in microseconds, value] of one number of one step or edge.
  of(kind, at, name) {
    const now = this.#points.at(-1)?.at ?? 0;
    return this.#points.map((point) => [now - point.at, point[kind][at][name]]);
  }
}

export const failures = (step) => step.errors + step.timeouts + step.panics;
export const lost = (edge) => edge.timed_out + edge.dropped;
