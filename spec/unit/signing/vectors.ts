import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignableRequest } from '../../../lib/signing/signer.js';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly securityToken: string | null;
}

/** A URL as the official SDK signs it. */
export interface QueryVector {
  readonly name: string;
  readonly input: Credentials & {
    readonly server: string;
    readonly nowEpochSeconds: number;
    readonly Method: SignableRequest['method'];
    readonly Bucket: string;
    readonly Key: string;
    readonly Expires: number;
    readonly QueryParams?: Record<string, string>;
    readonly SpecialParam?: string;
    readonly Headers?: Record<string, string>;
  };
  readonly expected: {
    readonly stringToSign: string;
    readonly signedUrl: string;
    readonly signedHeaders: Record<string, string>;
  };
}

/** A request signed with AWS Signature Version 4. */
export interface V4Vector {
  readonly name: string;
  readonly input: Credentials & { readonly region: string; readonly date: string };
  readonly request: {
    readonly method: SignableRequest['method'];
    readonly url: string;
    readonly headers: Record<string, string>;
  };
  readonly expected: { readonly canonicalRequest: string; readonly authorization: string };
}

/** The vectors with their names, for `it.each`. */
export const queryVectors = (signature: 'query-obs' | 'query-v2'): [string, QueryVector][] => read(signature);

export const v4Vectors = (): [string, V4Vector][] => read('sigv4-standard');

function read<T extends { readonly name: string }>(signature: string): [string, T][] {
  const file = JSON.parse(readFileSync(join(__dirname, '../../support/signature-vectors.json'), 'utf8')) as {
    readonly vectors: readonly (T & { readonly signature: string })[];
  };
  return file.vectors.filter((vector) => vector.signature === signature).map((vector) => [vector.name, vector]);
}
