/** Compiles only where both are the same type, `readonly` and optional ones told apart. */
export function expectSame<A, B>(..._differ: Same<A, B> extends true ? [] : [{ readonly differ: [A, B] }]): void {
  // What there is to see is seen by the compiler.
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
