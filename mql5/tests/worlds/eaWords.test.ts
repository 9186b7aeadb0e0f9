import { EA_WORDS } from '../scenarios/eaWords.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('how the EA speaks', EA_WORDS);
