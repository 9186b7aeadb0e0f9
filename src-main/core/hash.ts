/** A deterministic 64-bit FNV-1a over text and numbers. For names and comparison, never for secrets. */

const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
const PRIME_LOW = 0x1b3;
const PRIME_HIGH_SHIFT = 8;

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

export class Fnv64 {
  private high = OFFSET_HIGH;
  private low = OFFSET_LOW;

  byte(value: number): void {
    const low = (this.low ^ value) >>> 0;
    // (high, low) · (2^40 + 0x1b3) mod 2^64, in 16-bit halves so that every product is exact.
    const p0 = (low & 0xffff) * PRIME_LOW;
    const p1 = (low >>> 16) * PRIME_LOW + (p0 >>> 16);
    const carry = Math.floor(p1 / 0x1_0000);
    this.low = ((p1 << 16) | (p0 & 0xffff)) >>> 0;
    this.high = (Math.imul(this.high, PRIME_LOW) + carry + (low << PRIME_HIGH_SHIFT)) >>> 0;
  }

  /** Bit-exact; all NaNs are one. */
  number(value: number): void {
    float[0] = value !== value ? Number.NaN : value;
    for (let i = 0; i < 8; i++) this.byte(floatBytes[i]!);
  }

  text(value: string): void {
    this.number(value.length);
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      this.byte(unit & 0xff);
      this.byte(unit >>> 8);
    }
  }

  value(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }
}

export const hash64 = (text: string): bigint => {
  const hash = new Fnv64();
  hash.text(text);
  return hash.value();
};
