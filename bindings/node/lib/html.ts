// HTML as a value: an escaping template tag, and what marks a text as HTML already.

/** A text that is HTML already. Template engines that know `toHTML` or `toString` print it as it is. */
export class Html {
  constructor(readonly source: string) {}

  toString(): string {
    return this.source;
  }

  /** For Handlebars. */
  toHTML(): string {
    return this.source;
  }
}

/**
 * What `html` takes in its places: text is escaped, `Html` is not, lists are joined, `null` and flags print nothing.
 */
export type HtmlValue = Html | string | number | bigint | boolean | null | undefined | readonly HtmlValue[];

/** A template tag whose values are escaped for text and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let out = strings[0] ?? "";
  for (let at = 0; at < values.length; at++) out += written(values[at]) + (strings[at + 1] ?? "");
  return new Html(out);
}

/** Says that a text is HTML: it goes out as it is. Never of what a visitor wrote. */
export function raw(source: string): Html {
  return new Html(source);
}

const SPECIAL = /[&<>"']/g;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as it stands in HTML, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(SPECIAL, (found) => ESCAPES[found] ?? found);
}

function written(value: HtmlValue): string {
  if (typeof value === "string") return escapeHtml(value);
  if (value instanceof Html) return value.source;
  if (value === null || value === undefined || typeof value === "boolean") return "";
  return typeof value === "object" ? value.map(written).join("") : escapeHtml(String(value));
}
