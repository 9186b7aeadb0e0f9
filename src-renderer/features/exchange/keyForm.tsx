/**
 * The key of one account: where it comes from, and, where this host can keep keys, a form to enter or remove it. Fields are the
 * browser's own and are emptied when they were sent: no state of the page ever holds what was typed.
 */
import { memo, useId, useState, type FormEvent } from 'react';
import type { KeyEntry, KeyStanding } from '../../../src-shared/contract/keys.ts';
import { useIsLive } from '../../store/consoleStore.ts';
import { ENVIRONMENT_WORDS } from './exchangeText.ts';
import { useKeys, type Keys } from './useKeys.ts';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly required?: boolean;
}

const SecretField = ({ name, label, required = true }: FieldProps) => {
  const id = useId();
  return (
    <div className="key-field">
      <label htmlFor={id}>{label}</label>
      <input autoComplete="off" className="field is-typed" id={id} name={name} required={required} spellCheck={false} type="password" />
    </div>
  );
};

const PemField = () => {
  const id = useId();
  return (
    <div className="key-field">
      <label htmlFor={id}>Private key (PEM)</label>
      <textarea
        autoComplete="off"
        className="field is-typed is-veiled"
        id={id}
        name="privateKeyPem"
        placeholder="-----BEGIN PRIVATE KEY-----"
        required
        rows={4}
        spellCheck={false}
      />
    </div>
  );
};

const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
};

/** Only what the form has fields for; the environment is the one that the form showed. */
const entryOf = (form: FormData, { venueId, environment }: KeyStanding): KeyEntry => {
  const given = (['secret', 'privateKeyPem', 'passphrase'] as const).flatMap((name) =>
    form.has(name) ? [[name, textOf(form, name)]] : [],
  );
  return { venueId, environment, apiKey: textOf(form, 'apiKey'), ...(Object.fromEntries(given) as Partial<KeyEntry>) };
};

const EntryForm = ({ venue, enter }: { readonly venue: KeyStanding; readonly enter: Keys['enter'] }) => {
  const isLive = useIsLive();
  const [kind, setKind] = useState<'hmac' | 'ed25519'>('hmac');
  const [busy, setBusy] = useState(false);
  const isOkx = venue.protocol === 'okx';
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    const stored = await enter(entryOf(new FormData(form), venue));
    setBusy(false);
    if (stored) form.reset();
  };
  return (
    <form aria-label={`Key of ${venue.label}`} className="key-form" onSubmit={(event) => void submit(event)}>
      {!isOkx && (
        <fieldset aria-label="Kind of key" className="segment">
          {(['hmac', 'ed25519'] as const).map((each) => (
            <button aria-pressed={kind === each} className="tool" key={each} onClick={() => setKind(each)} type="button">
              {each === 'hmac' ? 'HMAC secret' : 'Ed25519'}
            </button>
          ))}
        </fieldset>
      )}
      <SecretField label="API key" name="apiKey" />
      {kind === 'hmac' || isOkx ? <SecretField label="Secret" name="secret" /> : <PemField />}
      {isOkx && <SecretField label="Passphrase" name="passphrase" />}
      <div className="flex items-baseline gap-3">
        <button className="control is-small" disabled={!isLive || busy} type="submit">
          {venue.stored ? 'Replace the key' : 'Store the key'}
        </button>
        <span className="tone-faint">Encrypted by this computer’s own key store. Never give a key that can withdraw.</span>
      </div>
    </form>
  );
};

export const KeySection = memo(({ venueId }: { readonly venueId: string }) => {
  const keys = useKeys();
  const isLive = useIsLive();
  const venue = keys.standing?.venues.find((each) => each.venueId === venueId);
  if (venue === undefined)
    return <p className="empty m-0 py-2!">{keys.fault ?? (keys.standing === null ? 'Asking…' : 'This venue takes no key.')}</p>;
  const [word] = ENVIRONMENT_WORDS[venue.environment];
  return (
    <div className="px-3 py-2 leading-relaxed" data-testid="key-section">
      <p className="m-0">
        <span className={venue.state === 'found' ? 'tone-dim' : 'tone-error strong'}>
          {venue.state === 'found' ? 'Found' : venue.state === 'none' ? 'None' : 'Not usable'}
        </span>{' '}
        · environment <strong>{word}</strong> · <span className="tone-dim">{venue.source}</span>
      </p>
      {venue.atNextStart && <p className="m-0 tone-warn">Changed: counts from the next start of this program.</p>}
      {keys.fault !== null && (
        <p className="m-0 tone-error" role="alert">
          {keys.fault}
        </p>
      )}
      {keys.standing?.storable === true ? (
        <>
          <EntryForm enter={keys.enter} key={venue.source} venue={venue} />
          {venue.stored && (
            <button className="control is-small mt-2" disabled={!isLive} onClick={() => void keys.remove(venueId)} type="button">
              Remove the stored key
            </button>
          )}
        </>
      ) : (
        <p className="m-0 tone-faint">{keys.standing?.why}</p>
      )}
    </div>
  );
});
