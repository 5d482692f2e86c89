// Sessions in the shop's own database: they outlive a restart, and several processes share them.

import session from "express-session";

import * as db from "./db.js";

const WEEK = 7 * 24 * 3600 * 1000;

/** A store for express-session. */
export class SessionStore extends session.Store {
  /** @param {string} id @param {(error: unknown, session?: session.SessionData | null) => void} done */
  get(id, done) {
    settle(done, () => {
      const row = db.one("SELECT data FROM session WHERE id = ? AND expires > ?", id, Date.now());
      return row ? JSON.parse(row.data) : null;
    });
  }

  /** @param {string} id @param {session.SessionData} data @param {(error?: unknown) => void} [done] */
  set(id, data, done = () => {}) {
    settle(done, () => {
      db.write("DELETE FROM session WHERE expires <= ?", Date.now());
      db.write("INSERT OR REPLACE INTO session VALUES (?, ?, ?)", id, JSON.stringify(data), Date.now() + WEEK);
    });
  }

  /** @param {string} id @param {(error?: unknown) => void} [done] */
  destroy(id, done = () => {}) {
    settle(done, () => db.write("DELETE FROM session WHERE id = ?", id));
  }
}

/** @param {(error: unknown, result?: any) => void} done @param {() => unknown} work */
function settle(done, work) {
  let result;
  try {
    result = work();
  } catch (error) {
    return done(error);
  }
  done(null, result);
}
