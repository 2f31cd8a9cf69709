// Vending as anybody would write it down: open an attempt, create, check, store, activate, announce.
import { createHash, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';

/**
 * @param around who tells others, the ledger and the store, which are another cloud's elsewhere (bench/fc/usual)
 * @param cloud `connect` gives `create` and `find`; `looksFirst`: at the name, `looksAfter`: for evidence, `isPaced`: ten a second
 */
export async function vendWith(around, cloud, identity, request, caller) {
  const { announce, fileAttempt, readRecord, readUsageWarning, takeSlot, writeRecord } = around;
  const { accessKeyOf, createSecret, putKey } = around;
  const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const [accessKey, standing, usage] = await Promise.all([
    accessKeyOf(identity),
    readRecord(identity),
    caller === 'queue' ? undefined : readUsageWarning(identity),
  ]);
  const client = cloud.connect(accessKey, identity);
  if (standing?.record.state === 'active') {
    if (standing.record.requestHash !== hash) throw Object.assign(new Error('Another request'), { statusCode: 409 });
    return { ...standing.record.versions.at(-1), made: false };
  }
  if (cloud.looksFirst && (await client.find(identity)) !== undefined) {
    throw Object.assign(new Error('The name is taken'), { statusCode: 409 });
  }
  const id = randomUUID();
  const attempt = { openedAtMs: Date.now(), outcome: 'open' };
  const opened = { identity, request, requestHash: hash, requestedBy: caller, requestedAtMs: attempt.openedAtMs };
  const [arn, first] = await Promise.all([
    createSecret(identity, randomUUID()),
    writeRecord({ ...opened, state: 'vending', attempt: { id }, versions: [] }, 0),
    fileAttempt(identity, id, attempt),
  ]);

  if (cloud.isPaced) await takeSlot(identity, id);
  const made = await client.create(identity, request);
  const publicKey = createPublicKey(createPrivateKey(made.privateKey));
  const blob = sshBlob(publicKey);
  const found = { keyPairId: made.keyPairId, fingerprint: made.fingerprint ?? md5(blob) };
  const [seen] = await Promise.all([
    cloud.looksAfter ? client.find(identity) : made,
    putKey(arn, id, made.privateKey),
    fileAttempt(identity, id, { ...attempt, ...found }),
  ]);
  const agrees = seen.publicKey
    ? seen.publicKey.split(' ')[1] === blob.toString('base64')
    : seen.fingerprint === md5(blob);
  if (!agrees) throw new Error('The key is not that of the pair');

  const version = { id, ...found, publicKey: `ssh-rsa ${blob.toString('base64')}`, secretReference: arn };
  const active = { ...opened, state: 'active', versions: [{ ...version, activatedAtMs: Date.now() }] };
  const second = await writeRecord({ ...active, unannounced: id }, first);
  await announce(id, identity, found);
  await writeRecord(active, second);
  return { ...found, made: true, usage };
}

const md5 = (blob) =>
  createHash('md5')
    .update(blob)
    .digest('hex')
    .replace(/..(?!$)/g, '$&:');

/** RFC 4253 section 6.6. */
function sshBlob(key) {
  const { n, e } = key.export({ format: 'jwk' });
  const string = (bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const number = (text) => {
    const bytes = Buffer.from(text, 'base64url');
    return string(bytes[0] >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
  };
  return Buffer.concat([string(Buffer.from('ssh-rsa')), number(e), number(n)]);
}
