/** Credentials of the deployed roles, by STS, as Lambda and ECS get them for what they run. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { rootSettings, type Credentials, type LocalPlace } from './place.ts';

export type RoleCredentials = Credentials & { expiresAt: Date };

/** @param sessionName shows in ARNs: AWS uses the name of the function or the id of the task */
export type AssumeRole = (roleArn: string, sessionName: string) => Promise<RoleCredentials>;

const LONGEST_SESSION_NAME = 64;
const SESSION_SECONDS = 3_600;

/** @param as whoever assumes it; the account's root when absent */
export function roleAssumer(place: LocalPlace, as?: Credentials): AssumeRole {
  const sts = new STSClient(clientConfig({ ...rootSettings(place), ...(as ? { credentials: as } : {}) }));
  return async (roleArn, sessionName) => {
    const { Credentials: issued } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName.slice(0, LONGEST_SESSION_NAME),
        DurationSeconds: SESSION_SECONDS,
      }),
    );
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Expiration: expiresAt } = issued ?? {};
    if (!accessKeyId || !secretAccessKey || !sessionToken || !expiresAt) throw new TypeError(`STS gave no credentials for ${roleArn}`);
    return { accessKeyId, secretAccessKey, sessionToken, expiresAt };
  };
}
