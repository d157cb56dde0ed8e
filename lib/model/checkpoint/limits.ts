export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const GIB: number = 1024 * MIB;

/** Limits of OBS ("Multipart Upload" in its REST reference). */
export const MIN_PART_SIZE: number = 100 * KIB;
export const MAX_PART_SIZE: number = 5 * GIB;
export const MAX_PART_COUNT = 10_000;
export const MAX_SINGLE_PUT_SIZE: number = 5 * GIB;
export const MAX_OBJECT_SIZE: number = MAX_PART_COUNT * MAX_PART_SIZE;
export const MAX_KEY_BYTES = 1024;
export const MAX_METADATA_BYTES: number = 8 * KIB;

export const DEFAULT_PART_SIZE: number = 9 * MIB;
