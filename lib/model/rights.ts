import type { ObjectOptions } from './object-options.js';

/** Options that give others access or make the service act: those sent with initiate. */
const onInitiate = ['acl', 'websiteRedirectLocation', 'expires', 'tagging'] as const;
/** The same, but sent with complete. */
const onComplete = ['callback'] as const;
const names = [...onInitiate, ...onComplete] as const;

/** An object option that only a request can set, never a stored checkpoint. */
export type RightName = (typeof names)[number];

/** Options that do no harm if a checkpoint is tampered with, so that a checkpoint may restore them. */
export type HarmlessOptions = Omit<ObjectOptions, RightName>;

/** The names of the requested rights. Their values are never stored: they may contain secrets. */
export function rightsOf(object: ObjectOptions): readonly RightName[] {
  return names.filter((name) => object[name] !== undefined);
}

export function withoutRights(object: ObjectOptions): HarmlessOptions {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !isRight(name)));
}

export function onlyRights(object: Pick<ObjectOptions, RightName>): Pick<ObjectOptions, RightName> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => isRight(name)));
}

/** Fails to compile if a right is missing here. */
export function isRight(name: unknown): name is RightName {
  return names.some((known) => known === name);
}

/**
 * The first of the upload's rights that the request lacks; null if none is missing.
 * @param needed - `completing`: only those still to be sent count
 */
export function missingRight(
  startedWith: readonly RightName[],
  object: ObjectOptions,
  needed: 'completing' | 'restarting',
): RightName | null {
  const relevant: readonly RightName[] = needed === 'completing' ? onComplete : names;
  const askedFor = rightsOf(object);
  return startedWith.find((name) => relevant.includes(name) && !askedFor.includes(name)) ?? null;
}
