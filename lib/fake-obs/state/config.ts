import type { CorsRule } from '../response/cors.js';

/** Credentials that the fake accepts; `ObsCredentials` fit. */
export interface FakeCredentials {
  /** The access key (AK). */
  readonly accessKeyId: string;
  /** The secret key (SK). */
  readonly secretAccessKey: string;
  /** Of temporary credentials: requests must carry it. */
  readonly securityToken?: string | null | undefined;
  /** epoch milliseconds after which the token is refused; null: never */
  readonly expiresAt?: number | null | undefined;
  /**
   * The account whose credentials these are: only the one that initiated an upload may send its parts or complete it.
   * @defaultValue 'owner'
   */
  readonly account?: string | undefined;
}

/** What the service sends to an upload callback (`x-obs-callback`), decoded. */
export interface CallbackRequest {
  /** Where the service calls, tried in order. */
  readonly urls: readonly string[];
  /** What the service sends, its variables filled in. */
  readonly body: string;
  /** The Host header; null: that of the URL. */
  readonly host: string | null;
  /** The content type; null: the default. */
  readonly bodyType: string | null;
}

/** The rules of a fake OBS, the same for both fronts. */
export interface ObsServiceOptions {
  /**
   * Host names that are the service's own, besides those of its address: `{bucket}.{host}` is virtual-hosted addressing.
   * @defaultValue none
   */
  readonly serverHosts?: readonly string[] | undefined;
  /** Custom domains and the bucket that each stands for. */
  readonly cnames?: Readonly<Record<string, string>> | undefined;
  /**
   * Path that the store is mounted below, such as `/storage/v1/s3`: path-style addresses begin with it.
   * @defaultValue '', and in memory the path of `server`
   */
  readonly basePath?: string | undefined;
  /** @defaultValue false: path-style is served as well */
  readonly requiresVirtualHost?: boolean | undefined;
  /** Region in XML namespaces. @defaultValue 'local' */
  readonly region?: string | undefined;
  /**
   * The buckets' CORS rule; null: none, so that preflights are refused.
   * @defaultValue any method and header: in memory for any origin, over HTTP for pages of this machine (`localhost`,
   * `127.0.0.1`, `[::1]`)
   */
  readonly cors?: CorsRule | null | undefined;
  /**
   * How the bucket encrypts objects whose request names no encryption; under `kms` ETags are no MD5s.
   * @defaultValue null: not at all
   */
  readonly bucketEncryption?: 'kms' | 'AES256' | null | undefined;
  /**
   * Whether PUT and complete obey `If-None-Match` and `If-Match`; older stores ignore them. `forbid-overwrite`, which is
   * OBS's own, is always obeyed.
   * @defaultValue true
   */
  readonly conditionalWrites?: boolean | undefined;
  /** How ETags are written: some S3-compatible stores use upper case. @defaultValue 'lower' */
  readonly etagCase?: 'lower' | 'upper' | undefined;
  /** Entries on a page of a list at most. @defaultValue 1000 */
  readonly maxPageEntries?: number | undefined;
  /**
   * `unmarked`: a truncated list does not name the marker of its next page, and says `True`, as some S3-compatible
   * stores do.
   * @defaultValue 'marked'
   */
  readonly listPages?: 'marked' | 'unmarked' | undefined;
  /** Bytes of the smallest part but the last, checked at complete. @defaultValue 102,400 */
  readonly minPartBytes?: number | undefined;
  /** Bytes of the largest part and of the largest single PUT. @defaultValue 5 GiB */
  readonly maxBodyBytes?: number | undefined;
  /** Milliseconds that a request's clock may be off. @defaultValue 15 minutes */
  readonly maxSkewMs?: number | undefined;
  /** Whether RequestTimeTooSkewed responses carry `<ServerTime>`. @defaultValue true */
  readonly tellsServerTime?: boolean | undefined;
  /** Whether responses to refused signatures have CORS headers (Ceph sends none). @defaultValue true */
  readonly corsOnRefusedSignature?: boolean | undefined;
  /**
   * The callback server's response: it becomes that of complete or PUT. null: the callback failed, and the
   * response is 203.
   * @defaultValue 200 with `{"status":"ok"}`
   */
  readonly callback?: ((request: CallbackRequest) => string | null) | undefined;
}

type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** {@link ObsServiceOptions} with every default filled in, and what a front provides. */
export interface ObsConfig extends Complete<ObsServiceOptions> {
  /** epoch milliseconds */
  readonly now: () => number;
  /** A fresh opaque name, for uploads, bytes and requests. */
  readonly newId: () => string;
  readonly newUploadId: () => string;
  readonly credentials: () => readonly FakeCredentials[];
  /** How the service is reached, for locations. */
  readonly scheme: 'http' | 'https';
}

/** What the front alone knows. */
export type FrontConfig = Pick<ObsConfig, 'now' | 'newId' | 'newUploadId' | 'credentials' | 'serverHosts' | 'scheme'> &
  Pick<ObsServiceOptions, 'basePath'>;

const exposeHeaders =
  'ETag Date Retry-After x-obs-request-id x-obs-id-2 x-obs-version-id x-obs-uploadId x-obs-api ' +
  'x-amz-request-id x-amz-version-id x-obs-checksum-crc64ecma x-amz-checksum-crc64ecma x-amz-checksum-crc64nvme ' +
  'x-amz-checksum-crc32 x-amz-checksum-crc32c x-amz-checksum-sha256';

/** Any origin, method and header; exposes what an upload can use. */
const openCorsRule: CorsRule = {
  allowedOrigins: ['*'],
  allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  allowedHeaders: ['*'],
  exposeHeaders: exposeHeaders.split(' '),
  maxAgeSeconds: 3600,
};

/** Pages that this machine serves to itself, on any port: no page of the web can read or write. */
export const loopbackCorsRule: CorsRule = {
  ...openCorsRule,
  allowedOrigins: ['http', 'https'].flatMap((scheme) =>
    ['localhost', '127.0.0.1', '[::1]'].flatMap((host) => [`${scheme}://${host}`, `${scheme}://${host}:*`]),
  ),
};

export function resolveConfig(options: ObsServiceOptions, front: FrontConfig): ObsConfig {
  return {
    ...front,
    serverHosts: [...front.serverHosts, ...(options.serverHosts ?? [])].map((name) => name.toLowerCase()),
    cnames: Object.fromEntries(
      Object.entries(options.cnames ?? {}).map(([name, bucket]) => [name.toLowerCase(), bucket]),
    ),
    basePath: options.basePath ?? front.basePath ?? '',
    requiresVirtualHost: options.requiresVirtualHost ?? false,
    region: options.region ?? 'local',
    cors: options.cors === undefined ? openCorsRule : options.cors,
    bucketEncryption: options.bucketEncryption ?? null,
    conditionalWrites: options.conditionalWrites ?? true,
    etagCase: options.etagCase ?? 'lower',
    maxPageEntries: options.maxPageEntries ?? 1000,
    listPages: options.listPages ?? 'marked',
    minPartBytes: options.minPartBytes ?? 102_400,
    maxBodyBytes: options.maxBodyBytes ?? 5 * 1024 ** 3,
    maxSkewMs: options.maxSkewMs ?? 15 * 60_000,
    tellsServerTime: options.tellsServerTime ?? true,
    corsOnRefusedSignature: options.corsOnRefusedSignature ?? true,
    callback: options.callback ?? (() => '{"status":"ok"}'),
  };
}
