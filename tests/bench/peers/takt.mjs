// takt by Node's own HTTP client, as an agent written in JavaScript would speak to it: keep-alive, one request
// under way on each connection.  The ratios are of `takt bench`; this tells what the language of a client costs.
import { Agent, request } from "node:http";

import { BATCH, input, numberOf } from "./load.mjs";

const WORKERS = 16;

function caller(plan) {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.lines + WORKERS });
  const headers = { Authorization: `Bearer ${plan.key}`, "Content-Type": "application/json" };
  const post = (path, body, signal) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const options = { agent, signal, method: "POST", host: "127.0.0.1", port: plan.port, path };
      options.headers = { ...headers, "Content-Length": Buffer.byteLength(text) };
      const asked = request(options, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          const all = Buffer.concat(parts).toString();
          if (answer.statusCode < 300) resolve(all ? JSON.parse(all) : null);
          else reject(new Error(`${path}: ${answer.statusCode} ${all}`));
        });
      });
      asked.on("error", reject);
      asked.end(text);
    });
  return { post, close: () => agent.destroy() };
}

const finished = ({ id, attempt, token }) => ({ id, attempt, token, output: { ok: true } });

export async function open(plan) {
  const { post, close } = caller(plan);
  const task = (kind, number) => ({ kind, input: input(number) });
  const tasks = (kind) => ({ tasks: Array.from({ length: BATCH }, () => task(kind)) });
  const lease = (kind, more, signal) => post("/v1/leases", { worker: "bench", kinds: [kind], ...more }, signal);
  return {
    close,
    submit: () => post("/v1/tasks", task("bench")),
    async live() {
      await post("/v1/tasks", task("life"));
      const { tasks: leases } = await lease("life", {});
      const { id, ...word } = finished(leases[0]);
      await post(`/v1/tasks/${id}/complete`, word);
    },
    async submitBatch() {
      await post("/v1/tasks/batch", tasks("batch"));
      return BATCH;
    },
    async liveBatch() {
      await post("/v1/tasks/batch", tasks("lives"));
      const { tasks: leases } = await lease("lives", { max: BATCH });
      await post("/v1/tasks/finish", { completed: leases.map(finished) });
      return leases.length;
    },
    dispatch: (number) => post("/v1/tasks", task("dispatch", number)),
    async await(arrived) {
      const end = new AbortController();
      const work = async () => {
        while (!end.signal.aborted) {
          const { tasks: leases } = await lease("dispatch", { wait_ms: 30000 }, end.signal);
          for (const one of leases) {
            arrived(numberOf(one.input));
            const { id, ...word } = finished(one);
            await post(`/v1/tasks/${id}/complete`, word);
          }
        }
      };
      const all = Array.from({ length: WORKERS }, () =>
        work().catch((error) => {
          if (!end.signal.aborted) throw error;
        }),
      );
      return async () => {
        end.abort();
        await Promise.all(all);
      };
    },
  };
}
