import { concatMap, ignoreElements, lastValueFrom, NEVER, range, type ObservableInput } from 'rxjs';
import type { Hasher } from 'rx-obs-upload';
import type { Work } from '../work.js';
import type { Upload } from './register.js';

/** Computes only the checksums of the parts, one after another; nothing is sent. */
export function hashingBy(hasher: Hasher): Upload {
  const hash = (body: Blob, { checksum }: Work): ObservableInput<Uint8Array> =>
    checksum === 'crc64' ? (hasher.checksum?.('crc64ecma', body) ?? NEVER) : hasher.md5(body);
  return async ([file], work) => {
    if (file === undefined) return;
    const parts$ = range(0, Math.ceil(file.size / work.partSize)).pipe(
      concatMap((i) => hash(file.slice(i * work.partSize, (i + 1) * work.partSize), work)),
      ignoreElements(),
    );
    await lastValueFrom(parts$, { defaultValue: undefined });
  };
}
