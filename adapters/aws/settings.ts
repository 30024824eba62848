/** How every AWS client of Holdfast is set up: bounded waits, bounded tries, and an endpoint of its own on one machine. */

/** Where the clients go. Absent fields are the SDK's defaults (the environment of the function or task). */
export type AwsSettings = {
  region?: string | undefined;
  endpointUrl?: string | undefined;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
};

/**
 * `socketTimeout` is the longest silence on a connection, not the longest request: a part of 16 MiB may take long on a slow link,
 * a dead peer must not. NAT and VPC endpoints drop idle connections after 350 s.
 */
export const clientConfig = (settings: AwsSettings) => ({
  ...(settings.region ? { region: settings.region } : {}),
  ...(settings.endpointUrl ? { endpoint: settings.endpointUrl } : {}),
  ...(settings.credentials ? { credentials: settings.credentials } : {}),
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
});
