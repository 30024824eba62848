/** Whether there is anything to save before a database is replaced, of the paper that the task has left in a vault. */
import { expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { PreparedPaper } from '../../../core/restore/result.ts';
import { restorePaperKey } from '../../../core/vault/keys.ts';
import { findSafety } from '../../../functions/restore/find-safety.ts';
import { freshBucket, rootSettings, uniqueSuffix } from '../../helpers/servers.ts';

const system = `safety${uniqueSuffix()}`;
const finishedAt = '2026-11-21T02:00:00.000Z';

it('answers what an earlier run has saved, that there is something to save, or that nobody has looked', async () => {
  const { reader, writer } = openBucket(await freshBucket({ name: 'safety' }), rootSettings(), {});
  const ask = (run: string) => findSafety({ asset: 'db', run }, { system, reader });
  const papers = {
    marked: { finishedAt, mark: '20261121T020000Z-3fa9c1/0a1b2c', written: { 'public.users': '5/0/1' } },
    saved: { finishedAt, saved: '20261121T010000Z' },
    unknown: { finishedAt, saved: '' },
  };
  for (const [run, paper] of Object.entries(papers))
    await writer.putOnce(restorePaperKey(system, 'db', run, 'prepared'), JSON.stringify(PreparedPaper.parse(paper)));
  expect(await ask('marked')).toEqual({ isSaved: false, safety: '' });
  expect(await ask('saved')).toEqual({ isSaved: true, safety: '20261121T010000Z' });
  expect(await ask('unknown')).toEqual({ isSaved: true, safety: '' });
  await expect(ask('none')).rejects.toThrow('What the restore none noted');
});
