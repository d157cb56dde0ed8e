const REPOSITORY = 'rx-obs-upload/rx-obs-upload';
const PREFIX = new RegExp(
  `^https://(?:github\\.com/${REPOSITORY}/(?:blob|tree)|raw\\.githubusercontent\\.com/${REPOSITORY})/main/`,
);

/** The path of the project's own file behind an absolute link: npm shows the README, but no other files. */
export function ownFile(target: string): string | null {
  return PREFIX.test(target) ? target.replace(PREFIX, '') : null;
}
