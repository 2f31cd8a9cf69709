// Our signing of Alibaba's requests, compared with the official code for it on random inputs.
import { createHash } from 'node:crypto';
import { OpenApiUtil } from '@alicloud/openapi-core';
import { describe, expect, it } from 'vitest';
import { acs3Headers, canonicalQuery, type Parameters } from '../../../lib/alibaba/acs3.ts';
import { Secret } from '../../../lib/secret.ts';
import { random } from '../../doubles/random.ts';

const alphabet = [...'abzAZ09 -_.~!\'()*+%&=/:?#[]@$,;"<>\\^`{|}\t', 'é', 'ß', '東', '京', '😀', '\u0000', '\u007f'];

function inputs(seed: number) {
  const { below, chance, pick } = random(seed);
  const text = (longest: number) => Array.from({ length: below(longest + 1) }, () => pick(alphabet)).join('');
  const row = (): Parameters => ({ Key: text(20), Value: text(20) });
  const parameters: Record<string, Parameters[string]> = {};
  for (let i = below(6); i >= 0; i -= 1) {
    const kinds = [text(40), below(1_000), chance(0.5), undefined, Array.from({ length: below(13) }, row)];
    parameters[`${'RegionIdKeyPairNameTag'.slice(below(8), 9 + below(12))}${i}`] = pick(kinds);
  }
  const word = (length: number) => Array.from({ length }, () => pick([...'abcXYZ019'])).join('');
  return {
    parameters,
    host: `${word(8)}.aliyuncs.com${chance(0.3) ? `:${1 + below(65_000)}` : ''}`,
    action: word(12),
    version: '2014-05-26',
    nowMs: below(4_000_000_000) * 1_000 + below(1_000),
    nonce: word(32),
    credentials: {
      accessKeyId: word(16),
      accessKeySecret: new Secret(text(30) || 'x'),
      ...(chance(0.5) ? { securityToken: new Secret(word(40)) } : {}),
    },
  };
}

const seeds = Array.from({ length: 500 }, (_, seed) => seed);

describe('a signed request to Alibaba Cloud', () => {
  it('has the parameters that the official code makes of the same ones, for 500 random calls', () => {
    for (const seed of seeds) {
      const { parameters } = inputs(seed);
      const ours = new URLSearchParams(canonicalQuery(parameters).replaceAll('+', '%2B'));
      expect(Object.fromEntries(ours), `seed ${seed}`).toEqual(OpenApiUtil.query(parameters));
    }
  });

  it('has the authorization that the official code makes of it, in the query or in a form, for 500 random calls', () => {
    for (const seed of seeds) {
      const { parameters, ...rest } = inputs(seed);
      const [query, form] = seed % 2 === 0 ? [parameters, undefined] : [{}, canonicalQuery(parameters)];
      const { authorization, ...headers } = acs3Headers({
        ...rest,
        query: canonicalQuery(query),
        ...(form !== undefined && { form }),
      });
      const request = { method: 'POST', pathname: '/', query: OpenApiUtil.query(query), headers };
      const { accessKeyId, accessKeySecret } = rest.credentials;
      const theirs = OpenApiUtil.getAuthorization(
        request as never,
        'ACS3-HMAC-SHA256',
        createHash('sha256')
          .update(form ?? '')
          .digest('hex'),
        accessKeyId,
        accessKeySecret.reveal(),
      );
      expect(authorization, `seed ${seed}`).toBe(theirs);
    }
  });

  it('has the authorization that the official code makes of it where the service has paths and JSON, for 500 random calls', () => {
    for (const seed of seeds) {
      const { parameters, ...rest } = inputs(seed);
      const path = `/2023-03-30/functions/keyvend-${rest.nonce}/invocations`;
      const json = JSON.stringify(parameters);
      const { authorization, ...headers } = acs3Headers({ ...rest, query: '', path, json });
      const { accessKeyId, accessKeySecret } = rest.credentials;
      const theirs = OpenApiUtil.getAuthorization(
        { method: 'POST', pathname: path, query: {}, headers } as never,
        'ACS3-HMAC-SHA256',
        createHash('sha256').update(json).digest('hex'),
        accessKeyId,
        accessKeySecret.reveal(),
      );
      expect(authorization, `seed ${seed}`).toBe(theirs);
    }
  });
});
