import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../core/plan/load.ts';

const folder = new URL('../../../plans/', import.meta.url);
const shippedPlans = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('shipped plans', () => {
  it.each(shippedPlans)('%s parses', (name) => {
    const plan = parsePlan(readFileSync(new URL(name, folder), 'utf8'), name);
    expect(name).toBe(`${plan.system}.yaml`);
  });
});
