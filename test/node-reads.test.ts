/** Node runs the sources as they stand: what its own removal of types refuses would fail at the first use of a verb, and nowhere before. */
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

it('Node can take the types off every source', () => {
  const files = globSync('{adapters,bench,bin,cli,core,functions,infra,local,scripts,tasks}/**/*.ts', { cwd: ROOT });
  expect(files.length).toBeGreaterThan(500);
  const refused = files.flatMap((file) => {
    try {
      stripTypeScriptTypes(readFileSync(join(ROOT, file), 'utf8'));
      return [];
    } catch (error) {
      return [`${file}: ${String(error)}`];
    }
  });
  expect(refused).toEqual([]);
});
