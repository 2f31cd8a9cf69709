// Who may do what. A right that is not in the table below has to name what it is for.
import { describe, expect, it } from 'vitest';
import { RefusedEvent, RotatedEvent, VendedEvent } from '../../lib/contract/events.ts';
import { identityKey } from '../../lib/identity.ts';
import { attemptKey, permitsKey, recordKey, rememberedKey } from '../../lib/ledger/dynamodb/dynamodb-items.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { everywhere, type Json, list, ofType, type Packaged } from './packaged.ts';

/** Where `*` stands for a resource, and why nothing narrower can. */
const anyResource: Readonly<Record<string, string>> = {
  // "Key policies in AWS KMS": `*` is the key that the policy belongs to; nothing else can be named.
  Key: 'a key policy',
  // Service Authorization Reference, Secrets Manager: ListSecrets has no resource types. It shows names and tags only.
  RecoveryReconcileRole: 'ListSecrets',
};

/** What no function may do, whatever its conditions. */
const forbidden =
  /^(iam|sts|s3|lambda):|:(Scan|Delete(Item|Table|Queue)|PurgeQueue|ScheduleKeyDeletion|PutKeyPolicy|PutResourcePolicy)$/;

/** As the parameter `secret-keys` names it. */
export const listedKey = 'arn:aws:kms:eu-central-1:123456789012:key/abcd1234-ab12-cd34-ef56-abcdef123456';

