import { Refusal } from '../refusal.js';

/**
 * Types that a browser shows or downloads without running scripts in them. A list of allowed types, because a list of
 * forbidden ones is never complete: besides HTML, SVG and all XML, a browser sniffs `application/unknown`,
 * `unknown/unknown` and a missing type, and may find HTML (https://mimesniff.spec.whatwg.org/, section 7). Scripts and
 * style sheets are not allowed either: a page that trusts the bucket's host may load them.
 */
const inert: Readonly<Record<string, string>> = {
  image: 'avif bmp gif heic heif jpeg jxl png tiff webp x-icon vnd.microsoft.icon',
  audio: '3gpp aac flac midi mp4 mpeg ogg opus wav webm x-m4a x-wav',
  video: '3gpp 3gpp2 mp2t mp4 mpeg ogg quicktime webm x-flv x-m4v x-matroska x-ms-wmv x-msvideo',
  font: 'otf ttf woff woff2',
  text: 'calendar csv markdown plain rtf vcard vtt',
  application:
    'gzip json mp4 msword octet-stream ogg pdf rtf zip zstd x-7z-compressed x-bzip2 x-gzip x-iso9660-image ' +
    'x-rar-compressed x-tar x-xz x-zip-compressed epub+zip vnd.rar vnd.ms-excel vnd.ms-powerpoint vnd.ms-outlook ' +
    'vnd.openxmlformats-officedocument.wordprocessingml.document ' +
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet ' +
    'vnd.openxmlformats-officedocument.presentationml.presentation ' +
    'vnd.oasis.opendocument.text vnd.oasis.opendocument.spreadsheet vnd.oasis.opendocument.presentation ' +
    'vnd.android.package-archive',
};

/** Lower-case essences, such as `image/png`. */
export const inertTypes: readonly string[] = Object.entries(inert).flatMap(([type, subtypes]) =>
  subtypes.split(' ').map((subtype) => `${type}/${subtype}`),
);

/** The type of files without a known type: browsers download it and never sniff it. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * Refuses every type that is not on the list. Forcing a download by Content-Disposition is not enough: signatures of OBS
 * and of version 2 do not cover it, so a page could leave it out.
 * @param allowedTypes - more types, in lower case
 * @throws Refusal
 */
export function requirePassive(contentType: string | undefined, allowedTypes: readonly string[] = []): void {
  const [, essence = ''] =
    /^([a-z]+\/[\w.+-]+)(?:\s*;\s*[\w-]+=(?:[\w.+-]+|"[^"\\,;]*"))*$/i.exec(contentType ?? '') ?? [];
  if (essence === '') throw new Refusal('Content-Type is missing or malformed.');
  if (!inertTypes.includes(essence.toLowerCase()) && !allowedTypes.includes(essence.toLowerCase())) {
    throw new Refusal(`Files of the type ${essence} are not accepted.`);
  }
}
