// The second file: what few pages need, handed to the loader that asked for it.

import { fail } from "./fail.js";
import { hold } from "./focus.js";
import { isOwn } from "./form.js";
import { merger } from "./merge.js";
import { refuser } from "./nested.js";
import { empty, follow } from "./redirect.js";
import { refresher } from "./refresh.js";
import { retrier } from "./retry.js";
import { remaker } from "./snapshot.js";
import { shower } from "./shown.js";
import { waiter } from "./trigger.js";

window.eyot?.more?.((tools) => {
  return {
    ...refresher(tools),
    empty,
    fail,
    follow,
    hold,
    isOwn,
    merge: merger(tools),
    refuse: refuser(tools),
    remake: remaker(tools),
    retry: retrier(tools),
    shown: shower(tools),
    wait: waiter(tools),
  };
});
