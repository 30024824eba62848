/** What a step reaches: each service behind what is asked of it, nothing more. */

export type EcsService = { service: string; desiredCount: number; runningCount: number; pendingCount: number };
export type Suspended = { in: boolean; out: boolean; scheduled: boolean };

export type EcsServices = {
  /** In the order asked. Throws ServiceUnusable when one is not there, not active, or of a kind that has no count. */
  describe(cluster: string, services: readonly string[]): Promise<EcsService[]>;
  setCount(cluster: string, service: string, desiredCount: number): Promise<void>;
};

export type ScalableTargets = {
  /** Whether scaling of each service is suspended; a service without a scalable target is absent. */
  describe(cluster: string, services: readonly string[]): Promise<Map<string, Suspended>>;
  suspend(cluster: string, service: string, suspended: Suspended): Promise<void>;
};

export type HostTargets = { instances: readonly string[] } | { tag: { key: string; value: string } };
export type HostResult = { id: string; succeeded: boolean; status: string; output: string };
export type HostCommands = {
  /** The id of the command: every host runs the document once. */
  send(document: string, targets: HostTargets, parameters: Record<string, string>): Promise<string>;
  /** Undefined while a host is still at it; of no host at all an empty list. */
  results(command: string): Promise<HostResult[] | undefined>;
};

export type FunctionAction = 'stop' | 'start' | 'status';
/** Calls a function of the plan's. What it answers is not told, but for its state. Throws StepFailed. */
export type CallFunction = (arn: string, action: FunctionAction, run: string) => Promise<'running' | 'stopped' | 'changing'>;

export type QuiescePorts = {
  services: EcsServices;
  scaling: ScalableTargets;
  hosts: HostCommands;
  call: CallFunction;
  /** Tells people what they are to do. */
  tell: (subject: string, body: string) => Promise<void>;
  /** Whether a person has said that it is done. */
  isTicked: (number: number, part: 'stop' | 'start') => Promise<boolean>;
  /** Name of the document that is deployed with the plan. */
  composeDocument: string;
};
