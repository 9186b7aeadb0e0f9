/** The theme's colours for canvases, read from the CSS variables that everything else uses; renewed with the theme. */
import { create } from 'zustand';

export interface Palette {
  readonly text: string;
  readonly dim: string;
  readonly faint: string;
  readonly line: string;
  readonly up: string;
  readonly down: string;
  readonly bandInner: string;
  readonly bandOuter: string;
  readonly bandEdge: string;
  readonly veil: string;
  readonly font: string;
}

const readPalette = (): Palette => {
  const style = getComputedStyle(document.body);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'),
    dim: colour('dim'),
    faint: colour('faint'),
    line: colour('line'),
    up: colour('up'),
    down: colour('down'),
    bandInner: colour('band-inner'),
    bandOuter: colour('band-outer'),
    bandEdge: colour('band-edge'),
    veil: colour('veil'),
    font: style.fontFamily,
  };
};

/** null until the first theme has been set. */
const usePaletteStore = create<{ readonly palette: Palette | null }>()(() => ({ palette: null }));

/** To be called after the theme's attribute has changed. */
export const renewPalette = (): void => usePaletteStore.setState({ palette: readPalette() });

export const usePalette = (): Palette | null => usePaletteStore((state) => state.palette);
