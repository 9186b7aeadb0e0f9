/**
 * Makes a stand-in honest about what it is not: using a member of the real object which the stand-in lacks throws and
 * names the member, instead of giving an `undefined` that a test would take for a quiet success.
 */
export class NotStoodIn extends Error {
  constructor(member: string) {
    super(`the electron double has no ${member}: add it to e2e/electron-double, true to the real types`);
    this.name = 'NotStoodIn';
  }
}

/** `object`, with every unknown member throwing `NotStoodIn`. */
export const strict = <T extends object>(name: string, object: T): T =>
  new Proxy(object, {
    get: (target, member) => {
      // Promise resolution and printing probe every object for these; absence is their normal answer.
      if (member in target || typeof member === 'symbol' || member === 'then' || member === 'toJSON') {
        return Reflect.get(target, member) as unknown;
      }
      throw new NotStoodIn(`${name}.${member}`);
    },
    set: (target, member, value) => {
      if (member in target || typeof member === 'symbol') return Reflect.set(target, member, value);
      throw new NotStoodIn(`${name}.${member} (set)`);
    },
  });

/** An event whose default a listener may prevent. */
export interface PreventableEvent {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

/** A fresh event carrying `properties`. */
export const preventable = <P extends object>(properties: P): PreventableEvent & P => {
  let prevented = false;
  const event: PreventableEvent = {
    get defaultPrevented() {
      return prevented;
    },
    preventDefault: () => {
      prevented = true;
    },
  };
  // Spreading `event` would call its getter once and for all.
  return Object.defineProperties(event, Object.getOwnPropertyDescriptors(properties)) as PreventableEvent & P;
};
