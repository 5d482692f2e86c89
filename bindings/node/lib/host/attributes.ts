// A placeholder's attributes as templates want them: a text for string templates, properties for JSX and Pug.

const ATTRIBUTE = /([^\s=]+)(?:="([^"]*)")?/g;
const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };

/**
 * Attributes: `<tr <%- islandAttrs(…) %>>` prints their text, `<tr {...islandAttrs(…)}>` and Pug's `&attributes` take
 * their names and values.
 */
export class IslandAttributes {
  readonly [name: string]: unknown;
  // Private, so that spreading the object gives attributes alone.
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    for (const [, name = "", value = ""] of text.matchAll(ATTRIBUTE)) {
      const decoded = value.includes("&")
        ? value.replace(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] ?? entity)
        : value;
      (this as Record<string, string>)[name] = decoded;
    }
  }

  toString(): string {
    return this.#text;
  }

  /** For Handlebars. */
  toHTML(): string {
    return this.#text;
  }
}
