import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { credentialsFrom, credentialsOfCall, signedWith } from '../../../lib/alibaba/call-credentials.ts';
import { Secret } from '../../../lib/secret.ts';

const key = (id: string) => ({ accessKeyId: id, accessKeySecret: new Secret(`secret of ${id}`) });

describe('the key of a call', () => {
  it('is that of its own call, however many there are at a time', async () => {
    const seen = async (id: string) =>
      signedWith(key(id), async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return (await credentialsFrom({})()).accessKeyId;
      });
    expect(await Promise.all(['a', 'b', 'c'].map(seen))).toEqual(['a', 'b', 'c']);
  });

  it('is gone when the call is over, for whatever it left behind as well', async () => {
    let later: Promise<unknown> | undefined;
    let timer: Promise<unknown> | undefined;
    await signedWith(key('a'), async () => {
      timer = new Promise((resolve) => setTimeout(() => resolve(credentialsOfCall()), 5));
      later = new Promise((resolve) => setTimeout(resolve, 5)).then(() => credentialsFrom({})());
      later.catch(() => {});
    });
    expect(credentialsOfCall()).toBeUndefined();
    expect(await timer).toBeUndefined();
    await expect(later).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED' });
  });

  it('is gone when the call has failed', async () => {
    const events = new EventEmitter();
    let seen: unknown = 'nothing yet';
    const failed = signedWith(key('a'), async () => {
      setTimeout(() => events.emit('later'), 5);
      events.on('later', () => {
        seen = credentialsOfCall();
      });
      throw new Error('failed');
    });
    await expect(failed).rejects.toThrow('failed');
    await new Promise((resolve) => events.once('later', resolve));
    expect(seen).toBeUndefined();
  });
});
