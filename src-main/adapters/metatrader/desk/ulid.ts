/** Command ids: ULIDs. 48 bits of time, 80 of chance; within one desk each is above the one before, whatever the clock does. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 10;
const BITS_PER_CHARACTER = 5n;

const encode = (value: bigint, characters: number): string => {
  let text = '';
  for (let rest = value, i = 0; i < characters; i += 1, rest >>= BITS_PER_CHARACTER) text = ALPHABET[Number(rest & 31n)]! + text;
  return text;
};

/** `random` gives so many bytes of chance. */
export const ulids = (unixMs: () => number, random: (bytes: number) => Uint8Array): (() => string) => {
  let last = -1n;
  return () => {
    const chance = random(RANDOM_BYTES).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const fresh = (BigInt(Math.floor(unixMs())) << 80n) | chance;
    last = fresh > last ? fresh : last + 1n;
    return encode(last, TIME_CHARACTERS + (RANDOM_BYTES * 8) / Number(BITS_PER_CHARACTER));
  };
};
