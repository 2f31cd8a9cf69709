// Instances of ENS and ECS, which answer in almost the same shapes. Source: DescribeInstances of both.
import { asObject } from '../../transport/json.ts';
import { idIn, present, text } from '../fields.ts';
import type { Instance } from '../fleet.ts';
import { addressesIn } from '../instances.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import type { Tags } from '../provider.ts';

/** `Instances.Instance` of a DescribeInstances answer. */
export function instancesIn(operation: Operation, reply: Reply): Instance[] {
  const rows = asObject(reply.fields.Instances)?.Instance;
  if (!Array.isArray(rows)) throw unreadable(operation, 'without Instances', reply.requestId);
  return rows.map((row) => instance(operation, reply, asObject(row) ?? {}));
}

function instance(operation: Operation, reply: Reply, fields: Reply['fields']): Instance {
  const keyPair = text(fields.KeyPairName);
  return {
    id: idIn(operation, reply, fields, 'InstanceId'),
    status: fields.Status === 'Running' ? 'running' : fields.Status === 'Stopped' ? 'stopped' : 'other',
    // A virtual network's, a classic network's, and ENS's own two ways to tell.
    privateAddresses: addressesIn(
      listed(asObject(fields.VpcAttributes)?.PrivateIpAddress),
      listed(asObject(fields.NetworkAttributes)?.PrivateIpAddress),
      listed(fields.InnerIpAddress),
      ipsIn(asObject(fields.PrivateIpAddresses)?.PrivateIpAddress),
    ),
    publicAddresses: addressesIn(
      listed(fields.PublicIpAddress),
      ipsIn(asObject(fields.PublicIpAddresses)?.PublicIpAddress),
      asObject(fields.EipAddress)?.IpAddress,
    ),
    keyPairs: keyPair === undefined ? [] : [keyPair],
    ...present({ name: text(fields.InstanceName), tags: tagsIn(fields.Tags) }),
  };
}

const rowsIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const listed = (value: unknown) => rowsIn(asObject(value)?.IpAddress);
const ipsIn = (value: unknown) => rowsIn(value).map((row) => asObject(row)?.Ip);

/** `Tags.Tag` of ECS. ENS has the field in its typings, and says that it does not fill it. */
function tagsIn(value: unknown): Tags | undefined {
  const rows = asObject(value)?.Tag;
  if (!Array.isArray(rows)) return undefined;
  return Object.fromEntries(
    rows.map(asObject).flatMap((row) => (row ? [[String(row.TagKey), String(row.TagValue ?? '')]] : [])),
  );
}
