// One client of one server, for one round:
//
//   node client.mjs NAME '{"port": 4150, "lines": 64, "ms": 1000, …}'
//
// prints one JSON object of figures.  NAME.mjs beside this file exports `open(plan)`, which connects and
// returns how to submit, to live (submit, take, complete), the same a hundred at a time, to dispatch, to await
// what is dispatched, and to close.  What a server has no way for is not measured and not in the answer.
import { Dispatch, closedLoop } from "./load.mjs";

const DISPATCH_PER_S = 200;

async function measure(client, plan) {
  const figures = {};
  const rate = async (lines, live) => Math.round(await closedLoop(lines, plan.ms, live));
  figures.submit_per_s = await rate(plan.lines, client.submit);
  figures.lifecycle_per_s = await rate(plan.lines, client.live);
  if (client.submitBatch) figures.submit_batch_per_s = await rate(plan.batches, client.submitBatch);
  if (client.liveBatch) figures.lifecycle_batch_per_s = await rate(plan.batches, client.liveBatch);
  const dispatch = new Dispatch();
  const stop = await client.await((number) => dispatch.arrived(number));
  Object.assign(figures, await dispatch.run(DISPATCH_PER_S, plan.ms, client.dispatch));
  await stop();
  return figures;
}

const [name, plan] = [process.argv[2], JSON.parse(process.argv[3])];
const { open } = await import(`./${name}.mjs`);
const client = await open(plan);
const figures = await measure(client, plan);
await client.close();
process.stdout.write(JSON.stringify(figures) + "\n", () => process.exit(0));
