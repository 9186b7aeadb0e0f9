/**
 * `doctor --first-contact`: asks demo or simulated accounts what no document settles, and writes it down to be sent back. Never on
 * live. Orders are post-only, far off the market and taken away again. The report holds no key, signature, account number or address.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { engineSettingsOf } from '../../../src-shared/config/engineSettings.ts';
import type { Config } from '../../../src-shared/config/schema.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { createHeadlessKeys, keyFileVariable, keyVariable } from '../../adapters/secrets/headlessKeys.ts';
import { keyValues } from '../../adapters/secrets/keyText.ts';
import { SecretsFault } from '../../adapters/secrets/secrets.ts';
import { UsageFault } from '../../hosts/headless/args.ts';
import { keyVenuesOf } from '../../hosts/hostKeys.ts';
import { productVersion } from '../../hosts/version.ts';
import type { Patient } from '../doctor/surroundings.ts';
import { EXIT, type Output } from '../output.ts';
import { askBinance } from './binance.ts';
import { openContact, type Exchanged, type OrderedVenue, type Patience } from './contact.ts';
import { askOkx } from './okx.ts';
import { QUESTIONS, type Point } from './points.ts';

interface Told {
  readonly venue: string;
  readonly protocol: string;
  readonly environment: string;
  readonly region: string;
  readonly points: readonly Point[];
  readonly heard: readonly Exchanged[];
}

const CONCEALED = '[concealed]';
/** Of an account rather than of the exchange. */
const PRIVATE_MEMBERS =
  /("(?:uid|mainUid|label|ip|email|accountAlias|kycLv|listenKey|apiKey|signature|sign|userId)"\s*:\s*)("[^"]*(?:"|$)|\d+)/g;
/** Refusals repeat the address that asked. */
const ADDRESS = /\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[\da-f]{1,4}:){2,7}(?::?[\da-f]{1,4})(?:::?[\da-f]{1,4})*\b/gi;
/** Looks like an address of three groups, and is a time of day. */
const TIME_OF_DAY = /^\d{1,2}(?::\d{2}){2}$/;

/** Nothing of the key in any of its shapes, nothing that names the account. */
export const redacted = (text: string, secrets: readonly string[]): string => {
  const shapes = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const clean = shapes.filter((shape) => shape.length >= 6).reduce((left, shape) => left.replaceAll(shape, CONCEALED), text);
  return clean
    .replaceAll(PRIVATE_MEMBERS, `$1"${CONCEALED}"`)
    .replaceAll(ADDRESS, (found) => (TIME_OF_DAY.test(found) ? found : CONCEALED));
};

/** @throws UsageFault on live, or where no exchange takes orders */
const venuesOf = (config: Config): readonly OrderedVenue[] => {
  const venues = config.venues.flatMap((venue): readonly OrderedVenue[] =>
    venue.protocol === 'metatrader' || venue.orders === null ? [] : [{ ...venue, orders: venue.orders }],
  );
  if (config.mode === 'live' || venues.some(({ orders }) => orders.environment === 'live'))
    throw new UsageFault('--first-contact never asks a live account: name a configuration of the exchanges’ demo');
  if (venues.length === 0) throw new UsageFault('no exchange of this configuration has “orders”: there is no account to ask');
  return venues;
};

const textOf = (told: readonly Told[]): string =>
  told
    .flatMap(({ venue, environment, region, points }) => [
      `${venue} · ${environment}${region === 'global' ? '' : ` · ${region}`}`,
      ...points.map(
        ({ point, state, answer }) => `  ${String(point).padStart(2)}  ${state.padEnd(11)}  ${QUESTIONS[point]}\n        ${answer}`,
      ),
      '',
    ])
    .join('\n');

const missing = (venueId: string, where: string): SecretsFault =>
  new SecretsFault(venueId, where, {
    fix: `Hand it to this command: a file of mode 0600 named by ${keyFileVariable(venueId)}, or ${keyVariable(venueId)}; what the desktop keeps only the desktop can open.`,
  });

export const runFirstContact = async (
  { config }: Patient,
  options: { readonly report?: string | undefined; readonly json?: boolean | undefined },
  output: Output,
  { env = process.env, patience }: { readonly env?: Record<string, string | undefined>; readonly patience?: Patience } = {},
): Promise<number> => {
  if (config === null) throw new UsageFault('the configuration cannot be read: “quant-arb doctor --config …” says why');
  const venues = venuesOf(config);
  const keys = createHeadlessKeys({ venues: keyVenuesOf(config), env, conceal: () => undefined });
  const { instruments } = engineSettingsOf(config, Date.now());
  const [told, secrets]: [Told[], string[]] = [[], []];
  for (const venue of venues) {
    const key = keys.venueKey(venue.id as VenueId);
    if (key === null) throw missing(venue.id, keys.describe(venue.id as VenueId));
    secrets.push(...keyValues(key));
    output.err(`asking ${venue.label} (${venue.orders.environment}) …\n`);
    const contact = openContact(venue, key, patience);
    const own = instruments.filter(({ venueId }) => venueId === venue.id);
    const points = await (venue.protocol === 'okx' ? askOkx : askBinance)(contact, own);
    const { environment, region } = venue.orders;
    told.push({ venue: venue.id, protocol: venue.protocol, environment, region, points, heard: contact.heard });
  }
  const clean = told.map((each) => ({
    ...each,
    points: each.points.map((point) => ({ ...point, answer: redacted(point.answer, secrets) })),
    // Before it is written as JSON in JSON, where names and values look otherwise.
    heard: each.heard.map(({ asked, status, text }) => ({ asked: redacted(asked, secrets), status, text: redacted(text, secrets) })),
  }));
  const report = { product: productVersion(), madeUnixMs: Date.now(), questions: QUESTIONS, venues: clean };
  const [json, text] = [redacted(`${JSON.stringify(report, null, 2)}\n`, secrets), textOf(clean)];
  const file = path.resolve(options.report ?? 'first-contact.json');
  const readable = file.replace(/\.json$/, '') + '.txt';
  writeFileSync(file, json, { mode: 0o600 });
  writeFileSync(readable, text, { mode: 0o600 });
  output.out(options.json === true ? json : `${text}${file} and ${readable} were written: look at them, then send them back.\n`);
  const open = told.some(({ points }) => points.some(({ state }) => state === 'open' || state === 'differs'));
  return open ? EXIT.fault : EXIT.ok;
};
