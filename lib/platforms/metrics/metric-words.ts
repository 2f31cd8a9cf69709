// What each metric is, for people: apart from the table, which every function has in its bundle.
import type { MetricName } from './metric-table.ts';

interface MetricWords {
  /** As a sentence's subject. */
  readonly says: string;
  /** The panel of a dashboard: what is drawn by which label. */
  readonly panel: { readonly title: string; readonly by: readonly string[] };
  /** Where it is: on every platform, or where a server has an inbox and jobs of its own. */
  readonly where: 'everywhere' | 'serve';
}

export const metricWords: Readonly<Record<MetricName, MetricWords>> = {
  request: {
    where: 'everywhere',
    says: 'Answered requests, by operation, status and code of the failure',
    panel: { title: 'Requests', by: ['operation', 'status'] },
  },
  vend: {
    where: 'everywhere',
    says: 'Vended key pairs: `made`, or `again` for what the same request had made before',
    panel: { title: 'Vended', by: ['provider', 'outcome'] },
  },
  failure: {
    where: 'everywhere',
    says: 'Failures of requests, messages and schedules by code; `unknown` where an attempt is left open until recovery settles it',
    panel: { title: 'Failures by code', by: ['code'] },
  },
  warning: {
    where: 'everywhere',
    says: 'What an operator has to look at: rotations that are stuck or late, pairs that linger, conflicts, late messages',
    panel: { title: 'Stuck', by: ['message'] },
  },
  recovery: {
    where: 'everywhere',
    says: 'Open attempts and announcements as the last recovery found them, by what became of them',
    panel: { title: 'Open attempts', by: ['outcome'] },
  },
  step: {
    where: 'everywhere',
    says: 'Calls to the ledger, the secret store and the clouds, by what they are for and how they ended',
    panel: { title: 'Time by step', by: ['part', 'step'] },
  },
  quota_used: {
    where: 'everywhere',
    says: 'The share of its quota that a region holds, as last counted',
    panel: { title: 'Quota', by: ['provider', 'account', 'region'] },
  },
  job: {
    where: 'serve',
    says: 'Scheduled jobs and messages, by how they ended',
    panel: { title: 'Jobs', by: ['job', 'outcome'] },
  },
  job_succeeded_timestamp_seconds: {
    where: 'serve',
    says: 'When a job last succeeded',
    panel: { title: 'Last success of jobs', by: ['job'] },
  },
  ready: {
    where: 'serve',
    says: '1 where requests can be answered',
    panel: { title: 'Ready', by: [] },
  },
  queue_messages: {
    where: 'serve',
    says: 'Messages by queue and state; `buried` are dead letters',
    panel: { title: 'Queues and dead letters', by: ['queue', 'state'] },
  },
};
