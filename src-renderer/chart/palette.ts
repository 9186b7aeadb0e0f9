/** The theme's colours for canvases, read from the CSS variables that everything else uses. */

export interface Palette {
  readonly text: string;
  readonly dim: string;
  readonly faint: string;
  readonly line: string;
  readonly up: string;
  readonly down: string;
  readonly panel: string;
  readonly bandInner: string;
  readonly bandOuter: string;
  readonly bandEdge: string;
  readonly veil: string;
  readonly font: string;
}

export const readPalette = (element: Element): Palette => {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'),
    dim: colour('dim'),
    faint: colour('faint'),
    line: colour('line'),
    up: colour('up'),
    down: colour('down'),
    panel: colour('panel'),
    bandInner: colour('band-inner'),
    bandOuter: colour('band-outer'),
    bandEdge: colour('band-edge'),
    veil: colour('veil'),
    font: style.fontFamily,
  };
};
