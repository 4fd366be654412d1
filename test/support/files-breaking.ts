import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type FsPort, nodeFs, type OpenFile } from "../../src/adapters/files/index.ts";

export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "dotvault-write-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export const modeOf = (path: string) => statSync(path).mode & 0o777;

export const temporaries = (path: string) => readdirSync(path).filter((name) => name.endsWith(".tmp"));

export const failing = (code: string) => Object.assign(new Error(code), { code });

/** Counts the steps of a write and makes one of them fail, before or after it has been done. */
export function breakingFs(at: number, when: "before" | "after", code: string): { fs: FsPort; steps: string[] } {
  const steps: string[] = [];
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const here = steps.push(name) === at;
    if (here && when === "before") throw failing(code);
    const result = await work();
    if (here) throw failing(code);
    return result;
  };
  const wrap = (file: OpenFile): OpenFile => ({
    stat: () => step("file.stat", () => file.stat()),
    readFile: () => step("file.read", () => file.readFile()),
    writeFile: (data) => step("file.write", () => file.writeFile(steps.length === at ? data.subarray(0, 3) : data)),
    chmod: (mode) => step("file.chmod", () => file.chmod(mode)),
    chown: (uid, gid) => step("file.chown", () => file.chown(uid, gid)),
    sync: () => step("file.sync", () => file.sync()),
    close: async () => {
      await file.close();
      await step("file.close", () => Promise.resolve());
    },
  });
  const fs: FsPort = {
    lstat: (path) => step("lstat", () => nodeFs.lstat(path)),
    access: (path, mode) => step("access", () => nodeFs.access(path, mode)),
    readlink: (path) => step("readlink", () => nodeFs.readlink(path)),
    realpath: (path) => step("realpath", () => nodeFs.realpath(path)),
    mkdir: (path, options) => step("mkdir", () => nodeFs.mkdir(path, options)),
    readdir: (path) => step("readdir", () => nodeFs.readdir(path)),
    open: async (path, flags, mode) => {
      const here = steps.push("open") === at;
      if (here) throw failing(code);
      return wrap(await nodeFs.open(path, flags, mode));
    },
    rename: (from, to) => step("rename", () => nodeFs.rename(from, to)),
    unlink: (path) => step("unlink", () => nodeFs.unlink(path)),
  };
  return { fs, steps };
}
