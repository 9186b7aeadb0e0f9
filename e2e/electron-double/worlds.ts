/**
 * What runs inside Chromium, as source text made from these functions: the page's side and the preload's side of a
 * context bridge. They speak over DOM events of a name only they know, in JSON, so that no object crosses the worlds:
 * as with the real bridge, the page sees frozen copies and functions that call across.
 *
 * Both functions must be self-contained: they are printed with `toString` and carry nothing of this module with them.
 */

/** A value on its way across: a function by number, a plain value, or an object of such. */
type Crossing = { fn: number } | { value: unknown } | { members: Record<string, Crossing> };

function pageWorld(secret: string): void {
  const callbacks = new Map<number, (...args: unknown[]) => unknown>();
  let lastCallback = 0;
  let reply = '';
  addEventListener(`${secret}-reply`, (event) => {
    reply = (event as CustomEvent<string>).detail;
  });
  const outward = (value: unknown): Crossing => {
    if (typeof value !== 'function') return { value: structuredClone(value) };
    lastCallback += 1;
    callbacks.set(lastCallback, value as (...args: unknown[]) => unknown);
    return { fn: lastCallback };
  };
  const inward = (crossing: Crossing): unknown => {
    if ('fn' in crossing) return (...args: unknown[]) => call(crossing.fn, args);
    if ('members' in crossing) {
      return Object.freeze(Object.fromEntries(Object.entries(crossing.members).map(([key, member]) => [key, inward(member)])));
    }
    return crossing.value;
  };
  function call(fn: number, args: unknown[]): unknown {
    dispatchEvent(new CustomEvent(`${secret}-call`, { detail: JSON.stringify({ fn, args: args.map(outward) }) }));
    const answer = JSON.parse(reply) as { error?: string; result: Crossing };
    if (answer.error !== undefined) throw new Error(answer.error);
    return inward(answer.result);
  }
  addEventListener(`${secret}-expose`, (event) => {
    const { key, api } = JSON.parse((event as CustomEvent<string>).detail) as { key: string; api: Crossing };
    Object.defineProperty(globalThis, key, { value: inward(api), configurable: false, writable: false, enumerable: true });
  });
  addEventListener(`${secret}-callback`, (event) => {
    const { fn, args } = JSON.parse((event as CustomEvent<string>).detail) as { fn: number; args: unknown[] };
    callbacks.get(fn)?.(...args);
  });
}

function preloadWorld(secret: string, binding: string, preload: (require: unknown, module: unknown, exports: unknown) => void): void {
  // As in Electron without `nodeIntegrationInSubFrames`: frames inside the page get no preload.
  if (globalThis.parent !== globalThis.self) return;
  type Callable = (...args: unknown[]) => unknown;
  const functions = new Map<number, Callable>();
  let lastFunction = 0;
  const announce = (name: string, detail: object): void => {
    dispatchEvent(new CustomEvent(`${secret}-${name}`, { detail: JSON.stringify(detail) }));
  };
  const outward = (value: unknown): Crossing => {
    if (typeof value === 'function') {
      lastFunction += 1;
      functions.set(lastFunction, value as Callable);
      return { fn: lastFunction };
    }
    if (value instanceof Promise) throw new TypeError('the electron double carries no promises over the context bridge');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { members: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, outward(member)])) };
    }
    return { value: structuredClone(value) };
  };
  const inward = (crossing: { fn: number } | { value: unknown }): unknown =>
    'fn' in crossing ? (...args: unknown[]) => announce('callback', { fn: crossing.fn, args: structuredClone(args) }) : crossing.value;
  addEventListener(`${secret}-call`, (event) => {
    let answer: { result: Crossing } | { error: string };
    try {
      const { fn, args } = JSON.parse((event as CustomEvent<string>).detail) as { fn: number; args: Array<{ value: unknown }> };
      answer = { result: outward(functions.get(fn)?.(...args.map(inward))) };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    announce('reply', answer);
  });

  const unknownThrows = <T extends object>(name: string, object: T): T =>
    new Proxy(object, {
      get: (target, member) => {
        if (member in target) return Reflect.get(target, member) as unknown;
        throw new Error(`the electron double has no ${name}.${String(member)}`);
      },
    });
  const post = Reflect.get(globalThis, binding) as (message: string) => void;
  const listeners = new Map<string, Set<Callable>>();
  const ipcRenderer = unknownThrows('ipcRenderer', {
    send: (channel: string, ...args: unknown[]) => post(JSON.stringify({ channel, args: structuredClone(args) })),
    on: (channel: string, listener: Callable) => {
      const known = listeners.get(channel) ?? new Set();
      listeners.set(channel, known.add(listener));
    },
    off: (channel: string, listener: Callable) => void listeners.get(channel)?.delete(listener),
  });
  Object.defineProperty(globalThis, `${binding}Deliver`, {
    value: (channel: string, args: unknown[]) => {
      for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer }, ...args);
    },
  });
  const contextBridge = unknownThrows('contextBridge', {
    exposeInMainWorld: (key: string, api: unknown) => announce('expose', { key, api: outward(api) }),
  });
  const modules: Record<string, object> = { electron: unknownThrows('electron', { contextBridge, ipcRenderer }) };
  const require = (name: string): object => {
    const found = Object.hasOwn(modules, name) ? modules[name] : undefined;
    if (found === undefined) throw new Error(`module not found: ${name} (a sandboxed preload may require only Electron's own)`);
    return found;
  };
  const module = { exports: {} };
  preload(require, module, module.exports);
}

/** Source for the page's own world, to run before any script of the page. */
export const pageWorldSource = (secret: string): string => `(${pageWorld.toString()})(${JSON.stringify(secret)});`;

/** Source for the preload's isolated world: the given preload script in a sandboxed preload's surroundings. */
export const preloadWorldSource = (secret: string, binding: string, preloadScript: string): string =>
  `(${preloadWorld.toString()})(${JSON.stringify(secret)}, ${JSON.stringify(binding)}, function (require, module, exports) {${preloadScript}\n});`;

/** Expression which delivers a message of main to the preload's listeners. */
export const deliverySource = (binding: string, channel: string, args: readonly unknown[]): string =>
  `globalThis[${JSON.stringify(`${binding}Deliver`)}]?.(${JSON.stringify(channel)}, ${JSON.stringify(args)})`;
