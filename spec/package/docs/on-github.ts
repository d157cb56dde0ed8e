const REPOSITORY = 'rx-obs-upload/rx-obs-upload';
const PREFIX = new RegExp(
  `^https://(?:github\\.com/${REPOSITORY}/(?:blob|tree)|raw\\.githubusercontent\\.com/${REPOSITORY})/main/`,
);

/** The project's own file behind an absolute link; npm shows the README, but none of the files beside it. */
export function ownFile(target: string): string | null {
  return PREFIX.test(target) ? target.replace(PREFIX, '') : null;
}
