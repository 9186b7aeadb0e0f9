/** Whether this Node can run the engine. Imports nothing, so that it works on any Node that can read the file. */
export const LEAST_NODE_MAJOR = 24;

export const runtimeFault = (version: string): string | null => {
  const major = Number(version.replace(/^v/, '').split('.')[0]);
  return major >= LEAST_NODE_MAJOR
    ? null
    : `Quant Arb runs on Node ${LEAST_NODE_MAJOR} or later; this is ${version}. "npm start" brings its own.`;
};

/** Says what is wrong and sets the exit code when it is. */
export const requireRuntime = (version: string = process.version): boolean => {
  const fault = runtimeFault(version);
  if (fault === null) return true;
  process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
  return false;
};
