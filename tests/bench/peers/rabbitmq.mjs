// RabbitMQ by amqplib: durable queues, persistent messages, publisher confirms, manual acks.  A submit has ended when
// its confirm has come; a life when its message was confirmed, one was delivered and that one was acked.  An ack has no
// answer in AMQP 0-9-1, so nobody waits for it.
import amqp from "amqplib";

import { BATCH, Ends, input, numberOf } from "./load.mjs";

const WORKERS = 16;

export async function open({ port, lines }) {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${port}`);
  const publisher = await connection.createConfirmChannel();
  for (const name of ["submits", "lives", "batches", "hundreds", "dispatch"])
    await publisher.assertQueue(name, { durable: true });

  const publish = (queue, number) =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(JSON.stringify(input(number)));
      publisher.sendToQueue(queue, body, { persistent: true }, (error) => (error ? reject(error) : resolve()));
    });
  const hundred = async (queue) => (await Promise.all(Array.from({ length: BATCH }, () => publish(queue)))).length;
  const consume = async (queue, prefetch, take) => {
    const channel = await connection.createChannel();
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => take(channel, message));
    return () => channel.cancel(consumerTag);
  };

  const ends = new Ends();
  await consume("lives", lines, (channel, message) => {
    channel.ack(message);
    ends.add();
  });
  const hundreds = new Ends();
  let taken = 0;
  await consume("hundreds", 0, (channel, message) => {
    if (++taken % BATCH) return;
    channel.ack(message, true); // and all before it
    hundreds.add();
  });
  return {
    submit: () => publish("submits"),
    async live() {
      await publish("lives");
      await ends.next();
    },
    submitBatch: () => hundred("batches"),
    async liveBatch() {
      await hundred("hundreds");
      await hundreds.next();
      return BATCH;
    },
    dispatch: (number) => publish("dispatch", number),
    await: (arrived) =>
      consume("dispatch", WORKERS, (channel, message) => {
        arrived(numberOf(JSON.parse(message.content)));
        channel.ack(message);
      }),
    close: () => connection.close(),
  };
}
