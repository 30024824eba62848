/** The README's examples are tried: links lead somewhere, commands are commands, and the npm scripts exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../cli/verbs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = [
  'README.md',
  ...['design', 'format', 'custodians', 'only-on-aws', 'performance', 'restore-by-hand', 'runbook', 'soak', 'threat-model'].map(
    (name) => `docs/${name}.md`,
  ),
];
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  it('links to what is there', () => {
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(ROOT, page, '..', target)))).toEqual([]);
  });

  it('names commands that there are', () => {
    const verbs = [...text.matchAll(/npx holdfast ([a-z]+(?: check)?)/g)].map(([, verb]) => verb!);
    expect(verbs.filter((verb) => !VERBS.some(({ name }) => name === verb || name.split(' ')[0] === verb))).toEqual([]);
    const runs = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script!);
    expect(runs.filter((script) => !(script in scripts))).toEqual([]);
  });
});
