import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

// Preloaded into a child: names every module that it loads on descriptor 3, one a line.
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    writeSync(3, `${resolved.url}\n`);
    return resolved;
  },
});
