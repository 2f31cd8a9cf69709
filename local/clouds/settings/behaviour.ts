// What the services' pages leave open, contradict or change: one switch each. The default is the likelier answer;
// a client that is right about the clouds works with every other one too.
import { digestNames } from '../keys/digests.ts';
import { privateKeyFormats } from '../keys/private-key-formats.ts';
import { defaultsOf, flag, oneOf, type Values, whole } from './setting.ts';

export const switches = {
  /** Which of several things wrong with a request is named. */
  'order.first': oneOf('credentials', 'parameters'),
  'order.limits': oneOf('duplicate-before-quota', 'quota-before-duplicate'),

  /** A new pair stays out of listings for this many Describe calls of its region, and this long on the server's clock. */
  'describe.lagCalls': whole(0),
  'describe.lagMs': whole(0),

  /** After an instance is released, its pair counts as bound this long. */
  'binding.lagMs': whole(0),

  'alibaba.unknownKeyStatus': oneOf(404, 400),

  /** `PubKeyNameExisted` is documented for Delete only, but its text is about names; `accepted` makes a second pair. */
  'ens.duplicateName': oneOf(
    'PubKeyNameExisted',
    'InvalidParameter.KeyPairName',
    'InvalidParameter',
    'ens.interface.error',
    'accepted',
  ),
  'ens.quotaReached': oneOf('ens.interface.error', 'InvalidParameter', 'CallInterface'),
  'ens.deleteUnknown': oneOf('success', 'InvalidParameter.KeyPairName', 'InvalidParameter', 'ens.interface.error'),
  'ens.deleteAttached': oneOf('PubKeyAttachedWithInstance', 'success'),
  /** What attaching a pair does to an instance that has another. */
  'ens.attachBound': oneOf('replaced', 'refused'),
  'ens.nameFilter': oneOf('exact', 'ignored'),
  'ens.pageFields': oneOf('numbers', 'strings'),
  'ens.importReturnsId': flag(false),
  'ens.fingerprintDigest': oneOf(...digestNames),
  'ens.fingerprintColons': flag(false),
  'ens.privateKeyFormat': oneOf(...privateKeyFormats),
  'ens.keyBits': oneOf(2048, 1024, 3072, 4096),

  /** A deleted pair's name cannot be used for this long, although no call shows the pair. */
  'ecs.nameStaysTakenMs': whole(0),
  'ecs.deleteUnknown': oneOf('success', 'InvalidKeyPair.NotFound'),
  'ecs.importReturnsId': flag(false),
  'ecs.describeReturnsId': flag(false),
  /** Whether DescribeLaunchTemplateVersions shows the default version among the others. */
  'ecs.defaultVersionListed': flag(true),
  'ecs.fingerprintDigest': oneOf(...digestNames),
  'ecs.fingerprintColons': flag(true),
  'ecs.privateKeyFormat': oneOf(...privateKeyFormats),
  'ecs.keyBits': oneOf(2048, 1024, 3072, 4096),

  /** Which version goes when there is one too many: its pages speak of the earliest, and of the earliest that has no stage. */
  'kms.dropped': oneOf('earliest', 'earliest-without-stage'),
  /** Whether a stage moves only from the version that the request names; and whether one that is where it is to go is refused as well. */
  'kms.removeFrom': oneOf('checked', 'checked-even-there', 'ignored'),
  /** What a move from a version that has the stage no more is refused with. */
  'kms.staleMove': oneOf('Rejected.InvalidRequest', 'Rejected.UnsupportedOperation', 'InvalidParameter'),
  /** What a put of the same id and value does with the stages that it names. */
  'kms.putAgain': oneOf('changes-nothing', 'moves-stages'),
  /** Where the value of a secret is looked for. */
  'kms.secretData': oneOf('query-or-form', 'query'),
  'kms.stageNames': oneOf('any', 'narrow'),
  /** What GetSecretValue and PutSecretValue say while a deletion is scheduled: their pages list no code for it. */
  'kms.valuesInWindow': oneOf('Rejected.ResourceInDeleteWindow', 'Forbidden.ResourceNotFound'),
  /** Whether ListSecretVersionIds shows a secret whose deletion is scheduled: its page lists no code for it either. */
  'kms.versionsInWindow': oneOf('shown', 'Forbidden.ResourceNotFound'),
  'kms.listed': oneOf('oldest-first', 'newest-first'),
  /** What becomes of a new secret that names no KMS instance. */
  'kms.withoutInstance': oneOf('accepted', 'Rejected.ShareQuotaExceedLimit', 'UnsupportedOperation'),

  /** What becomes of the events of a PutEvents that is answered with 200. */
  'eventbridge.entries': oneOf('taken', 'failed', 'last-failed'),
  /** The code of an event that was taken: the page's example has none, the client's comment has `Success`. */
  'eventbridge.entryCode': oneOf('absent', 'Success'),
  /** The code of a good answer: the pages of the actions do not agree. */
  'eventbridge.code': oneOf('200', 'Success'),
  /** How the service refuses: Terraform reads its codes from answers of 200, a page of error codes has statuses. */
  'eventbridge.refusals': oneOf('in-200', 'by-status'),

  'cvm.namesUniquePer': oneOf('region', 'account'),
  'cvm.nameFilter': oneOf('exact', 'substring'),
  /** DescribeInstances by ids, some of which are not there. */
  'cvm.unknownInstance': oneOf('omitted', 'InvalidInstanceId.NotFound'),
  'cvm.renameBound': oneOf('accepted', 'InvalidParameterValue.KeyPairNotSupported'),
  /** Whether a pair's own name counts as a duplicate. */
  'cvm.renameToOwnName': oneOf('accepted', 'InvalidKeyPairName.Duplicate'),
  'cvm.defaultVersionListed': flag(true),
  /** Whether a new version of a template has what the old one has and the request does not say. */
  'cvm.versionBase': oneOf('kept', 'ignored'),
  'cvm.unknownParameters': oneOf('refused', 'ignored'),
  'cvm.privateKeyFormat': oneOf(...privateKeyFormats),
  'cvm.keyBits': oneOf(2048, 1024, 3072, 4096),
} as const;

export type Behaviour = Values<typeof switches>;
export const defaultBehaviour: Behaviour = defaultsOf(switches);
