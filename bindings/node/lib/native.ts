// The native part: the addon of this platform, loaded by the file that napi writes.

import native = require("../native/index.js");

export = native;
