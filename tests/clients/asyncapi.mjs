// Checks an AsyncAPI document against AsyncAPI's own schema, and messages against the document.
//
//     asyncapi.mjs FILE < messages
//
// Prints the document as a line of JSON, with every reference followed. Then, for each line of the
// standard input, which is a message as watch.mjs prints it, {"channel", "parameters", "problems"}.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../target/tools/node/", import.meta.url));
const Ajv = require("ajv");
const addFormats = require("ajv-formats");
const yaml = require("yaml");

const document = yaml.parse(readFileSync(process.argv[2], "utf8"));
const schema = require(`@asyncapi/specs/schemas/${document.asyncapi}-without-$id.json`);
const official = addFormats(new Ajv({ strict: false, allErrors: true })).compile(schema);
if (!official(document)) {
  console.error(official.errors);
  process.exit(1);
}

/** Puts in place of every reference what it refers to, and what stands beside it over that. */
function follow(value) {
  if (Array.isArray(value)) return value.map(follow);
  if (value === null || typeof value !== "object") return value;
  const { $ref: reference, ...besides } = value;
  const found = reference && reference.slice("#/".length).split("/").reduce((at, key) => at[key], document);
  if (reference && found === undefined) throw new Error(`${reference} refers to nothing`);
  const followed = Object.entries({ ...found, ...besides });
  return Object.fromEntries(followed.map(([key, inner]) => [key, follow(inner)]));
}

const followed = follow(document);
console.log(JSON.stringify(followed));

// `x-` keywords are for people and for the tests in Rust.
const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
const channels = Object.entries(followed.channels).map(([name, channel]) => {
  const [message, ...others] = Object.values(channel.messages);
  if (others.length > 0) throw new Error(`${name} has several messages: say how to tell them apart`);
  const pattern = channel.address.replaceAll(".", "\\.").replaceAll(/\{(\w+)\}/g, "(?<$1>[^.]+)");
  return { name, address: new RegExp(`^${pattern}$`), headers: ajv.compile(message.headers) };
});

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { subject, headers } = JSON.parse(line);
  const channel = channels.find(({ address }) => address.test(subject));
  const valid = channel?.headers(headers);
  const problems = channel ? (valid ? [] : channel.headers.errors) : [`no channel has ${subject}`];
  const parameters = channel && { ...channel.address.exec(subject).groups };
  console.log(JSON.stringify({ channel: channel?.name, parameters, problems }));
}
