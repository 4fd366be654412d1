import Database from "better-sqlite3";

/** Holds the embedded store back, as any other program on the machine could: nothing can be written until it is let go. */
export function lockStore(path: string): () => void {
  const connection = new Database(path, { timeout: 5_000 });
  connection.exec("BEGIN IMMEDIATE");
  return () => {
    connection.exec("ROLLBACK");
    connection.close();
  };
}
