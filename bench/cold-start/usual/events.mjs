// Tells the others what was vended.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const client = new EventBridgeClient({});

export async function announce(id, identity, { keyPairId, fingerprint }) {
  const Detail = JSON.stringify({
    specversion: '1.0',
    id,
    type: 'keyvend.key-pair.vended',
    source: `urn:keyvend:${process.env.KEYVEND_DEPLOYMENT}`,
    datacontenttype: 'application/json',
    subject: Object.values(identity).join('/'),
    data: { ...identity, keyPairId, fingerprint },
  });
  const entry = {
    EventBusName: process.env.KEYVEND_BUS,
    Source: 'keyvend',
    DetailType: 'keyvend.key-pair.vended',
    Detail,
  };
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount > 0) throw new Error('The event was not taken');
}
