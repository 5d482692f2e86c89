// Types for directives in React's JSX: `import "eyot/jsx"` lets TypeScript know `server:defer` and its options.

import type {} from "react";

/** The directive and its options. React drops `server:defer` without a value: write the name, or an empty string. */
export interface DirectiveAttributes {
  "server:defer"?: string;
  /** A JSON object: `JSON.stringify(props)`. */
  "server:props"?: string;
  "server:key"?: string | number;
  "server:when"?: "load" | "idle" | "visible" | "interaction" | "manual" | (string & {});
  "server:keep"?: "";
  "server:refresh"?: string;
  "server:redirect"?: "event" | "follow";
  "server:timeout"?: string | number;
  "server:page"?: "";
  "server:seal"?: "stable" | "unlinkable";
  "server:ttl"?: string | number;
  "server:deliver"?: "fetch";
}

declare module "react" {
  interface DOMAttributes<T> extends DirectiveAttributes {}
}
