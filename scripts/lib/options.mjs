import { parseArgs } from 'node:util';
import { Complaint } from './project.mjs';

export const DEFAULT_PORT = 8642;
export const DEFAULT_DIRECTORY = '.obs';

/** Reads `--name value` and `--name=value`; what is not known, or lacks its value, is a complaint. */
export function readOptions(args, options, usage) {
  try {
    return parseArgs({ args, options: { help: { type: 'boolean', short: 'h' }, ...options }, allowPositionals: false })
      .values;
  } catch (error) {
    // The first sentence names the option; the rest is advice for programmers.
    throw new Complaint(`${error.message.split(/\. |\n/)[0].replace(/\.$/, '')}. ${usage}`);
  }
}

/** @param name - of the option or variable that it comes from */
export function readPort(text = String(DEFAULT_PORT), name = '--port') {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port >= 0 && port <= 65535) return port;
  throw new Complaint(`${name} must be a whole number from 0 (any free port) to 65535, not "${text}".`);
}
