import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, html } from '../../../core/report/html.ts';
import { bytesText, instantText, secondsText } from '../../../core/quantities.ts';
import { renderReport } from '../../../core/report/render-report.ts';
import { emptyModel, hostileModel } from './odd-models.ts';
import { sampleModel } from './sample-model.ts';

/** The words of a page, without its tags and its style sheet. */
const words = (page: string) =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('the evidence page', () => {
  const page = renderReport(sampleModel);
  const text = words(page);

  test.each([
    ['colours and reasons', /postgres PostgreSQL Amber .*Declared gap IDA-9: An RPO of one hour/],
    ['objectives beside what was measured, and on what', /RTO 1 h none 11.4 s on ephemeral PostgreSQL 16.4/],
    ['what a gap allows', /RPO 1 h 25 h IDA-9 21 s/],
    [
      'points with what holds of each',
      /20261121T011500Z 2026-11-21 01:15:04 UTC .* 13.0 MiB .* governance .* eu-west-1 Passed .* in 11.4 s, from the vault/,
    ],
    ['a drill that failed, with its number', /rows of public.users: expected 20000, measured 19999/],
    ['a drill that could not run, as no pass', /Could not run No point was restored .*There is no verified point to drill/],
    ['keys and their read-backs', /9f2c41d07be3a855 current eu-west-1 second region 2026-11-21 01:14:40 UTC/],
    ['attempts and what refused each', /shorten the lock Refused S3 Object Lock/],
    ['what only real AWS shows', /Not shown here, only on real AWS .*s3:if-none-match/],
    ['declared gaps of the whole plan', /IDA-3 Redis, as RDB hourly .* whole plan none/],
    ['stages with their durations', /Dump the database 9.6 s/],
  ])('shows %s', (_, pattern) => {
    expect(text).toMatch(pattern);
  });

  test('asks for nothing: no script, no address, no attribute that loads', () => {
    for (const one of [page, renderReport(hostileModel)]) {
      const tags = one.replace(/<style>.*<\/style>/s, '').match(/<[^>]*>/g) ?? [];
      expect(tags.length).toBeGreaterThan(100);
      expect(tags.filter((tag) => /^<\/?(script|img|link|iframe|object|embed|base|form|a)\b/i.test(tag))).toEqual([]);
      expect(tags.filter((tag) => /\s(src|href|action|style|on\w+)\s*=/i.test(tag))).toEqual([]);
      expect(/url\(|@import/i.test(one)).toBe(false);
    }
  });

  test('has one language, one title, one main heading, and no level left out', () => {
    expect(page).toMatch(/<html lang="en">/);
    expect(page.match(/<title>/g)).toHaveLength(1);
    const levels = [...page.matchAll(/<h(\d)/g)].map((match) => Number(match[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is the same page for the same model', () => {
    expect(renderReport(structuredClone(sampleModel))).toBe(page);
  });

  test('is a page when there is nothing yet', () => {
    expect(words(renderReport(emptyModel))).toMatch(
      /No data .*There is no point yet\. .*No drill was held yet\. .*No escrowed copy was read back yet\./,
    );
  });
});

describe('escaping', () => {
  test('leaves no way out of text or of a quoted attribute', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(escaped.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
        expect(html`<p title="${text}">${[text, [text]]}</p>`.text).toBe(`<p title="${escaped}">${escaped}${escaped}</p>`);
      }),
    );
  });
  test('shows what would turn a line around instead of letting it', () => {
    expect(escapeHtml('a\u202eb\u0000c\u200bd\ne')).toBe('a\\u202eb\\u0000c\\u200bd\ne');
  });
});

describe('quantities', () => {
  test.each([
    [0, '0 ms'],
    [0.08, '80 ms'],
    [4.24, '4.2 s'],
    [60, '1 min'],
    [185, '3 min 5 s'],
    [3600, '1 h'],
    [90_000, '25 h'],
    [3 * 86_400, '3 d'],
    [4 * 86_400 + 7200, '4 d 2 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(secondsText(seconds)).toBe(text);
  });
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [13_631_488, '13.0 MiB'],
    [500 * 1024 ** 3, '500 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
  test('an instant is said in UTC, and text that is none is left as it is', () => {
    expect([instantText('2026-11-21T01:15:04.120Z'), instantText('x')]).toEqual(['2026-11-21 01:15:04 UTC', 'x']);
  });
});
