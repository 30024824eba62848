import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { signRequest } from '../../adapters/aws/sign-request.ts';
import { functionName } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { FUNCTION_HEADER, FUNCTION_URL_PATH, IDENTITY_HEADER } from '../../local/run/function-urls.ts';
import { becomePerson } from '../../local/run/people.ts';
import { rootSettings, type LocalPlace } from '../../local/run/place.ts';
import type { LocalSession } from '../../local/session.ts';
import type { VaultPlace } from '../connection.ts';
import { readAnswer, type SignedCalls } from '../signed-calls.ts';

type At = { place: LocalPlace; session: () => Promise<Pick<LocalSession, 'urlsAt'>> };

/** As the person that is named, under the deployed role: the emulator says who that is, and whether he may call. */
export function localCalls(plan: ProtectionPlan, at: (place: VaultPlace) => At, user: string): SignedCalls {
  return async ({ place, handler, body, as }) => {
    const { place: local, session } = at(place);
    const name = functionName(plan.system, handler, place);
    const [through = ''] = as.role === 'requester' ? plan.roles.requesters : plan.roles.approvers;
    const role = `holdfast-${plan.system}-${as.role}${place === 'replica' ? '-replica' : ''}`;
    const credentials = await becomePerson(local, { through: through.split('/').at(-1) ?? through, role, person: as.person ?? user });
    const settings = { ...rootSettings(local), credentials };
    const lambda = new LambdaClient(clientConfig(settings));
    const { FunctionUrl = '' } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }));
    const [id = ''] = new URL(FunctionUrl).hostname.split('.');
    const asked = {
      method: 'POST',
      url: new URL(local.endpointUrl),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    };
    const identity = { headers: await signRequest(settings, 'sts', asked), body: asked.body };
    // An OPTIONS request: what the emulator judges without running anything.
    const url = new URL(`${FUNCTION_URL_PATH}${id}/`, (await session()).urlsAt);
    const text = JSON.stringify(body);
    const headers = await signRequest(settings, 'lambda', {
      method: 'OPTIONS',
      url,
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    const more = { [FUNCTION_HEADER]: name, [IDENTITY_HEADER]: Buffer.from(JSON.stringify(identity)).toString('base64') };
    const answer = await fetch(url, { method: 'OPTIONS', headers: { ...headers, ...more }, body: text });
    return readAnswer(answer.status, await answer.text(), name);
  };
}
