// Error pages for development: they show the place of a markup error, or what leaks from a shell.

import type { Leak, Unsplit } from "../core";
import { type EyotError, MarkupError } from "../errors";
import { escapeHtml } from "../html";

const AROUND = 2;
const WIDTH = 100;

/** What is wrong with `page`, and where. */
export function markupPage(error: EyotError, page: Uint8Array): Buffer {
  let content = `<p>${escapeHtml(error.message)} <code>(${escapeHtml(error.code)})</code></p>`;
  if (error instanceof MarkupError) {
    const source = escapeHtml(excerpt(Buffer.from(page).toString(), error.line, error.column));
    content += `<pre style="background:#f4f4f4;padding:1rem;overflow:auto">${source}</pre>`;
  }
  const production = "In production the faulty island becomes its fallback, and no cache keeps the page.";
  return document("this page cannot be split", content, production);
}

/** Why a text with a directive is not split. */
export function unsplitPage({ code, message }: Unsplit): Buffer {
  const content = `<p>${escapeHtml(message)} <code>(${escapeHtml(code)})</code></p>`;
  return document("this page cannot be split", content, "In production it goes out as it is, and no cache keeps it.");
}

/** What is wrong with a page whose beginning has gone out already. */
export function markupBlock(error: EyotError): Buffer {
  return Buffer.from(`<pre>eyot: ${escapeHtml(error.message)} (${escapeHtml(error.code)})</pre>`);
}

/** What is one visitor's in a shell that everybody would get. */
export function leakPage(leaks: readonly Leak[]): Buffer {
  const item = (leak: Leak): string => `<li>${escapeHtml(leak.message)} <code>(${escapeHtml(leak.code)})</code></li>`;
  const content = `<ul>${leaks.map(item).join("")}</ul>`;
  return document("this shell is not the same for everybody", content, "In production no cache keeps it.");
}

function document(title: string, content: string, production: string): Buffer {
  return Buffer.from(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>eyot: ${title}</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem">
<h1 style="font-size:1.3rem">eyot: ${title}</h1>
${content}
<p style="color:#666">Shown while debugging. ${production}</p>
`);
}

/** The lines around a place, with a caret below the column. */
function excerpt(text: string, line: number, column: number): string {
  const lines = text.split("\n");
  const first = Math.max(line - 1 - AROUND, 0);
  const start = Math.max(column - 1 - WIDTH / 2, 0);
  const shown: string[] = [];
  for (const [at, source] of lines.slice(first, line + AROUND).entries()) {
    const number = first + at + 1;
    shown.push(`${String(number).padStart(5)} | ${source.trimEnd().slice(start, start + WIDTH)}`);
    // A tab keeps its width, so that the caret stands where it should.
    if (number === line) shown.push(`      | ${source.slice(start, column - 1).replace(/[^\t]/g, " ")}^`);
  }
  return shown.join("\n");
}
