import type { Connection } from "./connection.ts";
import type { SealedSecret, SecretKind, SecretRef } from "./port.ts";

/** Part of an append. */
export function keepSecret(connection: Connection, stream: string, at: number, { ref, jwe }: SealedSecret): void {
  connection.run(
    "INSERT INTO secrets (id, stream, kind, digest, at, jwe) VALUES (?, ?, ?, ?, ?, ?)",
    ...[ref.id, stream, ref.kind, ref.digest, at, jwe],
  );
}

/** Part of an append: its life has ended. Returns whether there was anything to end. */
export function forgetSecret(connection: Connection, stream: string, id: string): boolean {
  return connection.run("DELETE FROM secrets WHERE id = ? AND stream = ?", id, stream) === 1;
}

export function sealed(connection: Connection, id: string): string | undefined {
  return connection.get<{ jwe: string }>("SELECT jwe FROM secrets WHERE id = ?", id)?.jwe;
}

export function sealedRefs(connection: Connection, stream?: string): (SecretRef & { readonly stream: string })[] {
  type Row = { id: string; kind: SecretKind; digest: string; stream: string };
  return stream === undefined
    ? connection.all<Row>("SELECT id, kind, digest, stream FROM secrets ORDER BY rowid")
    : connection.all<Row>("SELECT id, kind, digest, stream FROM secrets WHERE stream = ? ORDER BY rowid", stream);
}
