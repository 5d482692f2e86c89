// eyot for Handlebars: `{{islandAttrs "CartRow" sku=sku}}`, `{{islandUrl …}}`, `{{islandLoader}}`, and the block
// `{{#island "Avatar" size=40}}fallback{{/island}}`. They take the request's helpers from the template's root.

import { ConfigError } from "./errors";
import type { Helpers } from "./host/site";

interface Options {
  readonly hash: Record<string, unknown>;
  readonly data: { readonly root: Partial<Helpers> };
  fn?(context: unknown): string;
}

/** As much of Handlebars as is needed. */
export interface HandlebarsLike {
  registerHelper(name: string, helper: (this: unknown, ...parameters: unknown[]) => unknown): void;
  SafeString: new (html: string) => unknown;
}

/**
 * Registers the helpers. A hash is the props; `options=(hash when="idle")` or an object holds the directive's options.
 */
export function registerHelpers(handlebars: HandlebarsLike): void {
  const { SafeString } = handlebars;
  const add = (
    name: keyof Helpers,
    write: (helpers: Helpers, island: string, props: object, options: Options, self: unknown) => unknown,
  ): void => {
    handlebars.registerHelper(name, function helper(this: unknown, ...parameters: unknown[]) {
      const options = parameters.at(-1) as Options;
      const [island = ""] = parameters.slice(0, -1) as string[];
      const helpers = options.data.root;
      if (typeof helpers[name] !== "function") {
        throw new ConfigError(
          `${name}: the template's root has no helpers of eyot: pass those of the request`,
          "context",
        );
      }
      const { options: _options, ...props } = options.hash;
      return new SafeString(String(write(helpers as Helpers, island, props, options, this)));
    });
  };
  add("islandAttrs", (helpers, island, props, { hash }) => helpers.islandAttrs(island, props, hash.options as object));
  add("islandUrl", (helpers, island, props, { hash }) => helpers.islandUrl(island, props, hash.options as object));
  add("islandLoader", (helpers) => helpers.islandLoader());
  add("island", (helpers, island, props, { hash, fn }, self) =>
    helpers.island(island, props, { ...(hash.options as object), fallback: fn ? fn(self).trim() : "" }),
  );
}
