// Makes an operator, an account that may use JetStream without limit, and a user of it, with the
// NATS project's own library. Prints {"config", "creds"} as JSON: the lines of a server's
// configuration, and the content of the user's credentials file.

import { createRequire } from "node:module";

const require = createRequire(new URL("../../target/tools/node/", import.meta.url));
const { createAccount, createOperator, createUser } = require("@nats-io/nkeys");
const jwt = require("@nats-io/jwt");

const NO_LIMIT = -1;
const CLIENTS = { conn: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT, subs: NO_LIMIT };
const EXCHANGE = { imports: NO_LIMIT, exports: NO_LIMIT };
const STREAMS = { disk_storage: NO_LIMIT, mem_storage: NO_LIMIT, streams: NO_LIMIT, consumer: NO_LIMIT };

const signer = createOperator();
const system = createAccount();
const account = createAccount();
const user = createUser();
const accountToken = (name, key, limits) => jwt.encodeAccount(name, key, { limits }, { signer });

console.log(
  JSON.stringify({
    config: `operator: ${await jwt.encodeOperator("tests", signer)}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload {
  ${system.getPublicKey()}: ${await accountToken("system", system, { ...CLIENTS, ...EXCHANGE })}
  ${account.getPublicKey()}: ${await accountToken("tests", account, { ...CLIENTS, ...EXCHANGE, ...STREAMS })}
}`,
    creds: new TextDecoder().decode(jwt.fmtCreds(await jwt.encodeUser("test", user, account), user)),
  }),
);
