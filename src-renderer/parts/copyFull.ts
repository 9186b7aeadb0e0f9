/** Copying from a table: tab-separated rows with every digit of each figure instead of the rounded text. */
import type { ClipboardEvent } from 'react';

const cellText = (cell: Element): string => {
  const figure = cell.querySelector('[data-full]');
  return (figure?.getAttribute('data-full') ?? cell.textContent ?? '').trim();
};

export const copyFullPrecision = (event: ClipboardEvent<HTMLTableElement>): void => {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed) return;
  const lines = [...event.currentTarget.querySelectorAll('tr')].map((row) =>
    [...row.children].filter((cell) => selection.containsNode(cell, true)).map(cellText),
  );
  const text = lines
    .filter((cells) => cells.length > 0)
    .map((cells) => cells.join('\t'))
    .join('\n');
  if (text === '') return;
  event.clipboardData.setData('text/plain', text);
  event.preventDefault();
};
