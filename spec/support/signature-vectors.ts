import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request as the official SDK sends it, with the signature that it must carry. */
export interface SignatureVector {
  readonly name: string;
  readonly input: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly securityToken: string | null;
    readonly server: string;
    readonly date: string;
    readonly bucket: string;
    readonly key: string;
    readonly operation: string;
  };
  readonly request: { readonly method: string; readonly url: string; readonly headers: Record<string, string> };
  readonly expected: { readonly authorization: string; readonly stringToSign: string };
}

export function vectorsOf(signature: 'obs' | 'v2'): SignatureVector[] {
  const file = JSON.parse(readFileSync(join(__dirname, 'signature-vectors.json'), 'utf8')) as {
    readonly vectors: readonly (SignatureVector & { readonly signature: string })[];
  };
  return file.vectors.filter((vector) => vector.signature === signature);
}
