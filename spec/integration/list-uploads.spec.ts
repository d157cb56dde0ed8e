import { lastValueFrom, of, toArray } from 'rxjs';
import { createObsConnection, listUploads$, type Transport } from 'rx-obs-upload';

interface Page {
  readonly uploads: readonly string[];
  /** null: the last page */
  readonly next: string | null;
}

/** A store whose pages of unfinished uploads are what the spec says; `next` is both key and upload id. */
function store(pageAfter: (marker: string | null, index: number) => Page): {
  readonly transport: Transport;
  asked(): number;
} {
  let asked = 0;
  const transport: Transport = {
    reportsProgress: false,
    send: ({ url }) => {
      const page = pageAfter(new URL(url).searchParams.get('key-marker'), asked++);
      const uploads = page.uploads.map((key) => `<Upload><Key>${key}</Key><UploadId>${key}</UploadId></Upload>`);
      const next = `<NextKeyMarker>${page.next}</NextKeyMarker><NextUploadIdMarker>${page.next}</NextUploadIdMarker>`;
      const end = page.next === null ? '<IsTruncated>false</IsTruncated>' : `<IsTruncated>true</IsTruncated>${next}`;
      const body = `<ListMultipartUploadsResult>${end}${uploads.join('')}</ListMultipartUploadsResult>`;
      return of({ type: 'response', response: { status: 200, headers: {}, body } });
    },
  };
  return { transport, asked: () => asked };
}

function list(transport: Transport): Promise<readonly string[]> {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const obs = createObsConnection({ server: 'https://obs.test', credentials, transport });
  return lastValueFrom(listUploads$(obs, { bucket: 'media' }).pipe(toArray())).then((all) => all.map(({ key }) => key));
}

describe('listUploads$', () => {
  it('follows as many pages as a large bucket has, in order', async () => {
    const { transport } = store((marker) => {
      const n = Number(marker ?? 0);
      return { uploads: [`k${n}`], next: n === 900 ? null : String(n + 1) };
    });
    expect(await list(transport)).toEqual(Array.from({ length: 901 }, (_, n) => `k${n}`));
  });

  it('takes keys in whatever order a store has', async () => {
    const next: Record<string, string | null> = { none: 'z', z: 'a', a: 'm', m: null };
    const { transport } = store((marker) => ({ uploads: [marker ?? 'first'], next: next[marker ?? 'none'] ?? null }));
    expect(await list(transport)).toEqual(['first', 'z', 'a', 'm']);
  });

  it.each([
    ['stay', ['a'], 2],
    ['alternate', ['a', 'b'], 3],
    ['go in a circle of five', ['a', 'b', 'c', 'd', 'e'], 6],
  ])('fails where the markers %s', async (_, markers, requests) => {
    const { transport, asked } = store((__, index) => ({ uploads: [], next: markers[index % markers.length] ?? '' }));
    await expect(list(transport)).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'bad-response',
      operation: 'listMultipartUploads',
    });
    expect(asked()).toBe(requests);
  });

  it('fails where the pages never end, and emits what it found', async () => {
    const { transport, asked } = store((_, index) => ({ uploads: [`k${index}`], next: String(index) }));
    await expect(list(transport)).rejects.toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining('longer prefix') as string,
    });
    expect(asked()).toBe(1000);
  });
});
