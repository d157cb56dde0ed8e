import {
  completeMultipartUpload$,
  headObject$,
  initiateMultipartUpload$,
  listParts$,
  uploadPart$,
} from 'rx-obs-upload';
import { firstValueFrom, lastValueFrom, mergeMap, range } from 'rxjs';
import { listedUploads } from '../support/listed-uploads.js';
import { connect, fileOf, type World } from '../support/world.js';

/** The ETags that complete returns, the first time and when it is sent again, and that of HEAD. */
export async function completeTwice(world: World): Promise<Readonly<Record<'first' | 'again' | 'head', string>>> {
  const obs = connect(world);
  const target = { bucket: world.bucket, key: 'completed twice.bin' };
  const { uploadId } = await firstValueFrom(initiateMultipartUpload$(obs, target));
  const { etag } = await firstValueFrom(uploadPart$(obs, { ...target, uploadId, partNumber: 1, body: fileOf(1000) }));
  const complete$ = completeMultipartUpload$(obs, { ...target, uploadId, parts: [{ partNumber: 1, etag }] });
  const first = await firstValueFrom(complete$);
  const again = await firstValueFrom(complete$);
  const head = await firstValueFrom(headObject$(obs, target));
  return { first: first.etag, again: again.etag, head: head.etag };
}

/** Lists more parts than a page holds. */
export async function listManyParts(world: World): Promise<unknown> {
  const obs = connect(world);
  const target = { bucket: world.bucket, key: 'many parts.bin' };
  const { uploadId } = await firstValueFrom(initiateMultipartUpload$(obs, target));
  const body = new Uint8Array(1);
  const parts$ = range(1, 1003).pipe(
    mergeMap((partNumber) => uploadPart$(obs, { ...target, uploadId, partNumber, body }), 6),
  );
  await lastValueFrom(parts$);
  const first = await firstValueFrom(listParts$(obs, { ...target, uploadId }));
  const partNumberMarker = first.nextPartNumberMarker ?? 0;
  const second = await firstValueFrom(listParts$(obs, { ...target, uploadId, partNumberMarker }));
  return [first, second].map(({ parts, nextPartNumberMarker }) => [
    parts.at(0)?.partNumber,
    parts.at(-1)?.partNumber,
    nextPartNumberMarker,
  ]);
}

/** Lists more unfinished uploads than a page holds, with keys that have to be escaped in XML and URLs. */
export async function listManyUploads(world: World): Promise<readonly string[]> {
  const obs = connect(world);
  const { bucket } = world;
  const uploads$ = range(1, 1003).pipe(
    mergeMap((i) => initiateMultipartUpload$(obs, { bucket, key: `orphans/${i} <&>+%41 中📷` }), 6),
  );
  await lastValueFrom(uploads$);
  return (await listedUploads(obs, bucket, 'orphans/')).map(({ key }) => key);
}
