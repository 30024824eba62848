import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { listFields } from '../../../core/plan/fields.ts';
import { planReferenceFile, planSchemaFile } from '../../../core/plan/reference.ts';

const docs = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const HOW = 'run: node scripts/generate-plan-reference.ts';

describe('plan reference', () => {
  it('is up to date', () => expect(docs('plan-reference.md') === planReferenceFile(), HOW).toBe(true));
  it('has the schema for editors up to date', () => expect(docs('plan.schema.json') === planSchemaFile(), HOW).toBe(true));

  it('describes every field', () => {
    expect(
      listFields()
        .filter((field) => !field.meaning || field.meaning.length < 5)
        .map((field) => field.path),
    ).toEqual([]);
  });

  it('has every field that the shipped plans use, and says so to editors', () => {
    const known = new Set(listFields().map((field) => field.path));
    for (const name of ['ida', 'nmia', 'idswyft', 'identitymesh', 'datamesh']) {
      const text = readFileSync(new URL(`../../../plans/${name}.yaml`, import.meta.url), 'utf8');
      expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../docs/plan.schema.json');
      for (const path of usedPaths(parse(text), known)) expect(known).toContain(path);
    }
  });
});

function usedPaths(node: unknown, known: ReadonlySet<string>, path = ''): string[] {
  if (Array.isArray(node)) return node.flatMap((item: unknown) => usedPaths(item, known, chooses(item, path, known) ? path : `${path}[]`));
  if (typeof node !== 'object' || node === null) return [];
  const inside = chooses(node, path, known) ? `${path}[kind=${node.kind}]` : path;
  return Object.entries(node).flatMap(([key, value]) => {
    const inner = inside === '' ? key : `${inside}.${key}`;
    return [inner, ...usedPaths(value, known, inner)];
  });
}

/** Whether its `kind` says which fields there are: elsewhere it is a field like others. */
const chooses = (node: unknown, path: string, known: ReadonlySet<string>): node is { kind: string } =>
  typeof node === 'object' && node !== null && 'kind' in node && known.has(`${path}[kind=${String(node.kind)}].kind`);
