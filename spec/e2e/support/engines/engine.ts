/** A running browser of any engine. */
export interface Engine {
  /** Opens a URL in a tab that is isolated from the others. */
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

/** What all browser automation protocols can do. */
export interface Tab {
  /** Chooses a file for the page's file input, as a user does. */
  choose(path: string): Promise<void>;
  /** The value of an expression, awaited, as JSON. */
  run(expression: string): Promise<unknown>;
  reload(): Promise<void>;
  /** Disables or enables the network. */
  setOffline(offline: boolean): Promise<void>;
  close(): Promise<void>;
}

/** An expression that calls a function of the page by name. */
export function call(name: string, ...args: readonly unknown[]): string {
  return `${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
}
