/**
 * Plants one bug of the list: the production source is changed as it is loaded, and nowhere else. The product itself has no
 * switch for any of them. A place that is not found exactly once is an error: a list that no longer fits proves nothing.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BUGS, type Edit } from './bugs.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url)).replaceAll('\\', '/');

/** @throws Error when a place does not occur exactly once */
export const mutate = (source: string, name: string, { file, find, replace }: Edit): string => {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`bug "${name}": a place of it occurs ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
};

/** For this process, from now on. @throws Error for an unknown name */
export const plantBug = (name: string): void => {
  const bug = BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`no planted bug is called "${name}"`);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith('file:')) return loaded;
      const path = fileURLToPath(url).replaceAll('\\', '/');
      const edits = bug.edits.filter(({ file }) => path === ROOT + file);
      if (edits.length === 0) return loaded;
      if (loaded.source === undefined || loaded.source === null) throw new Error(`bug "${name}": ${path} has no source`);
      const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return { ...loaded, source: edits.reduce((source, edit) => mutate(source, name, edit), text) };
    },
  });
};
