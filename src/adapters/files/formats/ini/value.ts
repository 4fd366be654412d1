/** A value as a dialect reads it. */
export interface IniValue {
  readonly text: string;
  /** Behind the value's source; remarks behind it are not part of it. */
  readonly end: number;
  /** What makes the value's end a matter of opinion, or of another line: a sign of a remark, a backslash at the end. */
  readonly doubt?: string;
  /** Why the program that reads the file refuses it. */
  readonly broken?: string;
  /** Something stands behind the value that its program does not read as part of it. */
  readonly remark?: true;
}
