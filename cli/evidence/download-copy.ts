import { resolve } from 'node:path';
import { writeCopy } from '../../adapters/directory/write-copy.ts';
import { bytesText, plural } from '../../core/quantities.ts';
import { openVault, type VaultPlace } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';
import { startCounter } from '../output/counter.ts';
import type { Answer, Context } from '../verb.ts';

/** Everything that is kept; of the bytes of points only the list unless they are asked for. */
const PREFIXES = ['catalog', 'chain', 'data', 'evidence', 'runs'] as const;

export async function downloadCopy(
  context: Context,
  { directory, data, from }: { directory: string; data: boolean; from: VaultPlace },
): Promise<Answer> {
  const { frame } = context;
  const plan = context.plan();
  const connection = await context.connect();
  const reader = openVault(connection, plan, from, frame.environment);
  const stopping = new AbortController();
  const removeHandler = frame.onInterrupt(() => stopping.abort());
  const counter = context.isQuiet ? undefined : startCounter(frame);
  const done = { points: 0, records: 0, bytes: 0 };
  try {
    const { versions, files } = await translated(`Reading the ${from} s3://${reader.bucket}`, connection.where, () =>
      writeCopy({
        reader,
        directory: resolve(frame.workingDirectory, directory),
        prefixes: PREFIXES.map((prefix) => `${prefix}/${plan.system}/`),
        isWanted: (key) => data || !key.startsWith('data/'),
        onStored(bytes) {
          done.records++;
          done.bytes += bytes;
          counter?.show(done);
        },
        signal: stopping.signal,
      }),
    );
    const next = `npx holdfast evidence verify ${directory} --public-key <file>`;
    return {
      data: { directory, from, bucket: reader.bucket, versions, files, bytes: done.bytes },
      text: () =>
        `${directory} holds ${plural(files, 'object')} (${bytesText(done.bytes)}) and the list of ${plural(versions, 'version')} of s3://${reader.bucket}\nCheck it: ${next}`,
    };
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return { data: { status: 'stopped' }, text: () => `Stopped; ${directory} is not whole`, exit: 'StoppedWatching' };
  } finally {
    counter?.end();
    removeHandler();
  }
}
