// eyot for React: an island as a component that hydration leaves alone. Holds nothing native, so that it may be bundled
// for the browser.

import {
  createContext,
  createElement,
  type FunctionComponent,
  type ReactElement,
  type ReactNode,
  useContext,
} from "react";
import type { PlaceholderOptions } from "./core";
import type { Helpers } from "./host/site";

/** Hands the request's helpers to the islands inside: `<IslandsProvider value={res.locals}>`. On the server alone. */
const Islands = createContext<Helpers | undefined>(undefined);

/** What the provider takes: the helpers of the request, such as `res.locals`. */
export interface ProviderProps {
  readonly value: Pick<Helpers, "islandAttrs"> | Record<string, unknown>;
  readonly children?: ReactNode;
}

/** Hands the request's helpers to the islands inside. */
export const IslandsProvider: FunctionComponent<ProviderProps> = ({ value, children }) =>
  createElement(Islands.Provider, { value: value as unknown as Helpers }, children);

/** What an island takes: its name, its props, and the options of the directive. */
export interface IslandProps extends Omit<PlaceholderOptions, "keep" | "key"> {
  readonly name: string;
  readonly props?: object | undefined;
  /** Tells namesakes apart, such as a product's id: React keeps `key` for itself. */
  readonly islandKey?: string | number | undefined;
  readonly error?: ReactNode;
  /** The fallback. */
  readonly children?: ReactNode;
}

/**
 * An island. Its children are the fallback. The placeholder is kept, so that React finds the element that it knows;
 * what the loader puts into it is none of React's business.
 */
export function Island({ name, props, islandKey, error, children, ...options }: IslandProps): ReactElement {
  const helpers = useContext(Islands);
  if (!helpers) return leftAlone(name);
  const attributes = helpers.islandAttrs(name, props, { ...options, key: islandKey });
  const instead =
    error === undefined ? [] : [createElement("template", { "island-slot": "error", key: "error" } as object, error)];
  return createElement(
    "server-island",
    { ...attributes, "island-keep": "", suppressHydrationWarning: true } as object,
    children,
    ...instead,
  );
}

/** In the browser: React takes what the server wrote, whatever is in it by now. */
function leftAlone(name: string): ReactElement {
  if (!("document" in globalThis)) {
    throw new Error(`the island ${name} has no IslandsProvider around it: it brings the helpers of the request`);
  }
  return createElement("server-island", {
    suppressHydrationWarning: true,
    dangerouslySetInnerHTML: { __html: "" },
  } as object);
}
