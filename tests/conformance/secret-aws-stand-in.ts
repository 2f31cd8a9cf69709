// A STAND-IN for AWS Secrets Manager on loopback (its rules are in secret-aws-rules.ts): JSON 1.1 over HTTP, with every
// signature recomputed by hand, and with faults on demand. Not AWS, and no proof of what AWS does beyond its pages.
// Source: AWS General Reference, "Signature Version 4 signing process"; smithy.io, AWS JSON 1.1 protocol.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { Refusal, Rules } from './secret-aws-rules.ts';

/** AWS's own example, which belongs to nobody. */
export const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
export const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const WINDOW_MS = 5 * 60_000;

/** What happens to the next call of an action: it is dropped or given an answer; `after`: it is carried out first. */
export interface Fault {
  readonly action: string;
  readonly after?: boolean;
  /** Without it, the connection is dropped. */
  readonly answer?: { readonly status: number; readonly body: string };
}
export const refusal = (type: string, status = 400) => ({ status, body: JSON.stringify({ __type: type }) });

export interface StandIn {
  readonly endpoint: string;
  readonly rules: Rules;
  /** What arrived, in order. */
  readonly calls: { readonly action: string; readonly url: string; readonly input: Record<string, unknown> }[];
  readonly faults: Fault[];
  stop(): Promise<void>;
}

export async function startStandIn(clock: Clock): Promise<StandIn> {
  const rules = new Rules(() => clock.wallMs() / 1_000);
  const calls: StandIn['calls'] = [];
  const faults: Fault[] = [];

  const answer = (request: IncomingMessage, body: Buffer): { status: number; body: string } | 'drop' => {
    const action = String(request.headers['x-amz-target']).replace(/^secretsmanager\./, '');
    const problem = signatureProblem(request, body, clock.wallMs());
    if (problem !== undefined) return refusal(problem);
    const input = JSON.parse(body.toString());
    calls.push({ action, url: String(request.url), input });
    const index = faults.findIndex((fault) => fault.action === action);
    const [fault] = index === -1 ? [] : faults.splice(index, 1);
    try {
      if (fault !== undefined && !fault.after) return fault.answer ?? 'drop';
      const fields = rules.act(action, input);
      return fault === undefined ? { status: 200, body: JSON.stringify(fields) } : (fault.answer ?? 'drop');
    } catch (error) {
      if (error instanceof Refusal) return refusal(error.type);
      return refusal('InternalServiceError', 500);
    }
  };

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const result = answer(request, Buffer.concat(chunks));
    if (result === 'drop') return request.socket.destroy();
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': `request-${calls.length}` };
    response.writeHead(result.status, headers).end(result.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rules,
    calls,
    faults,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/** @returns the code AWS refuses it with; undefined for a good signature */
function signatureProblem({ method, url, headers }: IncomingMessage, body: Buffer, nowMs: number): string | undefined {
  if (headers['content-type'] !== 'application/x-amz-json-1.1') return 'SerializationException';
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, id, day, region, service, signed, signature] = parts.exec(headers.authorization ?? '') ?? [];
  if (id !== accessKeyId || day === undefined || region === undefined) return 'UnrecognizedClientException';
  if (service !== 'secretsmanager' || !signed?.split(';').includes('host')) return 'InvalidSignatureException';
  const date = String(headers['x-amz-date']);
  const signedMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(nowMs - signedMs) <= WINDOW_MS) || !date.startsWith(day)) return 'InvalidSignatureException';
  const canonical = [
    method,
    url,
    '',
    ...signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const expected = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n'));
  return timingSafeEqual(expected, Buffer.from(String(signature), 'hex')) ? undefined : 'InvalidSignatureException';
}
