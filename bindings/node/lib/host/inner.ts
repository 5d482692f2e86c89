// The inner station for Node's responses: splits the HTML that the app answers, before anything else touches it.

import type { Sent, WayOut } from "../core";
import { inner, noteFile } from "./page";
import { Tap } from "./tap";

export class InnerTap<Request> extends Tap<Request> {
  protected override way(): WayOut | undefined {
    return this.station.isHooked ? undefined : inner(this.site, this.station, this.res);
  }

  /** What compresses between the stations does so now; what the outer one judges it would have to undo. */
  protected override leaving(): void {
    if (!this.station.policy) this.station.reveal?.();
  }

  /** What reads the session from here on is a layer. */
  protected override ending(): void {
    this.station.watch?.tell(this.site, this.station);
  }

  protected override sent(sent: Sent | undefined): void {
    noteFile(this.site, this.station, this.res, sent);
  }
}
