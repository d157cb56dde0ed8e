import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BehaviorSubject, filter, firstValueFrom, map, take, timeout } from 'rxjs';

import { HANG_MS } from './until.js';

const ROOT = join(__dirname, '..', '..', '..');

/** A script of the project, running in its own process. */
export interface RunningScript {
  /** What it has printed so far, stdout and stderr in order of arrival. */
  readonly output: () => string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until its output matches. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** @param input - its standard input; none by default */
export function runScript(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: Readable,
): RunningScript {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', name), ...args], {
    cwd: ROOT,
    env: { ...withoutObs(process.env), ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  if (child.stdin) input?.pipe(child.stdin);
  const printed = { stdout: '', stderr: '' };
  const output$ = new BehaviorSubject('');
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      output$.next(output$.value + text);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      output$.complete();
      resolve(code);
    });
  });
  return {
    output: () => output$.value,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    until: (pattern) =>
      firstValueFrom(
        output$.pipe(
          map((text) => pattern.exec(text)),
          filter((match) => match !== null),
          take(1),
          timeout(HANG_MS),
        ),
      ).catch(() => {
        throw new Error(`${name} never printed ${String(pattern)}, but:\n${output$.value}`);
      }),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

/** Removes the variables that could direct an upload elsewhere. */
function withoutObs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('OBS_') && name !== 'INIT_CWD'));
}
