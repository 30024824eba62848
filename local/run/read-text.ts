/**
 * What the ItemReader of a distributed map reads. As the account's root: the emulator gives nobody the credentials of a role whose trust
 * has conditions, as those of the machines have.
 */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { s3Client } from '../../adapters/s3/client.ts';
import { ERROR, StateFailed } from '../interpreter/errors.ts';
import type { Fields, Json } from '../interpreter/language.ts';
import { rootSettings, type LocalPlace } from './place.ts';

export type ReadText = (parameters: Json, signal: AbortSignal) => Promise<string>;

export function textReader(place: LocalPlace): ReadText {
  const client = s3Client(rootSettings(place), {});
  return async (parameters, signal) => {
    const { Bucket, Key, ...others } = parameters as Fields;
    if (typeof Bucket !== 'string' || typeof Key !== 'string' || Object.keys(others).length > 0)
      throw new StateFailed(ERROR.itemReader, 'An object is named by Bucket and Key, and by nothing else.');
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal });
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      signal.throwIfAborted();
      throw new StateFailed(ERROR.itemReader, `s3://${Bucket}/${Key} could not be read.`, { cause: error });
    }
  };
}
