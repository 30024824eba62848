/** How every AWS client of Holdfast is set up: bounded waits, bounded tries, and an endpoint of its own on one machine. */

/** Where the clients go. Absent fields are the SDK's defaults (the environment of the function or task). */
export type AwsSettings = {
  region?: string | undefined;
  endpointUrl?: string | undefined;
  /** Sends much at once: when the service asks it to slow down it does, for all of its requests, and does not give up soon. */
  isBulk?: boolean | undefined;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
};

/** Between them the SDK waits up to 20 s: some two minutes of a function that has five. */
const BULK_ATTEMPTS = 10;

/**
 * `socketTimeout` is the longest silence on a connection, not the longest request: a part of 16 MiB may take long on a slow link,
 * a dead peer must not. NAT and VPC endpoints drop idle connections after 350 s.
 */
export const clientConfig = (settings: AwsSettings) => ({
  ...(settings.region ? { region: settings.region } : {}),
  ...(settings.endpointUrl ? { endpoint: settings.endpointUrl } : {}),
  ...(settings.credentials ? { credentials: settings.credentials } : {}),
  maxAttempts: settings.isBulk ? BULK_ATTEMPTS : 5,
  ...(settings.isBulk ? { retryMode: 'adaptive' } : {}),
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
});
