// Holds a Compose file against the specification's own schema and the rules of a linter.
//
//     compose.mjs FILE
//
// Prints a line of JSON for each service: its name and what the file says of it. Ends with 1, and says why, where it is none.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../target/tools/node/", import.meta.url));
const { DCLinter } = require("dclint");
const yaml = require("yaml");

// In which order keys stand is taste, and that the one service builds the image that both run is meant.
const linter = new DCLinter({
  rules: { "service-keys-order": 0, "services-alphabetical-order": 0, "no-build-and-image": 0, "require-quotes-in-ports": 0 },
  quiet: false,
  debug: false,
  exclude: [],
});
const messages = linter.lintFiles([process.argv[2]], false).flatMap((file) => file.messages);
if (messages.length > 0) {
  console.error(messages);
  process.exit(1);
}
const { services } = yaml.parse(readFileSync(process.argv[2], "utf8"));
for (const [name, service] of Object.entries(services)) console.log(JSON.stringify({ name, ...service }));
