import { ACCOUNT } from '../infra/synthesized.ts';

/** What IAM is asked when a call is made: some calls ask for more than one right, and S3 asks KMS on its caller's behalf. */
export type Asked = {
  /** Name of the role, without its account. */
  role: string;
  action: string;
  resource: string;
  region: string;
  context: Record<string, string | string[]>;
  /** The call succeeds without it and tells less, so it is no fault when it is not granted. */
  isOptional?: true;
};

/** The emulator's account becomes that of the templates. */
export const inAccount = (context: Asked['context'], account: string): Asked['context'] =>
  Object.fromEntries(
    Object.entries(context).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.replaceAll(account, ACCOUNT) : value.map((one) => one.replaceAll(account, ACCOUNT)),
    ]),
  );
