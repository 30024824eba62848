import { expect, test } from 'vitest';
import { closedComment, readComment, replayedComment } from '../../../core/restore/database-properties.ts';

const RUN = '20260602T100001Z-3fa9c1';

test.each([undefined, '', `it's "for"\n\\ what`, '日本 für 🦀', '"quoted"', '"half'])(
  'what is committed with a dump is ASCII, and gives back the comment that the database had: %j',
  (own) => {
    const comment = replayedComment(RUN, '2026-06-02T10:00:02Z', own);
    expect(comment).toMatch(/^[\n -~]*$/);
    expect(readComment(comment)).toMatchObject({ replayed: `${RUN}/2026-06-02T10:00:02Z`, comment: own === '' ? undefined : own });
  },
);

test('a swap that was not ended is still known from the comment of a database in which a dump was committed', () => {
  const closed = closedComment(RUN, 'für alle');
  expect(readComment(replayedComment('other', '2026-06-02T10:00:02Z', closed))).toMatchObject({ closedBy: RUN, comment: 'für alle' });
});

test('a comment that stood behind the line as it was is read as it is', () => {
  expect(readComment(`Replayed by Holdfast in the restore ${RUN}/since\n"half`).comment).toBe('"half');
  expect(readComment(`Replayed by Holdfast in the restore ${RUN}/since\nfor what`).comment).toBe('for what');
});
