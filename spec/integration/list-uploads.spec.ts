import { lastValueFrom, of, toArray } from 'rxjs';
import { createObsConnection, listUploads$, type Transport } from 'rx-obs-upload';

interface Page {
  readonly uploads: readonly string[];
  /** null: the last page */
  readonly next: string | null;
}

/** A store with the given pages of unfinished uploads; `next` is both the key and the upload id. */
function createStore(pageAfter: (marker: string | null, index: number) => Page): {
  readonly transport: Transport;
  requestCount(): number;
} {
  let requestCount = 0;
  const transport: Transport = {
    reportsProgress: false,
    send: ({ url }) => {
      const page = pageAfter(new URL(url).searchParams.get('key-marker'), requestCount++);
      const uploads = page.uploads.map((key) => `<Upload><Key>${key}</Key><UploadId>${key}</UploadId></Upload>`);
      const next = `<NextKeyMarker>${page.next}</NextKeyMarker><NextUploadIdMarker>${page.next}</NextUploadIdMarker>`;
      const truncation =
        page.next === null ? '<IsTruncated>false</IsTruncated>' : `<IsTruncated>true</IsTruncated>${next}`;
      const body = `<ListMultipartUploadsResult>${truncation}${uploads.join('')}</ListMultipartUploadsResult>`;
      return of({ type: 'response', response: { status: 200, headers: {}, body } });
    },
  };
  return { transport, requestCount: () => requestCount };
}

function list(transport: Transport): Promise<readonly string[]> {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const obs = createObsConnection({ server: 'https://obs.test', credentials, transport });
  return lastValueFrom(listUploads$(obs, { bucket: 'media' }).pipe(toArray())).then((all) => all.map(({ key }) => key));
}

describe('listUploads$', () => {
  it('follows all pages of a large bucket, in order', async () => {
    const { transport } = createStore((marker) => {
      const n = Number(marker ?? 0);
      return { uploads: [`k${n}`], next: n === 900 ? null : String(n + 1) };
    });
    expect(await list(transport)).toEqual(Array.from({ length: 901 }, (_, n) => `k${n}`));
  });

  it('accepts keys in any order', async () => {
    const next: Record<string, string | null> = { none: 'z', z: 'a', a: 'm', m: null };
    const { transport } = createStore((marker) => ({
      uploads: [marker ?? 'first'],
      next: next[marker ?? 'none'] ?? null,
    }));
    expect(await list(transport)).toEqual(['first', 'z', 'a', 'm']);
  });

  it.each([
    ['stay the same', ['a'], 2],
    ['alternate', ['a', 'b'], 3],
    ['repeat after five pages', ['a', 'b', 'c', 'd', 'e'], 6],
  ])('fails if the markers %s', async (_, markers, requests) => {
    const { transport, requestCount } = createStore((__, index) => ({
      uploads: [],
      next: markers[index % markers.length] ?? '',
    }));
    await expect(list(transport)).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'bad-response',
      operation: 'listMultipartUploads',
    });
    expect(requestCount()).toBe(requests);
  });

  it('fails if the pages never end', async () => {
    const { transport, requestCount } = createStore((_, index) => ({ uploads: [`k${index}`], next: String(index) }));
    await expect(list(transport)).rejects.toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining('longer prefix') as string,
    });
    expect(requestCount()).toBe(1000);
  });
});
