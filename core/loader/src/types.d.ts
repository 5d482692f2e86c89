// The shapes that the loader's modules share, and the one global that it leaves behind.

/** What one request came to, retries included. */
interface Answer {
  /** Its status is 0 when there was none to read: network error, timeout, opaque redirect. */
  response: Response;
  html: string;
  /** How many requests were sent, from 1. */
  attempt: number;
  /** The reason that `island:error` tells should the answer not be taken. */
  reason: string;
}

/** One placeholder that was found, and what became of it. */
interface Island {
  element: HTMLElement;
  name: string;
  /** Where it is requested, checked. */
  url: string;
  /** The body of a POST, where the token does not fit into the URL. */
  token: string | undefined;
  /** The element stays in the page and is filled; otherwise it is replaced. */
  kept: boolean;
  /** Content of the island stands in the page, put in by the loader or by the host (`island-loaded`). */
  filled: boolean;
  /** First and last node of what stands in the page: the element, or the comments around what replaced it. */
  first: ChildNode;
  last: ChildNode;
  /** The newest load, from 1; answers to older ones are dropped. */
  run: number;
  /** What the loader took out for the island's content, to put back. */
  fallback?: DocumentFragment;
  /** The newest answer must not outlive its visitor, or has not come yet. */
  unstored?: boolean;
  /** The page came back from the back/forward cache: content without a new answer has to go. */
  returned?: boolean;
}

interface EyotEventDetail {
  name: string;
  /** Where the island was requested. */
  url: string;
  status: number;
  attempt: number;
  /** Empty, or `network`, `timeout`, `redirect`, `status`, `answer` (not taken) or `stale`. */
  reason: string;
  /** `island:load`: the nodes put in. */
  nodes?: Node[];
  /** `island:redirect`: where the handler wants the visitor to go. */
  location?: string;
}

interface Window {
  eyot?: {
    /** Fetches every island of that name again that is kept or has not been loaded; resolves once all have settled. */
    refresh(name: string): Promise<unknown>;
  };
}

/** Throws a ReferenceError where the browser has none. */
declare const trustedTypes: {
  createPolicy(name: string, rules: { createHTML(html: string): string }): { createHTML(html: string): string };
};
