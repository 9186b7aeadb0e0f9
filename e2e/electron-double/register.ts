/**
 * Loaded by `node --import`: makes `import … from 'electron'` find the stand-in, so that the built main program runs
 * unmodified where no Electron binary is.
 */
import { registerHooks } from 'node:module';

const standIn = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier === 'electron/main' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});
