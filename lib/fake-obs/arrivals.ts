import { headerOf, parameterOf, type ObsOperation, type ObsRequest } from './request/request.js';

/** One request that reached the fake OBS, as its log has it. */
export interface Arrival {
  /** epoch milliseconds of the service's clock */
  readonly at: number;
  /** null where the request is none that the fake knows */
  readonly operation: ObsOperation | null;
  /** The HTTP method. */
  readonly method: string;
  /** null if the request names none. */
  readonly bucket: string | null;
  /** null if the request names none. */
  readonly key: string | null;
  /** null if the request names none. */
  readonly uploadId: string | null;
  /** null if the request names none. */
  readonly partNumber: number | null;
  /** bytes of the body, as announced; 0 without one */
  readonly size: number;
  /** Names in lower case; without what is secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whose key the request names; null for an unsigned one. */
  readonly accessKeyId: string | null;
  /** null where no response was given: not yet, or the connection broke */
  readonly status: number | null;
  /** epoch milliseconds of the service's clock; null while it is in flight */
  readonly endedAt: number | null;
  /** Whether the client went away first. */
  readonly aborted: boolean;
  /** Names of the faults that were done to it, else null. */
  readonly fault: string | null;
}

/** An arrival while it is in flight. Only the first of the three ends counts. */
export interface OpenArrival {
  readonly entry: Arrival;
  answered(status: number): void;
  /** The connection broke on the service's side. */
  lost(): void;
  /** The client went away. */
  aborted(): void;
}

/** What reached the fake OBS, in order, and how much of it at once. */
export interface ArrivalLog {
  /** All requests that arrived, in order. */
  readonly entries: readonly Arrival[];
  /** Adds a request that is still in flight. */
  open(request: ObsRequest, size: number, fault: string | null): OpenArrival;
  /** Requests that wait for the end of their response. */
  inFlight(operation?: ObsOperation): number;
  /** The most that were in flight at once. */
  maxInFlight(operation?: ObsOperation): number;
}

/** Characters of headers and names: what anybody sends unsigned must not fill the memory. */
const maxLoggedChars = 16 * 1024 * 1024;

/** @param limit - entries that are stored, and 16 Mi characters at most: the oldest are dropped; by default all */
export function createArrivalLog(now: () => number, limit?: number): ArrivalLog {
  const entries: Arrival[] = [];
  const sizes: number[] = [];
  let chars = 0;
  const gauges = new Map<string, { now: number; max: number }>();

  const move = (name: string, by: 1 | -1): void => {
    const gauge = gauges.get(name) ?? { now: 0, max: 0 };
    gauge.now += by;
    gauge.max = Math.max(gauge.max, gauge.now);
    gauges.set(name, gauge);
  };

  return {
    entries,
    inFlight: (operation) => gauges.get(operation ?? 'all')?.now ?? 0,
    maxInFlight: (operation) => gauges.get(operation ?? 'all')?.max ?? 0,
    open(request, size, fault) {
      const entry: { -readonly [K in keyof Arrival]: Arrival[K] } = { ...describe(request), at: now(), size, fault };
      entries.push(entry);
      if (limit !== undefined) {
        sizes.push(charsOf(entry));
        chars += sizes.at(-1) ?? 0;
        while (entries.length > limit || (chars > maxLoggedChars && entries.length > 1)) {
          entries.shift();
          chars -= sizes.shift() ?? 0;
        }
      }
      const names = ['all', request.operation ?? 'unknown'];
      for (const name of names) move(name, 1);
      let isOpen = true;
      const end = (change: Partial<Arrival>): void => {
        if (!isOpen) return;
        isOpen = false;
        for (const name of names) move(name, -1);
        Object.assign(entry, change, { endedAt: now() });
      };
      return {
        entry,
        answered: (status) => end({ status }),
        lost: () => end({}),
        aborted: () => end({ aborted: true }),
      };
    },
  };
}

function charsOf({ headers, bucket, key, uploadId, accessKeyId }: Arrival): number {
  const texts = [...Object.entries(headers).flat(), bucket, key, uploadId, accessKeyId];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

const secret = /^authorization$|-security-token$|-customer-key$/;

function describe(request: ObsRequest): Omit<Arrival, 'at' | 'size' | 'fault'> {
  const { operation, method, bucket, key, uploadId, partNumber } = request;
  return {
    operation,
    method,
    bucket,
    key,
    uploadId,
    partNumber,
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => !secret.test(name))),
    accessKeyId: accessKeyOf(request),
    status: null,
    endedAt: null,
    aborted: false,
  };
}

function accessKeyOf(request: ObsRequest): string | null {
  const named = /^(?:OBS|AWS) ([^:\s]+):|Credential=([^/]{1,256})\//.exec(headerOf(request, 'authorization') ?? '');
  return (
    named?.[1] ??
    named?.[2] ??
    parameterOf(request, 'AccessKeyId') ??
    parameterOf(request, 'AWSAccessKeyId') ??
    parameterOf(request, 'X-Amz-Credential')?.split('/')[0] ??
    null
  );
}
