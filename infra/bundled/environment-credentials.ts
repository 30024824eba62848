/**
 * Stands in bundles for the SDK's chain of credential providers, with its clients of SSO, STS and the instance metadata: Lambda gives
 * a role's credentials in the environment, and nothing else is to be tried. They outlive the sandbox that they were given to.
 */
export const defaultProvider = () => () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    return Promise.reject(new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment, where Lambda puts them'));
  return Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) });
};
