/** Somebody who may sign in. */
export interface User {
  readonly name: string;
  readonly admin?: boolean;
  readonly groups?: readonly string[];
  /** Projects that the user administers. */
  readonly projects?: readonly string[];
}

export const DEFAULT_USERS: readonly User[] = [
  { name: "ada", groups: ["readers", "engineering"] },
  { name: "grace", groups: ["readers"] },
  { name: "admin", admin: true, groups: ["administrators"] },
];
