import { formatBytes, formatSeconds } from '../format.js';
import type { PageElements } from './page-elements.js';
import { speedInWords } from './describe.js';
import { LOOK_EVERY_MS } from './speed.js';

const WIDTH = 360;
const HEIGHT = 64;
/** Fewer do not fill the width. */
const LEAST_POINTS = 24;

/** Draws the speed over time: the newest at the right edge, the greatest at the top. */
export function createSpeedChart(page: PageElements): (history: readonly number[]) => void {
  const line = page.get('speed-line', SVGPathElement);
  const area = page.get('speed-area', SVGPathElement);
  return (history) => {
    const most = Math.max(1, ...history);
    const step = WIDTH / (Math.max(LEAST_POINTS, history.length) - 1);
    const points = history.map((bytes, i) => {
      const x = WIDTH - (history.length - 1 - i) * step;
      return `${x.toFixed(1)} ${(HEIGHT - (bytes / most) * (HEIGHT - 4)).toFixed(1)}`;
    });
    const path = points.length < 2 ? '' : `M${points.join('L')}`;
    const [from = ''] = points[0]?.split(' ') ?? [];
    line.setAttribute('d', path);
    area.setAttribute('d', path && `${path}L${WIDTH} ${HEIGHT}L${from} ${HEIGHT}Z`);
    page.text('speed-most', history.length < 2 ? '' : `${formatBytes(most)}/s`);
    page.show('chart', history.length > 1);
    const span = formatSeconds((history.length * LOOK_EVERY_MS) / 1000);
    page.attributes('speed-chart', {
      'aria-label': `Speed over the last ${span}: now ${speedInWords({ bytesPerSecond: history.at(-1) ?? null })}, at most ${formatBytes(most)}/s`,
    });
  };
}
