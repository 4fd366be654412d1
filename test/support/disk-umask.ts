// dotvault under umask 0: whatever is private is so by its own doing.
process.umask(0);
await import("../../src/main.ts");
