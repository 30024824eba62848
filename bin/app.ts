#!/usr/bin/env node
/** The CDK app of one protection plan. The CDK CLI runs it (cdk.json): `npx cdk deploy --all -c plan=plans/ida.yaml`. */
import { App } from 'aws-cdk-lib';
import { composeApp } from '../infra/app.ts';
import { bundleFunctions } from '../infra/bundle.ts';

bundleFunctions();
const app = new App({ analyticsReporting: false });
composeApp(app, process.env['CDK_DEFAULT_ACCOUNT'], new Date());
app.synth();
