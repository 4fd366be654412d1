import { dotvault } from "../../shell.ts";
import { harmless } from "../style.ts";
import { moment } from "../times.ts";
import type { FileReport } from "./report.ts";
import { said, type Telling, type Told, told } from "./telling.ts";

/** What `status` says of a file about which there is something to say. */
export function tellFile(file: FileReport, { now }: Telling): Told {
  const { path, failure, missingSince } = file;
  const notes = [editedWords(file, now), postWords(file, now)].filter((line) => line.length > 0);
  if (failure) {
    const since = `since ${moment(failure.since, now)}`;
    return told("not written", [[harmless(failure.message)], [...said(path), since], said(failure.hint), ...notes]);
  }
  if (file.state === "stopped")
    return told("stopped", [[...said(path), "written no more, by your wish"], takeBack(file)]);
  if (file.state !== "missing") return told(file.state === "current" ? "current" : "written", [said(path), ...notes]);
  const since = missingSince ? `since ${moment(missingSince, now)}` : "";
  const gone = `the secret ${harmless(file.secret ?? "")} is gone from the store`;
  return told("no secret", [[gone, since], [...said(path), "it stays as it is"], ...notes]);
}

function editedWords({ name, edited, answer }: FileReport, now: Date): string[] {
  if (edited === null) return [];
  const places = edited.keys.filter((key) => key !== "").map(harmless);
  const asked = answer?.given === "keep" ? "by your wish" : "on_edit: keep";
  const what = edited.kept ? `and it stays so (${asked})` : "it was put right";
  const run = answer === null ? [`answer: ${dotvault("file keep|take-back|stop", name)}`] : [];
  return [`somebody else changed ${places.join(", ") || "it"} ${moment(edited.at, now)}`, what, ...run];
}

function takeBack({ name }: FileReport): string[] {
  return [`run: ${dotvault("file take-back", name)}`];
}

function postWords({ post }: FileReport, now: Date): string[] {
  if (post === null) return [];
  if (post.state === "due") return [`the program after it is still to end, since ${moment(post.at, now)}`];
  return [`the program after it failed ${moment(post.at, now)}`, ...said(post.message)];
}
