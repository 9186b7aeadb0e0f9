/**
 * The stand-in engine as a program of its own, for page-only specs: frames of the contract and a few orders from its parent go over
 * the channel of `fork`. Its one argument is the scene. Ends with the channel.
 */
import { createFixtureEngine } from './fixture.testkit.ts';
import { SCENES, sceneTables, type Scene } from './fixtureScenes.testkit.ts';

/** From the spec: a frame of its page, or silence on the line. */
export type ToStandIn = { readonly frame: string } | { readonly mute: boolean };
/** To the spec. */
export type FromStandIn = { readonly frame: string } | { readonly ready: true };

const scene = process.argv[2] as Scene;
if (!SCENES.includes(scene)) throw new Error(`no such scene: ${scene}; there are ${SCENES.join(', ')}`);
const engine = createFixtureEngine(sceneTables(scene, Date.now()));
const tell = (message: FromStandIn): void => void process.send?.(message);

engine.bridge.onFrame((frame) => tell({ frame }));
process.on('message', (message: ToStandIn) => {
  if ('frame' in message) engine.bridge.send(message.frame);
  else engine.mute(message.mute);
});
process.once('disconnect', () => process.exit());
tell({ ready: true });
