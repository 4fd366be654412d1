/**
 * The words that stable classes of failures are made of: `jfrog.refused.404`, `store.no-token`. A class is let out of the
 * machine by these alone, so that nothing that looks like one can be anything else.
 */
const NAMERS = words(`
  agent circle config engine files github history jfrog journal key login machine net report seal secret service sshkey store
  template token usage vault
`);

const PARTS = words(`
  aborted absent alias altered ambiguous arguments at basic-auth blocked body-timeout broken bug busy ccm compacted connect-timeout
  contended contradiction damaged denied disk-full dns duplicate-intent duplicate-key duplicate-name duration empty encoding
  encrypted ended engine enrolment enrolment-key env exec execution exists failed foreign-link full gap gone
  guard hangs headers-timeout held-up html http in-use intent-not-open invalid io jf-version key keyring later limit line-break
  locked login malformed missing mounted name-too-long narrowed newer no-beginning no-credential no-effect no-file no-method no-mount
  no-performer no-secret no-token no-trust no-vault nobody none not-a-directory not-a-file not-allowed not-found not-one not-renewed not-text
  not-utf8 not-written nothing-to-keep odd-answer older other-key other-origin other-writer override-refused permissions
  platform-url poll protocol proxy
  read-only redirect refresh-token refused rendered-unkeyed rendered-unparsable request-not-waiting reset restarted running
  sealed second-factor setting symlink-loop syntax tag target-conflict target-unparsable template throttled tls token too-deep too-large too-old truncated type
  unavailable unexpected unknown unknown-enrolment unknown-event unknown-function unknown-key unknown-template unknown-variable
  unnamed-keyword unreachable unreadable unsafe-value unsupported unwritable value version-conflict would-touch-foreign wrapped
  AggregateError DotvaultError Error RangeError ReferenceError SqliteError SyntaxError TypeError
`);

const STATUS = /^[1-5][0-9]{2}$/;

/** Whether it is a class of failures that dotvault could have named. */
export function isClass(text: string): boolean {
  const [namer = "", ...parts] = text.split(".");
  if (!NAMERS.has(namer) || parts.length < 1 || parts.length > 4) return false;
  return parts.every((part) => PARTS.has(part) || NAMERS.has(part) || STATUS.test(part));
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
