// The admin endpoint: what it can do, and who cannot reach it.
import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { call, createCall } from './support/raw.ts';
import { started } from './support/started.ts';

interface Reply {
  readonly status: number;
  readonly body: never;
}
function ask(
  { port }: Clouds,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as never }));
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe('the admin endpoint', () => {
  it('shows and changes behaviour and limits', async () => {
    const clouds = await started();
    const changed = await ask(clouds, 'PATCH', '/admin/behaviour', { 'ens.duplicateName': 'accepted' });
    expect(changed.body).toMatchObject({ 'ens.duplicateName': 'accepted', 'ens.pageFields': 'numbers' });
    expect((await ask(clouds, 'GET', '/admin/behaviour')).body).toEqual(changed.body);
    await ask(clouds, 'PATCH', '/admin/limits', { 'ecs.keyPairsPerRegion': 0 });
    expect((await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'))).code).toBe('QuotaExceed.KeyPair');
    expect(await ask(clouds, 'PATCH', '/admin/limits', { 'ecs.tags': 'many' })).toEqual({
      status: 400,
      body: { error: 'ecs.tags must be a whole number from 0' },
    });
  });

  it('plans, lists and removes faults', async () => {
    const clouds = await started();
    const rule = { match: { service: 'ecs' }, fault: { kind: 'refuse', code: 'QuotaExceed.KeyPair' } };
    const { body } = await ask(clouds, 'POST', '/admin/faults', rule);
    expect((await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'))).code).toBe('QuotaExceed.KeyPair');
    expect((await ask(clouds, 'GET', '/admin/faults')).body).toMatchObject([{ rule, seen: 1, done: 1 }]);
    expect((await ask(clouds, 'DELETE', `/admin/faults/${(body as { id: string }).id}`)).status).toBe(200);
    expect((await ask(clouds, 'DELETE', '/admin/faults/none')).status).toBe(404);
    expect((await ask(clouds, 'GET', '/admin/faults')).body).toEqual([]);
    expect((await ask(clouds, 'POST', '/admin/faults', { fault: { kind: 'explode' } })).status).toBe(400);
  });

  it('shows pairs without anything secret, and adds, attaches and removes a stranger’s pair', async () => {
    const clouds = await started();
    await call(clouds, 'ens', 'CreateKeyPair', createCall('ens', 'mine'));
    const stranger = await ask(clouds, 'POST', '/admin/pairs', {
      service: 'ecs',
      region: 'cn-hangzhou',
      name: 'theirs',
    });
    expect(stranger.body).toMatchObject({ origin: 'stranger', name: 'theirs' });
    const { id } = stranger.body as { id: string };
    expect((await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'theirs'))).code).toBe('KeyPair.AlreadyExist');

    const listed = await ask(clouds, 'GET', '/admin/pairs?service=ens');
    expect(listed.body).toMatchObject([{ name: 'mine', origin: expect.stringMatching(/^(generated|composed)$/) }]);
    expect(JSON.stringify((await ask(clouds, 'GET', '/admin/pairs')).body)).not.toMatch(/PRIVATE|MII/);

    await ask(clouds, 'PATCH', `/admin/pairs/${id}`, { instanceIds: ['i-1'] });
    const remove = () => call(clouds, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["theirs"]' });
    expect((await remove()).code).toBe('InvalidParameter.KeypairAlreadyAttachedInstance');
    expect((await ask(clouds, 'DELETE', `/admin/pairs/${id}`)).status).toBe(200);
    expect((await ask(clouds, 'DELETE', `/admin/pairs/${id}`)).status).toBe(404);
    expect((await remove()).code).toBe('');
  });

  it('makes, changes and releases instances, and what launches them, over HTTP', async () => {
    const clouds = await started();
    await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'));
    const place = { service: 'ecs', region: 'cn-hangzhou' };
    const made = await ask(clouds, 'POST', '/admin/instances', { ...place, keyPair: 'a1', name: 'front' });
    expect(made.body).toMatchObject({ name: 'front', state: 'Running', keyPairs: [{ name: 'a1' }] });
    const { id } = made.body as { id: string };
    expect((await ask(clouds, 'GET', '/admin/pairs')).body).toMatchObject([{ name: 'a1', instanceIds: [id] }]);
    const changed = await ask(clouds, 'PATCH', `/admin/instances/${id}`, { state: 'Stopped', keyPair: '' });
    expect(changed.body).toMatchObject({ id, name: 'front', state: 'Stopped', keyPairs: [] });
    expect((await ask(clouds, 'DELETE', `/admin/instances/${id}`)).status).toBe(200);
    expect((await ask(clouds, 'DELETE', `/admin/instances/${id}`)).status).toBe(404);
    expect((await ask(clouds, 'PATCH', `/admin/instances/${id}`, { state: 'Running' })).status).toBe(404);
    expect((await ask(clouds, 'GET', '/admin/instances')).body).toEqual([]);

    const data = [{ KeyPairName: 'a1' }, {}];
    await ask(clouds, 'POST', '/admin/launch-templates', { ...place, name: 'front', data, defaultVersion: 1 });
    expect((await ask(clouds, 'GET', '/admin/launch-templates')).body).toMatchObject([
      { name: 'front', defaultVersion: 1, versions: [{ number: 1, data: data[0] }, { number: 2 }] },
    ]);
    await ask(clouds, 'POST', '/admin/launch-configurations', { ...place, name: 'front', data: data[0] });
    expect((await ask(clouds, 'GET', '/admin/launch-configurations')).body).toMatchObject([{ data: data[0] }]);

    const [{ id: pairId } = { id: '' }] = clouds.admin.pairs();
    const held = await ask(clouds, 'PATCH', `/admin/pairs/${pairId}`, { imageIds: ['img-1'], instanceIds: ['i-1'] });
    expect(held.body).toMatchObject({ imageIds: ['img-1'], instanceIds: ['i-1'] });
    expect((await ask(clouds, 'PATCH', `/admin/pairs/${pairId}`, { imageIds: [] })).body).toMatchObject({
      imageIds: [],
    });
    expect((await ask(clouds, 'PATCH', `/admin/pairs/${pairId}`, {})).status).toBe(400);
    await ask(clouds, 'POST', '/admin/reset');
    for (const what of ['instances', 'launch-templates', 'launch-configurations'])
      expect((await ask(clouds, 'GET', `/admin/${what}`)).body).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['instances', { service: 'oss' }, 'service is'],
    ['instances', { service: 'ecs' }, 'region is missing'],
    ['instances', { service: 'ens', state: 'Asleep' }, 'state is'],
    ['instances', { service: 'ens', colour: 'blue' }, 'no field colour'],
    ['instances', { service: 'ens', tags: [{ key: 'a' }] }, 'tags is'],
    ['instances', { service: 'ens', privateAddresses: '10.0.0.7' }, 'privateAddresses is'],
    ['instances', { service: 'ens', keyPair: 'absent' }, 'keyPair is neither'],
    ['launch-templates', { service: 'ens', name: 'front' }, 'ENS has no templates'],
    ['launch-templates', { service: 'ecs', region: 'cn-hangzhou' }, 'name is missing'],
    ['launch-templates', { service: 'ecs', region: 'cn-hangzhou', name: 'front', data: [] }, 'data is'],
    ['launch-templates', { service: 'ecs', region: 'cn-hangzhou', name: 'front', defaultVersion: 2 }, 'defaultVersion'],
    ['launch-configurations', { service: 'cvm', region: 'ap-tokyo', name: 'front', data: 'x' }, 'data is'],
  ])('refuses among its %s one like %o', async (what, given, says) => {
    const clouds = await started();
    const { status, body } = await ask(clouds, 'POST', `/admin/${what}`, given);
    expect([status, (body as { error: string }).error]).toEqual([400, expect.stringContaining(says)]);
    expect([clouds.admin.fleet.instances(), clouds.admin.fleet.templates()]).toEqual([[], []]);
  });

  it.each<[unknown, string]>([
    [{ service: 'oss', name: 'a1' }, 'service is'],
    [{ service: 'ens' }, 'name is missing'],
    [{ service: 'ecs', name: 'a1' }, 'region is missing'],
    [{ service: 'ens', name: 'a1', publicKey: 'prose' }, 'publicKey is not'],
    [{ service: 'ens', name: 'a1', tags: 'x' }, 'tags is'],
    [{ service: 'ens', name: 'a1', createdAtMs: 'now' }, 'createdAtMs is'],
  ])('refuses a stranger’s pair like %o', async (stranger, says) => {
    const clouds = await started();
    const { status, body } = await ask(clouds, 'POST', '/admin/pairs', stranger);
    expect([status, (body as { error: string }).error]).toEqual([400, expect.stringContaining(says)]);
    expect(clouds.admin.pairs()).toEqual([]);
  });

  it('puts a stranger’s pair where the permanent credential sees it, with the time and tags it was given', async () => {
    const own = {
      cloud: 'tencent',
      keyId: 'AKID-own',
      secret: 's',
      account: 'other',
      active: true,
      permitted: true,
    } as const;
    const clouds = await started({ credentials: [own] });
    const tags = [{ key: 'team', value: 'a' }];
    await clouds.admin.addStranger({ service: 'cvm', region: 'ap-guangzhou', name: 'old', createdAtMs: 0, tags });
    const { body } = await call(clouds, 'cvm', 'DescribeKeyPairs');
    expect(body.KeyPairSet).toMatchObject([
      { KeyName: 'old', CreatedTime: '1970-01-01T00:00:00Z', Tags: [{ Key: 'team', Value: 'a' }] },
    ]);
  });

  it('sets the server’s clock', async () => {
    const clouds = await started();
    await ask(clouds, 'PATCH', '/admin/clock', { offsetMs: 3_600_000 });
    expect((await call(clouds, 'ens', 'DescribeKeyPairs')).code).toBe('InvalidTimeStamp.Expired');
    expect((await ask(clouds, 'PATCH', '/admin/clock', { advanceMs: -3_600_000 })).body).toMatchObject({ offsetMs: 0 });
    expect((await call(clouds, 'ens', 'DescribeKeyPairs')).code).toBe('');
  });

  it('logs the names, codes and connections of what was sent, and no other value', async () => {
    const clouds = await started();
    const agent = new Agent({ keepAlive: true });
    await call(clouds, 'ecs', 'CreateKeyPair', { KeyPairName: 'a1', 'Tag.1.Key': 'hidden' }, { agent });
    await call(clouds, 'ecs', 'CreateKeyPair', { KeyPairName: 'a1' }, { agent });
    await call(clouds, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["a1","b2"]' });
    agent.destroy();
    const { body } = await ask(clouds, 'GET', '/admin/requests');
    const both = { service: 'ecs', region: 'cn-hangzhou' };
    expect(body).toMatchObject([
      { ...both, action: 'CreateKeyPair', name: 'a1', code: '', status: 200, connection: 1, reused: false },
      {
        ...both,
        action: 'CreateKeyPair',
        name: 'a1',
        code: 'KeyPair.AlreadyExist',
        status: 400,
        connection: 1,
        reused: true,
      },
      { ...both, action: 'DeleteKeyPairs', name: 'a1,b2', code: '', status: 200, connection: 2, reused: false },
    ]);
    expect(JSON.stringify(body)).not.toContain('hidden');
  });

  it('starts over when it is reset', async () => {
    const clouds = await started({ behaviour: { 'ens.pageFields': 'strings' } });
    await call(clouds, 'ens', 'CreateKeyPair', createCall('ens', 'a1'));
    clouds.admin.setBehaviour({ 'ens.pageFields': 'numbers' });
    clouds.admin.addFault({ fault: { kind: 'throttle' } });
    clouds.admin.advanceClock(3_600_000);
    await ask(clouds, 'POST', '/admin/reset', {});
    expect(clouds.admin.pairs()).toEqual([]);
    expect((await call(clouds, 'ens', 'DescribeKeyPairs')).body.PageNumber).toBe('1');
    expect(clouds.admin.requests()).toHaveLength(1);
  });

  it('lists what it has', async () => {
    expect((await ask(await started(), 'GET', '/admin')).body).toMatchObject({
      pairs: 0,
      offsetMs: 0,
      keys: { 2048: { combinations: expect.any(Number) } },
      routes: expect.arrayContaining(['POST /admin/faults']),
    });
  });

  it.each<[string, string, (port: number) => Record<string, string>, number]>([
    ['a rebound name', 'GET', () => ({ host: 'evil.example' }), 421],
    ['a rebound name with the port', 'GET', (port) => ({ host: `evil.example:${port}` }), 421],
    ['a form from a web page', 'DELETE', () => ({ 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ['a page’s text', 'DELETE', () => ({ 'content-type': 'text/plain' }), 415],
    ['localhost', 'GET', (port) => ({ host: `localhost:${port}` }), 200],
    ['IPv6 loopback', 'GET', (port) => ({ host: `[::1]:${port}` }), 200],
  ])('admits loopback names and JSON alone: %s', async (_who, method, headers, status) => {
    const clouds = await started();
    expect((await ask(clouds, method, '/admin/faults', undefined, headers(clouds.port))).status).toBe(status);
  });

  it('knows no other route', async () => {
    const clouds = await started();
    expect((await ask(clouds, 'GET', '/admin/secrets')).status).toBe(404);
    expect((await ask(clouds, 'GET', '/administrator')).status).not.toBe(200);
  });
});
