import type { ObjectOptions } from './object-options.js';

/** Options that give others access or make the service act: those that initiate carries. */
const onInitiate = ['acl', 'websiteRedirectLocation', 'expires', 'tagging'] as const;
/** The same of later requests: complete carries them. */
const onComplete = ['callback'] as const;
const names = [...onInitiate, ...onComplete] as const;

/** An object option that a request alone can give, never a stored checkpoint. */
export type RightName = (typeof names)[number];

/** What is harmless in other people's hands, so that a checkpoint may bring it back. */
export type HarmlessOptions = Omit<ObjectOptions, RightName>;

/** The names of the rights that are asked for. Their values stay out of every record: they may hold secrets. */
export function rightsOf(object: ObjectOptions): readonly RightName[] {
  return names.filter((name) => object[name] !== undefined);
}

export function withoutRights(object: ObjectOptions): HarmlessOptions {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !isRight(name)));
}

export function onlyRights(object: Pick<ObjectOptions, RightName>): Pick<ObjectOptions, RightName> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => isRight(name)));
}

/** Every right that there is has a name here. */
export function isRight(name: unknown): name is RightName {
  return names.some((known) => known === name);
}

/**
 * Of the rights that an upload was started with the first one that is not asked for now; null where none is missing.
 * @param needed - `completing`: only what has yet to be sent counts
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
