import { GetParameterCommand, paginateGetParameterHistory } from '@aws-sdk/client-ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { KeySource } from '../../core/escrow/ports.ts';
import { sourceError } from './source-errors.ts';

/** Keys in Parameter Store, which keeps the newest hundred versions. The last one is current; there is nothing like a pending one. */
export const parameterSource = (client: SSMClient): KeySource => ({
  async *listVersions({ name }) {
    try {
      const found: { number: number; id: string }[] = [];
      // Without decryption: whoever lists sees no value of a SecureString.
      for await (const page of paginateGetParameterHistory({ client }, { Name: name, WithDecryption: false }))
        for (const { Version, LastModifiedDate } of page.Parameters ?? [])
          if (Version !== undefined && LastModifiedDate) found.push({ number: Version, id: versionId(Version, LastModifiedDate) });
      const newest = Math.max(...found.map(({ number }) => number));
      for (const { number, id } of found) yield { id, label: number === newest ? 'current' : 'old' };
    } catch (error) {
      throw sourceError(error, `list the versions of the parameter '${name}'`, 'secret-missing');
    }
  },

  async read({ name }, version) {
    const tried = `read version ${version} of the parameter '${name}'`;
    try {
      const read = async (Name: string) => (await client.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter ?? {};
      const { Value, Version, LastModifiedDate } = await read(`${name}:${version.split('@')[0] ?? ''}`);
      if (Version === undefined || LastModifiedDate === undefined || versionId(Version, LastModifiedDate) !== version)
        throw Object.assign(new Error('it was deleted and made again'), { name: 'ParameterVersionNotFound' });
      const newest = await read(name);
      return { content: { kind: 'text', text: Value ?? '' }, isCurrent: newest.Version === Version };
    } catch (error) {
      throw sourceError(error, tried, 'version-missing');
    }
  },
});

/** Numbers begin anew when a parameter is deleted and made again; its time tells the two apart. */
const versionId = (version: number, modified: Date) => `${version}@${modified.toISOString()}`;
