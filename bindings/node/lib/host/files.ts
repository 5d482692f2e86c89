// Files of HTML that were read once, and found to hold no directive.

/** Reads a header of a response. */
type Header = (name: string) => unknown;

const MOST = 1000;

/** Such files pass untouched, parts of them too, for as long as their validators are the same. */
export class PlainFiles {
  readonly #stamps = new Map<string, string>();

  /** Whether an answer to this target is such a file, or a part of one. */
  has(target: string, status: number, header: Header): boolean {
    const known = this.#stamps.get(target);
    return known !== undefined && known === stampOf(status, header);
  }

  /** Keeps that the file behind this target holds no directive; what is no file is not kept. */
  add(target: string, status: number, header: Header): void {
    const stamp = status === 200 ? stampOf(status, header) : undefined;
    if (stamp === undefined) return;
    this.#stamps.delete(target);
    this.#stamps.set(target, stamp);
    if (this.#stamps.size <= MOST) return;
    for (const oldest of this.#stamps.keys()) return void this.#stamps.delete(oldest);
  }
}

/** What a file has, and a page that is made for somebody has not: ranges, a validator, a size. */
function stampOf(status: number, header: Header): string | undefined {
  const [etag, modified] = [header("etag"), header("last-modified")];
  const isFile = /^bytes$/i.test(String(header("accept-ranges"))) && (etag !== undefined || modified !== undefined);
  if (!isFile || header("content-encoding") !== undefined || header("set-cookie") !== undefined) return undefined;
  const size = status === 206 ? /\/(\d+)$/.exec(String(header("content-range")))?.[1] : header("content-length");
  return size === undefined ? undefined : `${size} ${etag} ${modified}`;
}
