import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiAnswer, type ApiCall, type HttpRequest, respond } from '../../../lib/application/http.ts';
import { type FailureCode, failures, VendingError } from '../../../lib/errors.ts';
import { leftMsOf, requestOf } from '../../../lib/platforms/aws/http.ts';

const httpRequest = (event: unknown) => requestOf(event, 16 * 1024);

describe('a request', () => {
  it('is read the same from both payload formats', () => {
    const two = httpRequest({
      version: '2.0',
      rawPath: '/v1/ecs/key-pairs/a%3Ab',
      rawQueryString: 'tag=a&tag=b%26c',
      headers: { 'content-type': 'application/json', 'x-twice': 'a, b' },
      requestContext: { stage: '$default', http: { method: 'GET' } },
    });
    const one = httpRequest({
      version: '1.0',
      path: '/v1/ecs/key-pairs/a%3Ab',
      httpMethod: 'GET',
      headers: { 'Content-Type': 'application/json', 'X-Twice': 'b' },
      multiValueHeaders: { 'Content-Type': ['application/json'], 'X-Twice': ['a', 'b'] },
      queryStringParameters: { tag: 'b&c' },
      multiValueQueryStringParameters: { tag: ['a', 'b&c'] },
      requestContext: { stage: 'prod' },
      body: null,
    });
    expect({ ...one, query: [...one.query] }).toEqual({ ...two, query: [...two.query] });
    expect(one.headers.get('x-twice')).toBe('a, b');
    expect(one.query.getAll('tag')).toEqual(['a', 'b&c']);
  });

  it.each([
    ['prod', '/prod/v1/key-pairs', '/v1/key-pairs'],
    ['v1', '/v1/v1/key-pairs', '/v1/key-pairs'],
    ['$default', '/v1/key-pairs', '/v1/key-pairs'],
    ['pro', '/prod/key-pairs', '/prod/key-pairs'],
  ])('has no more than the stage %s removed from the front of its path', (stage, rawPath, path) => {
    expect(httpRequest({ version: '2.0', rawPath, requestContext: { stage } }).path).toBe(path);
  });

  it('has its body decoded, and is refused when that is larger than 16 KiB', () => {
    const body = Buffer.from('{"näme":1}').toString('base64');
    expect(httpRequest({ body, isBase64Encoded: true }).body).toBe('{"näme":1}');
    const limit = 'x'.repeat(16 * 1024);
    expect(httpRequest({ body: limit }).body).toHaveLength(16 * 1024);
    for (const event of [
      { body: `${limit}x` },
      { body: Buffer.from(`${limit}x`).toString('base64'), isBase64Encoded: true },
      { body: 'ä'.repeat(8 * 1024 + 1) },
    ]) {
      expect(() => httpRequest(event)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    }
  });

  it.each([undefined, null, {}, { body: null, headers: null }])(
    'is read as one that asks for nothing when the event is %j',
    (event) => {
      expect(httpRequest(event)).toMatchObject({ method: '', path: '', body: '' });
    },
  );
});

describe('a failure', () => {
  let told: unknown[] = [];
  beforeEach(() => {
    told = [];
  });
  const around = {
    verify: async () => ({ kind: 'token' as const, id: 'x', issuer: 'default', claims: {} }),
    failed: (error: unknown) => void told.push(error),
  };
  const request = { headers: new Map() } as unknown as HttpRequest;
  const tell = (error: Error) =>
    respond(
      () => request,
      () => 5_000,
      { answer: () => Promise.reject(error) },
      around,
    );

  it('is answered as a problem with its code, what to do and when to come back', async () => {
    const { status, headers, body } = await tell(
      new VendingError('THROTTLED', 'Slow down', {
        retryAfterMs: 1_500,
        upstreamCode: 'Throttling.User',
        requestId: 'R-1',
      }),
    );
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '2' });
    expect(JSON.parse(body)).toEqual({
      type: 'urn:keyvend:error:THROTTLED',
      title: 'Throttled',
      status: 503,
      detail: 'Slow down. Send the same request again after the time given.',
      code: 'THROTTLED',
      upstreamCode: 'Throttling.User',
      requestId: 'R-1',
    });
  });

  it("is answered without a word of its message when it is not one of keyvend's own", async () => {
    const { status, body } = await tell(new Error('secret value at /home/x'));
    expect(status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ code: 'INTERNAL' });
    expect(body).not.toContain('secret value');
    expect(told).toHaveLength(1);
  });

  it.each<[FailureCode, string | undefined]>([
    ['TOKEN_MISSING', 'Bearer'],
    ['TOKEN_REFUSED', 'Bearer error="invalid_token", error_description="It is not. Get'],
    ['TOKEN_EXPIRED', 'Bearer error="invalid_token", error_description="It is not. Get a new token'],
    ['TOKEN_EARLY', 'Bearer error="invalid_token", error_description="It is not. Send'],
    ['TOKEN_AUDIENCE', 'Bearer error="invalid_token", error_description="It is not. Get'],
    ['ISSUER_UNREACHABLE', undefined],
    ['NAME_TAKEN', undefined],
    ['INTERNAL', undefined],
  ])('of the code %s challenges the caller as RFC 6750 says', async (code, challenge) => {
    const { headers } = await tell(new VendingError(code, 'It is not'));
    if (challenge === undefined) expect(headers).not.toHaveProperty('www-authenticate');
    else expect(headers['www-authenticate']).toMatch(new RegExp(`^${challenge.replaceAll('.', '\\.')}`));
  });

  it('never answers 401 without a challenge, nor with one that cannot be read', async () => {
    const codes = Object.keys(failures) as FailureCode[];
    const all = await Promise.all(codes.map((code) => tell(new VendingError(code, 'It is not'))));
    for (const { status, headers } of all) {
      const challenge = headers['www-authenticate'];
      if (status === 401) expect(challenge).toBeDefined();
      if (challenge) expect(challenge).toMatch(/^Bearer( error="[a-z_]+", error_description="[ !#-[\]-~]+")?$/);
    }
  });

  it('is answered like any other when reading the request fails', async () => {
    const read = (longestBody: number) => requestOf({ body: 'x'.repeat(longestBody + 1) }, longestBody);
    const { status, body } = await respond(
      read,
      () => 5_000,
      { answer: () => Promise.reject(new Error('asked')) },
      around,
    );
    expect([status, JSON.parse(body).code]).toEqual([413, 'TOO_LARGE']);
  });

  it.each([
    [60_000, 28_500],
    [5_000, 4_500],
  ])('is left time for its own answer: of %i ms a request may use %i', async (remaining, usable) => {
    const leftMs = () => leftMsOf({ getRemainingTimeInMillis: () => remaining });
    let asked: ApiCall | undefined;
    const answer = async (call: ApiCall): Promise<ApiAnswer> => {
      asked = call;
      return { status: 200, body: {} };
    };
    await respond(() => request, leftMs, { answer }, around);
    expect(asked?.leftMs).toBe(usable);
  });

  it('is not promised the time that finding out who calls has taken', async () => {
    let left = 20_000;
    const told: number[] = [];
    const answer = async ({ leftMs }: ApiCall): Promise<ApiAnswer> => {
      told.push(leftMs);
      return { status: 200, body: {} };
    };
    const verify = async (_: HttpRequest, leftMs: number) => {
      told.push(leftMs);
      left -= 3_000;
      return { kind: 'token' as const, id: 'x', issuer: 'default', claims: {} };
    };
    await respond(
      () => request,
      () => left,
      { answer },
      { ...around, verify },
    );
    expect(told).toEqual([19_500, 16_500]);
  });
});
