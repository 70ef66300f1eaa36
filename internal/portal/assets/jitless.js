// Keeps Zod, which is in Scalar, from trying whether it may turn text into code. The policy forbids that.
"use strict";

globalThis.__zod_globalConfig = { jitless: true };
