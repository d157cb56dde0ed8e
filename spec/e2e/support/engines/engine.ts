/** A browser that runs, whichever it is. */
export interface Engine {
  /** Opens an address in a tab that shares nothing with the others. */
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

/** What all the protocols by which browsers are driven can do. */
export interface Tab {
  /** Chooses a file for the page's file input, as a person does. */
  choose(path: string): Promise<void>;
  /** What an expression gives, or what it promises, as JSON. */
  run(expression: string): Promise<unknown>;
  reload(): Promise<void>;
  /** Takes the network away, and gives it back. */
  setOffline(offline: boolean): Promise<void>;
  close(): Promise<void>;
}

/** The expression that calls a function of the page by its name. */
export function call(name: string, ...args: readonly unknown[]): string {
  return `${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
}
