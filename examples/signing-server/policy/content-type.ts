import { Refusal } from './policy.js';

/** A browser runs scripts in these when it opens the object, with whatever rights the bucket's host has. */
const active = new Set(['html', 'xhtml', 'svg', 'xml', 'xsl', 'xslt']);

/**
 * Refuses types that run scripts. To force a download by Content-Disposition would not do: signatures of OBS and of
 * version 2 do not cover it, so a page could leave it out. A type must be there: without one in what is signed, version
 * 4 lets a page add any.
 * @throws Refusal
 */
export function requirePassive(contentType: string | undefined): void {
  const [, type = '', subtype = ''] =
    /^([a-z]+)\/([\w.+-]+)(?:\s*;\s*[\w-]+=(?:[\w.+-]+|"[^"\\,;]*"))*$/i.exec(contentType ?? '') ?? [];
  if (subtype === '') throw new Refusal('Content-Type is missing, or none.');
  const isContainer = ['multipart', 'message'].includes(type.toLowerCase());
  if (
    isContainer ||
    subtype
      .toLowerCase()
      .split(/[.+-]/)
      .some((word) => active.has(word))
  ) {
    throw new Refusal(`Files of the type ${type}/${subtype} are not taken.`);
  }
}
