// BullMQ on a Redis that syncs its log before it answers (appendfsync always).  Jobs go in by Queue.add, a Worker of
// BullMQ performs them; a life has ended when the worker says `completed`, which is after Redis has said so.
import { Queue, Worker } from "bullmq";

import { BATCH, Ends, input, numberOf } from "./load.mjs";

const WORKERS = 16;

// Jobs that have been completed leave Redis at once: the cheapest way there is, and the best for a queue that goes on.
const job = (number) => ["bench", input(number), { removeOnComplete: true }];

export async function open({ port, lines }) {
  const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
  const opened = [];
  const queue = (name) => {
    const made = new Queue(name, { connection });
    opened.push(made);
    return made;
  };
  const work = async (name, concurrency, perform) => {
    const worker = new Worker(name, perform, { connection, concurrency });
    opened.unshift(worker);
    worker.on("error", (error) => {
      throw error;
    });
    await worker.waitUntilReady();
    return worker;
  };
  const [submits, lives, batches, waited] = ["submits", "lives", "batches", "dispatch"].map(queue);
  const jobs = () => Array.from({ length: BATCH }, () => ({ name: "bench", data: input() }));
  const ends = new Ends();
  (await work("lives", lines, async () => ({ ok: true }))).on("completed", () => ends.add());
  return {
    submit: () => submits.add(...job()),
    async live() {
      await lives.add(...job());
      await ends.next();
    },
    submitBatch: async () => (await batches.addBulk(jobs())).length,
    dispatch: (number) => waited.add(...job(number)),
    async await(arrived) {
      await work("dispatch", WORKERS, async ({ data }) => arrived(numberOf(data)));
      return async () => {};
    },
    async close() {
      for (const one of opened) await one.close();
    },
  };
}
