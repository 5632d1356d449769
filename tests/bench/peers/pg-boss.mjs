// pg-boss on PostgreSQL: send, fetch and complete, which its own workers use too.  Its waiting workers are woken by
// NOTIFY, which is an option of a queue.
import { PgBoss } from "pg-boss";

import { BATCH, input, numberOf } from "./load.mjs";

const WORKERS = 16;
const POOL = 20;
const POLL_S = 0.5; // the least there is, for what comes while no worker listens

export async function open({ url }) {
  const boss = new PgBoss({ connectionString: url, max: POOL, supervise: false, schedule: false, useListenNotify: true });
  boss.on("error", (error) => {
    throw error;
  });
  await boss.start();
  for (const name of ["submits", "lives", "batches", "hundreds", "dispatch"])
    if (!(await boss.getQueue(name))) await boss.createQueue(name, { partition: true, notify: name === "dispatch" });
  const hundred = async (queue) => {
    await boss.insert(queue, Array.from({ length: BATCH }, () => ({ data: input() })));
    return BATCH;
  };
  return {
    submit: () => boss.send("submits", input()),
    async live() {
      await boss.send("lives", input());
      let job;
      while (!job) [job] = await boss.fetch("lives"); // one that others are looking at is skipped
      await boss.complete("lives", job.id, { ok: true });
    },
    submitBatch: () => hundred("batches"),
    async liveBatch() {
      await hundred("hundreds");
      const jobs = await boss.fetch("hundreds", { batchSize: BATCH });
      if (jobs.length) await boss.complete("hundreds", jobs.map((job) => job.id), { ok: true });
      return jobs.length;
    },
    dispatch: (number) => boss.send("dispatch", input(number)),
    async await(arrived) {
      const polls = { pollingIntervalSeconds: POLL_S, notifyPollingIntervalSeconds: POLL_S };
      const options = { localConcurrency: WORKERS, ...polls };
      await boss.work("dispatch", options, async (jobs) => jobs.forEach((job) => arrived(numberOf(job.data))));
      return () => boss.offWork("dispatch", { wait: false });
    },
    close: () => boss.stop({ graceful: false, close: true }),
  };
}
