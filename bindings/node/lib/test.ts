// For tests of apps: an island's answer through the app's own stations, a page that caches may keep, and a page with every
// island in its place.

import native = require("./native");

import { AssertionError } from "node:assert";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Context, headerLines, type PlaceholderOptions } from "./core";
import { ConfigError } from "./errors";
import { IslandAttributes } from "./host/attributes";
import { newestSite, type Site } from "./host/site";

type AnySite = Site<unknown, unknown>;

/** As much of supertest as is needed: `request(app)`, or `request.agent(app)`, which keeps cookies. */
export interface TestAgent {
  get(url: string): TestRequest;
  post(url: string): TestRequest;
}

/** A request of supertest's in the making. */
export interface TestRequest extends PromiseLike<TestAnswer> {
  set(headers: Record<string, string>): this;
  send(body: string): this;
}

/** A response of supertest's. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** As much of a Fastify app as is needed. */
export interface Injecting {
  inject(options: {
    method: "GET" | "POST";
    url: string;
    headers: Record<string, string>;
    payload?: string;
  }): PromiseLike<Injected>;
}

/** What `app.inject` gives. */
export interface Injected {
  readonly statusCode: number;
  readonly headers: Record<string, unknown>;
  readonly payload: string;
}

/** An app of Request and Response, such as Hono's. */
export interface Fetching {
  fetch(request: Request): Response | Promise<Response>;
}

/** An Express app, which is served while it is asked. */
export interface Listening {
  listen(port: number, host: string): Server;
}

/**
 * What asks the app: supertest's agent, an app of Express, Fastify or Hono, a function of a Request, or the address at which
 * the app listens.
 */
export type Client = TestAgent | Injecting | Fetching | Listening | Fetching["fetch"] | string;

/** A response that a client gave. */
export type Answered = TestAnswer | Injected | Response;

/** What {@link ask} gives. */
export interface Answer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
}

/** What the functions of this module may be told. */
export interface TestOptions {
  /** Headers that each request has, such as a cookie, where the client keeps none. */
  readonly headers?: Record<string, string> | undefined;
  /** The app's islands, where several apps of this process have their own; those that were made last unless given. */
  readonly islands?: object | undefined;
}

/** What {@link ask} may be told. */
export interface AskOptions extends TestOptions, Pick<PlaceholderOptions, "page" | "seal" | "ttl"> {
  /** What the option `audience` says of the visitor. */
  readonly audience?: string | undefined;
}

/** Asks for an island as the loader does, and gives whatever the app answers. */
export async function ask(
  client: Client,
  name: string,
  props: object | null = {},
  { headers, islands, audience, ...options }: AskOptions = {},
): Promise<Answer> {
  const site = siteOf(client, islands, name);
  const context = new Context({ mount: site.options.mount, audience });
  const attributes = new IslandAttributes(site.core.attributes(name, props, options, context));
  const { "island-src": url, "island-token": token } = attributes as Record<string, string | undefined>;
  return sent(client, site, { url: url ?? "", token }, headers);
}

/** Fails unless shared caches may keep a response, and says everything that is against it. */
export async function assertShell(response: Answered, { islands }: Pick<TestOptions, "islands"> = {}): Promise<void> {
  const { status, headers, text } = await answerOf(response);
  const { core } = siteOf(undefined, islands);
  const lines = headerLines(pairsOf(headers));
  const faults = native.shellFaults(core.handle, status, lines.text, lines.count, Buffer.from(text));
  if (!faults.length) return;
  const message = `caches may not keep this response:\n${faults.map((fault) => `  ${fault}`).join("\n")}`;
  throw new AssertionError({ message, actual: faults, expected: [], operator: "assertShell" });
}

/** What {@link assemble} may be told. */
export interface AssembleOptions extends TestOptions {
  /** Told of an island that cannot be had, which stays at its fallback; without it, that is an error. */
  readonly failed?: ((error: Error) => void) | undefined;
}

/**
 * The page of a response with every island in its place, those in islands too. Fails where an island cannot be had, and says
 * which and why. Islands that another host answers, and those whose handler redirects, stay at their fallbacks.
 */
export async function assemble(client: Client, response: Answered, options: AssembleOptions = {}): Promise<string> {
  const site = siteOf(client, options.islands);
  const assembly = native.assembly(Buffer.from((await answerOf(response)).text));
  for (;;) {
    const asked = native.assemblyNext(assembly);
    if (!asked) return native.assemblyFinish(assembly).toString();
    if (asked.isElsewhere) native.assemblySkip(assembly);
    else {
      const { status, headers, text } = await sent(client, site, asked, options.headers);
      const lines = headerLines(pairsOf(headers));
      try {
        native.assemblyAnswer(assembly, status, lines.text, lines.count, Buffer.from(text));
      } catch (error) {
        if (!options.failed) throw error;
        options.failed(error as Error);
      }
    }
  }
}

/** The islands that are tested. */
function siteOf(client: Client | undefined, islands: object | undefined, name?: string): AnySite {
  const given = islands ?? (client as { islands?: object } | undefined)?.islands;
  const site = (given as { site?: AnySite } | undefined)?.site ?? newestSite(name);
  if (site) return site;
  const which = name === undefined ? "any islands" : `the island ${JSON.stringify(name)}`;
  throw new ConfigError(`no app of this process has ${which}: import the app before it is tested`, "name-unknown");
}

interface Asked {
  readonly url: string;
  readonly token?: string | undefined;
}

const ASKER = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty" };
const POSTED = { ...ASKER, "Content-Type": "application/vnd.eyot.token" };

/** Sends a request for an island. */
async function sent(client: Client, site: AnySite, asked: Asked, more: Record<string, string> = {}): Promise<Answer> {
  const { mount = "" } = site.options;
  // What a proxy takes off the app does not see.
  const url = asked.url.startsWith(`${mount}/`) ? asked.url.slice(mount.length) : asked.url;
  const { token } = asked;
  const headers = { ...more, ...(token === undefined ? ASKER : POSTED) };
  const method = token === undefined ? "GET" : "POST";
  const init = { method, headers, redirect: "manual", ...(token === undefined ? {} : { body: token }) } as const;
  const at = (base: string): Request => new Request(new URL(url, base), init);
  if (typeof client === "string") return answerOf(await fetch(at(client)));
  if ("inject" in client)
    return answerOf(await client.inject({ method, url, headers, ...(token === undefined ? {} : { payload: token }) }));
  if ("fetch" in client) return answerOf(await client.fetch(at("http://localhost")));
  if ("listen" in client) return listening(client, (base) => fetch(at(base)));
  if (typeof client === "function") return answerOf(await client(at("http://localhost")));
  return answerOf(
    await (token === undefined ? client.get(url).set(headers) : client.post(url).set(headers).send(token)),
  );
}

/** Serves an app for one request. */
async function listening(app: Listening, asked: (base: string) => Promise<Response>): Promise<Answer> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await answerOf(await asked(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** A response of any client's. */
async function answerOf(response: Answered): Promise<Answer> {
  if ("payload" in response) {
    const { statusCode: status, headers, payload: text } = response;
    return { status, headers: headers as Answer["headers"], text };
  }
  if (!("arrayBuffer" in response)) return response;
  const text = await response.clone().text();
  const cookies = response.headers.getSetCookie();
  const headers = { ...Object.fromEntries(response.headers), ...(cookies.length ? { "set-cookie": cookies } : {}) };
  return { status: response.status, headers, text };
}

function pairsOf(headers: Answer["headers"]): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
}
