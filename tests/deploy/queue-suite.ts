// Queues, their dead letters, and the events that end in them.
import { describe, expect, it } from 'vitest';
import { deadLettersOf, queueOf } from '../../deploy/queue-resources.ts';
import { queueOwners } from '../../deploy/words.ts';
import { queueUrls } from '../../lib/aws/sqs.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { ofType, type Packaged } from './packaged.ts';

export const queues = (example: Packaged) =>
  describe('queues', () => {
    const { Resources } = example.template;
    const properties = (name: string) => Resources[name].Properties;
    const mapping = (provider: string) =>
      ofType(example, 'AWS::Lambda::EventSourceMapping')
        .map(([, { Properties }]) => Properties)
        .find(
          ({ FunctionName }) =>
            FunctionName['Fn::GetAtt'][0] === `${provider[0]!.toUpperCase()}${provider.slice(1)}QueueLambdaFunction`,
        );

    describe.each(queueOwners)('the queues for %s', (provider) => {
      const queue = properties(queueOf(provider));
      const deadLetters = properties(deadLettersOf(provider));

      it('hide a message at least six times as long as its function may take', () => {
        const taker = provider === 'rotation' ? 'RotationWorker' : queueOf(provider);
        const longest = properties(`${taker}LambdaFunction`).Timeout;
        expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * longest);
      });

      it('have their dead letters where the functions send them', () => {
        const { deadLetters: url } = queueUrls(`arn:aws:sqs:eu-central-1:000000000000:${queue.QueueName}`);
        expect(url.split('/').at(-1)).toBe(deadLetters.QueueName);
        expect(queue.RedrivePolicy.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': [deadLettersOf(provider), 'Arn'] });
        expect(JSON.stringify(deadLetters.RedriveAllowPolicy.sourceQueueArns)).toContain(`:${queue.QueueName}"`);
      });

      it('give up on a message only after a working day of pauses, and keep dead letters longer than they wait', () => {
        const usualPauseS = 30;
        expect(queue.RedrivePolicy.maxReceiveCount * usualPauseS).toBeGreaterThan(8 * 60 * 60);
        expect(deadLetters.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
        expect(queue.MessageRetentionPeriod).toBeLessThan(deadLetters.MessageRetentionPeriod);
      });

      it('have alarms for dead letters and for messages that grow old', () => {
        const watched = ofType(example, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) =>
          [Properties.MetricName, Properties.Dimensions[0]?.Value['Fn::GetAtt']?.[0]].join(' '),
        );
        expect(watched).toContain(`ApproximateNumberOfMessagesVisible ${deadLettersOf(provider)}`);
        expect(watched).toContain(`ApproximateAgeOfOldestMessage ${queueOf(provider)}`);
      });
    });

    describe.each(providerNames)('the queues for %s', (provider) => {
      it('hand out batches whose messages fail one by one, and never more at once than the rate limit permits', () => {
        const { BatchSize, FunctionResponseTypes, ScalingConfig, EventSourceArn } = mapping(provider);
        expect(EventSourceArn).toEqual({ 'Fn::GetAtt': [queueOf(provider), 'Arn'] });
        expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
        // CVM's ten permits a second; a message waits up to 15 s for one before it is put back.
        expect((BatchSize * ScalingConfig.MaximumConcurrency) / 10).toBeLessThan(15);
      });

      it('take events meant for them, as the body that a message has', () => {
        const rules = ofType(example, 'AWS::Events::Rule').map(([name, { Properties }]) => ({ name, ...Properties }));
        const [rule, ...more] = rules.filter(({ Targets }) => Targets[0].Arn['Fn::GetAtt'][0] === queueOf(provider));
        expect(more).toEqual([]);
        expect(rule.EventPattern).toEqual({
          'detail-type': ['keyvend.key-pair.requested'],
          detail: { provider: [provider] },
        });
        expect(rule.Targets[0].InputPath).toBe('$.detail');
        const allowed = properties(`${queueOf(provider)}Policy`).PolicyDocument.Statement.filter(
          ({ Effect }: { Effect: string }) => Effect === 'Allow',
        );
        expect(allowed).toHaveLength(1);
        expect(allowed[0].Condition).toEqual({
          ArnEquals: { 'aws:SourceArn': [{ 'Fn::GetAtt': [rule.name, 'Arn'] }] },
        });
      });
    });

    it("wake rotation's worker for one key pair each, a few at once, and take nothing in by event", () => {
      const { BatchSize, FunctionResponseTypes, ScalingConfig } = ofType(example, 'AWS::Lambda::EventSourceMapping')
        .map(([, { Properties }]) => Properties)
        .find(({ EventSourceArn }) => EventSourceArn['Fn::GetAtt'][0] === queueOf('rotation'));
      expect({ BatchSize, FunctionResponseTypes }).toEqual({
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      expect(ScalingConfig.MaximumConcurrency).toBeLessThanOrEqual(5);
      const { Statement } = properties(`${queueOf('rotation')}Policy`).PolicyDocument;
      expect(Statement.map(({ Effect }: { Effect: string }) => Effect)).toEqual(['Deny']);
    });

    it('are all encrypted, and closed to whoever comes without TLS', () => {
      const names = ofType(example, 'AWS::SQS::Queue').map(([name]) => name);
      expect(names).toHaveLength(2 * queueOwners.length + 1); // each with its dead letters; and those of the schedules
      for (const name of names) {
        expect(properties(name).SqsManagedSseEnabled).toBe(true);
        expect(properties(`${name}Policy`).Queues).toEqual([{ Ref: name }]);
        expect(properties(`${name}Policy`).PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Principal: '*',
            Condition: { Bool: { 'aws:SecureTransport': false } },
          }),
        );
      }
    });

    it('include one for requests that name no provider of ours', () => {
      const rule = properties('NobodysRequested');
      expect(rule.EventPattern.detail.provider).toEqual([{ exists: false }, { 'anything-but': [...providerNames] }]);
      expect(rule.Targets[0].Arn).toEqual({ 'Fn::GetAtt': ['UnroutedEvents', 'Arn'] });
    });
  });
