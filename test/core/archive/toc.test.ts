/** Contents as each pg_dump writes them: read whole or not at all, and written again to the byte. */
import { beforeAll, describe, expect, it } from 'vitest';
import { NotAnArchive, parseToc, serializeDirectoryToc } from '../../../core/archive/toc.ts';
import { smallArchives, type SmallArchive } from './small-archive.ts';

let archives: SmallArchive[];
beforeAll(async () => {
  archives = await smallArchives();
}, 60_000);

const MAJOR_AT = 5;
const MINOR_AT = 6;
const INT_SIZE_AT = 8;
const OFFSET_SIZE_AT = 9;
const FORMAT_AT = 10;

describe.each([15, 16, 18])('contents by pg_dump %i', (major) => {
  const archive = () => archives.find((one) => one.major === major)!;

  it('of a directory are written again to the byte', () => {
    const { tocDat, minor } = archive();
    const { toc, length } = parseToc(tocDat)!;
    expect([toc.head.minor, length]).toEqual([minor, tocDat.length]);
    expect(serializeDirectoryToc(toc, 'none').equals(tocDat)).toBe(true);
  });

  it('of a custom archive come back the same from a directory', () => {
    const { toc } = parseToc(archive().custom)!;
    const again = parseToc(serializeDirectoryToc(toc, 'none'))!.toc;
    expect(again).toEqual({ ...toc, entries: toc.entries.map((entry) => ({ ...entry, file: '' })) });
    expect(toc.entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['TABLE', 'TABLE DATA', 'TABLE ATTACH', 'CONSTRAINT', 'BLOBS']),
    );
    expect(Buffer.from(toc.entries.find(({ tag }) => tag?.startsWith('L'))!.tag!, 'latin1').toString()).toBe('Länge "数"');
    expect(toc.entries.some(({ relkind }) => relkind === 'p'.charCodeAt(0))).toBe(major >= 17);
  });

  it('say how the files are compressed', () => {
    const { toc } = parseToc(archive().custom)!;
    const written = (['none', 'gzip', 'zstd'] as const).map((method) => parseToc(serializeDirectoryToc(toc, method))!.toc.head.compression);
    // Up to 1.14 it is a level of gzip; a pg_restore of that time takes files without a suffix as they are.
    expect(written).toEqual(major === 15 ? [0, 6, 0] : [0, 1, 3]);
  });

  it('cut at any byte ask for more, and end where they end', () => {
    const { custom, tocDat } = archive();
    for (const bytes of [tocDat, custom]) {
      const { length } = parseToc(bytes)!;
      for (let end = 0; end < length; end++) if (parseToc(bytes.subarray(0, end)) !== undefined) expect(end).toBe(length);
      expect(parseToc(bytes.subarray(0, length))?.length).toBe(length);
      expect(parseToc(Buffer.concat([bytes.subarray(0, length), Buffer.from('more')]))?.length).toBe(length);
    }
  });

  it('of which the head is another are refused, with what is wrong', () => {
    const { custom, minor } = archive();
    const changed = (at: number, value: number) => {
      const bytes = Buffer.from(custom);
      bytes[at] = value;
      return () => parseToc(bytes);
    };
    for (let at = 0; at < MAJOR_AT; at++) expect(changed(at, custom[at]! ^ 0x20)).toThrow('it does not begin like one');
    expect(changed(MAJOR_AT, 2)).toThrow(`archive version 2.${minor} is not one of 1.14 to 1.16`);
    for (const other of [0, 13, 17, 255]) expect(changed(MINOR_AT, other)).toThrow(`archive version 1.${other} is not one of`);
    for (const at of [INT_SIZE_AT, OFFSET_SIZE_AT]) expect(changed(at, 16)).toThrow('its numbers have another size');
    for (const other of [0, 2, 4, 5, 255])
      expect(changed(FORMAT_AT, other)).toThrow(`a format ${other}, neither custom nor of a directory`);
    expect(() => parseToc(custom, 'directory')).toThrow('its format is 1, and that of a directory archive 3');
    expect(parseToc(custom, 'custom')).toEqual(parseToc(custom));
    expect(() => parseToc(Buffer.from('PGDMX'))).toThrow(NotAnArchive);
  });

  it('with a length beyond every text, or fewer entries than none, are refused', () => {
    const { tocDat } = archive();
    const { toc } = parseToc(tocDat)!;
    const head = serializeDirectoryToc({ head: toc.head, entries: [] }, 'none');
    const numberAt = (at: number, sign: number) => {
      const bytes = Buffer.from(head);
      bytes[at] = sign;
      bytes.writeUInt32LE(0x7f_ff_ff_ff, at + 1);
      return () => parseToc(bytes);
    };
    const database = head.indexOf(Buffer.from(toc.head.database!, 'latin1'));
    expect(numberAt(database - 5, 0)).toThrow('a text of 2147483647 bytes');
    expect(numberAt(head.length - 5, 1)).toThrow('-2147483647 entries');
  });
});
