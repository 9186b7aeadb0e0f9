/**
 * How exchange keys stand, asked when the sheet opens and after each change. What a person types goes through here once and is
 * kept nowhere: no store, no notice, no retry.
 */
import { useEffect, useState } from 'react';
import { safe } from '@orpc/client';
import type { KeyEntry, KeysStanding } from '../../../src-shared/contract/keys.ts';
import { ANSWER_WITHIN_MS, messageOf } from '../../connection/answers.ts';
import { useLiveConsole } from '../../connection/console.ts';
import type { ConsoleClient } from '../../connection/transport.ts';
import { useIsLive } from '../../store/consoleStore.ts';

export interface Keys {
  /** null before the first answer. */
  readonly standing: KeysStanding | null;
  /** Why the newest question or change was not answered well; null = it was. */
  readonly fault: string | null;
  /** True = stored. */
  readonly enter: (entry: KeyEntry) => Promise<boolean>;
  readonly remove: (venueId: string) => Promise<boolean>;
}

const faultText = (error: unknown): string => {
  const data = (error as { readonly data?: { readonly why?: unknown } }).data;
  return typeof data?.why === 'string' ? data.why : messageOf(error);
};

type Answer = { readonly standing: KeysStanding } | { readonly fault: string };

const answerOf = async (
  to: ConsoleClient | null,
  call: (to: ConsoleClient, signal: AbortSignal) => Promise<KeysStanding>,
): Promise<Answer> => {
  if (to === null) return { fault: 'not connected: nothing was sent' };
  const [error, standing] = await safe(call(to, AbortSignal.timeout(ANSWER_WITHIN_MS)));
  if (error !== null) return { fault: faultText(error) };
  return { standing };
};

export const useKeys = (): Keys => {
  const { client } = useLiveConsole();
  const isLive = useIsLive();
  const [standing, setStanding] = useState<KeysStanding | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const ask = async (call: (to: ConsoleClient, signal: AbortSignal) => Promise<KeysStanding>): Promise<boolean> => {
    const answer = await answerOf(client(), call);
    setFault('fault' in answer ? answer.fault : null);
    if ('standing' in answer) setStanding(answer.standing);
    return 'standing' in answer;
  };
  useEffect(() => {
    if (!isLive) return undefined;
    let over = false;
    const read = async (): Promise<void> => {
      const answer = await answerOf(client(), (to, signal) => to.keyStanding(undefined, { signal }));
      if (over) return;
      setFault('fault' in answer ? answer.fault : null);
      if ('standing' in answer) setStanding(answer.standing);
    };
    void read();
    return () => {
      over = true;
    };
  }, [client, isLive]);
  return {
    standing,
    fault,
    enter: (entry) => ask((to, signal) => to.enterKey(entry, { signal })),
    remove: (venueId) => ask((to, signal) => to.removeKey({ venueId }, { signal })),
  };
};
