// What the shop keeps in a session, as express-session's types want it.

import type { Kept } from "./visitor.js";

declare module "express-session" {
  interface SessionData extends Kept {}
}
