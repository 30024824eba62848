/**
 * JSON that somebody else may have written, as text or as UTF-8 bytes. Undefined when it is none: whoever reads it parses it with a
 * schema next, which refuses that and says what is wrong in words of its own.
 */
export function parseJson(json: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : Buffer.from(json).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
