// What fc3 3.x knows of a function's properties, as far as keyvend uses them, and what each may be. Stricter than the component's own schema,
// which lets any further property pass, and any configuration of a trigger. Source: "fc3" (Serverless Devs), its specification of `props`.

export type Shape =
  | 'text'
  | 'flag'
  | 'texts'
  | { readonly from: number; readonly to: number; readonly step?: number }
  | { readonly one: readonly (string | number)[] }
  | { readonly like: RegExp }
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly needs?: readonly string[] };

const all = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields, needs: Object.keys(fields) });
const whole = (from: number, to: number, step = 1): Shape => ({ from, to, step });
const hook = all({ handler: 'text', timeout: whole(1, 300) });
const methods: Shape = { list: { one: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] } };

/** `@every 1m`, or six or seven fields, the first of them seconds; the last but one may be a question mark. */
const cron = /^(?:@every [1-9]\d*[smh]|(?:CRON_TZ=\S+ )?(?:[\d*/,?-]+ ){5,6}[\dA-Z*/,?#L-]+)$/;

const trigger = (type: string, triggerConfig: Shape): Shape =>
  all({ triggerName: { like: /^[A-Za-z_][\w-]{0,127}$/ }, triggerType: { one: [type] }, triggerConfig });

export const triggers: Readonly<Record<string, Shape>> = {
  http: trigger('http', all({ authType: { one: ['anonymous'] }, disableURLInternet: 'flag', methods })),
  timer: trigger('timer', all({ cronExpression: { like: cron }, enable: 'flag', payload: 'text' })),
  eventbridge: trigger(
    'eventbridge',
    all({
      ...{ triggerEnable: 'flag', asyncInvocationType: 'flag', eventRuleFilterPattern: 'text' },
      eventSourceConfig: all({
        eventSourceType: { one: ['MNS'] },
        eventSourceParameters: all({
          sourceMNSParameters: all({ RegionId: 'text', QueueName: 'text', IsBase64Decode: 'flag' }),
        }),
      }),
      eventSinkConfig: all({ deliveryOption: all({ eventSchema: { one: ['CloudEvents', 'RawData'] } }) }),
      runOptions: all({
        ...{ mode: { one: ['event-streaming'] }, errorsTolerance: { one: ['ALL'] } },
        batchWindow: all({ CountBasedWindow: whole(1, 10_000), TimeBasedWindow: whole(0, 15) }),
        retryStrategy: all({ PushRetryStrategy: { one: ['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY'] } }),
        deadLetterQueue: all({ Arn: { like: /^acs:mns:[a-z\d-]+:\d{16}:\/queues\/[A-Za-z][\w-]+$/ } }),
      }),
    }),
  ),
};

const environmentName = /^(?!FC_|ALIBABA_CLOUD_)[A-Z][A-Z\d_]*$/;
export const isVariable = (name: string): boolean => environmentName.test(name);

export const functionShape: Shape = {
  fields: {
    region: { like: /^[a-z]{2}-[a-z\d-]+$/ },
    functionName: { like: /^[A-Za-z_][\w-]{0,63}$/ },
    description: 'text',
    runtime: { one: ['custom.debian12'] },
    code: { like: /^\.\.\/\.\.\/\.package\/fc\/[a-z]+$/ },
    role: { like: /^acs:ram::\d{16}:role\/[\w.-]{1,64}$/ },
    cpu: { from: 0.05, to: 16, step: 0.05 },
    memorySize: whole(128, 32_768, 64),
    diskSize: { one: [512, 10_240] },
    timeout: whole(1, 86_400),
    instanceConcurrency: whole(1, 200),
    internetAccess: 'flag',
    layers: { list: { like: /^acs:fc:[a-z\d-]+:official:layers\/Nodejs24\/versions\/\d+$/ } },
    customRuntimeConfig: all({ command: 'texts', port: { one: [9000] } }),
    instanceLifecycleConfig: all({ initializer: hook, preStop: hook }),
    vpcConfig: all({ vpcId: 'text', vSwitchIds: 'texts', securityGroupId: 'text' }),
    logConfig: all({
      ...{
        project: { like: /^keyvend-[a-z\d-]+$/ },
        logstore: { one: ['functions'] },
        logBeginRule: { one: ['None'] },
      },
      ...{ enableRequestMetrics: 'flag', enableInstanceMetrics: 'flag' },
    }),
    concurrencyConfig: all({ reservedConcurrency: whole(0, 300) }),
    environmentVariables: { fields: {} },
    asyncInvokeConfig: {
      fields: {
        maxAsyncRetryAttempts: whole(0, 8),
        maxAsyncEventAgeInSeconds: whole(1, 604_800),
        destinationConfig: all({
          onFailure: all({ destination: { like: /^acs:mns:[a-z\d-]+::\/queues\/[\w-]+\/messages$/ } }),
        }),
      },
    },
    triggers: { list: { fields: {} } },
  },
  needs: [
    ...['region', 'functionName', 'runtime', 'code', 'role', 'timeout', 'memorySize', 'layers', 'customRuntimeConfig'],
    ...['instanceLifecycleConfig', 'vpcConfig', 'internetAccess', 'logConfig', 'concurrencyConfig', 'triggers'],
    ...['environmentVariables', 'instanceConcurrency'],
  ],
};

export const domainShape: Shape = all({
  ...{ region: 'text', domainName: 'text', protocol: { one: ['HTTPS'] } },
  certConfig: all({ certName: 'text', certificate: 'text', privateKey: 'text' }),
  tlsConfig: all({ minVersion: { one: ['TLSv1.2', 'TLSv1.3'] } }),
  routeConfig: all({
    routes: {
      list: all({ path: { like: /^\/[\w/*-]*$/ }, functionName: 'text', qualifier: { one: ['LATEST'] }, methods }),
    },
  }),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What of a value does not fit, each by its place. */
export function misfits(shape: Shape, value: unknown, at: string): string[] {
  const is = (good: boolean, wanted: string) => (good ? [] : [`${at}: ${wanted}`]);
  if (shape === 'text') return is(typeof value === 'string' && value !== '', 'a text');
  if (shape === 'flag') return is(typeof value === 'boolean', 'true or false');
  if (shape === 'texts') return misfits({ list: 'text' }, value, at);
  if ('one' in shape) return is(shape.one.includes(value as string), shape.one.join(' or '));
  if ('like' in shape) return is(typeof value === 'string' && shape.like.test(value), String(shape.like));
  if ('from' in shape) {
    const steps = Number(value) / (shape.step ?? 1);
    const fits = typeof value === 'number' && value >= shape.from && value <= shape.to;
    return is(fits && Math.abs(steps - Math.round(steps)) < 1e-9, `${shape.from} to ${shape.to} by ${shape.step}`);
  }
  if ('list' in shape)
    return Array.isArray(value) && value.length > 0
      ? value.flatMap((one, i) => misfits(shape.list, one, `${at}.${i}`))
      : [`${at}: a list`];
  if (!isObject(value)) return [`${at}: an object`];
  const open = Object.keys(shape.fields).length === 0;
  return [
    ...(shape.needs ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name}: is missing`),
    ...Object.entries(value).flatMap(([name, one]) => {
      const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (known !== undefined) return misfits(known, one, `${at}.${name}`);
      return open ? [] : [`${at}.${name}: no such property`];
    }),
  ];
}
