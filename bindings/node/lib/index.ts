// The package `eyot` without a framework: keys, tokens, islands, splitters and policies, and HTML as a value.
// Frameworks have modules of their own: eyot/express, eyot/fastify, eyot/hono, eyot/web, eyot/node.

export {
  type Arrived,
  audit,
  Context,
  type ContextOptions,
  type Diagnostic,
  type Duration,
  type Edit,
  type Event,
  Exchange,
  type Finding,
  type HeaderPairs,
  Islands,
  type IslandsOptions,
  KeyRing,
  loaderHash,
  loaderMoreHash,
  MARK,
  type OpenedToken,
  type Page,
  type PageRules,
  type Parts,
  type PlaceholderOptions,
  Policy,
  type PolicyOptions,
  Prepared,
  Reply,
  type SealMode,
  type Sent,
  type Split,
  Splitter,
  type Step,
  stylesheetHash,
  type WayHost,
  WayOut,
} from "./core";
export {
  ConfigError,
  DeadlineError,
  EyotError,
  KeyError,
  MarkupError,
  PropsError,
  SealError,
  TokenError,
} from "./errors";
export { IslandAttributes } from "./host/attributes";
export { Island } from "./host/island";
export type { Logger } from "./host/log";
export {
  generateKey,
  type Helpers,
  type IslandOptions,
} from "./host/site";
export { escapeHtml, Html, type HtmlValue, html, raw } from "./html";
export type { HostOptions } from "./options";
export { encodeProps, type Props, type PropsType, type StandardSchema } from "./props";
