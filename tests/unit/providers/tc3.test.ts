// Our signing of Tencent's requests, compared with the official code for it on random inputs.
import Sign from 'tencentcloud-sdk-nodejs-common/tencentcloud/common/sign.js';
import { expect, it } from 'vitest';
import { tc3Authorization } from '../../../lib/providers/tencent/tc3.ts';
import { Secret } from '../../../lib/secret.ts';
import { random } from '../../doubles/random.ts';

const alphabet = [...'abzAZ09 -_.~!\'()*+%&=/:?#[]@$,;"<>\\^`{|}\t', 'é', 'ß', '東', '京', '😀', '\u0000', '\u007f'];

it('a signed request to Tencent Cloud has the authorization that the official code makes of it, for 500 random calls', () => {
  for (let seed = 0; seed < 500; seed += 1) {
    const { below, pick } = random(seed);
    const text = (longest: number) => Array.from({ length: below(longest + 1) }, () => pick(alphabet)).join('');
    const word = (length: number) => Array.from({ length }, () => pick([...'abcxyz019'])).join('');
    const contentType = pick(['application/json', 'application/json; charset=utf-8']);
    const body = Buffer.from(`{"${text(60)}`);
    const hostname = `${word(3)}.${word(5)}.example`;
    const timestamp = below(4_000_000_000);
    const [secretId, secretKey] = [word(16), text(40)];
    const theirs = Sign.default.sign3({
      method: 'POST',
      url: `https://${hostname}/`,
      payload: body,
      timestamp,
      service: hostname.split('.')[0]!,
      secretId,
      secretKey,
      multipart: false,
      boundary: '',
      headers: { 'Content-Type': contentType },
    });
    const credentials = { secretId, secretKey: new Secret(secretKey) };
    expect(tc3Authorization({ hostname, contentType, body, credentials, timestamp }), `seed ${seed}`).toBe(theirs);
  }
});
