/** A segmented point put together from the output of stock tools, so that each part of it can be made wrong before it is stored. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { addToCrc32, encodeCrc32 } from '../../../adapters/s3/crc.ts';
import { archiveToc } from '../../../core/archive/segment-toc.ts';
import { parseToc, serializeDirectoryToc, type ArchiveToc } from '../../../core/archive/toc.ts';
import type { ObjectWriter } from '../../../core/ports/object-store.ts';
import {
  attemptPrefix,
  manifestKey,
  restObjectKey,
  rolesObjectKey,
  segmentFile,
  segmentObjectKey,
  tocObjectKey,
} from '../../../core/vault/keys.ts';
import { Manifest, type Segment, type StoredObject } from '../../../core/vault/manifest.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { POINT } from '../dump/ports.ts';

export const NAME = { system: 'sys', asset: 'db', point: POINT };
type PointName = typeof NAME;
const END = '\\.\n\n\n';
/** Several to a segment. */
const BLOCK_BYTES = 20_000;

/** An object before it is compressed and stored. */
export type DraftSegment = { segment: Segment; file: string; text: Buffer };
export type Draft = { rest: Buffer; toc: ArchiveToc; segments: DraftSegment[]; compression: 'zstd' | 'gzip' };

/** Tables by their names in SQL, each with the pages at which its segments begin after the first. */
export function draftPoint(source: FreshDatabase, tables: Record<string, readonly number[]>, compression: 'zstd' | 'gzip' = 'zstd'): Draft {
  const run = (program: string, args: string[]) =>
    execFileSync(`${source.binDir}/${program}`, args, { env: { ...source.libpq, LC_ALL: 'C' }, maxBuffer: 1024 ** 3 });
  const ask = (sql: string) => run('psql', ['-XAtq', '-c', sql]).toString().trim();
  const rest = run('pg_dump', ['-Fc', '-Z0', ...Object.keys(tables).map((table) => `--exclude-table-data=${table}`)]);
  const segments = Object.entries(tables).flatMap(([table, starts]) => {
    const tableOid = ask(`SELECT '${table}'::regclass::oid`);
    const columns = ask(`SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = ${tableOid} AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`);
    return [0, ...starts].map((from, index): DraftSegment => {
      const to = starts[index];
      const bounds = `ctid >= '(${from},0)'${to === undefined ? '' : ` AND ctid < '(${to},0)'`}`;
      const rows = run('psql', ['-XAtq', '-c', `COPY (SELECT ${columns} FROM ONLY ${table} WHERE ${bounds}) TO STDOUT`]);
      const text = Buffer.concat([rows, Buffer.from(END)]);
      const number = index + 1;
      const counted = { rows: rows.toString('latin1').split('\n').length - 1, uncompressedBytes: text.length };
      return {
        segment: { tableOid, table, columns, number, of: starts.length + 1, ...counted },
        file: segmentFile(tableOid, number),
        text,
      };
    });
  });
  return { rest, toc: contentsOf(rest, segments), segments, compression };
}

/** The contents of `archive/`, as the dump would write them. */
export function contentsOf(rest: Buffer, segments: readonly DraftSegment[]): ArchiveToc {
  const parsed = parseToc(rest);
  if (!parsed) throw new Error('pg_dump wrote no archive');
  const tables = [...Map.groupBy(segments, ({ segment }) => segment.tableOid)].map(([tableOid, of]) => ({
    tableOid,
    copy: `COPY ${of[0]!.segment.table} (${of[0]!.segment.columns}) FROM stdin;\n`,
    files: of.map(({ file }) => file),
  }));
  return archiveToc(parsed.toc, tables);
}

export function compressBlocks(bytes: Buffer, compression: 'zstd' | 'gzip'): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    blocks.push(compression === 'zstd' ? zstdCompressSync(block) : gzipSync(block));
  }
  return Buffer.concat(blocks);
}

/** Stores a draft, with a manifest that tells the truth of its bytes, whatever they are; `change` is the last to touch it. */
export async function storeDraft(
  vault: ObjectWriter,
  { rest, toc, segments, compression }: Draft,
  change: (manifest: Manifest) => void = () => undefined,
  name: PointName = NAME,
): Promise<Manifest> {
  const prefix = attemptPrefix(name.system, name.asset, name.point, '0001-1');
  const objects: StoredObject[] = [];
  const store = async (role: StoredObject['role'], key: string, bytes: Buffer, segment?: Segment) => {
    const { versionId } = await vault.putOnce(key, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const crc = { algorithm: 'CRC32' as const, value: encodeCrc32(addToCrc32(bytes)) };
    objects.push({ role, key, versionId, sizeBytes: bytes.length, sha256, crc, ...(segment ? { segment } : {}) });
  };
  await store('roles', rolesObjectKey(prefix), Buffer.from('{"roles":[],"memberships":[]}'));
  const stored = compressBlocks(rest, compression);
  const half = stored.length >> 1;
  await store('rest', restObjectKey(prefix, 1), stored.subarray(0, half));
  await store('rest', restObjectKey(prefix, 2), stored.subarray(half));
  for (const { segment, file, text } of segments)
    await store('segment', segmentObjectKey(prefix, file, compression), compressBlocks(text, compression), segment);
  await store('toc', tocObjectKey(prefix), serializeDirectoryToc(toc, compression));
  const manifest = manifestOf(name, objects, compression);
  change(manifest);
  await vault.putOnce(manifestKey(name.system, name.asset, name.point), JSON.stringify(manifest));
  return manifest;
}

const manifestOf = (name: PointName, objects: StoredObject[], compression: 'zstd' | 'gzip'): Manifest =>
  Manifest.parse({
    format: 'holdfast/manifest/v2',
    ...name,
    slot: name.point,
    attempt: '0001-1',
    startedAt: '2026-06-01T02:00:00.000Z',
    consistentAt: '2026-06-01T02:00:01.000Z',
    finishedAt: '2026-06-01T02:00:09.000Z',
    source: {
      engine: 'postgres',
      version: '18.4',
      database: 'db',
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      localeProvider: 'c',
      sizeBytes: 1000,
      extensions: [],
    },
    dump: { format: 'segmented', archive: 'holdfast/archive/v1', compression, options: [] },
    tools: { holdfast: '0.1.0', pgDump: '18.4', node: '24' },
    keys: [],
    objects,
  } satisfies Manifest);
