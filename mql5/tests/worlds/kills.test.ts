import { KILLS } from '../scenarios/kills.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('deaths at every boundary', KILLS);
