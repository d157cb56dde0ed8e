import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ObsCredentials } from 'rx-obs-upload';

/** What to upload, where to, and how. */
export interface Settings {
  readonly server: string;
  readonly bucket: string;
  readonly key: string;
  readonly credentials: ObsCredentials;
  /** absolute; the first of `paths`; null: standard input */
  readonly path: string | null;
  readonly paths: readonly string[];
  /** Several files, or a folder: they have no key of their own on the command line. */
  readonly isMany: boolean;
  /** bytes; null: the library's default */
  readonly partSize: number | null;
  readonly taskNum: number;
  /** Give up what an earlier run left on the server. */
  readonly restart: boolean;
  /** Print a line for each request. */
  readonly verbose: boolean;
  /** The folder of checkpoint files. */
  readonly checkpoints: string;
}

/** A command that cannot be carried out as it was typed: one line for the person who typed it. */
export class UsageError extends Error {}

export const HELP = `Usage: upload FILE… [options]
       COMMAND | upload - --key KEY [options]

Uploads files, and what is in folders (FOLDER/), in parts to OBS. Ctrl-C stops it; the same command again sends what is
missing. With - it uploads what another command writes, while it writes; that cannot be resumed, so Ctrl-C deletes what
was sent.

  --key KEY          the object's key, for one file (default: OBS_KEY, else the file's name; needed with -)
  --part-size SIZE   such as 9MiB, 512KiB or a number of bytes (default 9MiB)
  --task-num N       parts at once (default 4)
  --restart          give up what an earlier run left unfinished and start over
  --checkpoints DIR  where to store what a later run needs to resume (default .obs/checkpoints)
  --verbose          print a line for each request
  --help             this text

Where to, from the environment: OBS_SERVER (such as https://obs.cn-north-4.myhuaweicloud.com), OBS_BUCKET,
OBS_ACCESS_KEY_ID, OBS_SECRET_ACCESS_KEY and, with temporary credentials, OBS_SECURITY_TOKEN.
`;

const OPTIONS = {
  key: { type: 'string' },
  'part-size': { type: 'string' },
  'task-num': { type: 'string' },
  restart: { type: 'boolean' },
  checkpoints: { type: 'string' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the command line and the environment; null where only help is asked for. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [file, ...more] = positionals;
  if (file === undefined || file === '') throw new UsageError('Name the file to upload: upload FILE.');
  const paths = [file, ...more].map((name) => resolve(name));
  const twice = paths.find((name, i) => paths.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice.`);
  const isMany = more.length > 0 || /[/\\]$/.test(file);
  if (isMany && (values.key !== undefined || values.restart)) {
    throw new UsageError('--key and --restart are for one file.');
  }
  const path = file === '-' ? null : resolve(file);
  const key = values.key ?? env.OBS_KEY ?? (path === null ? undefined : basename(path));
  if (key === undefined) throw new UsageError('Name the object: upload - --key KEY.');
  const securityToken = env.OBS_SECURITY_TOKEN;
  return {
    server: required(env, 'OBS_SERVER'),
    bucket: required(env, 'OBS_BUCKET'),
    key,
    credentials: {
      accessKeyId: required(env, 'OBS_ACCESS_KEY_ID'),
      secretAccessKey: required(env, 'OBS_SECRET_ACCESS_KEY'),
      ...(securityToken ? { securityToken } : {}),
    },
    path,
    paths,
    isMany,
    partSize: values['part-size'] === undefined ? null : readSize(values['part-size']),
    taskNum: readCount(values['task-num'] ?? '4'),
    restart: values.restart ?? false,
    verbose: values.verbose ?? false,
    checkpoints: resolve(values.checkpoints ?? '.obs/checkpoints'),
  };
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The first sentence names the option; the rest is advice for programmers.
    const [reason = ''] = error instanceof Error ? error.message.split(/\. |\n/) : [];
    throw new UsageError(`${reason.replace(/\.$/, '')}. --help lists the options.`);
  }
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new UsageError(`${name} is not set: OBS_SERVER needs OBS_BUCKET, OBS_ACCESS_KEY_ID and OBS_SECRET_ACCESS_KEY.`);
}

function readSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(|[KMG]i?B?)$/i.exec(text.trim()) ?? [];
  const power = ['', 'K', 'M', 'G'].indexOf(unit.charAt(0).toUpperCase());
  if (digits !== '') return Math.round(Number(digits) * 1024 ** power);
  throw new UsageError(`--part-size must be a size such as 9MiB, not "${text}".`);
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--task-num must be a whole number from 1, not "${text}".`);
}
