// The package `eyot` without a framework: keys, tokens, islands, splitters and policies, and HTML as a value.
// Frameworks have modules of their own: eyot/express, eyot/fastify, eyot/hono, eyot/web, eyot/node.

export {
  audit,
  Context,
  type ContextOptions,
  type Diagnostic,
  type Duration,
  type Edit,
  type Finding,
  type HeaderPairs,
  Islands,
  type IslandsOptions,
  KeyRing,
  type Leak,
  loaderHash,
  loaderMoreHash,
  type OpenedToken,
  type Outcome,
  type Page,
  type PageKind,
  type Parts,
  Pending,
  type PlaceholderOptions,
  Policy,
  type PolicyOptions,
  Prepared,
  pageKind,
  Reply,
  type SealMode,
  type Split,
  Splitter,
  splitHeaders,
  stylesheetHash,
  uncachedHeaders,
  Visit,
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
export { type Ask, assemble } from "./host/assembly";
export { IslandAttributes } from "./host/attributes";
export { Island } from "./host/island";
export {
  generateKey,
  type Helpers,
  type HostOptions,
  type IslandOptions,
  type Logger,
  type Refusal,
} from "./host/site";
export { escapeHtml, Html, type HtmlValue, html, raw } from "./html";
export { encodeProps, type Props, type PropsType, type StandardSchema } from "./props";
