/** Something that every adapter of a port must do, written without a test runner: it runs in Node and in pages. */
export interface Scenario<World> {
  readonly name: string;
  /** A part of the world that some worlds lack (it is null there) and this scenario needs; null: none. */
  readonly needs: keyof World | null;
  /** Rejects if the adapter does something else. */
  readonly run: (world: World) => Promise<void>;
}

export function scenario<World>(
  name: string,
  run: (world: World) => Promise<void>,
  needs: keyof World | null = null,
): Scenario<World> {
  return { name, needs, run };
}

/** The scenarios that a world has everything for. */
export function scenariosFor<World>(scenarios: readonly Scenario<World>[], world: World): readonly Scenario<World>[] {
  return scenarios.filter(({ needs }) => needs === null || world[needs] !== null);
}

export function required<T>(value: T | null): T {
  if (value === null) throw new Error('The world has nothing for this scenario.');
  return value;
}

/** Compares plain JSON. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [actualJson, expectedJson] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (actualJson !== expectedJson) throw new Error(`${what} is ${actualJson}, and should be ${expectedJson}`);
}

/** The name of the error with which the action fails; null if it succeeds. */
export async function failureOf(action: () => unknown): Promise<string | null> {
  try {
    await action();
    return null;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : String(error);
  }
}
