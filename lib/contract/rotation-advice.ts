// What a code means for a rotation, and what to do about it. lib/errors.ts tells whoever sent a request, and here nobody has one to
// send: the worker tries again by itself, as long as the rotation is there.
import { type FailureCode, failures } from '../errors.ts';

const itself = 'It is tried again by itself.';
const settled = `${itself} If it stays, cancel the rotation.`;

const rows: Partial<Record<FailureCode, string>> = {
  INVALID_REQUEST:
    'The cloud does not take what the key pair was asked for with. Cancel the rotation and vend another key pair.',
  FIELD_UNKNOWN: 'The key pair was asked for with fields that are not known any more. Vend another key pair.',
  INTERNAL: `Something failed that should not have. ${itself} If it stays, report it with the function's log.`,
  NAME_TAKEN: `A pair that is not provably keyvend's has the new pair's name. ${itself} Have the owner remove that pair, or cancel.`,
  DIFFERENT_REQUEST: `The new pair's name was vended for something else. ${settled}`,
  KEY_PAIR_ABSENT: `The new pair is gone: somebody removed it at the cloud. Cancel the rotation and begin another one.`,
  KEY_PAIR_IN_USE: `Instances have the old pair, or an image or a template names it. Detach it there; ${itself.replace('It', 'it')}`,
  KEY_PAIR_RETIRED:
    "The new pair's name belongs to a key pair that is out of use. Wait until that is purged, or cancel.",
  QUOTA_REACHED: `The region holds as many key pairs as it may. Remove some, or ask the cloud for more. ${itself}`,
  GRANT_FULL: `There are as many key pairs as the grant allows. Retire some. ${itself}`,
  ACCOUNT_UNKNOWN: `The configuration has no access key for this account any more. Put one back. ${itself}`,
  ACCOUNT_MOVED: `The access key is another account's. Put one of the alias's own account back. ${itself}`,
  REGION_UNKNOWN: 'The cloud does not know the region any more. Cancel the rotation and vend a key pair elsewhere.',
  RESOURCE_GROUP_UNKNOWN: `The resource group of the key pair is gone. Make it again, or vend another key pair. ${itself}`,
  PROJECT_UNKNOWN: `The project of the key pair is gone. Make it again, or vend another key pair. ${itself}`,
  TAGS_REFUSED: 'The cloud does not take the tags of the key pair. Cancel the rotation and vend another key pair.',
  TAG_QUOTA_REACHED: `The account has as many tag values as it may. Free some. ${itself}`,
  KEY_UNREADABLE:
    'A private key of this rotation cannot be read where it is stored, so no host is touched. Restore it in the secrets manager, or cancel.',
  KEY_CONTRADICTED: `The cloud handed out a key that does not belong to its pair; the pair is being removed. ${itself} Tell the cloud.`,
  KEY_UNPROVEN: `Nothing proves that the new key belongs to its pair. Permit unproven keys in the configuration, or cancel.`,
  IN_PROGRESS: `Somebody else is at work on it, or something older has to end first. ${itself}`,
  PERMISSION_DENIED: `The access key lacks the rights for key pairs. Give them to it. ${itself}`,
  CREDENTIALS_REFUSED: `The cloud does not take the access key that is stored for this account. Put a valid one there. ${itself}`,
  CLOCK_SKEWED: `The cloud found our clock wrong. Set it. ${itself}`,
  CLOUD_REFUSED: `The cloud refused, for a reason of its own: the function's log has its code. ${settled}`,
  THROTTLED: `The cloud takes no more for now. ${itself}`,
  RATE_LIMITED: `The cloud takes no more for now. ${itself}`,
  CLOUD_UNREACHABLE: `The cloud could not be reached. ${itself}`,
  OUTCOME_UNKNOWN: `It is not known whether the last call did anything; that is looked at first. ${itself}`,
  DEADLINE_PASSED: `The time of a worker was over before this was. ${itself} If it stays, one step takes longer than a worker has.`,
  CANCELLED: `The worker was stopped. ${itself}`,
  LEASE_LOST: `Another worker took over. ${itself}`,
  LEDGER_UNAVAILABLE: `The ledger could not be had. ${itself}`,
  LEDGER_FENCED:
    'The ledger was restored or copied. Compare it with keyvend reconcile and confirm it with keyvend ledger confirm.',
  TRAIL_BEHIND: `The trail is not sent on, so nothing new is begun. See why recovery fails. ${itself}`,
  STORE_UNAVAILABLE: `The secrets manager could not be had. ${itself}`,
  STORE_REFUSED: `The secrets manager refused. Check the function's rights to it and to its key. ${itself}`,
  SECRET_NOT_OURS: `The secret of that name is somebody else's by now. Have its owner remove it. ${itself}`,
  VERSION_TAKEN: 'One id was used for two keys. Cancel the rotation and report this.',
  ISSUER_UNREACHABLE: itself,
  ROTATION_IN_PROGRESS: `Another rotation of this key pair is under way. Wait until it is over, or cancel it.`,
  ROTATION_WAITS: `Older keys still open hosts, or the secrets manager has no room for one more. See to the hosts and instances that old keys wait for. ${itself}`,
  HOST_FORBIDDEN:
    'It is not among the hosts that the operator allows, and was not connected to. Have it allowed, or waive it.',
  HOST_UNREACHABLE: `It could not be reached. ${itself} If it does not come back, waive it.`,
  HOST_KEY_CHANGED:
    'It presents another host key than before, and was sent nothing. Find out why; then give the new one in the policy.',
  HOST_KEY_UNKNOWN: 'Its host key is not known. Give it in the policy, or let it be recorded (recordHostKeys).',
  HOST_FILE_CHANGING: `Others were editing its authorized_keys at the same time. ${itself}`,
  LOGIN_REFUSED: `It accepts neither key. Put the public key there that counts, or waive it. ${itself}`,
  LOGIN_LOST: `With the new key alone, a login failed, so the old one was put back. Find out why. ${itself}`,
};

/** What it means and what to do, in a sentence or two. */
export const adviceFor = (code: FailureCode): string => {
  const own = rows[code];
  if (own !== undefined) return own;
  const { next } = failures[code];
  return asksToSend.test(next) ? settled : next;
};

const asksToSend = /\b(send|sent|request|token)\b/i;
