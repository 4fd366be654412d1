import { relative } from "node:path";
import { inspect } from "node:util";

/**
 * Counts node:test's events: a line for each file as it ends, failures in full at the end.
 *
 * @param {string} root what paths are shown relative to
 * @param {{ print: (text: string) => void, mayBeEmpty: boolean }} options `mayBeEmpty`: files without a test are fine
 *   (a filter by name leaves many)
 */
export function createReport(root, { print, mayBeEmpty }) {
  const total = { passed: 0, failed: 0 };
  const skipped = [];
  const files = new Map();

  const fileOf = (path) => {
    const known = files.get(path) ?? { passed: 0, skipped: 0, failures: [], output: "", ended: false };
    files.set(path, known);
    return known;
  };

  const onTest = (data) => {
    const file = fileOf(data.entryFile ?? data.file);
    if (data.skip !== undefined || data.todo !== undefined) {
      file.skipped++;
      skipped.push(
        `${data.name} (${[data.skip ?? data.todo].filter((why) => typeof why === "string")[0] ?? "no reason"})`,
      );
    } else if (!data.details.passed) {
      if (!isEcho(data)) file.failures.push(describe(data, root));
    } else if (data.details.type !== "suite") file.passed++;
  };

  const onFile = (data) => {
    const file = fileOf(data.file);
    file.ended = true;
    if (!data.details.passed && !isEcho(data))
      file.failures.push("its process failed, or did not end by itself (an open handle, a child left running?)");
    const empty = data.details.passed && file.passed + file.skipped === 0 && file.failures.length === 0;
    if (empty && !mayBeEmpty) file.failures.push("there is no test in it");
    total.passed += file.passed;
    total.failed += file.failures.length;
    if (!empty || !mayBeEmpty) printFile(relative(root, data.file), file, data.details.duration_ms);
  };

  const printFile = (name, { passed, failures }, ms) => {
    const failed = failures.length > 0 ? `, ${failures.length} failed` : "";
    print(`${failed ? "✗" : "✓"} ${name}  ${passed} passed${failed}  ${seconds(ms)}`);
  };

  const printFailures = (name, { failures, output }) => {
    if (failures.length === 0) return;
    print(`\n✗ ${name}`);
    for (const failure of failures) print(indent(failure));
    if (output.trim()) print(indent(`it printed:\n${indent(output.trim())}`));
  };

  return {
    event({ type, data }) {
      if (type === "test:enqueue" && data.name === data.file) fileOf(data.file);
      if (type === "test:stdout" || type === "test:stderr") fileOf(data.entryFile ?? data.file).output += data.message;
      if (type === "test:complete") (data.name === data.file ? onFile : onTest)(data);
    },
    /** A step that counts as a test. */
    step(name, ok, ms, output) {
      if (ok) total.passed++;
      this.preparation(name, ok, ms, output);
    },
    /** A step that the tests stand on: it counts only when it fails. */
    preparation(name, ok, ms, output) {
      print(`${ok ? "✓" : "✗"} ${name}  ${seconds(ms)}`);
      if (ok) return;
      total.failed++;
      print(indent(output.trim()));
    },
    /** The run is given up: whatever has not ended counts as failed. */
    stopped(why) {
      const open = [...files].filter(([, file]) => !file.ended).map(([path]) => relative(root, path));
      print(`✗ stopped: ${why}; not ended: ${open.join(", ") || "nothing"}`);
      total.failed++;
    },
    /** Prints the last line. @returns {boolean} whether all is well */
    finish() {
      for (const [path, file] of files) printFailures(relative(root, path), file);
      if (skipped.length > 0) print(`skipped: ${skipped.join("; ")}`);
      if (total.passed + total.failed === 0) print("no test has this name or path");
      print(`${total.passed} passed, ${total.failed} failed`);
      return total.failed === 0 && total.passed > 0;
    },
  };
}

/** A suite or file that failed only because something in it did, which is reported by itself. */
function isEcho(data) {
  return data.details.error?.failureType === "subtestsFailed";
}

function describe(data, root) {
  const cause = data.details.error?.cause ?? data.details.error;
  const place = `${relative(root, data.file)}:${data.line}`;
  return `✗ ${data.name}\n${indent(`${place}\n${explain(cause)}`)}`;
}

function explain(cause) {
  if (!(cause instanceof Error) && typeof cause?.stack !== "string") return inspect(cause);
  const own = withoutRunner(cause.stack ?? cause.message);
  return cause.cause === undefined ? own : `${own}\ncaused by: ${explain(cause.cause)}`;
}

function withoutRunner(stack) {
  return stack
    .split("\n")
    .filter((line) => !/^\s+at .*node:internal/.test(line))
    .join("\n");
}

function indent(text) {
  return text.replace(/^(?=.)/gm, "    ");
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
