import { describe, expect, it } from 'vitest';
import { chooseCompression, dumpArguments, schemaArguments } from '../../../core/backup/dump-arguments.ts';
import { DumpOptions } from '../../../core/plan/schema.ts';

const options = (over: object = {}) => DumpOptions.parse(over);

describe('chooseCompression', () => {
  it.each([
    ['zstd where the client can', options(), true, { method: 'zstd', level: 3 }],
    ['gzip where it cannot', options(), false, { method: 'gzip', level: 6 }],
    ['zstd for a plain dump, which is compressed by us', options({ format: 'plain' }), false, { method: 'zstd', level: 3 }],
    ['gzip when the plan says so', options({ compression: { method: 'gzip', level: 9 } }), true, { method: 'gzip', level: 9 }],
    ['no level that gzip does not know', options({ compression: { level: 15 } }), false, { method: 'gzip', level: 9 }],
    ['the level of the plan', options({ compression: { level: 15 } }), true, { method: 'zstd', level: 15 }],
  ] as const)('%s', (_, plan, clientWritesZstd, expected) =>
    expect(chooseCompression(plan, plan.format === 'plain' ? 'plain' : 'custom', clientWritesZstd)).toEqual(expected),
  );
});

describe('dumpArguments', () => {
  const command = {
    format: 'custom' as const,
    options: options(),
    compression: { method: 'gzip' as const, level: 6 },
    clientMajor: 16,
    snapshot: '1-2-3',
    connection: "host='h'",
  };
  it('imports the snapshot and never asks for a password', () => {
    for (const args of [dumpArguments(command), schemaArguments(command)])
      expect(args).toEqual(
        expect.arrayContaining(['--snapshot=1-2-3', '--no-password', "--dbname=host='h'", '--lock-wait-timeout=600000']),
      );
  });
  it('names the method of the compression to clients that know one', () => {
    expect(dumpArguments(command)).toContain('--compress=gzip:6');
    expect(dumpArguments({ ...command, clientMajor: 15 })).toContain('--compress=6');
    expect(dumpArguments({ ...command, format: 'plain' }).join(' ')).not.toContain('compress');
  });
  it('says what the plan says', () => {
    const all = options({ format: 'plain', cleanIfExists: true, noOwner: true, noPrivileges: true, noTablespaces: true });
    expect(dumpArguments({ ...command, format: 'plain', options: all })).toEqual(
      expect.arrayContaining(['--format=plain', '--clean', '--if-exists', '--no-owner', '--no-privileges', '--no-tablespaces']),
    );
  });
});
