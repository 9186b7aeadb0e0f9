import type { Source } from './source.ts';

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export const lint = (_source: Source): readonly Problem[] => [];
