import { HEADLINE } from '../scenarios/headline.ts';
import { inWorlds } from './worlds.testkit.ts';

inWorlds('the built engine', HEADLINE);
