import type { PartStatus } from 'rx-obs-upload';

/**
 * Shows one cell a part in `grid`: returns the function that brings it up to date. Only cells that changed are
 * touched, so that 10,000 of them cost next to nothing while an upload runs.
 */
export function createPartGrid(grid: HTMLElement): (parts: readonly PartStatus[]) => void {
  let shown: readonly PartStatus[] = [];
  let cells: readonly HTMLElement[] = [];
  return (parts) => {
    if (parts === shown) return;
    if (parts.length !== shown.length) {
      cells = parts.map(createCell);
      grid.replaceChildren(...cells);
      grid.dataset.size = parts.length > 2000 ? 'small' : parts.length > 200 ? 'medium' : 'large';
    } else {
      parts.forEach((status, index) => {
        const cell = cells[index];
        if (status !== shown[index] && cell !== undefined) cell.dataset.status = status;
      });
    }
    shown = parts;
  };
}

export function countOf(parts: readonly PartStatus[], status: PartStatus): number {
  return parts.reduce((count, part) => (part === status ? count + 1 : count), 0);
}

function createCell(status: PartStatus): HTMLElement {
  const cell = document.createElement('i');
  cell.className = 'cell';
  cell.dataset.status = status;
  return cell;
}
