import { v2Dialect } from '../../../lib/protocol/s3-dialect.js';
import { v2Signer } from '../../../lib/signing/v2.js';
import { vectorsOf } from '../../support/signature-vectors.js';
import { named, signVector } from './header-vectors.js';

/** Includes path-style and custom domains, which the SDK signs by version 2. */
const vectors = [...vectorsOf('v2'), ...vectorsOf('obs')].filter((vector) =>
  vector.expected.authorization.startsWith('AWS '),
);

describe('v2Signer', () => {
  it.each(named(vectors))('signs %s as the official SDK does', (_, vector) => {
    const { headers } = signVector(v2Signer(), vector);
    expect(headers.Authorization).toBe(vector.expected.authorization);
    expect(headers).toMatchObject(vector.request.headers);
  });

  it('is tested with all vectors of every addressing', () => {
    expect(vectors).toHaveLength(36);
    expect(vectors.filter(({ name }) => name.startsWith('cname'))).toHaveLength(5);
    expect(vectors.filter(({ name }) => name.startsWith('pathstyle'))).toHaveLength(5);
  });

  it('uses the dialect of version 2', () => {
    expect(v2Signer().dialect).toBe(v2Dialect);
  });
});
