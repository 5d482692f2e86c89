// Where a host's keys come from, and whether their file has changed since.

import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { KeyRing } from "../core";
import { KeyError } from "../errors";

/** How often the system is asked about the file, in milliseconds. */
const INTERVAL = 1000;

const MISSING =
  "no key: set EYOT_KEYS or EYOT_KEYS_FILE in the environment, or the option keys; npx eyot keygen prints a key";

/** The first that is there: the option, `EYOT_KEYS`, `EYOT_KEYS_FILE`; or a temporary one. */
export class KeySource {
  readonly #given: string | KeyRing | undefined;
  #file: string | undefined;
  #stamp: string | undefined;
  #asked = 0;
  readonly #warn: ((text: string) => void) | undefined;
  #temporary: KeyRing | undefined;

  /** `warn` is given while debugging: there, a missing key is replaced by a temporary one, and told of. */
  constructor(given: string | KeyRing | undefined, warn?: (text: string) => void) {
    this.#given = given;
    this.#warn = warn;
  }

  /** Reads the keys; a `KeyError` says where the bad one stands. */
  read(): KeyRing {
    this.#file = undefined;
    if (this.#given instanceof KeyRing) return this.#given;
    if (this.#given !== undefined) return naming("the option keys", this.#given, KeyRing.parse);
    const { EYOT_KEYS: text, EYOT_KEYS_FILE: file } = process.env;
    if (text) return naming("EYOT_KEYS", text, KeyRing.parse);
    if (file) return this.#readFile(file);
    if (!this.#warn) throw new KeyError(MISSING, "key-missing");
    this.#temporary ??= this.#made(this.#warn);
    return this.#temporary;
  }

  /** A key for as long as the process lives. */
  #made(warn: (text: string) => void): KeyRing {
    warn(`${MISSING}. While debugging a temporary one is used: what it seals does not open after a restart`);
    return KeyRing.parse(randomBytes(32).toString("base64"));
  }

  /** Whether the file that was read is another by now. Asks the system once a second at most. */
  haveChanged(): boolean {
    if (this.#file === undefined) return false;
    const now = Date.now();
    if (now - this.#asked < INTERVAL) return false;
    this.#asked = now;
    const stamp = stampOf(this.#file);
    // A file that is being replaced is not there for a moment.
    return stamp !== undefined && stamp !== this.#stamp;
  }

  #readFile(file: string): KeyRing {
    // The stamp comes first: what is written while the file is read counts as a change.
    this.#file = file;
    this.#stamp = stampOf(file);
    this.#asked = Date.now();
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "an error";
      throw new KeyError(`EYOT_KEYS_FILE: ${file} cannot be read (${code})`, "key-file");
    }
    return naming(`EYOT_KEYS_FILE (${file})`, text, KeyRing.parseFile);
  }
}

function stampOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found && `${found.mtimeNs} ${found.size} ${found.ino}`;
}

function naming(where: string, text: string, read: (text: string) => KeyRing): KeyRing {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof KeyError) throw new KeyError(`${where}: ${error.message}`, error.code);
    throw error;
  }
}
