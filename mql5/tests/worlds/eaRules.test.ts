import { EA_RULES } from '../scenarios/eaRules.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('what the EA does with a command', EA_RULES);
