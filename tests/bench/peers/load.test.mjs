// The load and the one protocol that is spoken by hand; needs none of the packages.
import assert from "node:assert/strict";
import { test } from "node:test";

import { readAnswer } from "./beanstalkd.mjs";
import { Dispatch, Ends, closedLoop, input, numberOf, percentiles } from "./load.mjs";

const bytes = (text) => Buffer.from(text, "latin1");

test("every input is of 120 bytes and tells its number", () => {
  for (const n of [0, 7, 199, 4000000]) {
    assert.equal(JSON.stringify(input(n)).length, 120);
    assert.equal(numberOf(input(n)), n);
  }
});

test("an answer of beanstalkd is read when all of it is there, and no more than it", () => {
  assert.equal(readAnswer(bytes("INSERT")), null);
  assert.deepEqual(readAnswer(bytes("INSERTED 12\r\nDEL")), { words: ["INSERTED", "12"], body: null, length: 13 });
  for (const part of ["RESERVED 3 4\r\n", "RESERVED 3 4\r\na\r\n", "RESERVED 3 4\r\nabcd\r"])
    assert.equal(readAnswer(bytes(part)), null);
  const { words, body, length } = readAnswer(bytes("RESERVED 3 4\r\na\r\nb\r\nDELETED\r\n"));
  assert.deepEqual([words[1], body.toString(), length], ["3", "a\r\nb", 20]);
});

test("a length of beanstalkd that is none is refused", () => {
  assert.throws(() => readAnswer(bytes("RESERVED 3 x\r\nabcd\r\n")), /RESERVED 3 x/);
});

test("a closed loop keeps its lines busy and counts what each life returns", async () => {
  let most = 0;
  let now = 0;
  const live = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    return 100;
  };
  const perS = await closedLoop(5, 50, live);
  assert.equal(most, 5);
  assert.ok(perS > 0 && Math.round(perS / 20) % 100 === 0, `${perS}`);
});

test("the first error ends a closed loop", async () => {
  await assert.rejects(closedLoop(2, 50, () => Promise.reject(new Error("refused"))), /refused/);
});

test("an end wakes one line, and one that came early is not lost", async () => {
  const ends = new Ends();
  ends.add();
  await ends.next();
  const woken = [];
  const both = Promise.all([ends.next().then(() => woken.push(1)), ends.next().then(() => woken.push(2))]);
  ends.add();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(woken, [1]);
  ends.add();
  await both;
});

test("dispatch waits for the last arrival and counts each once", async () => {
  const dispatch = new Dispatch();
  let sent = 0;
  const submit = async (n) => {
    sent++;
    setImmediate(() => {
      dispatch.arrived(n);
      dispatch.arrived(n);
    });
  };
  const found = await dispatch.run(1000, 30, submit);
  assert.equal(sent, 30);
  assert.ok(found.dispatch_p50_us > 0 && found.dispatch_p50_us <= found.dispatch_p99_us);
});

test("percentiles are of the sorted", () => {
  const all = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(percentiles(all), { dispatch_p50_us: 51, dispatch_p99_us: 100 });
});
