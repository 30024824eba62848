import { KeyNotInSecret } from './errors.ts';
import type { SecretContent } from './ports.ts';

/**
 * The bytes of a key, out of a version of its secret. Messages name the secret and the field, never what stands there: a JSON
 * parser's own message quotes the text. The caller overwrites them after use; what it cannot get is overwritten here.
 * @param where names the secret and its version, for messages
 * @throws KeyNotInSecret
 */
export function keyBytes(content: SecretContent, field: string | undefined, where: string): Uint8Array {
  const bytes = field === undefined ? wholeValue(content) : fieldValue(content, field, where);
  if (bytes.length === 0) throw new KeyNotInSecret(`${where} holds an empty value`, 'Put the value of the key into the secret');
  return bytes;
}

const wholeValue = (content: SecretContent) => (content.kind === 'binary' ? content.bytes : Buffer.from(content.text, 'utf8'));

function fieldValue(content: SecretContent, field: string, where: string): Uint8Array {
  if (content.kind === 'binary') {
    content.bytes.fill(0);
    throw new KeyNotInSecret(
      `${where} is binary, so it has no field '${field}'`,
      'Remove `source.field` of the key asset in the plan, or store the secret as a JSON object',
    );
  }
  const object = jsonObject(content.text);
  if (object === undefined)
    throw new KeyNotInSecret(
      `${where} is not a JSON object, so it has no field '${field}'`,
      'Remove `source.field` of the key asset in the plan, or store the secret as a JSON object',
    );
  if (!Object.hasOwn(object, field))
    throw new KeyNotInSecret(
      `${where} has no field '${field}'`,
      'Compare `source.field` of the key asset in the plan with the fields of the secret; an earlier version that never held the key is noted as such, and keeps nothing from being whole',
    );
  const value = object[field];
  if (typeof value !== 'string')
    throw new KeyNotInSecret(
      `Field '${field}' of ${where} is not text`,
      'Store the key as a JSON string: numbers lose digits, and objects have no one form',
    );
  return Buffer.from(value, 'utf8');
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
