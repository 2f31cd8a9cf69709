// The value that comes in with CreateSecret and PutSecretValue.
import type { Call } from '../../protocols/protocol.ts';
import type { Behaviour } from '../../settings/behaviour.ts';
import type { SecretVersion } from '../../state/secrets.ts';
import { refuseKms } from './errors.ts';
import { mandatory, text } from './parameters.ts';

export function newVersion(call: Call, behaviour: Behaviour): Pick<SecretVersion, 'id' | 'value' | 'type'> {
  const [id, value] = [mandatory(call, 'VersionId'), dataOf(call, behaviour)];
  const type = text(call, 'SecretDataType') || 'text';
  if (id.length > 64 || !/^[\x21-\x7e]+$/.test(id)) throw refuseKms('InvalidParameter', 'VersionId');
  if (Buffer.byteLength(value) > 30_720) throw refuseKms('InvalidParameter', 'SecretData');
  if (type !== 'text' && type !== 'binary') throw refuseKms('InvalidParameter', 'SecretDataType');
  return { id, value, type };
}

/** The metadata places every parameter in the query; whether a form is read as well is not said. */
function dataOf(call: Call, behaviour: Behaviour): string {
  if (behaviour['kms.secretData'] === 'query' && !call.inQuery?.has('SecretData'))
    return mandatory({ ...call, parameters: new Map() }, 'SecretData');
  return mandatory(call, 'SecretData');
}
