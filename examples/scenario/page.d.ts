// What the tests leave in a page to read back, and what TypeScript's own types of a page lack.

interface Window {
  /** the sum of all layout shifts */
  shifted: number;
  /** what the content security policy forbade */
  forbidden: string[];
  /** the detail of the last island:redirect */
  redirected?: { name: string };
  /** whether the page came from the back/forward cache */
  persisted?: boolean;
}

interface PerformanceEntry {
  readonly value: number;
}

interface DocumentEventMap {
  "island:redirect": CustomEvent<{ name: string }>;
}
