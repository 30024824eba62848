/**
 * The only place that adapts the app to an emulator (`-c emulator=ministack`). It takes out of the finished templates what the
 * emulator evaluates wrongly or does not know, and says what is therefore not shown there; the templates for AWS are not touched.
 */
import { Stack, type App } from 'aws-cdk-lib';
import { CfnFlowLog, CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventInvokeConfig, CfnPermission, CfnUrl } from 'aws-cdk-lib/aws-lambda';
import { CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';

export const EMULATORS = ['ministack'] as const;

/** Account of everything that an emulator holds. */
export const EMULATED_ACCOUNT = '000000000000';

export type Omission = {
  /** Condition keys, or a resource type, that the templates for AWS have and the emulator's do not. */
  without: string[];
  /** What only AWS shows, as a sentence. */
  sentence: string;
};

/** Printed by the demo as "not shown here", listed in docs; a test asserts each on the templates for AWS. */
export const OMISSIONS: readonly Omission[] = [
  {
    without: ['s3:if-none-match', 's3:ObjectCreationOperation'],
    sentence:
      'The bucket policies refuse a write outside data/ that does not say If-None-Match; here only the writers say it, and S3 refuses the second write.',
  },
  {
    without: ['s3:object-lock-remaining-retention-days'],
    sentence: 'The bucket policies refuse a lock that is longer than the plan’s longest.',
  },
  {
    without: ['s3:x-amz-server-side-encryption-aws-kms-key-id', 's3:x-amz-server-side-encryption-customer-algorithm'],
    sentence: 'The bucket policies refuse a write under any key but the bucket’s; here they refuse any other kind of encryption.',
  },
  { without: ['s3:TlsVersion'], sentence: 'The bucket policies refuse TLS older than 1.2; here they refuse what is not TLS.' },
  {
    without: ['kms:ViaService', 'kms:EncryptionContext:aws:s3:arn'],
    sentence: 'The vault keys serve only S3, and only under the bucket’s own encryption context; here S3 does not ask KMS at all.',
  },
  {
    without: [
      'kms:EncryptionContext:holdfast:system',
      'kms:EncryptionContext:holdfast:key',
      'kms:EncryptionContext:holdfast:purpose',
      'kms:EncryptionContextKeys',
    ],
    sentence:
      'An envelope opens only under exactly its own encryption context; here the key policy refuses every role but the two that open envelopes.',
  },
  {
    without: ['kms:EncryptionContext:SecretARN', 'kms:EncryptionContext:PARAMETER_ARN'],
    sentence:
      'The key of a secret or parameter opens only those that a role may read; here Secrets Manager and Parameter Store do not ask KMS.',
  },
  {
    without: ['kms:ResourceAliases'],
    sentence: 'Roles may use only the keys that have the system’s aliases; here they are given the aliases and every key.',
  },
  {
    without: ['lambda:InvokedViaFunctionUrl'],
    sentence:
      'A call by the URL of a function takes two rights, the second of which is for URLs alone; here the first is asked for, and nobody has the second.',
  },
  {
    without: ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::FlowLog'],
    sentence:
      'The database’s own security group admits dump and restore alone, and the flows of the VPC are logged; here nothing enforces a network.',
  },
  {
    without: ['AWS::Events::Rule', 'AWS::Lambda::Permission', 'AWS::Lambda::EventInvokeConfig'],
    sentence:
      'What is written after a point’s copy follows to the replica by an event of the vault; here the emulator would call the function in an engine of its own.',
  },
  {
    without: ['AWS::SNS::Subscription'],
    sentence:
      'Receivers that the plan names are told by a function that hears the alarm topic; here the emulator would call it in an engine of its own.',
  },
  {
    without: ['AWS::SSM::Document'],
    sentence:
      'Services of Docker Compose hosts are stopped by a document of Systems Manager that is deployed with the plan; here no host runs documents.',
  },
];

/** What a statement allows without these is more than it means. */
const WORTHLESS_WITHOUT = ['kms:ViaService', 'lambda:InvokedViaFunctionUrl'];
/** Here no token says which machine it wakes. */
const WAKE = 'states:SendTaskSuccess';

const UNKNOWN_TYPES = [CfnSecurityGroupIngress, CfnFlowLog, CfnRule, CfnPermission, CfnEventInvokeConfig, CfnSubscription, CfnDocument];
const UNKNOWN_KEYS = OMISSIONS.flatMap(({ without }) => without).filter((name) => !name.startsWith('AWS::'));

type PlainStatement = { Effect: string; Resource?: unknown; Condition?: Record<string, Record<string, unknown>> } & Record<string, unknown>;
type PlainDocument = { Statement: PlainStatement[] } & Record<string, unknown>;

/** Call it when the app is whole. */
export function adaptToEmulator(app: App): void {
  for (const construct of app.node.findAll()) {
    if (UNKNOWN_TYPES.some((type) => construct instanceof type)) construct.node.scope?.node.tryRemoveChild(construct.node.id);
    const adapt = (document: unknown) => {
      const stack = Stack.of(construct);
      return adaptDocument(stack.resolve(document) as PlainDocument, stack.account);
    };
    if (construct instanceof CfnBucketPolicy) construct.policyDocument = adapt(construct.policyDocument);
    if (construct instanceof CfnKey && construct.keyPolicy !== undefined) construct.keyPolicy = adapt(construct.keyPolicy);
    // A request that the emulator judges and runs nothing for (local/run/function-urls.ts): it is answered where the URL says so.
    if (construct instanceof CfnUrl) construct.cors = { allowOrigins: ['https://localhost'] };
    if (construct instanceof CfnRole) construct.assumeRolePolicyDocument = adapt(construct.assumeRolePolicyDocument);
    if (construct instanceof CfnRole && Array.isArray(construct.policies)) {
      const policies = construct.policies as CfnRole.PolicyProperty[];
      construct.policies = policies.map((policy) => ({ policyName: policy.policyName, policyDocument: adapt(policy.policyDocument) }));
    }
  }
}

const adaptDocument = (document: PlainDocument, account: string): PlainDocument => ({
  ...document,
  Statement: document.Statement.flatMap((statement) => adaptStatement(statement, account)),
});

/** With an unknown key a Deny blocks everything or nothing, and an Allow is void. */
function adaptStatement(statement: PlainStatement, account: string): PlainStatement[] {
  const conditions = Object.entries(statement.Condition ?? {});
  const keys = new Set(conditions.flatMap(([, block]) => Object.keys(block)));
  const unknown = [...keys].filter((key) => UNKNOWN_KEYS.includes(key));
  if (unknown.length > 0 && (statement.Effect === 'Deny' || WORTHLESS_WITHOUT.some((key) => keys.has(key)))) return [];
  const kept = conditions
    .map(
      ([operator, block]) =>
        [
          operator,
          Object.fromEntries(
            Object.entries(block)
              .filter(([key]) => !unknown.includes(key))
              .map((entry) => widenPrincipals(entry, account)),
          ),
        ] as const,
    )
    .filter(([, block]) => Object.keys(block).length > 0);
  const { Condition: _, ...rest } = statement;
  return [
    {
      ...rest,
      ...(keys.has('kms:ResourceAliases') ? { Resource: withAliases(statement) } : {}),
      ...(isWaking(statement) ? { Resource: '*' } : {}),
      ...(kept.length > 0 ? { Condition: Object.fromEntries(kept) } : {}),
    },
  ];
}

const isWaking = ({ Action }: PlainStatement) => Array.isArray(Action) && Action.length === 1 && Action[0] === WAKE;

/** Here `aws:PrincipalArn` of a role's session is that of the session; of a role of another account it is that account's root. */
function widenPrincipals([key, value]: [string, unknown], account: string): [string, unknown] {
  if (key !== 'aws:PrincipalArn') return [key, value];
  const arns = (Array.isArray(value) ? value : [value]) as string[];
  const others = new Set(arns.map((arn) => arn.split(':')[4] ?? '').filter((id) => /^\d{12}$/.test(id) && id !== account));
  return [
    key,
    [
      ...arns.flatMap((arn) => [arn, `${arn.replace(':iam::', ':sts::').replace(':role/', ':assumed-role/')}/*`]),
      ...[...others].map((id) => `arn:aws:iam::${id}:root`),
    ],
  ];
}

/** Here a key that a call names by its alias is authorized by the alias’s ARN. */
function withAliases({ Resource, Condition }: PlainStatement): string[] {
  const keys = (Array.isArray(Resource) ? Resource : [Resource]) as string[];
  const aliases = Object.values(Condition ?? {}).flatMap((block) => block['kms:ResourceAliases'] ?? []) as string[];
  return keys.flatMap((key) => [key, ...aliases.map((alias) => key.replace('key/*', alias))]);
}
