import { describe, expect, it } from 'vitest';
import { scanArchive } from '../../../core/backup/archive-scan.ts';

const END = '--\n-- PostgreSQL database dump complete\n--\n\n';

/** The answer must not depend on where chunks are cut. */
function scan(text: string, chunkBytes: number) {
  const archive = scanArchive();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) archive.add(bytes.subarray(at, at + chunkBytes));
  return { ...archive.content(), missing: archive.missing() };
}
const scanEverywhere = (text: string) => {
  const whole = scan(text, Number.MAX_SAFE_INTEGER);
  for (const chunkBytes of [1, 2, 3, 5, 7, 64]) expect(scan(text, chunkBytes)).toEqual(whole);
  return whole;
};
const rowsOf = (text: string) => Object.fromEntries(scanEverywhere(text).rows.map(({ table, rows }) => [table, rows]));

describe('scanArchive', () => {
  it('counts the rows of each table', () => {
    const text = `SET client_encoding = 'UTF8';\n\nCOPY public.a (id, t) FROM stdin;\n1\tx\n2\t\\\\.\n3\t\n\\.\n\n\nCOPY public.b (id) FROM stdin;\n\\.\n\n${END}`;
    expect(rowsOf(text)).toEqual({ 'public.a': 3, 'public.b': 0 });
  });
  it('counts rows without a column, and rows that look like SQL or like the end', () => {
    expect(rowsOf(`COPY public.none () FROM stdin;\n\n\n\\.\n`)).toEqual({ 'public.none': 2 });
    expect(rowsOf(`COPY public.a (t) FROM stdin;\n\\\\.\n\\.x\n\\N\nCOPY public.b (t) FROM stdin;\n'\n\\.\n`)).toEqual({ 'public.a': 5 });
  });
  it('reads quoted names', () => {
    const text = `COPY "Ä. schema"."ta ""ble"" (x" ("FROM stdin;") FROM stdin;\n1\n\\.\nCOPY public."a.b" (x) FROM stdin;\n1\n\\.\n`;
    expect(rowsOf(text)).toEqual({ '"Ä. schema"."ta ""ble"" (x"': 1, 'public."a.b"': 1 });
  });
  it.each([
    ['a dollar quote', `CREATE FUNCTION f() AS $_$\nCOPY public.x (a) FROM stdin;\n$x$ '$_$ LANGUAGE sql;\n`],
    ['an empty tag', `CREATE FUNCTION f() AS $$\n;COPY public.x (a) FROM stdin;\n$$ LANGUAGE sql;\n`],
    ['a string', `COMMENT ON TABLE a IS 'it''s\n;COPY public.x (a) FROM stdin;\n';\n`],
    ['an escape string', `COMMENT ON TABLE a IS E'it\\'s\n;COPY public.x (a) FROM stdin;\n\\\\';\n`],
    [
      'a string where backslashes escape',
      `SET standard_conforming_strings = off;\nCOMMENT ON TABLE a IS 'it\\'s\n;COPY public.x (a) FROM stdin;\n';\n`,
    ],
    ['a name', `CREATE TABLE "x\n;COPY public.x (a) FROM stdin;\n" ();\n`],
    ['a line comment', `-- it's\n-- ;COPY public.x (a) FROM stdin;\nSELECT 1;\n`],
    ['a block comment', `/* /* ' */ ;\nCOPY public.x (a) FROM stdin;\n*/ SELECT 1;\n`],
    ['a meta-command', `\\restrict it's\n\\connect "x ; COPY public.x (a) FROM stdin;"\n`],
    ['a COPY to somewhere', `SELECT $1;\nCOPY public.x (a) TO stdout;\n`],
  ])('is not misled by %s', (_, text) => {
    expect(rowsOf(`${text}COPY public.a (id) FROM stdin;\n1\n\\.\n`)).toEqual({ 'public.a': 1 });
  });
  it('is not misled by a backslash in a plain string, nor by LIKE before one', () => {
    expect(rowsOf(`SELECT 'C:\\';\nSELECT a LIKE'\\';\nSELECT a$e'\\';\nCOPY public.a (id) FROM stdin;\n1\n\\.\n`)).toEqual({
      'public.a': 1,
    });
  });
  it('counts large objects', () => {
    const text = `SELECT pg_catalog.lo_open('16', 131072);\nSELECT pg_catalog.lowrite(0, '\\x00');\nSELECT pg_catalog.lo_close(0);\n\nSELECT pg_catalog.lo_open('17', 131072);\n`;
    expect(scanEverywhere(text).largeObjects).toBe(2);
  });
  it('tells a whole archive from one that was cut anywhere', () => {
    const text = `\\restrict abc\n\nCOPY public.a (id) FROM stdin;\n1\n\\.\n\n\n${END}\\unrestrict abc\n\n`;
    expect(scanEverywhere(text).missing).toBeUndefined();
    // The last empty line alone is not missed.
    for (let length = 0; length < text.length - 2; length++)
      expect(scan(text.slice(0, length), 9).missing, `cut at ${length}`).toBeDefined();
    expect(scanEverywhere(text.replace('\\unrestrict abc', '\\unrestrict abd')).missing).toMatch(/unrestrict/);
  });
});