export const rights = (example: Packaged, inVpc: Packaged) =>
  describe('rights', () => {
    const roles = ofType(example, 'AWS::IAM::Role');
    const statementsOf = (role: Json): Json[] =>
      role.Properties.Policies.flatMap(({ PolicyDocument }: Json) => PolicyDocument.Statement);
    const statements = roles.flatMap(([name, role]) => statementsOf(role).map((statement) => ({ name, ...statement })));
    const of = (name: string) => statements.filter((statement) => statement.name === name);

    it('come from one role for each function, which no other function has', () => {
      const used = ofType(example, 'AWS::Lambda::Function').map(
        ([, { Properties }]) => Properties.Role['Fn::GetAtt'][0],
      );
      expect(new Set(used).size).toBe(used.length);
      expect(used.sort()).toEqual(roles.map(([name]) => name).sort());
      for (const [, { Properties }] of roles) {
        expect(Properties.ManagedPolicyArns).toBeUndefined();
        expect(everywhere(Properties.AssumeRolePolicyDocument, 'Principal')).toEqual([
          { Service: 'lambda.amazonaws.com' },
        ]);
      }
    });

    it('are granted action by action', () => {
      const allowed = everywhere(example.template.Resources, 'Statement')
        .flat()
        .filter(({ Effect }) => Effect === 'Allow');
      expect(allowed.length).toBeGreaterThan(40);
      expect(allowed.flatMap(({ Action }) => list(Action)).filter((action: string) => action.includes('*'))).toEqual(
        [],
      );
      expect(allowed.filter(({ NotAction, NotResource }) => NotAction ?? NotResource)).toEqual([]);
      const theirs = statements.flatMap(({ Action }) => list<string>(Action));
      expect(theirs.filter((action) => forbidden.test(action))).toEqual([]);
    });

    it('are for named resources, except for those in the table', () => {
      const wide = Object.entries(example.template.Resources)
        .filter(([, resource]) => everywhere(resource, 'Resource').flatMap(list).includes('*'))
        .map(([name]) => name);
      expect(wide).toEqual(Object.keys(anyResource));
      const everywhereElse = statements.filter(({ Resource }) => list(Resource).includes('*'));
      expect(everywhereElse.map(({ Action }) => Action)).toEqual([['secretsmanager:ListSecrets']]);
    });

    it.each(providerNames)('end at the provider %s for its functions', (provider) => {
      const others = providerNames.filter((other) => other !== provider);
      const name = `${provider[0]!.toUpperCase()}${provider.slice(1)}`;
      for (const role of [`${name}HttpRole`, `${name}QueueRole`]) {
        const text = JSON.stringify(of(role));
        for (const other of others) expect(text).not.toMatch(new RegExp(`(/|")${other}(/|-|Queue|DeadLetters)`, 'i'));
        expect(text).toContain(`:secret:keyvend/${provider}/*`);
        expect(text).toContain(`:secret:keyvend-upstream/example/${provider}/*`);
      }
    });

    it.each(providerNames)('fit the keys that are written to the ledger for %s', (provider) => {
      const identity = identityKey({ provider, account: 'default', region: 'global', name: 'web' });
      const written = [
        recordKey(identity),
        attemptKey(identity, 'a'),
        rememberedKey('a'),
        permitsKey(`${provider}/default/1`),
      ];
      const ledger = statements.filter(({ Sid, name }) => Sid === 'Ledger' && name.toLowerCase().startsWith(provider));
      expect(ledger).toHaveLength(2);
      for (const { Condition } of ledger) {
        const patterns: string[] = Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'];
        const fits = (key: string) => patterns.some((pattern) => key.startsWith(pattern.replace(/\*$/, '')));
        for (const { pk } of written) expect(fits(pk.S), pk.S).toBe(true);
        for (const other of providerNames.filter((one) => one !== provider))
          expect(fits(`${other}/default/x/y`)).toBe(false);
      }
    });

    it('let recovery and rotation alone find what is due, by the indexes that they query', () => {
      const finding = statements.filter(({ Sid }) => Sid === 'LedgerDue');
      expect(finding.map(({ name, Resource }) => [name, list(Resource).map((arn: Json) => arn['Fn::Sub'])])).toEqual([
        ['RotationDueRole', ['rotate'].map((index) => `\${Ledger.Arn}/index/${index}`)],
        ['RecoverySettleRole', ['settle', 'announce'].map((index) => `\${Ledger.Arn}/index/${index}`)],
      ]);
    });

    it('let each function put on the bus exactly the events that it publishes', () => {
      const [vended, rotated, refused] = [VendedEvent, RotatedEvent, RefusedEvent].map(
        ({ shape }) => shape.type.def.values[0],
      );
      const published = (role: string) =>
        of(role)
          .filter(({ Action }) => list(Action).includes('events:PutEvents'))
          .flatMap(({ Condition }) => list(Condition.StringEquals['events:detail-type']));
      for (const provider of providerNames) {
        const name = `${provider[0]!.toUpperCase()}${provider.slice(1)}`;
        expect(published(`${name}HttpRole`)).toEqual([vended, rotated]);
        expect(published(`${name}QueueRole`).sort()).toEqual([refused, rotated, vended].sort());
      }
      expect(published('RotationWorkerRole').sort()).toEqual([refused, rotated, vended].sort());
      expect(published('RotationSecretsManagerRole')).toEqual([vended, rotated]);
      for (const role of ['CatalogRole', 'LifecycleRole', 'RotationDueRole']) expect(published(role)).toEqual([]);
    });

    it('let nothing that answers callers read a stored key, in whatever way', () => {
      const showing =
        /^secretsmanager:(GetSecretValue|BatchGetSecretValue|RotateSecret|ReplicateSecretToRegions|PutResourcePolicy)$/;
      const reading = statements.filter(({ Action, Resource }) => {
        const stored = list<Json>(Resource).some((arn) => /:secret:keyvend\//.test(String(arn['Fn::Sub'])));
        return stored && list<string>(Action).some((action) => showing.test(action));
      });
      expect(
        reading.map(({ name, Action }) => [name, list<string>(Action).filter((one) => showing.test(one))]),
      ).toEqual(
        ['RotationWorker', 'RotationSecretsManager', 'RecoverySettle', 'RecoveryReconcile'].map((name) => [
          `${name}Role`,
          ['secretsmanager:GetSecretValue'],
        ]),
      );
    });

    it('let a secret be put under the key of the stack or one of the parameter, and no other', () => {
      const keysOf = (packaged: Packaged) => {
        const all = ofType(packaged, 'AWS::IAM::Role').flatMap(([, role]) => statementsOf(role));
        const keys = ({ Condition }: Json) =>
          Condition.StringEquals['secretsmanager:KmsKeyArn'] ?? Condition.StringEquals['secretsmanager:KmsKeyId'];
        const changing = all.filter(({ Action }) =>
          list<string>(Action).some((one) => /^secretsmanager:(Create|Update)Secret$/.test(one)),
        );
        const using = all.filter(({ Sid }) => Sid === 'SecretsKey');
        expect(changing.length).toBeGreaterThan(0);
        expect(using.length).toBeGreaterThan(0);
        return [...changing.map(keys), ...using.map(({ Resource }) => Resource)].map((one) => list<Json>(one));
      };
      const own = { 'Fn::GetAtt': ['Key', 'Arn'] };
      for (const keys of keysOf(example)) expect(keys).toEqual([own]);
      for (const keys of keysOf(inVpc)) expect(keys).toEqual([own, listedKey]);
    });

    it('fit what each function is told of its rights to read stored keys', () => {
      for (const [name, { Properties }] of ofType(example, 'AWS::Lambda::Function')) {
        const may = of(name.replace('LambdaFunction', 'Role')).some(({ Sid }) => Sid === 'ReadSecrets');
        const stores = of(name.replace('LambdaFunction', 'Role')).some(({ Sid }) => Sid === 'KeepSecrets');
        const told = Properties.Environment.Variables.KEYVEND_READS_KEYS;
        if (stores) expect({ name, told: told ?? 'true' }).toEqual({ name, told: String(may) });
      }
    });

    it('depend on our tag for secrets, wherever there is a tag to look at', () => {
      const secrets = statements.filter(({ Action }) =>
        list<string>(Action).some((a) => a.startsWith('secretsmanager:')),
      );
      for (const { Sid, Condition } of secrets) {
        const tag =
          Condition?.StringEquals?.['aws:ResourceTag/keyvend'] ?? Condition?.StringEquals?.['aws:RequestTag/keyvend'];
        // A free name has no tags, and the clouds' access keys are not ours to tag.
        if (!['LookAtSecrets', 'UpstreamKeys', 'ListSecrets'].includes(Sid))
          expect({ Sid, tag }).toEqual({ Sid, tag: 'example' });
      }
      const deleting = secrets.filter(({ Action }) => list(Action).includes('secretsmanager:DeleteSecret'));
      expect(deleting).toHaveLength(2 * providerNames.length + 3);
      for (const { Condition } of deleting) {
        expect(Condition.BoolIfExists).toEqual({ 'secretsmanager:ForceDeleteWithoutRecovery': false });
      }
    });

    it('let recovery and reconciling make nothing, and whoever removes a secret leave it for as long as AWS permits', () => {
      const making = [
        'secretsmanager:CreateSecret',
        'secretsmanager:TagResource',
        'secretsmanager:PutSecretValue',
        'kms:GenerateDataKey',
      ];
      const makers = statements.filter(({ Action }) => making.some((action) => list(Action).includes(action)));
      const names = [...new Set(makers.map(({ name }) => name))];
      const serving = providerNames.flatMap((provider) => {
        const title = `${provider[0]!.toUpperCase()}${provider.slice(1)}`;
        return [`${title}HttpRole`, `${title}QueueRole`];
      });
      expect(names.sort()).toEqual([...serving, 'RotationSecretsManagerRole', 'RotationWorkerRole'].sort());
      for (const { Condition } of statements.filter(({ Sid }) => Sid === 'RetireSecrets'))
        expect(Condition.NumericEquals).toEqual({ 'secretsmanager:RecoveryWindowInDays': 30 });
    });

    it('let the KMS key be used through one service and for named data only', () => {
      const crypto =
        /^kms:(Decrypt|Encrypt|GenerateDataKey|GenerateDataKeyWithoutPlaintext|ReEncryptFrom|ReEncryptTo|CreateGrant)$/;
      const { Key } = example.template.Resources;
      const used = [...statements, ...Key.Properties.KeyPolicy.Statement].filter(({ Action }) =>
        list<string>(Action).some((a) => crypto.test(a)),
      );
      const byService = used.filter(({ Principal }) => Principal?.Service !== undefined);
      for (const { Sid, Condition } of used.filter((one) => !byService.includes(one))) {
        expect(Condition.StringEquals['kms:ViaService'], Sid).toBeDefined();
        const bound = JSON.stringify(Condition).match(/kms:EncryptionContext:|kms:GrantIsForAWSResource/);
        expect(bound, Sid).not.toBeNull();
      }
      // CloudWatch Logs uses the key as itself, not on anybody's behalf, and for these log groups alone.
      const groups = ofType(example, 'AWS::Logs::LogGroup').map(
        ([, { Properties }]) =>
          `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${Properties.LogGroupName}`,
      );
      const logs = { 'Fn::Sub': `logs.\${AWS::Region}.\${AWS::URLSuffix}` };
      expect(byService.map(({ Sid, Principal }) => [Sid, Principal])).toEqual([['OurLogs', { Service: logs }]]);
      const [{ Action, Condition }] = byService;
      expect(list(Action)).not.toContain('kms:CreateGrant');
      expect(Object.keys(Condition)).toEqual(['ArnEquals']);
      const named = list<Json>(Condition.ArnEquals['kms:EncryptionContext:aws:logs:arn']).map((arn) => arn['Fn::Sub']);
      expect(named.sort()).toEqual(groups.sort());
      expect(named.join()).not.toMatch(/[*?]/);
    });

    it('reach no key and no secret for functions that ask for rotations or find what is due', () => {
      const actions = (role: string) => of(role).flatMap(({ Action }) => list<string>(Action));
      const asking = [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'kms:Decrypt',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'sqs:SendMessage',
      ];
      expect(actions('LifecycleRole').sort()).toEqual(asking);
      expect(actions('RotationDueRole').sort()).toEqual([...asking, 'dynamodb:Query'].sort());
      const sending = statements.filter(({ Sid }) => Sid === 'RotationQueue');
      expect(sending.map(({ name, Resource }) => [name, Resource])).toEqual(
        ['LifecycleRole', 'RotationDueRole', 'RotationWorkerRole'].map((role) => [
          role,
          { 'Fn::GetAtt': ['RotationQueue', 'Arn'] },
        ]),
      );
    });

    it('include network interfaces with a VPC only, and for Lambda itself, not for our code', () => {
      const ec2 = (packaged: Packaged) =>
        ofType(packaged, 'AWS::IAM::Role').flatMap(([name, role]) =>
          statementsOf(role)
            .filter(({ Action }) => list<string>(Action).some((action) => action.startsWith('ec2:')))
            .map((statement) => ({ name, ...statement })),
        );
      expect(ec2(example)).toEqual([]);
      const theirs = ec2(inVpc);
      expect([...new Set(theirs.map(({ name }) => name))]).toEqual([
        'RotationWorkerRole',
        'RotationSecretsManagerRole',
      ]);
      for (const role of ['RotationWorker', 'RotationSecretsManager']) {
        const its = theirs.filter(({ name }) => name === `${role}Role`);
        const allowed = its.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => list<string>(Action));
        // Lambda checks them before there is an interface, and takes no role that names some.
        expect(its.map(({ Resource }) => Resource)).toEqual(['*', '*']);
        const [denied, ...more] = its.filter(({ Effect }) => Effect === 'Deny');
        expect(more).toEqual([]);
        expect(denied?.Action.toSorted()).toEqual(allowed.toSorted());
        const { FunctionName } = inVpc.template.Resources[`${role}LambdaFunction`].Properties;
        expect(JSON.stringify(denied?.Condition)).toContain(`:function:${FunctionName}"`);
      }
    });

    it('let the catalog read the ledger, and do nothing else', () => {
      const actions = of('CatalogRole').flatMap(({ Action }) => list<string>(Action));
      expect(actions.sort()).toEqual([
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'kms:Decrypt',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
      ]);
      for (const { Condition } of of('CatalogRole').filter(({ Action }) => list(Action).includes('kms:Decrypt'))) {
        expect(Condition.StringEquals['kms:EncryptionContext:aws:dynamodb:tableName']).toBe('keyvend-example-ledger');
      }
    });
  });
