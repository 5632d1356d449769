// The load that every client here puts on its server: so many lives under way, for so long.
//
// A closed loop has `lines` lines; each begins its next life when the last one has ended, as the lines of
// `takt bench` do.  A short run before the count lets the JIT, the pools and the server's caches settle.
export const BATCH = 100;
const WARM_MS = 300;

const INPUT_BYTES = 120;
const ORDER_BASE = 1000000; // seven digits always, so that all inputs are of one size

// The input of `takt bench`, with a number in it: {"order":1234567,"customer":"c-20391","note":"..."}
export function input(number = 234567) {
  const head = `{"order":${ORDER_BASE + number},"customer":"c-20391","note":"`;
  let note = "";
  for (let i = head.length; i < INPUT_BYTES - 2; i++) note += String.fromCharCode(97 + (i % 26));
  return JSON.parse(`${head}${note}"}`);
}

export const numberOf = (value) => value.order - ORDER_BASE;

// Ends of lives that come by themselves (an event, a delivery), for lines that wait for one: each end wakes
// one line, whosever it was.
export class Ends {
  #spare = 0;
  #waiting = [];

  add() {
    const wake = this.#waiting.shift();
    if (wake) wake();
    else this.#spare++;
  }

  next() {
    if (this.#spare > 0) {
      this.#spare--;
      return Promise.resolve();
    }
    return new Promise((wake) => this.#waiting.push(wake));
  }
}

// How many lives a second: `live(line)` is one, or as many as it returns.  The first error of any line is the
// whole's.
export async function closedLoop(lines, ms, live) {
  const begins = performance.now() + WARM_MS;
  const ends = begins + ms;
  let count = 0;
  const line = async (number) => {
    for (;;) {
      const lived = await live(number);
      const now = performance.now();
      if (now >= ends) return;
      if (now >= begins) count += typeof lived === "number" ? lived : 1;
    }
  };
  await Promise.all(Array.from({ length: lines }, (_, i) => line(i)));
  return (count * 1000) / ms;
}

// Submits `rate` a second whatever becomes of them, and tells how long each took from the call of
// `submit(number)` to `arrived(number)`, in microseconds.
export class Dispatch {
  #sent = new Map();
  #took = [];
  #all;
  #done;

  constructor() {
    this.#all = new Promise((resolve) => (this.#done = resolve));
  }

  arrived(number) {
    const at = this.#sent.get(number);
    if (at === undefined) return;
    this.#sent.delete(number);
    this.#took.push((performance.now() - at) * 1000);
    if (this.isOver && this.#sent.size === 0) this.#done();
  }

  async run(rate, ms, submit) {
    const began = performance.now();
    const wanted = Math.round((rate * ms) / 1000);
    const asked = [];
    for (let n = 0; n < wanted; ) {
      const due = Math.min(wanted, Math.floor(((performance.now() - began) * rate) / 1000) + 1);
      for (; n < due; n++) {
        this.#sent.set(n, performance.now());
        asked.push(submit(n));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(asked);
    this.isOver = true;
    if (this.#sent.size > 0) await this.#all;
    return percentiles(this.#took);
  }
}

export function percentiles(took) {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { dispatch_p50_us: at(0.5), dispatch_p99_us: at(0.99) };
}
