import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface ProbedMedia {
  /** Names of the codecs, in alphabetical order. */
  readonly codecs: readonly string[];
  /** According to the header of the file. */
  readonly seconds: number;
}

/** What ffprobe (Debian's package ffmpeg) finds in a recording. */
export async function probeMedia(path: string): Promise<ProbedMedia> {
  const args = ['-v', 'error', '-show_entries', 'format=duration:stream=codec_name', '-of', 'json', path];
  const { stdout } = await promisify(execFile)('ffprobe', args);
  const { format, streams } = JSON.parse(stdout) as {
    readonly format: { readonly duration?: string };
    readonly streams: readonly { readonly codec_name: string }[];
  };
  return { codecs: streams.map(({ codec_name }) => codec_name).sort(), seconds: Number(format.duration ?? 'NaN') };
}
