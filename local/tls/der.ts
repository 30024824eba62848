/** The few ASN.1 DER encodings that an X.509 certificate is made of (ITU-T X.690). */
export type Der = Uint8Array;

function tagged(tag: number, content: Uint8Array): Der {
  const length = content.length;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content]);
}

export const sequence = (...items: Der[]): Der => tagged(0x30, Buffer.concat(items));
export const set = (...items: Der[]): Der => tagged(0x31, Buffer.concat(items));
export const octets = (content: Uint8Array): Der => tagged(0x04, content);
export const boolean = (value: boolean): Der => tagged(0x01, Buffer.from([value ? 0xff : 0]));
export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text, 'utf8'));
/** `bits` counts from the left; `unused` bits at the end of the last octet are no part of the value. */
export const bitString = (content: Uint8Array, unused = 0): Der => tagged(0x03, Buffer.concat([Buffer.from([unused]), content]));
/** Context-specific tag: constructed (EXPLICIT, or IMPLICIT of a sequence) or primitive. */
export const context = (number: number, content: Uint8Array, kind: 'constructed' | 'primitive' = 'constructed'): Der =>
  tagged((kind === 'constructed' ? 0xa0 : 0x80) | number, content);

/** A non-negative integer, big-endian; a leading zero is added where the first bit would read as a sign. */
export function integer(magnitude: Uint8Array): Der {
  const isNegativeLooking = ((magnitude[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, isNegativeLooking ? Buffer.concat([Buffer.from([0]), magnitude]) : magnitude);
}

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (value: number): number[] => {
    const digits = [value & 0x7f];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  };
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** UTCTime, to the second: how X.509 writes the years 1950 to 2049. */
export const utcTime = (instant: Date): Der => tagged(0x17, Buffer.from(`${instant.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));
