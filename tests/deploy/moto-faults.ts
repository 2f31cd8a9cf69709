// What moto gets wrong while a stage is deployed, rotated and restored, and what it is asked instead. What it leaves out altogether is not
// tested with it: the HTTP API, alarms, metric filters and the policies of queues and buckets are skipped, the table has no expiry and no
// recovery until somebody sets them, the log groups keep their first retention, a stack that is made by change sets has no outputs, and
// functions are said to be for another processor.

export interface Asked {
  /** `dynamodb:RestoreTableFromBackup` */
  readonly call: string;
  readonly path: string;
  readonly body: string;
}
type Mend = (asked: Asked) => Asked | { readonly answer: string } | undefined;

/** It refuses a template in which cfn-lint finds anything at all, also a dependency that is named twice, as the framework names them. */
const validating: Mend = ({ call }) =>
  call === 'cloudformation:ValidateTemplate'
    ? {
        answer:
          '<ValidateTemplateResponse><ValidateTemplateResult><Parameters/></ValidateTemplateResult></ValidateTemplateResponse>',
      }
    : undefined;

/** It puts a bus itself where a template refers to it, instead of the name, and stumbles over that. */
const naming: Mend = (asked) =>
  asked.call === 's3:PutObject' && asked.path.includes('compiled-cloudformation-template.json')
    ? { ...asked, body: asked.body.replaceAll(/\{\s*"Ref":\s*"Bus"\s*\}/g, '{"Fn::GetAtt":["Bus","Name"]}') }
    : undefined;

/** It restores a table as it is now, whatever moment is asked for. */
const restoring =
  (backups: ReadonlyMap<string, string>): Mend =>
  (asked) => {
    if (asked.call !== 'dynamodb:RestoreTableToPointInTime') return undefined;
    const { RestoreDateTime, TargetTableName } = JSON.parse(asked.body) as Record<string, unknown>;
    const BackupArn = backups.get(new Date(1_000 * Number(RestoreDateTime)).toISOString());
    const body = { TargetTableName, BackupArn: BackupArn ?? 'no backup was taken at that moment' };
    return { ...asked, call: 'dynamodb:RestoreTableFromBackup', body: JSON.stringify(body) };
  };

/** @param backups the ARN of a backup for each moment that may be restored */
export const mends = (backups: ReadonlyMap<string, string>): readonly Mend[] => [
  validating,
  naming,
  restoring(backups),
];
