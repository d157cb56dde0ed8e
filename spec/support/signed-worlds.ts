import { obsDialect, obsSigner, s3Dialect, v2Dialect, v2Signer, v4Signer } from 'rx-obs-upload';
import type { Dialect, Signer, UrlSigner } from 'rx-obs-upload';
import type { FakeObsOptions, FakeSource } from 'rx-obs-upload/testing';
import { presigningBackend } from './presigning-backend.js';
import { uploadWorld, type UploadWorld } from './upload-world.js';

/** A way to have requests signed. */
export interface WayOfSigning {
  readonly name: string;
  readonly dialect: Dialect;
  world(fake?: FakeObsOptions, file?: FakeSource): UploadWorld;
}

const signers: readonly (readonly [string, Signer & UrlSigner, Dialect])[] = [
  ['obs', obsSigner(), obsDialect],
  ['v2', v2Signer(), v2Dialect],
  ['v4', v4Signer({ region: 'eu-1' }), s3Dialect],
];

/** Each signer: with credentials, and by a backend in the query or in the headers. */
export const ways: readonly WayOfSigning[] = signers.flatMap(([scheme, signer, dialect]): WayOfSigning[] => [
  { name: `${scheme} with credentials`, dialect, world: (fake, file) => uploadWorld(fake, { signer }, file) },
  ...(['query', 'headers'] as const).map((by): WayOfSigning => ({
    name: `${scheme} by a backend in the ${by}`,
    dialect,
    world(fake, file) {
      const backend = presigningBackend(() => world.fake, { signer, by });
      const options = { presign: backend.presign, dialect, addressing: 'virtual-hosted' } as const;
      const world: UploadWorld = uploadWorld(fake, options, file);
      return world;
    },
  })),
]);

export const obsSigning: readonly WayOfSigning[] = ways.filter(({ dialect }) => dialect === obsDialect);
export const s3Signing: readonly WayOfSigning[] = ways.filter(({ dialect }) => dialect === s3Dialect);
export const trafficLimitSigning: readonly WayOfSigning[] = ways.filter(({ dialect }) => dialect.limitsTraffic);
