import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../core/plan/check.ts';
import { renderFinding } from '../../../core/plan/finding.ts';
import { parsePlan } from '../../../core/plan/load.ts';
import { NOW } from './plan-fixture.ts';

const folder = new URL('../../../plans/', import.meta.url);
const shipped = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const load = (name: string) => parsePlan(readFileSync(new URL(name, folder), 'utf8'), name);

describe('shipped plans', () => {
  it('are the five systems', () =>
    expect(shipped).toEqual(['datamesh.yaml', 'ida.yaml', 'identitymesh.yaml', 'idswyft.yaml', 'nmia.yaml']));

  it.each(shipped)('%s has no error, and exactly the warnings and gaps that are written down', async (name) => {
    const plan = load(name);
    const findings = checkPlan(plan, NOW);
    expect(name).toBe(`${plan.system}.yaml`);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    await expect(`${findings.map((found) => renderFinding(found)).join('\n')}\n`).toMatchFileSnapshot(
      `../../golden/plans/${plan.system}.findings.txt`,
    );
  });

  it.each(shipped)('%s has nothing that clocks or calendars of the next ten years make wrong', (name) => {
    const plan = load(name);
    for (let year = 2026; year < 2036; year += 3) {
      expect(checkPlan(plan, new Date(Date.UTC(year, 1, 27))).filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });

  it('state what their systems ask for', () => {
    const [ida] = load('ida.yaml').assets;
    expect(ida).toMatchObject({
      restore: { secret: 'ida/postgres-restore', noOwner: false, noPrivileges: false },
      source: { postgresMajor: 16 },
      dump: { format: 'custom' },
      retention: { hot: 'P30D', monthly: 'P12M' },
      drill: { jobs: 4, period: 'P3M', canaries: [{ key: 'wallet-encryption-key', layout: 'iv-tag-ciphertext', ivBytes: 12 }] },
    });
    const [nmia] = load('nmia.yaml').assets;
    expect(nmia).toMatchObject({
      restore: { secret: 'nmia/postgres-restore', noOwner: true, noPrivileges: true },
      schedule: { cron: '0 2 * * ? *' },
      dump: { format: 'custom', schemaOnlyBeside: true },
      retention: { hot: 'P30D' },
    });
    const [idswyft] = load('idswyft.yaml').assets;
    expect(idswyft).toMatchObject({
      restore: { secret: 'idswyft/postgres-restore', noOwner: true, noPrivileges: true },
      schedule: { cron: '30 2 * * ? *', timeZone: 'UTC' },
      dump: { format: 'plain', cleanIfExists: true, noOwner: true, noPrivileges: true, noTablespaces: true },
      retention: { hot: 'P30D', monthly: 'P365D' },
    });
  });

  it('stop what uses the database before it is replaced, by the document that is deployed with them', () => {
    const stops = (name: string) => {
      const [database] = load(name).assets;
      if (database?.kind !== 'postgres') throw new TypeError(`${name} begins with its database`);
      const { quiesce, validation } = database.restore ?? {};
      const steps = quiesce?.steps.map((step) => (step.kind === 'ssm-document' ? step.compose?.services : step.kind));
      return [steps, validation?.logins.length, validation?.manual.map((one) => one.name)];
    };
    expect(stops('nmia.yaml')).toEqual([[['api', 'worker', 'collector']], 1, ['enclaves and connectors', 'worker', 'test scan']]);
    expect(stops('idswyft.yaml')).toEqual([[['api', 'engine']], 1, ['a verification']]);
  });

  it('keep a parameter, a field of a secret and a whole one in escrow where their systems have such values', () => {
    const sources = (name: string) => load(name).assets.flatMap((asset) => (asset.kind === 'key' ? [[asset.id, asset.source]] : []));
    expect(sources('idswyft.yaml')).toContainEqual(['environment', { parameter: '/idswyft/environment' }]);
    expect(sources('nmia.yaml')).toEqual([
      ['secret-key', { secret: 'nmia/environment', field: 'SECRET_KEY' }],
      ['environment', { secret: 'nmia/environment' }],
    ]);
  });

  it('have the offline copies and the configuration that lack nothing but a recipient and names', () => {
    const recipient = 'age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt';
    for (const name of ['ida.yaml', 'idswyft.yaml', 'nmia.yaml']) {
      const text = readFileSync(new URL(name, folder), 'utf8').replace('age1-as-the-ceremony-shows-it', recipient);
      const asset = name === 'ida.yaml' ? /^( {2})# ((?:- id: api-| {2}).*)$/gm : /(?!)/g;
      const plan = parsePlan(text.replaceAll(/^( {6})# (offline: .*)$/gm, '$1$2').replaceAll(asset, '$1$2'), name);
      const keys = plan.assets.flatMap((one) => (one.kind === 'key' ? [one] : []));
      expect(keys[0]?.escrow.offline).toMatchObject({ recipients: [recipient], proofValid: 'P12M' });
      if (name === 'ida.yaml') expect(keys.map(({ source }) => source.field)).toEqual([undefined, undefined, 'SIGNING_KEY']);
      expect(checkPlan(plan, NOW).filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });

  it('have an application to bring up in a drill that lacks nothing but an image', () => {
    const text = readFileSync(new URL('idswyft.yaml', folder), 'utf8');
    const put = text.replaceAll(/^( {6})# ((?:application:| {2}).*)$/gm, '$1$2');
    const plan = parsePlan(put, 'idswyft.yaml');
    const [database] = plan.assets;
    expect(database?.kind === 'postgres' && database.drill.application?.logins.map(({ path }) => path)).toEqual(['/api/login']);
    expect(checkPlan(plan, NOW).filter(({ path }) => path.includes('application'))).toEqual([
      expect.objectContaining({
        severity: 'warning',
        problem: expect.stringContaining('Drills from the replica bring nothing up') as string,
      }),
    ]);
  });
});
