// Does what watch.py does, with the NATS project's own client for JavaScript and protobufjs.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const require = createRequire(new URL("../../target/tools/node/", import.meta.url));
const { TimeoutError, connect, credsAuthenticator } = require("@nats-io/transport-node");
const { JetStreamApiError, jetstream } = require("@nats-io/jetstream");
const protobuf = require("protobufjs");

const NOT_HELD = "VERDICT_NOT_HELD";

/** The answers to one question on all days, as the days from which each holds. */
class Line {
  steps = [{ day: "", verdict: NOT_HELD }];

  on(day) {
    return this.steps.findLast((step) => step.day <= day).verdict;
  }

  /** Answers so from a day to the day before another; an empty end is open. */
  set(start, end, verdict) {
    const before = this.steps.filter((step) => step.day < start);
    const after = end === "" ? [] : [{ day: end, verdict: this.on(end) }];
    const kept = end === "" ? [] : this.steps.filter((step) => step.day > end);
    this.steps = [...before, { day: start, verdict }, ...after, ...kept];
  }
}

/** What all changes amount to. */
class Rights {
  lines = new Map();

  apply({ change }) {
    for (const body of change?.bodies ?? []) {
      const key = JSON.stringify([change.party, change.right, body]);
      if (!this.lines.has(key)) this.lines.set(key, new Line());
      this.lines.get(key).set(change.startDate, change.endDate ?? "", change.after);
    }
  }

  *answers(days) {
    for (const key of [...this.lines.keys()].sort()) {
      const [party, right, body] = JSON.parse(key);
      for (const on of days) {
        yield { party, right, body, on, verdict: this.lines.get(key).on(on) };
      }
    }
  }
}

/** Reads the .proto files and finds a message in them. */
function messageType(folder, name) {
  const root = new protobuf.Root();
  // What is everybody's comes with the library.
  const shared = dirname(require.resolve("protobufjs/package.json"));
  root.resolvePath = (_, target) => join(target.startsWith("google/") ? shared : folder, target);
  const files = readdirSync(join(folder, "standing/v1")).filter((file) => file.endsWith(".proto"));
  return root.loadSync(files.map((file) => `standing/v1/${file}`)).lookupType(name);
}

// Canonical JSON writes an instant as a text, with no, three, six or nine digits of a second.
protobuf.wrappers[".google.protobuf.Timestamp"] = {
  // The library wants both directions; nothing is written here.
  fromObject(object) {
    return this.create(object);
  },
  toObject({ seconds, nanos }) {
    const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -".000Z".length);
    const digits = String(nanos).padStart(9, "0").replace(/(000){1,3}$/, "");
    return `${whole}${digits && "."}${digits}Z`;
  },
};

const CANONICAL = { enums: String, longs: String, bytes: String };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    user: { type: "string" },
    password: { type: "string" },
    ca: { type: "string" },
    creds: { type: "string" },
    association: { type: "string" },
    proto: { type: "string" },
    until: { type: "string" },
    on: { type: "string", multiple: true, default: [] },
    timeout: { type: "string", default: "60" },
  },
});
const [stream] = positionals;
const name = { entries: "standing.v1.Entry", rights: "standing.v1.RightsEvent" }[stream];
const type = messageType(options.proto, name);
const rights = new Rights();

// Nobody leads a stream for a while after its leader hung; the deadline ends the waiting.
async function onceLed(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const unavailable = error instanceof JetStreamApiError && error.code === 10008;
      if (!unavailable && !(error instanceof TimeoutError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

const deadline = setTimeout(() => {
  console.error(`no message ${options.until} within ${options.timeout} seconds`);
  process.exit(1);
}, Number(options.timeout) * 1000);
const client = await connect({
  servers: options.url.split(","),
  reconnect: false,
  user: options.user,
  pass: options.password,
  ...(options.ca && { tls: { caFile: options.ca } }),
  ...(options.creds && { authenticator: credsAuthenticator(readFileSync(options.creds)) }),
});
// Without a name it is an ordered consumer: the client starts it anew if it misses a message.
const consumer = await onceLed(() =>
  jetstream(client).consumers.get(`standing-${options.association}-${stream}`),
);
for await (const message of await consumer.consume()) {
  const { seq: sequence, subject } = message;
  const payload = type.decode(message.data);
  const headers = Object.fromEntries([...message.headers].map(([key, values]) => [key, values[0]]));
  const signed = stream === "entries" ? payload.stored : message.data;
  if (createHash("sha256").update(signed).digest("hex") !== headers["standing-sha256"]) {
    throw new Error(`message ${sequence} is damaged`);
  }
  const decoded = type.toObject(payload, CANONICAL);
  if (stream === "rights") rights.apply(decoded);
  console.log(JSON.stringify({ sequence, subject, headers, message: decoded }));
  if (sequence >= Number(options.until)) break;
}
for (const answer of rights.answers(options.on)) console.log(JSON.stringify(answer));
clearTimeout(deadline);
await client.close();
