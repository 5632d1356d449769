// graphile-worker on PostgreSQL: jobs go in by addJob and addJobs, its runner performs them and is woken by NOTIFY.
// Each measurement has a schema of its own, as queues that should not slow each other down have.
import { EventEmitter } from "node:events";

import { Logger, makeWorkerUtils, run } from "graphile-worker";

import { BATCH, Ends, input, numberOf } from "./load.mjs";

const WORKERS = 16;
const POOL = 20;
const quiet = new Logger(() => () => {});

export async function open({ url, lines }) {
  const opened = [];
  const utils = async (schema) => {
    const made = await makeWorkerUtils({ connectionString: url, schema, maxPoolSize: POOL, logger: quiet });
    opened.push(() => made.release());
    await made.migrate();
    return made;
  };
  const work = async (schema, more, perform, completed = () => {}) => {
    const events = new EventEmitter();
    events.on("job:complete", completed);
    const options = { connectionString: url, schema, events, maxPoolSize: POOL, logger: quiet, noHandleSignals: true };
    const runner = await run({ ...options, ...more, taskList: { bench: perform } });
    opened.unshift(() => runner.stop());
    return runner;
  };
  const [submits, lives, batches, hundreds, waited] = [
    await utils("submits"), await utils("lives"), await utils("batches"), await utils("hundreds"),
    await utils("dispatch"),
  ];
  const jobs = () => Array.from({ length: BATCH }, () => ({ identifier: "bench", payload: input() }));
  const hundred = async (to) => (await to.addJobs(jobs())).length;
  const add = (to, number) => to.addJob("bench", input(number));

  const ends = new Ends();
  await work("lives", { concurrency: lines }, async () => {}, () => ends.add());
  const batched = { localQueue: { size: 5 * BATCH }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const hundredEnds = new Ends();
  let ended = 0;
  const preset = { worker: { ...batched, concurrentJobs: lines } };
  await work("hundreds", { preset }, async () => {}, () => ++ended % BATCH || hundredEnds.add());
  return {
    submit: () => add(submits),
    async live() {
      await add(lives);
      await ends.next();
    },
    submitBatch: () => hundred(batches),
    async liveBatch() {
      await hundred(hundreds);
      await hundredEnds.next();
      return BATCH;
    },
    dispatch: (number) => add(waited, number),
    async await(arrived) {
      await work("dispatch", { concurrency: WORKERS }, async (payload) => arrived(numberOf(payload)));
      return async () => {};
    },
    async close() {
      for (const end of opened) await end();
    },
  };
}
