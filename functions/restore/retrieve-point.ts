import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { ListedVersion, ObjectReader, ObjectRetriever } from '../../core/ports/object-store.ts';
import { RetrieveEnvironment, RetrieveRequest, type RetrieveAnswer } from '../../core/restore/contract.ts';
import { decideRetrieval, isArchived, isToRequest, READABLE_DAYS } from '../../core/restore/retrieval.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { pointDataPrefix } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

const REQUESTS_AT_ONCE = 50;

export type RetrievePorts = {
  system: string;
  vault: Pick<ObjectReader, 'listVersions'>;
  retriever: ObjectRetriever;
  now: () => Date;
};

/**
 * Whether the data of a point can be read; what is in an archive is asked for, all of it at once. Called again until it is there.
 * Which objects are in an archive stands in their listing: of a point that is not, nothing more is asked.
 */
export async function retrievePoint(
  { asset, point, since }: z.output<typeof RetrieveRequest>,
  { system, vault, retriever, now }: RetrievePorts,
): Promise<z.infer<typeof RetrieveAnswer>> {
  const archived: ListedVersion[] = [];
  for await (const version of vault.listVersions(pointDataPrefix(system, asset, point)))
    if (isArchived(version.storageClass)) archived.push(version);
  const at = now();
  const retrievals = await mapSeveralAtOnce(archived, REQUESTS_AT_ONCE, async (version) => {
    const retrieval = await retriever.look(version);
    if (isToRequest(retrieval, at)) await retriever.request(version, READABLE_DAYS);
    return retrieval;
  });
  return decideRetrieval({ point, since, retrievals, now: at });
}

function connect(environment: z.output<typeof RetrieveEnvironment>): RetrievePorts {
  const { reader, retriever } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  return { system: environment.SYSTEM, vault: reader, retriever, now: () => new Date() };
}

export const handler = handle({ environment: RetrieveEnvironment, request: RetrieveRequest, connect, run: retrievePoint });
