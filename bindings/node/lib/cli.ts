#!/usr/bin/env node
// The command of the package: `npx eyot keygen` prints a key for EYOT_KEYS.

import { generateKey } from "./host/site";

const [, , command, ...rest] = process.argv;
if (command === "keygen" && rest.length === 0) {
  console.log(generateKey());
} else {
  console.error("usage: eyot keygen    prints a key for EYOT_KEYS: 32 random bytes in base64");
  process.exitCode = command === undefined || command === "--help" ? 0 : 2;
}
