// What stands around the functions, and what they have to agree on with it: names of the bus, the queues and the log.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noticeTypes } from '../../lib/vending/notice.ts';
import { started } from '../clouds/support/started.ts';
import { deployment, root } from './fc/deployment.ts';

// biome-ignore lint/suspicious/noExplicitAny: templates, as they were parsed
type Template = any;
const templates: readonly (readonly [string, Template])[] = ['messages', 'rule', 'alarms'].map((name) => [
  name,
  JSON.parse(readFileSync(join(root, `deploy/fc/${name}.json`), 'utf8')),
]);
const [[, messages], [, rule]] = templates as [(typeof templates)[0], (typeof templates)[0]];
/** With the names of a stage. */
const filled = (template: Template): Template => {
  const pseudo: Readonly<Record<string, string>> = {
    ...{ Stage: 'prod', 'ALIYUN::Region': 'cn-hangzhou', 'ALIYUN::TenantId': '1234567890123456' },
    Project: 'keyvend-prod-1234567890123456',
  };
  return JSON.parse(JSON.stringify(template), (_, value) => {
    if (typeof value?.['Fn::Sub'] === 'string')
      return value['Fn::Sub'].replace(/\$\{([\w:]+)\}/g, (_all: string, name: string) => pseudo[name] ?? name);
    return typeof value?.Ref === 'string' ? (pseudo[value.Ref] ?? value.Ref) : value;
  });
};
const { Bus, Requests, DeadLetters, Functions, LogProject } = filled(messages).Resources;
const target = filled(rule).Resources.Requested.Properties.Targets[0];
const { intake, sender } = deployment().resources;

/** [type, what it needs, what it may have] by the pages of ROS. */
const types: Readonly<Record<string, readonly [needs: string, may: string]>> = {
  'ALIYUN::EventBridge::EventBus': ['EventBusName', 'Description'],
  'ALIYUN::EventBridge::Rule': ['EventBusName RuleName FilterPattern Targets', 'Description Status'],
  'ALIYUN::MNS::Queue': [
    'QueueName',
    'VisibilityTimeout MessageRetentionPeriod DelaySeconds MaximumMessageSize PollingWaitSeconds',
  ],
  'ALIYUN::SLS::Project': ['Name', 'Description Tags'],
  'ALIYUN::SLS::Logstore': ['ProjectName LogstoreName', 'TTL ShardCount AutoSplit'],
  'ALIYUN::SLS::Index': ['ProjectName LogstoreName', 'FullTextIndex KeyIndices LogReduce'],
  'ALIYUN::SLS::Alert': ['Project Detail', ''],
  'ALIYUN::CMS::ResourceMetricRule': [
    'ContactGroups MetricName Namespace Resources RuleId RuleName',
    'Escalations Period Interval SilenceTime EmailSubject NoDataPolicy Webhook Labels',
  ],
};

describe.each(templates)('the template %s', (_, template) => {
  it('has only types and properties that ROS knows, and names only what it has', () => {
    const known = new Set([
      ...Object.keys(template.Parameters),
      ...Object.keys(template.Resources),
      'ALIYUN::Region',
      'ALIYUN::TenantId',
    ]);
    const text = JSON.stringify(template);
    const named = [...text.matchAll(/"Ref":"([\w:]+)"|\$\{([\w:]+)\}|"DependsOn":"(\w+)"/g)].map(
      ([, a, b, c]) => a ?? b ?? c,
    );
    expect(named.filter((name) => !known.has(name!))).toEqual([]);
    for (const [name, { Type, Properties }] of Object.entries<Template>(template.Resources)) {
      const [needs = '', may = ''] = types[Type] ?? [];
      expect([name, Object.keys(Properties)]).toEqual([name, expect.arrayContaining(needs.split(' '))]);
      expect(Object.keys(Properties).filter((one) => !`${needs} ${may}`.split(' ').includes(one))).toEqual([]);
    }
  });

  it('is smaller than ROS takes, with fewer resources', () => {
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(512 * 1024);
    expect(Object.keys(template.Resources).length).toBeLessThan(300);
  });
});

describe('the functions and what stands around them', () => {
  it('mean the same bus', () => {
    expect(sender!.props.environmentVariables.KEYVEND_ALIBABA_BUS).toBe(Bus.Properties.EventBusName);
    expect(filled(rule).Resources.Requested.Properties.EventBusName).toBe(Bus.Properties.EventBusName);
  });

  it('mean the same queues', () => {
    const trigger = JSON.stringify(intake!.props.triggers);
    expect(trigger).toContain(`"QueueName":"${Requests.Properties.QueueName}"`);
    const dead = DeadLetters.Properties.QueueName;
    expect(trigger).toContain(`:/queues/${dead}"`);
    expect(target.DeadLetterQueue.Arn).toBe(`acs:mns:cn-hangzhou:1234567890123456:/queues/${dead}`);
    expect(JSON.stringify(intake!.props)).toContain(`::/queues/${dead}/messages`);
  });

  it('mean the same log', () => {
    const { logConfig } = intake!.props as Template;
    expect([logConfig.project, logConfig.logstore]).toEqual([
      LogProject.Properties.Name,
      Functions.Properties.LogstoreName,
    ]);
  });

  it('lead events to the intake, as a whole', () => {
    expect(target.Endpoint).toBe(`acs:fc:cn-hangzhou:1234567890123456:functions/${intake!.props.functionName}`);
    expect(target.ParamList).toContainEqual({ ResourceKey: 'Body', Form: 'ORIGINAL' });
  });

  it('hand on requests, and nothing that keyvend itself puts on the bus', async () => {
    const { admin } = await started();
    admin.events.addBus('ours');
    const got: unknown[] = [];
    const pattern = rule.Resources.Requested.Properties.FilterPattern;
    admin.events.addRule({ bus: 'ours', pattern, target: async ({ type }) => got.push(type) > 0 });
    const own = ['vended', 'rotated', 'refused', ...noticeTypes].map((type) => `keyvend.key-pair.${type}`);
    for (const type of [...own, 'keyvend.key-pair.requested', 'keyvend.key-pair.requested.v2', 'other'])
      admin.events.put('ours', { type });
    await admin.events.deliver();
    expect(got).toEqual(['keyvend.key-pair.requested']);
  });

  it('keep a request in the queue for longer than the intake may take to file it', () => {
    expect(Requests.Properties.VisibilityTimeout).toBeGreaterThan(intake!.props.timeout);
  });
});
