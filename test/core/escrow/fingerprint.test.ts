import { expect, test } from 'vitest';
import { fingerprintMessage } from '../../../core/escrow/fingerprint.ts';

const message = (system: string, key: string, value: string) =>
  Buffer.from(fingerprintMessage(system, key, Buffer.from(value))).toString('latin1');

test('the message tells apart system, key and value, and holds none of the value', () => {
  const messages = [message('a', 'b', 'v'), message('a', 'b', 'w'), message('a', 'c', 'v'), message('b', 'b', 'v'), message('ab', '', 'v')];
  expect(new Set(messages).size).toBe(messages.length);
  expect(message('a', 'b', 'PLANTED')).not.toContain('PLANTED');
});

test('a value of any size makes a message that KMS takes', () => {
  expect(fingerprintMessage('a'.repeat(16), 'b'.repeat(20), Buffer.alloc(65_536)).length).toBeLessThan(4096);
});
