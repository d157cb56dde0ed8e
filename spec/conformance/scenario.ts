/** Something that every adapter of a port must do, written without a test runner: it runs in Node and inside of pages. */
export interface Scenario<World> {
  readonly name: string;
  /** Rejects where the adapter does something else. */
  readonly run: (world: World) => Promise<void>;
}

export function scenario<World>(name: string, run: (world: World) => Promise<void>): Scenario<World> {
  return { name, run };
}

/** Compares plain JSON. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what} is ${is}, and should be ${should}`);
}

/** The name of the error that it fails with; null where it does not. */
export async function failureOf(action: () => unknown): Promise<string | null> {
  try {
    await action();
    return null;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : String(error);
  }
}
