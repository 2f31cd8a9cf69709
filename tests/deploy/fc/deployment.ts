// deploy/fc/s.yaml as Serverless Devs reads it, and what is wrong with such a file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fcFunctions, functionName } from '../../../deploy/fc/functions.ts';
import { domainShape, functionShape, isVariable, misfits, triggers } from './shape.ts';

export const root = join(import.meta.dirname, '../../..');
export const text = readFileSync(join(root, 'deploy/fc/s.yaml'), 'utf8');

/** As long as they may come to be. */
export const environment: Readonly<Record<string, string>> = {
  ...{
    DEPLOY_ACCOUNT: '1234567890123456',
    DEPLOY_DOMAIN: 'keyvend.example.com',
    DEPLOY_VPC: 'vpc-bp1aevy8sofi8mh1q1tcx',
  },
  ...{ DEPLOY_LOG_PROJECT: 'keyvend-prod-1234567890123456', DEPLOY_VSWITCH: 'vsw-bp1pkt1fba8e824ez3u2t' },
  ...{ DEPLOY_SECURITY_GROUP: 'sg-bp18kj60mefs4idqhqwj', DEPLOY_CERT_FILE: './cert.pem' },
  ...{ DEPLOY_CERT_KEY_FILE: './key.pem', KEYVEND_ISSUER: `https://login.example.com/${'t'.repeat(100)}` },
  ...{ KEYVEND_AUDIENCE: 'a'.repeat(100), KEYVEND_JWKS_URI: `https://login.example.com/${'k'.repeat(150)}` },
  KEYVEND_POSTGRES_URL: `postgres://keyvend:${'p'.repeat(64)}@pgm-bp1234567890abcd.pg.rds.aliyuncs.com:5432/keyvend`,
  ...{ DEPLOY_KMS_INSTANCE: 'kst-hzz65f176a0ogplgq****', DEPLOY_KMS_KEY: 'key-hzz65f1cb66fa42qo****' },
  KEYVEND_HOST_NETWORKS: Array.from({ length: 30 }, (_, i) => `10.${i}.0.0/16`).join(','),
};

interface Trigger {
  readonly triggerName: string;
  readonly triggerType: string;
  readonly triggerConfig: {
    readonly payload?: string;
    readonly cronExpression?: string;
    readonly methods?: readonly string[];
  };
}
interface Props {
  readonly functionName: string;
  readonly code: string;
  readonly role: string;
  readonly timeout: number;
  readonly instanceConcurrency: number;
  readonly memorySize: number;
  readonly concurrencyConfig: { readonly reservedConcurrency: number };
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly triggers: readonly Trigger[];
}
export interface Route {
  readonly path: string;
  readonly functionName: string;
  readonly methods: readonly string[];
}
interface Resource {
  readonly component: string;
  readonly props: Props & { readonly routeConfig: { readonly routes: readonly Route[] } };
}
export interface Deployment {
  readonly resources: Readonly<Record<string, Resource>>;
}

/** @param names asked for without a usual value, and not given, are collected */
export function deployment(source = text, given = environment, names: string[] = []): Deployment {
  const fromEnvironment = (line: string) =>
    line.replace(/\$\{env\('(\w+)'(?:, '([^']*)')?\)\}/g, (_, name: string, usual?: string) => {
      if (given[name] === undefined && usual === undefined) names.push(name);
      return given[name] ?? usual ?? '';
    });
  const read = (yaml: string) => parse(yaml, { merge: true, maxAliasCount: -1 });
  const filled = source.split('\n').map(fromEnvironment).join('\n');
  const { vars } = read(filled) as { vars: Readonly<Record<string, string>> };
  return read(filled.replace(/\$\{vars\.(\w+)\}/g, (whole, name: string) => String(vars[name] ?? whole)));
}

const MOST_BYTES = 4_096;
export const bytesOf = (variables: Readonly<Record<string, string>>): number =>
  Object.entries(variables).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);

