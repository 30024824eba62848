import { describe, expect, test } from 'vitest';
import { keyBytes } from '../../../core/escrow/key-value.ts';
import type { SecretContent } from '../../../core/escrow/ports.ts';

const WHERE = "Version 1 of the secret 's'";
const text = (value: string): SecretContent => ({ kind: 'text', text: value });
const binary = (bytes: Uint8Array): SecretContent => ({ kind: 'binary', bytes });
const read = (content: SecretContent, field?: string) => Buffer.from(keyBytes(content, field, WHERE)).toString('utf8');

describe('the bytes of a key', () => {
  test.each([
    ['the whole text', text('key ✓'), undefined, 'key ✓'],
    ['text that looks like JSON, when no field is named', text('{"a":"b"}'), undefined, '{"a":"b"}'],
    ['a field', text('{"a":"b","c":"d"}'), 'c', 'd'],
    ['a binary value', binary(Buffer.from('raw')), undefined, 'raw'],
  ])('are %s', (_, content, field, expected) => {
    expect(read(content, field)).toBe(expected);
  });

  test.each([
    ['text that is no JSON', text('PLANTED'), 'a', 'is not a JSON object'],
    ['JSON that is no object', text('["PLANTED"]'), 'a', 'is not a JSON object'],
    ['null', text('null'), 'a', 'is not a JSON object'],
    ['a missing field', text('{"b":"PLANTED"}'), 'a', "has no field 'a'"],
    ['an inherited name', text('{"b":"PLANTED"}'), 'toString', "has no field 'toString'"],
    ['a number', text('{"a":12345}'), 'a', 'is not text'],
    ['an object', text('{"a":{"b":"PLANTED"}}'), 'a', 'is not text'],
    ['a binary value with a field', binary(Buffer.from('PLANTED')), 'a', 'is binary'],
    ['an empty field', text('{"a":""}'), 'a', 'holds an empty value'],
    ['an empty secret', text(''), undefined, 'holds an empty value'],
  ])('are refused from %s, quoting nothing', (_, content, field, why) => {
    let message = '';
    try {
      keyBytes(content, field, WHERE);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(why);
    expect(message).toContain('KeyNotInSecret');
    expect(message).not.toContain('PLANTED');
  });
});
