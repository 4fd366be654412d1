/** What stands between `%` and the verb. */
export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%#v`: as Go source. */
  goSyntax: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export function noFlags(): Flags {
  return {
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    goSyntax: false,
    width: undefined,
    precision: undefined,
  };
}

/** Whether zeros fill the width; only on the left. */
export function zeroPads(flags: Flags): boolean {
  return flags.zero && !flags.minus && flags.width !== undefined;
}
