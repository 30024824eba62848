import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OMISSIONS } from '../../infra/emulator.ts';

const page = readFileSync(new URL('../../docs/only-on-aws.md', import.meta.url), 'utf8');

describe('the page of what only AWS shows', () => {
  it('lists exactly what is left out for the emulator', () => {
    const [, listed = ''] = /<!-- omissions: begin -->\n([\s\S]*?)<!-- omissions: end -->/.exec(page) ?? [];
    expect(listed).toBe(
      OMISSIONS.map(({ sentence, without }) => `- ${sentence} (${without.map((name) => `\`${name}\``).join(', ')})\n`).join(''),
    );
  });
});
