/** Every scenario of the EA there is. */
import type { Scenario } from '../scenario.ts';
import { EA_RULES } from './eaRules.ts';
import { EA_WORDS } from './eaWords.ts';
import { FAILURES } from './failures.ts';
import { HEADLINE } from './headline.ts';
import { KILLS } from './kills.ts';
import { STORMS } from './storms.ts';
import { SURROUNDINGS } from './surroundings.ts';

export const ALL_SCENARIOS: readonly Scenario[] = [
  ...EA_RULES,
  ...EA_WORDS,
  ...FAILURES,
  ...SURROUNDINGS,
  ...KILLS,
  ...STORMS,
  ...HEADLINE,
];
