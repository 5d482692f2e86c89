// The shapes that the loader's modules share, and the one global that it leaves behind.

/** What one request came to, retries included. */
interface Answer {
  /** Its status is 0 when there was none to read: network error, timeout, opaque redirect. */
  response: Response;
  html: string;
  /** How many requests were sent, from 1; 0 when none was. */
  attempt: number;
  /** The reason that `island:error` tells should the answer not be taken; at first, an error's name. */
  reason: string;
}

/** One placeholder that was found, and what became of it. */
interface Island {
  element: HTMLElement;
  /** Its attributes as they were: an element whose attributes change is another placeholder. */
  signature: string;
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
  first: Comment | HTMLElement;
  last: Comment | HTMLElement;
  /** The newest load, from 1; answers to older ones are dropped. */
  run: number;
  /** When it was last loaded again, in the page's milliseconds. */
  again?: number;
  /** The load to come that all who ask for one until then share. */
  next?: Promise<unknown>;
  /** What stands in a kept element, as the server sent it; `island-loaded` says so. */
  html?: string;
  /** Each node of `html`, in the document's order, as it was put in. */
  live?: Node[];
  /** What the loader took out for the island's content, to put back. */
  fallback?: DocumentFragment;
  /** The newest answer must not outlive its visitor, or has not come yet. */
  unstored?: boolean;
  /** Puts the fallback back where a page returned and there is no new answer: what stands there may be another visitor's. */
  restore?(): void;
}

interface EyotEventDetail {
  name: string;
  /** Where the island was requested. */
  url: string;
  status: number;
  attempt: number;
  /** Empty, or `network`, `timeout`, `redirect`, `status`, `answer` (not taken), `stale`, `nested` or `form`. */
  reason: string;
  /** `island:load`: the nodes put in. */
  nodes?: Node[];
  /** `island:redirect`: where the handler wants the visitor to go. */
  location?: string;
}

interface TrustedPolicy {
  createHTML(text: string): string;
  createScript(text: string): string;
  createScriptURL(text: string): string;
}

/** What the second file works with. */
type Tools = Pick<typeof import("./content.js"), "admit" | "parents" | "trusted"> &
  Pick<typeof import("./island.js"), "islands" | "load" | "present" | "settle" | "take"> &
  Pick<typeof import("./origin.js"), "islandUrl" | "tag"> &
  Pick<typeof import("./parsed.js"), "parsed"> &
  Pick<typeof import("./request.js"), "inFlight" | "send"> &
  Debug;

/** What the file for debugging does. */
interface Debug {
  /** Tells that an island has got a new token. */
  healed?(name: string): void;
}

/** What the second file does. */
interface More {
  /** Takes an element up again whose attributes have changed, or whose content a morph took out. */
  changed?(island: Island, signature: string): void;
  /** Makes an island of an answer without content; gives where the visitor shall go. */
  empty?(island: Island, target: string | null): string | null;
  /** Goes where a handler sends the visitor, if the placeholder says so. */
  follow?(element: Element, location: string): void;
  /** Shows the error slot, or puts the fallback back. */
  fail?(island: Island): void;
  /** Loads the islands again that an event refreshes. */
  heard?(event: Event): void;
  /** Keeps the focus for the length of a swap. */
  hold?(node: Node): void;
  /** Whether a form posts to the page's origin or listed ones alone. */
  isOwn?(form: HTMLFormElement, element: Element, tag: HTMLScriptElement): boolean;
  /** Forgets an island whose place is gone. */
  leave?(island: Island): void;
  /** Brings what stands in a kept element to a new answer, and gives what was put in; undefined where that cannot be done. */
  merge?(island: Island, range: Range, html: string): Node[] | undefined;
  /** Says that an island is inside itself. */
  refuse?(island: Island): void;
  /** Puts an empty placeholder in the place of the comment that stood before a copy. */
  remake?(first: Node): void;
  /** Makes more attempts where that may help, and gives a stale token's island a new one; gives the last answer, with the reason why it is not taken. */
  retry?(island: Island, answer: Answer): Promise<Answer>;
  /** Loads the islands of a name again. */
  refresh?(name: string): Promise<unknown>;
  /** Loads personal islands again in a page that came back from the back/forward cache. */
  back?(): Promise<unknown>;
  /** Loads an island again in intervals. */
  plan?(island: Island, refresh: string): void;
  /** Resolves once a page that was rendered ahead is shown, and the file for debugging is there. */
  shown?(): Promise<unknown>;
  /** Starts a placeholder's first load when its trigger comes. */
  wait?(element: HTMLElement, start: () => void): boolean;
}

interface Document {
  /** Undefined where the browser does not prerender. */
  readonly prerendering?: boolean;
}

interface Window {
  eyot?: {
    /** Fetches every island of that name again that is kept or has not been loaded; resolves once all have settled. */
    refresh(name: string): Promise<unknown>;
    /** Looks for placeholders in a closed shadow root, and in whatever is put into it later. */
    scan(root: Node): void;
    /** Another file hands itself over. */
    more?(make: (tools: Tools) => More & Debug): void;
  };
}

/** Throws a ReferenceError where the browser has none. */
declare const trustedTypes: {
  createPolicy(name: string, rules: TrustedPolicy): TrustedPolicy;
};
