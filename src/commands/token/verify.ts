import { resolve } from "node:path";
import { type Certificate, distinct } from "../../adapters/engines/jfrog/trust/certificates.ts";
import { isAddress, readPath, rootOf, type Source } from "../../adapters/engines/jfrog/trust/sources.ts";
import { vouchFor } from "../../adapters/engines/jfrog/trust/verify.ts";
import { createHttp } from "../../adapters/http/create.ts";
import type { Http } from "../../adapters/http/port.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { styleFor } from "../../terminal/style.ts";
import { type VerifyReport, verifyText } from "../../terminal/token/verify.ts";
import { readConfig } from "../assembly/config.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "../cli/io.ts";
import { printJson, withJsonErrors } from "../cli/json.ts";
import { requireArguments } from "./arguments.ts";
import { type ReadToken, readTokens } from "./read.ts";

/** Which trusted certificate vouches for a token. Exit code 1: none does, or it has expired. */
export const verify: Command = withJsonErrors(async (parsed, io) => {
  requireArguments("verify", parsed.positionals, [0, 1]);
  const tokens = await readTokens(parsed, io);
  const http = createHttp({ env: io.env });
  try {
    const reports: VerifyReport[] = [];
    for (const token of tokens) reports.push(await verified(token, parsed, io, http));
    if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, tokens: reports });
    else io.out.write(verifyText(reports, styleFor(io.out, io.env)));
    return reports.every(({ vouched }) => vouched) ? EXIT.healthy : EXIT.error;
  } finally {
    await http.close();
  }
});

async function verified(read: ReadToken, parsed: Parsed, io: Io, http: Http): Promise<VerifyReport> {
  const sources = await Promise.all(sourcesFor(read, parsed, io).map((source) => readSource(source, io, http)));
  const certificates = distinct(sources.flatMap((source) => source.certificates));
  const vouching = await vouchFor(read.token, certificates, io.now());
  const reason = vouching.kind === "vouched" ? null : vouching.reason;
  return {
    place: read.place,
    vouched: vouching.kind === "vouched",
    reason,
    message: vouching.kind === "vouched" ? null : vouching.message,
    certificate: vouching.certificate ? shown(vouching.certificate) : null,
    certificates: certificates.length,
    problems: sources.flatMap(({ problem }) => problem ?? []),
  };
}

function shown({ name, keyId, source, validTo }: Certificate): VerifyReport["certificate"] {
  return { name, keyId, source, validTo: new Date(validTo) };
}

/** As told by `--trust`, else as the enrolment (or any) is configured, else the platform itself. */
function sourcesFor({ enrolment }: ReadToken, parsed: Parsed, io: Io): string[] {
  const told = textFlag(parsed, "trust");
  if (told !== undefined) return told.split(",").filter((source) => source !== "");
  const configured = configuredSources(readConfig(parsed, io).config, enrolment);
  if (configured.length > 0) return configured;
  throw new DotvaultError("token.no-trust", "nothing says whose certificates to trust", {
    hint: "say --trust FILE, a directory, or a platform's address",
  });
}

function configuredSources(config: Config | undefined, enrolment: string | null): string[] {
  const asked = (config?.enrolments ?? []).filter(
    ({ key, engine }) => engine === "jfrog" && (enrolment === null || key === enrolment),
  );
  const sources = asked.flatMap(({ settings }) => (settings.trustedCertificates ?? [settings.url]) as string[]);
  return [...new Set(sources)];
}

function readSource(source: string, io: Io, http: Http): Promise<Source> {
  if (!isAddress(source)) return readPath(resolve(io.cwd, expandHome(source, io.home)));
  const origin = URL.parse(source)?.origin;
  return rootOf(origin ?? source, http);
}
