import type { ObjectOptions } from '../object-options.js';

/** Options that give others access or make the service act, and headers that may: those sent with initiate. */
const onInitiate = ['acl', 'websiteRedirectLocation', 'expires', 'tagging', 'headers.initiate'] as const;
/** The same, but sent with complete. */
const onComplete = ['callback', 'headers.complete'] as const;
const names = [...onInitiate, ...onComplete] as const;

/** An object option, or headers, that only a request can set, never a stored checkpoint. */
export type RightName = (typeof names)[number];

const options = ['acl', 'websiteRedirectLocation', 'expires', 'tagging', 'callback', 'headers'] as const;

/** The options that rights are set by. */
export type RightOption = (typeof options)[number];

/** Options that do no harm if a checkpoint is tampered with, so that a checkpoint may restore them. */
export type HarmlessOptions = Omit<ObjectOptions, RightOption>;

/** The names of the requested rights. Their values are never stored: they may contain secrets. */
export function rightsOf(object: ObjectOptions): readonly RightName[] {
  return names.filter((name) => isRequested(object, name));
}

function isRequested({ headers, ...object }: ObjectOptions, name: RightName): boolean {
  if (name === 'headers.initiate') return hasEntries(headers?.initiate);
  if (name === 'headers.complete') return hasEntries(headers?.complete);
  return object[name] !== undefined;
}

function hasEntries(headers: object | undefined): boolean {
  return headers !== undefined && Object.keys(headers).length > 0;
}

export function withoutRights(object: ObjectOptions): HarmlessOptions {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !isRightOption(name)));
}

export function onlyRights(object: Pick<ObjectOptions, RightOption>): Pick<ObjectOptions, RightOption> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => isRightOption(name)));
}

function isRightOption(name: string): boolean {
  return options.some((known) => known === name);
}

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
