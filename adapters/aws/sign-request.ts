import { LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig, type AwsSettings } from './settings.ts';

export type UnsignedRequest = { method: string; url: URL; headers: Record<string, string>; body: string };

/** The headers of the request, signed by the credentials of the settings: for calls that no client of the SDK makes. */
export async function signRequest(
  settings: AwsSettings,
  service: 'lambda' | 'sts',
  request: UnsignedRequest,
): Promise<Record<string, string>> {
  const { method, url, headers, body } = request;
  const client = new LambdaClient(clientConfig(settings));
  try {
    const signingRegion = await client.config.region();
    const signer = await client.config.signer({ name: 'sigv4', signingName: service, signingRegion, properties: {} });
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: {},
      headers: { ...headers, host: url.host },
      body,
    });
    return signed.headers;
  } finally {
    client.destroy();
  }
}
