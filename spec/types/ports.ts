// Ports accept whatever RxJS accepts: observables, promises, arrays.
import type { Transport, UploadSource } from 'rx-obs-upload';
import { of } from 'rxjs';

export const sources: readonly UploadSource[] = [
  {
    name: null,
    size: 3,
    lastModified: null,
    type: '',
    slice: (start, end) => new Uint8Array(end - start),
    read: (start, end) => Promise.resolve(new Uint8Array(end - start)),
  },
  {
    name: 'a',
    size: 3,
    lastModified: 1,
    type: 'text/plain',
    slice: (start, end) => new Blob(['abc']).slice(start, end),
    read: (start, end) => [new Uint8Array(end - start)],
  },
];

export const transport: Transport = {
  reportsProgress: false,
  send: ({ url }) => of({ type: 'response', response: { status: 200, headers: {}, body: url } }),
};

export const silent: Transport = {
  reportsProgress: false,
  // @ts-expect-error - an answer has a status
  send: () => of({ type: 'response', response: { headers: {}, body: '' } }),
};