/** Everything that is wrong with it, each with its place. */
export function complaints({ resources }: Deployment, stage = 'prod'): string[] {
  const { domain, ...functions } = resources;
  const names = Object.keys(fcFunctions);
  const roles = Object.values(functions).map(({ props }) => props.role);
  return [
    ...names.filter((name) => !(name in functions)).map((name) => `${name}: has no entry`),
    ...Object.keys(functions)
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: is no function of ours`),
    ...roles.filter((role, i) => roles.indexOf(role) !== i).map((role) => `${role}: is the role of two functions`),
    ...Object.entries(functions).flatMap(([name, { component, props }]) => [
      ...(component === 'fc3' ? [] : [`${name}: is no function of fc3`]),
      ...misfits(functionShape, props, name),
      ...(Array.isArray(props.triggers) ? props.triggers : []).flatMap((one, i) => {
        const shape = triggers[one.triggerType];
        return shape ? misfits(shape, one, `${name}.triggers.${i}`) : [`${name}.triggers.${i}: a type of trigger`];
      }),
      ...ofVariables(name, props.environmentVariables ?? {}),
      ...(name in fcFunctions ? againstTable(name, props, stage) : []),
    ]),
    ...(domain === undefined ? ['domain: is missing'] : ofDomain(domain, functions)),
  ];
}

function ofVariables(name: string, variables: Readonly<Record<string, unknown>>): string[] {
  const values = Object.entries(variables);
  return [
    ...values.filter(([one]) => !isVariable(one)).map(([one]) => `${name}.${one}: FC keeps such names to itself`),
    ...values.filter(([, value]) => typeof value !== 'string').map(([one]) => `${name}.${one}: a text`),
    ...(bytesOf(variables as Record<string, string>) > MOST_BYTES ? [`${name}: more than 4 KB of variables`] : []),
  ];
}

function againstTable(name: string, props: Props, stage: string): string[] {
  const row = fcFunctions[name]!;
  const timer = props.triggers?.find(({ triggerType }) => triggerType === 'timer')?.triggerConfig;
  const http = props.triggers?.find(({ triggerType }) => triggerType === 'http')?.triggerConfig;
  const same = (what: string, is: unknown, wanted: unknown) =>
    JSON.stringify(is) === JSON.stringify(wanted) ? [] : [`${name}.${what}: ${JSON.stringify(wanted)} by the table`];
  return [
    ...same('functionName', props.functionName, functionName(stage, name)),
    ...same('role', props.role.split('/')[1], functionName(stage, name)),
    ...same('code', props.code.split('/').at(-1), row.folder),
    ...same('timeout', props.timeout, row.timeoutS),
    ...same('memorySize', props.memorySize, row.memoryMb),
    ...same('KEYVEND_FC_TIMEOUT_SECONDS', props.environmentVariables?.KEYVEND_FC_TIMEOUT_SECONDS, String(row.timeoutS)),
    ...same('KEYVEND_READS_KEYS', props.environmentVariables?.KEYVEND_READS_KEYS !== 'false', readsKeys(name)),
    ...same('KEYVEND_GRACE_DAYS', 'KEYVEND_GRACE_DAYS' in (props.environmentVariables ?? {}), row.rotates === true),
    ...same('timer', timer?.cronExpression, row.timer && `@every ${row.timer.minutes}m`),
    ...same('payload', timer?.payload, row.timer && JSON.stringify({ job: row.timer.job })),
    ...same('methods', http?.methods, row.methods),
  ];
}

export const readsKeys = (name: string): boolean =>
  ['settle', 'compare', 'make and read'].includes(fcFunctions[name]!.keys);

function ofDomain({ component, props }: Resource, functions: Deployment['resources']): string[] {
  const routes = props.routeConfig?.routes ?? [];
  const wanted = Object.entries(fcFunctions).filter(([, { path }]) => path !== undefined);
  return [
    ...(component === 'fc3-domain' ? [] : ['domain: is no domain of fc3']),
    ...misfits(domainShape, props, 'domain'),
    ...(routes.length === wanted.length ? [] : ['domain: one route for each function that answers over HTTP']),
    ...wanted.flatMap(([name, { path, methods }]) => {
      const route = routes.find((one) => one.path === path);
      const fits = route?.functionName === functions[name]?.props.functionName;
      return fits && JSON.stringify(route?.methods) === JSON.stringify(methods)
        ? []
        : [`domain: ${path} leads to ${name}`];
    }),
  ];
}
