/** A report as a first day with Holdfast leaves it. */
import type { PointReport, ReportModel } from '../../../core/report/model.ts';

const point = (over: Partial<PointReport>): PointReport => ({
  point: '20261121T011500Z',
  consistentAt: '2026-11-21T01:15:04.120Z',
  committedAt: '2026-11-21T01:15:11.031Z',
  sizeBytes: 13_631_488,
  verifiedAt: '2026-11-21T01:15:15.000Z',
  lockedUntil: '2026-12-21T01:15:16.000Z',
  lockMode: 'governance',
  replicatedAt: '2026-11-21T01:15:21.000Z',
  replicaRegion: 'eu-west-1',
  lastDrill: undefined,
  keys: [],
  provenAt: undefined,
  notRestorable: [],
  ...over,
});

const check = (
  name: string,
  kind: 'sql' | 'row-count' | 'canary' | 'restore' | 'bytes' | 'freshness',
  expected: string,
  measured: string,
) => ({
  name,
  kind,
  outcome: 'passed' as const,
  expected,
  measured,
});

export const sampleModel: ReportModel = {
  system: 'ida',
  description: 'Decentralised identity with embedded wallets',
  owner: 'Identity platform team',
  operator: 'Platform operations',
  classification: 'restricted',
  home: 'eu-central-1',
  replica: 'eu-west-1',
  generatedAt: '2026-11-21T01:16:20.000Z',
  version: '0.1.0',
  platform: 'one machine, emulator ministack 1.5.33',
  colour: 'amber',
  databases: [
    {
      id: 'postgres',
      description: 'Users, wallets, credentials and the audit log',
      status: {
        colour: 'amber',
        reasons: [
          { colour: 'amber', code: 'declared-gap', text: 'Declared gap IDA-9: An RPO of one hour for the database (until then RPO 25 h)' },
          {
            colour: 'amber',
            code: 'declared-gap',
            text: 'Declared gap IDA-2: WAL archived hourly or better, so that any point in time can be restored',
          },
        ],
      },
      objectives: [
        {
          name: 'RPO',
          statedSeconds: 3600,
          accepted: { seconds: 90_000, by: 'IDA-9' },
          measured: { seconds: 21, on: 'ephemeral PostgreSQL 16.4, restored from the vault' },
        },
        {
          name: 'RTO',
          statedSeconds: 3600,
          accepted: undefined,
          measured: { seconds: 11.4, on: 'ephemeral PostgreSQL 16.4, restored from the vault' },
        },
      ],
      points: [
        point({
          lastDrill: { at: '2026-11-21T01:15:48.000Z', outcome: 'passed', rtoSeconds: 11.4, from: 'vault', reasons: [] },
          provenAt: '2026-11-21T01:15:48.000Z',
        }),
        point({ point: '20261120T011500Z', verifiedAt: undefined, lockedUntil: undefined, replicatedAt: undefined }),
        point({
          point: '20261119T143015Z-m3fa9c1',
          lastDrill: {
            at: '2026-11-19T15:00:00.000Z',
            outcome: 'failed',
            rtoSeconds: 40,
            from: 'replica',
            reasons: ['rows of public.users'],
          },
        }),
      ],
      drills: [
        {
          run: '20261121T011525Z-a1b2c3',
          outcome: 'passed',
          at: '2026-11-21T01:15:48.000Z',
          point: '20261121T011500Z',
          from: 'vault',
          reasons: ['All 5 checks passed'],
          phases: [
            { name: 'retrieve', seconds: 0.9 },
            { name: 'start-database', seconds: 1.8 },
            { name: 'restore', seconds: 6.2 },
            { name: 'checks', seconds: 1.9 },
            { name: 'keys', seconds: 0.3 },
          ],
          checks: [
            check('every stored byte', 'bytes', '13,631,488', '13,631,488'),
            check('the restore ended without an error', 'restore', '0', '0'),
            check('credentials are there', 'sql', '>= 1', '120000'),
            check('key wallet-encryption-key from escrow', 'canary', 'every version that the point names', '1 recovered'),
            check('a value opens with wallet-encryption-key', 'canary', 'authenticated', 'authenticated'),
          ],
          bytesRestored: 52_428_800,
          isolation: 'own-uid',
          target: 'ephemeral PostgreSQL 16.4, restored from the vault',
          notes: [],
        },
        {
          run: '20261119T150000Z-ffeedd',
          outcome: 'failed',
          at: '2026-11-19T15:00:00.000Z',
          point: '20261119T143015Z-m3fa9c1',
          from: 'replica',
          reasons: ['rows of public.users: expected 20000, measured 19999'],
          phases: [{ name: 'restore', seconds: 7 }],
          checks: [{ name: 'rows of public.users', kind: 'row-count', outcome: 'failed', expected: '20000', measured: '19999' }],
          bytesRestored: 52_428_800,
          isolation: 'user-namespace',
          target: 'ephemeral PostgreSQL 16.4, restored from the replica',
          notes: ['The locale de_DE.UTF-8 is not there: restored as C.UTF-8'],
        },
        {
          run: '20261118T150000Z-001122',
          outcome: 'could-not-run',
          at: '2026-11-18T15:00:00.000Z',
          point: undefined,
          from: undefined,
          reasons: ['There is no verified point to drill'],
          phases: [],
          checks: [],
          bytesRestored: undefined,
          isolation: undefined,
          target: 'none',
          notes: [],
        },
      ],
    },
  ],
  keys: [
    {
      id: 'wallet-encryption-key',
      description: 'WALLET_ENCRYPTION_KEY; without it every embedded wallet’s server share is lost',
      status: {
        colour: 'green',
        reasons: [
          {
            colour: 'green',
            code: 'fresh-and-proven',
            text: 'Read back in both regions within 25.3 h, and a drill opened a value with it',
          },
        ],
      },
      readBacks: (['vault', 'replica'] as const).flatMap((place) =>
        [true, false].map((isCurrent) => ({
          fingerprint: (isCurrent ? '9f2c41d07be3a855' : '03be77aa10c4f2d1').repeat(4),
          isCurrent,
          region: place === 'vault' ? 'eu-central-1' : 'eu-west-1',
          place,
          at: '2026-11-21T01:14:40.000Z',
          versionId: '3c1f7a2e-52a1-4b4e-9f0c-7d1f2a9b1c11',
        })),
      ),
      marks: [],
      offline: {
        wanted: '5f0c2a9e71d4b386',
        files: [true, false].map((isCurrent) => ({
          fingerprint: (isCurrent ? '9f2c41d07be3a855' : '03be77aa10c4f2d1').repeat(4),
          isCurrent,
          recipients: isCurrent ? '5f0c2a9e71d4b386' : '77aa10c4f2d103be',
          isWanted: isCurrent,
          places: ['vault', 'replica'],
        })),
        proofs: [
          {
            at: '2026-11-20T09:31:12.000Z',
            fingerprint: '9f2c41d07be3a855'.repeat(4),
            isCurrent: true,
            recipients: '5f0c2a9e71d4b386',
            isWanted: true,
            outcome: 'passed',
            validUntil: '2027-11-20T09:31:12.000Z',
            madeAgainAt: undefined,
            witnesses: ['Ana Petrović', 'Ben Okafor'],
            seconds: 412,
          },
          {
            at: '2025-10-02T14:00:00.000Z',
            fingerprint: '03be77aa10c4f2d1'.repeat(4),
            isCurrent: false,
            recipients: '77aa10c4f2d103be',
            isWanted: false,
            outcome: 'passed',
            validUntil: '2026-10-02T14:00:00.000Z',
            madeAgainAt: undefined,
            witnesses: [],
            seconds: undefined,
          },
        ],
      },
      lastDrills: [
        { way: 'second-region', last: { at: '2026-11-15T05:12:09.000Z', outcome: 'passed', seconds: 0.4 } },
        { way: 'offline-shares', last: { at: '2026-11-20T09:31:12.000Z', outcome: 'passed', seconds: 412 } },
        { way: 'canary', last: { at: '2026-11-21T01:16:10.000Z', outcome: 'passed', seconds: 0.4 } },
      ],
      drills: [
        {
          at: '2026-11-21T01:16:10.000Z',
          asset: 'postgres',
          from: 'replica',
          what: 'a value opens with wallet-encryption-key',
          outcome: 'passed',
          measured: 'authenticated',
          seconds: 0.4,
        },
      ],
    },
  ],
  runs: [
    {
      stage: 'escrow',
      asset: undefined,
      execution: 'holdfast-ida-escrow:6f1d2c88',
      startedAt: '2026-11-21T01:14:38.000Z',
      outcome: 'succeeded',
      steps: [
        { name: 'List the versions of the keys', startSecond: 0, seconds: 0.2, outcome: 'succeeded' },
        { name: 'Escrow one version', startSecond: 0.2, seconds: 0.7, outcome: 'succeeded' },
        { name: 'Read the envelope back at home', startSecond: 0.9, seconds: 0.3, outcome: 'succeeded' },
        { name: 'Read the envelope back in the second region', startSecond: 1.2, seconds: 0.3, outcome: 'succeeded' },
      ],
    },
    {
      stage: 'backup',
      asset: 'postgres',
      execution: 'holdfast-ida-backup:0a4be1f2',
      startedAt: '2026-11-21T01:15:01.000Z',
      outcome: 'failed',
      steps: [
        { name: 'Dump the database', startSecond: 0.2, seconds: 9.6, outcome: 'succeeded' },
        { name: 'Verify every byte', startSecond: 9.8, seconds: 3.9, outcome: 'succeeded' },
        { name: 'Lock the point', startSecond: 13.7, seconds: 0.02, outcome: 'succeeded' },
        { name: 'Copy the parts', startSecond: 14.1, seconds: 2.5, outcome: 'failed' },
      ],
    },
  ],
  attempts: ['holdfast-ida-postgres-dump', 'holdfast-ida-lock-lock-objects'].flatMap((role) => [
    {
      role,
      attempt: 'read the dump',
      isRefused: true,
      refusedBy: 'IAM: nothing grants it to this role',
      answer:
        'AccessDenied: User: arn:aws:sts::000000000000:assumed-role/holdfast-ida-postgres-dump/attack is not authorized to perform: s3:GetObject',
    },
    { role, attempt: 'delete a version of the dump', isRefused: true, refusedBy: 'the bucket or key policy', answer: 'AccessDenied' },
    {
      role,
      attempt: 'shorten the lock',
      isRefused: true,
      refusedBy: 'S3 Object Lock',
      answer: 'AccessDenied: Access Denied because object protected by object lock.',
    },
    { role, attempt: 'overwrite the manifest', isRefused: true, refusedBy: 'write-once (If-None-Match)', answer: 'PreconditionFailed' },
  ]),
  gaps: [
    {
      id: 'IDA-9',
      scope: 'postgres',
      what: 'An RPO of one hour for the database',
      reason: 'A daily dump loses up to a day and its own run; WAL archiving is what brings it to an hour',
      bound: 'RPO 25 h',
    },
    {
      id: 'IDA-3',
      scope: 'whole plan',
      what: 'Redis, as RDB hourly and append-only file continuously',
      reason: 'Redis is not an asset kind yet',
      bound: undefined,
    },
  ],
  notShown: [
    {
      what: 'Bucket policies that demand If-None-Match',
      why: 'The emulator does not know the condition key s3:if-none-match',
      shownBy: 'a test of the synthesized templates',
    },
    {
      what: 'S3 asking KMS for permission',
      why: 'The emulator’s S3 does not check KMS permissions',
      shownBy: 'the key policies in the templates',
    },
  ],
};
