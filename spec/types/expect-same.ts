/** Compiles only if both are the same type, including `readonly` and optional properties. */
export function expectSame<A, B>(..._differ: Same<A, B> extends true ? [] : [{ readonly differ: [A, B] }]): void {
  // Nothing to run: the compiler checks the types.
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
