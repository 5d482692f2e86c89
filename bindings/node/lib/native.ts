// The native part: the addon of this platform, loaded by the file that napi writes.

import type generated = require("../native/index.js");

import { raised } from "./errors";

function load(): typeof generated {
  try {
    return require("../native/index.js") as typeof generated;
  } catch (cause) {
    const here = `${process.platform} ${process.arch}`;
    const cure = "install it with optional dependencies (not --omit=optional), for the platform that it runs on";
    throw new Error(`eyot has no native part for ${here}: ${cure}; bundlers must leave the package external`, {
      cause,
    });
  }
}

/** A function whose errors are classes of this package. */
function raising(call: (...given: unknown[]) => unknown): unknown {
  return (...given: unknown[]) => {
    try {
      return call(...given);
    } catch (error) {
      throw raised(error);
    }
  };
}

const functions = Object.entries(load()).map(([name, call]) => [name, raising(call as () => unknown)]);
const native = Object.fromEntries(functions) as typeof generated;

// Types under the names of the generated file.
declare namespace native {
  type Exchange = generated.Exchange;
  type Arrived = generated.Arrived;
  type WayOut = generated.WayOut;
  type Sent = generated.Sent;
  type Islands = generated.Islands;
  type KeyRing = generated.KeyRing;
  type Decided = generated.Decided;
  type Event = generated.Event;
  type Prepared = generated.Prepared;
  type ShellPolicy = generated.ShellPolicy;
  type Splitter = generated.Splitter;
  type Reply = generated.Reply;
  type Problem = generated.Problem;
}

export = native;
