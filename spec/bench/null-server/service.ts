import type { Body } from './body.js';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly header: (name: string) => string | undefined;
  readonly body: Body;
}

/** Responds to a request whose body has been received. */
export type Service = (request: ReceivedRequest) => Answer;
