import { describe, expect, it } from 'vitest';
import { checkApplication } from '../../../../core/plan/checks/application.ts';
import { checkDrillMemory } from '../../../../core/plan/checks/task.ts';
import { Application } from '../../../../core/plan/schema-application.ts';
import { judged, type Change } from '../plan-fixture.ts';

const DIGEST = `@sha256:${'a'.repeat(64)}`;
const IMAGE = `111111111111.dkr.ecr.eu-central-1.amazonaws.com/shop${DIGEST}`;
const PROBE = { name: 'it is well', path: '/health' };
const bringing =
  (over: object = {}, change: Change = () => {}): Change =>
  (plan, database, key) => {
    const given = { kind: 'container', image: IMAGE, command: ['node', 'server.js'], port: 3000, probes: [PROBE], ...over };
    database.drill.application = Application.parse(given);
    change(plan, database, key);
  };
const problems = (given: object) => {
  const parsed = Application.safeParse({ kind: 'container', image: IMAGE, command: ['a'], port: 3000, probes: [PROBE], ...given });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('what a drill brings up', () => {
  it('is found fault with in nothing that it needs', () => {
    const environment = [
      { name: 'DATABASE_URL', database: 'url' },
      { name: 'CARD_KEY', key: 'card-key' },
    ];
    const logins = [{ name: 'somebody logs in', path: '/login', secret: 'shop/known-account' }];
    expect(judged(checkApplication, bringing({ environment, logins }))).toEqual([]);
    expect(judged(checkApplication)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['is not root', { user: '0' }, 'user: a numeric user, or user:group, such as 1000:1000; never root'],
    ['is nobody of the drill', { user: '1000:10001' }, 'user: another user than the drill’s own, 10001 and 10002'],
    ['is asked something', { probes: [] }, ': has a probe or a login: nothing else says that it works'],
    [
      'has each variable from one place',
      { environment: [{ name: 'KEY', key: 'card-key', value: 'x' }] },
      'environment.0: has one of `value`, `database`, `key` and `secret`',
    ],
    ['is named by digest', { image: 'shop:latest' }, 'image: an image is named by digest: registry/name@sha256:…'],
  ])('%s', (_what, given, problem) => expect(problems(given)).toEqual([problem]));

  it('is pulled from the registry of its own region, for the drill reaches no other', () => {
    expect(judged(checkApplication, bringing({ image: `docker.io/library/shop${DIGEST}` }))).toEqual([
      expect.stringMatching(/^error assets\[orders\]\.drill\.application\.image = .* lead to the registry of eu-central-1 alone/),
    ]);
    expect(judged(checkApplication, bringing({ replicaImage: IMAGE }))).toEqual([
      expect.stringContaining('Copy it to a repository of ECR in eu-west-1'),
    ]);
  });

  it('is missed in drills from the replica', () => {
    const schedule = { cron: '0 5 15 * ? *', timeZone: 'UTC', longestRun: 'PT4H' };
    const change = bringing({}, (_plan, { drill }) => (drill.fromReplica = schedule));
    expect(judged(checkApplication, change)).toEqual([expect.stringContaining('Drills from the replica bring nothing up')]);
  });

  it('is given keys that points name, and no way to AWS', () => {
    const environment = [
      { name: 'CARD_KEY', key: 'other-key' },
      { name: 'AWS_REGION', value: 'eu-central-1' },
      { name: 'CARD_KEY', key: 'card-key' },
    ];
    const none: Change = (_plan, database) => (database.needsKeys = []);
    expect(judged(checkApplication, bringing({ environment }, none))).toEqual([
      expect.stringContaining("environment[2].name = 'CARD_KEY': Another variable has the same name"),
      expect.stringContaining('No key asset of this plan has this id → Add a key asset `other-key`'),
      expect.stringContaining("environment[1].name = 'AWS_REGION': It is brought up without any way to AWS"),
      expect.stringContaining('Points do not record which version of this key they need → Add `card-key` to needsKeys'),
    ]);
  });

  it('has checks that evidence can tell apart', () => {
    const named = bringing({ probes: [PROBE, { ...PROBE, name: 'orders are there' }] });
    expect(judged(checkApplication, named)).toEqual([
      expect.stringContaining("drill.application.probes[1].name = 'orders are there': Another check of this drill has the same name"),
    ]);
  });

  it('fits into the task', () => {
    const change = bringing({ memoryMiB: 16_384 }, (_plan, { task, drill }) => {
      task.memoryMiB = 8192;
      drill.throwawayMemoryMiB = 8192;
    });
    expect(judged(checkDrillMemory, change)).toEqual([
      expect.stringContaining(
        'A drill would need 32768 MiB with its runner and the application, Fargate has at most 30720 → Write 6144 or less',
      ),
    ]);
  });
});
