/** Where the deployed system is: what every client and every child process is told of it. */
export type LocalPlace = {
  /** The emulator. */
  endpointUrl: string;
  /** Certificate authority of the local servers. */
  caPath: string;
  accountId: string;
  /** Root of the account. */
  accessKeyId: string;
  secretAccessKey: string;
  /** Home region of the plan that is deployed. */
  region: string;
};

/** The same emulator, as another account's root: there its key is the account's id, and the secret is every account's. */
export const placeIn = (place: LocalPlace, account: string | undefined): LocalPlace =>
  account === undefined || account === place.accountId ? place : { ...place, accountId: account, accessKeyId: account };

export const rootSettings = (place: LocalPlace, region = place.region) => ({
  region,
  endpointUrl: place.endpointUrl,
  credentials: { accessKeyId: place.accessKeyId, secretAccessKey: place.secretAccessKey },
});

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

/** What AWS puts into the environment of a function or a task, and what sends its calls to the emulator instead. */
export const awsEnvironment = (place: LocalPlace, credentials: Credentials, executionsUrl: string): Record<string, string> => ({
  AWS_REGION: place.region,
  AWS_DEFAULT_REGION: place.region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_ENDPOINT_URL: place.endpointUrl,
  // The emulator has an engine of its own, which runs nothing here: executions are asked for where they run.
  AWS_ENDPOINT_URL_SFN: executionsUrl,
  AWS_CA_BUNDLE: place.caPath,
  NODE_EXTRA_CA_CERTS: place.caPath,
});
