/**
 * Which orders may go where: the mode, the environment of each exchange account and the hosts must say the same, so that no key
 * of one world is ever sent to a host of another. Pure; part of the configuration's cross-field rules.
 */
import type { Environment } from '../domain/exchange.ts';
import type { LadderRung } from '../domain/live.ts';
import { environmentsOfHost, mayServe, regionOfHost, sitesOf } from './exchangeSites.ts';
import type { Config, ExchangeOrdersConfig, ExchangeVenueConfig } from './schema.ts';

export interface RuleFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const ENVIRONMENTS_OF_MODE: Readonly<Record<Config['mode'], readonly Environment[]>> = {
  paper: [],
  demo: ['simulated', 'demo'],
  live: ['live'],
};

/** What differs between parsers of URLs is not needed in one: signs before the host's end that could hide another host. */
const PLAIN_URL = /^[a-z]+:\/\/[^\s@#?\\]+$/;

const hostFault = (url: string, { protocol }: ExchangeVenueConfig, { environment }: ExchangeOrdersConfig): string | null => {
  if (!PLAIN_URL.test(url)) return 'a plain URL without user, question mark or hash';
  const belongs = environmentsOfHost(url);
  if (!belongs.includes(environment))
    return belongs.length === 0
      ? `no host of an exchange that is known: no order and no key goes there`
      : `a host of environment ${belongs.join(' or ')}, and the orders are set to ${environment}`;
  if (!mayServe(protocol, url)) return 'a host of another exchange: no order and no key goes there';
  return environment !== 'simulated' && !/^(https|wss):/.test(url) ? 'keys go over https and wss only' : null;
};

/** Where keys go, the site must be the account's own. */
const regionFault = (url: string, { region }: ExchangeOrdersConfig): string | null => {
  const found = regionOfHost(url);
  return found === null || found === region
    ? null
    : `a host of region ${found}, and the orders are set to ${region}: a key is known at its own site alone`;
};

const urlFaults = (venue: ExchangeVenueConfig, orders: ExchangeOrdersConfig, at: number): readonly RuleFault[] => {
  const market = Object.entries(venue.urls).map(([name, url]) => ({ path: ['venues', at, 'urls', name], url }));
  const own = Object.entries(orders.urls ?? {}).map(([name, url]) => ({ path: ['venues', at, 'orders', 'urls', name], url }));
  const keyed = new Set(own);
  const found = [...market, ...own].flatMap((each) => {
    const message = hostFault(each.url, venue, orders) ?? (keyed.has(each) ? regionFault(each.url, orders) : null);
    return message === null ? [] : [{ path: each.path, message }];
  });
  const nowhere = orders.urls === null && sitesOf(venue.protocol, orders.environment, orders.region) === null;
  return nowhere
    ? [...found, { path: ['venues', at, 'orders', 'urls'], message: 'simulated exchanges have no usual address: name it' }]
    : found;
};

const exchangeFaults = (config: Config, venue: ExchangeVenueConfig, at: number): readonly RuleFault[] => {
  const { orders } = venue;
  if (orders === null)
    return config.mode === 'live'
      ? [{ path: ['venues', at, 'orders'], message: 'live trades at every venue: say where its orders go, or take the venue out' }]
      : [];
  if (config.mode === 'paper')
    return [{ path: ['venues', at, 'orders'], message: 'on paper nothing is sent to an exchange: leave it out' }];
  const allowed = ENVIRONMENTS_OF_MODE[config.mode];
  const found: RuleFault[] = [];
  if (!allowed.includes(orders.environment))
    found.push({
      path: ['venues', at, 'orders', 'environment'],
      message: `mode ${config.mode} takes ${allowed.join(' or ')}, not ${orders.environment}`,
    });
  if (venue.simulated !== (orders.environment === 'simulated'))
    found.push({ path: ['venues', at, 'simulated'], message: 'true exactly where the orders are simulated too' });
  if (venue.protocol !== 'okx' && orders.region !== 'global')
    found.push({ path: ['venues', at, 'orders', 'region'], message: 'only OKX has regions' });
  return [...found, ...urlFaults(venue, orders, at)];
};

/** A real account is named in the configuration, never taken from whichever EA says hello first. */
const terminalFaults = (config: Config, at: number): readonly RuleFault[] => {
  const venue = config.venues[at];
  if (config.mode !== 'live' || venue?.protocol !== 'metatrader') return [];
  const missing = (['login', 'server'] as const).filter((member) => venue[member] === null);
  const simulated = venue.simulated ? [{ path: ['venues', at, 'simulated'], message: 'live has no simulated terminal' }] : [];
  return [...missing.map((member) => ({ path: ['venues', at, member], message: 'live names the account it trades' })), ...simulated];
};

const ladderFaults = (ladder: readonly LadderRung[], maxGroupNotionalUsd: number): readonly RuleFault[] => {
  const path = (at: number) => ['live', 'ladder', at, 'maxNotionalUsd'];
  return ladder.flatMap(({ maxNotionalUsd }, at): readonly RuleFault[] => {
    if (at === 0) return maxNotionalUsd === null ? [] : [{ path: path(at), message: 'the first rung is the venue minimum: null' }];
    if (maxNotionalUsd === null) return [{ path: path(at), message: 'only the first rung is the venue minimum' }];
    const below = ladder[at - 1]?.maxNotionalUsd ?? 0;
    if (maxNotionalUsd <= below) return [{ path: path(at), message: `more than the rung below (${below})` }];
    return maxNotionalUsd > maxGroupNotionalUsd
      ? [{ path: path(at), message: `at most limits.maxGroupNotionalUsd (${maxGroupNotionalUsd})` }]
      : [];
  });
};

const liveFaults = (config: Config): readonly RuleFault[] => {
  const { live } = config;
  if (config.mode !== 'live') return live === null ? [] : [{ path: ['live'], message: `only mode live has it, this is ${config.mode}` }];
  if (live === null) return [{ path: ['live'], message: 'mode live needs the rehearsal it followed and the ladder it climbs' }];
  const same = live.rehearsalDataDir === config.dataDir;
  return [
    ...(same ? [{ path: ['live', 'rehearsalDataDir'], message: 'the rehearsal has a data directory of its own' }] : []),
    ...ladderFaults(live.ladder, config.limits.maxGroupNotionalUsd),
  ];
};

export const orderFaults = (config: Config): readonly RuleFault[] => [
  ...config.venues.flatMap((venue, at) =>
    venue.protocol === 'metatrader' ? terminalFaults(config, at) : exchangeFaults(config, venue, at),
  ),
  ...liveFaults(config),
];
