#!/usr/bin/env node
/** The CDK app of one protection plan. The CDK CLI runs it (cdk.json): `npx cdk deploy --all -c plan=plans/ida.yaml`. */
import { App } from 'aws-cdk-lib';
import { HoldfastError } from '../core/failure/error.ts';
import { composeApp } from '../infra/app.ts';
import { bundleFunctions } from '../infra/bundle.ts';

try {
  bundleFunctions();
  const app = new App({ analyticsReporting: false });
  composeApp(app, process.env['CDK_DEFAULT_ACCOUNT'], new Date());
  app.synth();
} catch (error) {
  // Where in this program a plan was found wrong helps nobody.
  if (!(error instanceof HoldfastError)) throw error;
  process.stderr.write(`error ${error.message}\n next ${error.advice}\n`);
  process.exitCode = 1;
}
