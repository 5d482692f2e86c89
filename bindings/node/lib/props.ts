// Props: JavaScript values to the JSON that a token holds, or an error that names the prop's path; and the way back,
// through whatever a handler declared.

import { ConfigError, PropsError } from "./errors";

/** Props as a handler gets them when it declares nothing. */
export type Props = Record<string, unknown>;

/** What a handler may declare: a Standard Schema (zod, valibot, arktype), or a function that returns what it gets. */
export type PropsType<P> = StandardSchema<P> | ((props: Props) => P | Promise<P>);

/** As much of https://standardschema.dev as eyot needs. */
export interface StandardSchema<P> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<P> | Promise<Validated<P>>;
    readonly types?: { readonly input: unknown; readonly output: P } | undefined;
  };
}

type Validated<P> = { readonly value: P; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Nesting that core allows too; a cycle ends here. */
const MAX_DEPTH = 64;

/**
 * The JSON of `props`, byte for byte what a token holds.
 *
 * What JSON would change without a word is an error that names the prop's path: `Map`, `Set`, instances of classes,
 * functions, symbols, `NaN` and infinities, `undefined` and holes in lists, dates that are none, lone surrogates,
 * bigints, cycles, a key `__proto__`. As in JSON, an object's `undefined` members are left out, and what has a `toJSON`
 * (such as `Date`) is what that returns.
 */
export function encodeProps(props: object | null | undefined): string {
  if (props === null || props === undefined) return "{}";
  if (!isPlain(props)) throw refused("", `${kind(props)} is not a plain object: pass the props by name`);
  check(props, 1);
  return JSON.stringify(props);
}

/** The path grows while the recursion unwinds, so that props without a fault pay nothing for it. */
class Fault {
  path = "";
  constructor(readonly what: string) {}
}

function check(props: object, depth: number): void {
  try {
    members(props, depth);
  } catch (error) {
    throw error instanceof Fault ? refused(error.path, error.what) : error;
  }
}

function members(object: object, depth: number): void {
  if (depth > MAX_DEPTH) throw new Fault("nested deeper than 64 levels, or within itself: pass an id instead");
  for (const key in object) {
    const value = (object as Props)[key];
    if (typeof value === "string") {
      if (!value.isWellFormed()) throw below(new Fault(SURROGATE), `.${key}`);
    } else if (value !== undefined && value !== null && typeof value !== "boolean") {
      descend(value, key, depth);
    }
    if (key === "__proto__")
      throw below(new Fault("this key would change an object's prototype: use another"), `.${key}`);
    if (!key.isWellFormed()) throw new Fault(`a key: ${SURROGATE}`);
  }
}

function items(list: readonly unknown[], depth: number): void {
  if (depth > MAX_DEPTH) throw new Fault("nested deeper than 64 levels, or within itself: pass an id instead");
  for (let at = 0; at < list.length; at++) {
    const value = list[at];
    if (value === undefined) throw below(new Fault("undefined in a list would become null: say null"), `[${at}]`);
    descend(value, at, depth);
  }
}

function descend(value: unknown, key: string | number, depth: number): void {
  try {
    any(value, depth);
  } catch (error) {
    throw error instanceof Fault ? below(error, typeof key === "number" ? `[${key}]` : step(key)) : error;
  }
}

const SURROGATE = "a lone surrogate is not text: encode or drop it";

function any(value: unknown, depth: number): void {
  switch (typeof value) {
    case "boolean":
    case "undefined":
      return;
    case "string":
      if (!value.isWellFormed()) throw new Fault(SURROGATE);
      return;
    case "number":
      if (!Number.isFinite(value)) throw new Fault("NaN and infinities are not JSON: use null or a string");
      return;
    case "object":
      if (value !== null) object(value, depth);
      return;
    default:
      if (typeof (value as { toJSON?: unknown }).toJSON === "function") return stood(value, depth);
      throw new Fault(`a ${typeof value} is not JSON: convert it`);
  }
}

function object(value: object, depth: number): void {
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return stood(value, depth);
  if (Array.isArray(value)) return items(value, depth + 1);
  if (isPlain(value)) return members(value, depth + 1);
  throw new Fault(`${kind(value)} is not JSON: convert it, or give its class a toJSON`);
}

/** What stands in for a value, by its own `toJSON`. */
function stood(value: unknown, depth: number): void {
  const standIn: unknown = (value as { toJSON(key: string): unknown }).toJSON("");
  if (value instanceof Date && standIn === null) throw new Fault("an invalid Date would become null");
  if (standIn === undefined) throw new Fault("toJSON returned undefined");
  // JSON.stringify asks a value for its toJSON once.
  if (typeof standIn !== "object" || standIn === null) return any(standIn, depth);
  if (Array.isArray(standIn)) return items(standIn, depth + 1);
  if (!isPlain(standIn)) throw new Fault(`toJSON returned ${kind(standIn)}`);
  members(standIn, depth + 1);
}

/** An object of literals, of JSON, or of another realm's, such as a test runner's. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return !Array.isArray(value) && Object.getPrototypeOf(prototype) === null && kind(value) === "an Object";
}

function kind(value: unknown): string {
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name ? `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}` : "an object";
}

function below(fault: Fault, part: string): Fault {
  fault.path = part + fault.path;
  return fault;
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function refused(path: string, what: string): PropsError {
  return new PropsError(`props${path}: ${what}`, "props");
}

/** Turns the props of an opened token into what the handler gets, or throws a `PropsError` without a value in it. */
export type Reader<P> = (json: string) => P | Promise<P>;

/** Makes the reader for what a handler declared. */
export function reader<P>(declared: PropsType<P> | undefined): Reader<P> {
  if (declared === undefined) return (json) => parsed(json) as P;
  if (typeof declared === "object" && "~standard" in declared) return (json) => validated(declared, parsed(json));
  if (typeof declared === "function") {
    // arktype's schemas are functions that have the property too.
    const schema = (declared as Partial<StandardSchema<P>>)["~standard"];
    if (schema) return (json) => validated(declared as unknown as StandardSchema<P>, parsed(json));
    return (json) => converted(declared, parsed(json));
  }
  throw new ConfigError("props: use a Standard Schema (zod, valibot, arktype) or a function", "option");
}

async function validated<P>(schema: StandardSchema<P>, props: Props): Promise<P> {
  const result = await schema["~standard"].validate(props);
  if (result.issues === undefined) return result.value;
  const places = result.issues.map((issue) => (issue.path ?? []).map(segment).join("") || "the whole");
  throw new PropsError(`props do not fit: ${places.join(", ")}`, "props-type");
}

function segment(part: PropertyKey | { readonly key: PropertyKey }): string {
  const key = typeof part === "object" ? part.key : part;
  return typeof key === "number" ? `[${key}]` : step(String(key));
}

async function converted<P>(convert: (props: Props) => P | Promise<P>, props: Props): Promise<P> {
  try {
    return await convert(props);
  } catch (error) {
    // Its text may hold values.
    const name = error instanceof Error ? error.name : "an error";
    throw new PropsError(`props do not fit: the props function threw ${name}`, "props-type");
  }
}

/** The object, which core has proved genuine; a key `__proto__` in it would change what it is copied to. */
export function parsed(json: string): Props {
  if (json.includes("__proto__") || json.includes("\\u")) {
    return JSON.parse(json, (key: string, value: unknown) => {
      if (key === "__proto__") throw new PropsError("props hold a key __proto__", "props-type");
      return value;
    }) as Props;
  }
  return JSON.parse(json) as Props;
}
