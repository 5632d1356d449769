// beanstalkd by its own protocol, which is lines of text: one command under way on each connection, as on takt's
// side.  `put` and `delete` are in its log and synced before they are answered; a `reserve` is not logged.
import { connect } from "node:net";

import { input, numberOf } from "./load.mjs";

const PRIORITY = 1024;
const TTR_S = 60;
const WORKERS = 16;

// One answer at the start of `bytes`: {words, body, length}, or null while it is not all there.
export function readAnswer(bytes) {
  const end = bytes.indexOf("\r\n");
  if (end < 0) return null;
  const words = bytes.toString("latin1", 0, end).split(" ");
  if (words[0] !== "RESERVED" && words[0] !== "OK" && words[0] !== "FOUND") return { words, body: null, length: end + 2 };
  const length = Number(words.at(-1));
  if (!Number.isInteger(length)) throw new Error(`beanstalkd answered ${words.join(" ")}`);
  if (bytes.length < end + 2 + length + 2) return null;
  return { words, body: bytes.subarray(end + 2, end + 2 + length), length: end + 2 + length + 2 };
}

class Line {
  #bytes = Buffer.alloc(0);
  #wanted = null;

  constructor(port) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("data", (part) => this.#hear(part));
    this.socket.on("error", (error) => this.#wanted?.reject(error));
  }

  #hear(part) {
    this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, part]) : part;
    const answer = readAnswer(this.#bytes);
    if (!answer) return;
    this.#bytes = this.#bytes.subarray(answer.length);
    const { word, resolve, reject } = this.#wanted;
    this.#wanted = null;
    if (answer.words[0] === word) resolve(answer);
    else reject(new Error(`beanstalkd answered ${answer.words.join(" ")}, not ${word}`));
  }

  ask(text, word) {
    return new Promise((resolve, reject) => {
      this.#wanted = { word, resolve, reject };
      this.socket.write(text);
    });
  }

  put(number) {
    const body = JSON.stringify(input(number));
    return this.ask(`put ${PRIORITY} 0 ${TTR_S} ${body.length}\r\n${body}\r\n`, "INSERTED");
  }

  reserve() {
    return this.ask("reserve\r\n", "RESERVED");
  }

  async finish(answer) {
    await this.ask(`delete ${answer.words[1]}\r\n`, "DELETED");
  }

  async at(tube) {
    await this.ask(`use ${tube}\r\n`, "USING");
    await this.ask(`watch ${tube}\r\n`, "WATCHING");
    await this.ask("ignore default\r\n", "WATCHING");
    return this;
  }
}

export async function open({ port, lines }) {
  const opened = [];
  const make = (tube, count) =>
    Promise.all(
      Array.from({ length: count }, () => {
        const line = new Line(port);
        opened.push(line);
        return line.at(tube);
      }),
    );
  const submits = await make("submits", lines);
  const lives = await make("lives", lines);
  const dispatches = await make("dispatch", lines);
  return {
    submit: (line) => submits[line].put(),
    async live(line) {
      await lives[line].put();
      await lives[line].finish(await lives[line].reserve());
    },
    dispatch: (number) => dispatches[number % lines].put(number),
    async await(arrived) {
      let isOver = false;
      const work = async (line) => {
        while (!isOver) {
          const answer = await line.reserve();
          arrived(numberOf(JSON.parse(answer.body)));
          await line.finish(answer);
        }
      };
      for (const line of await make("dispatch", WORKERS))
        work(line).catch((error) => {
          if (!isOver) throw error;
        });
      return async () => {
        isOver = true;
      };
    },
    close: () => opened.forEach((line) => line.socket.destroy()),
  };
}
