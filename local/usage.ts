// What `npx keyvend --help` says.
import { providerNames } from '../lib/provider-table.ts';

const providers = providerNames.join('|');

export const usage = `keyvend init [FOLDER]

  Writes keyvend.yaml and access.yaml, commented, and folders for access keys. What is there already is not touched.

keyvend doctor [--config FILE] [--json]

  Tries the configuration of a server on the real parts: issuer, ledger, queues, store, clouds and what each access key may do there,
  clock. Each finding says what to do; exits with 1 if anything is wrong. Makes ledger, queues and store where there are none, as a first
  start would, and changes nothing else.

keyvend serve [--config FILE]

  Runs keyvend as a server of your own: HTTP, workers and schedules in one process. By keyvend.yaml, or FILE, and by the environment,
  which counts more. Stops when it is told to (SIGTERM), once every request has its answer.

keyvend key <${providers}> <name> [--region R] [--account A] [--out FILE]
keyvend key <${providers}> <name> [--region R] [--account A] --where

  Prints the private key that is stored for a key pair, or writes it to a new file that only you can read.
  Reads the embedded store under KEYVEND_HOME (.keyvend). With KEYVEND_PLATFORM=aws, or KEYVEND_STORE=secrets-manager, it
  reads AWS Secrets Manager with your own rights: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, KEYVEND_DEPLOYMENT.
  With KEYVEND_STORE=kv it reads the readers' copy in OpenBao or Vault, with the token of BAO_TOKEN, VAULT_TOKEN, KEYVEND_KV_TOKEN_FILE or
  ~/.vault-token: KEYVEND_KV_ADDRESS, KEYVEND_DEPLOYMENT.
  With --where it reads nothing, and prints the name that the key's secret has in AWS Secrets Manager, or with KEYVEND_STORE=kv
  the command that reads it from OpenBao.

keyvend show <${providers}> <name> [--region R] [--account A] [--json]

  Prints what is on record of a key pair: versions, policy, rotations, what lingers and why, and when it is rotated by age, or why
  it is not. This and the commands on rotations run beside npm start, or with KEYVEND_PLATFORM=aws and the environment of the
  deployed functions.

keyvend rotate <${providers}> <name> [--region R] [--account A]

  Starts a rotation, or says that one is under way, and prints its id and state; the worker carries it out.

keyvend rotation show <${providers}> <name> [--id ID] [--region R] [--account A] [--json]
keyvend rotation wait <${providers}> <name> [--id ID] [--until promoted|old-key-removed|purged] [--timeout SECONDS] ...
keyvend rotation cancel <${providers}> <name> [--id ID] ...
keyvend rotation waive <${providers}> <name> --host USER@HOST:PORT [--host ...] [--id ID] ...

  Shows the latest rotation, or the one with that id: its hosts, what failed and what to do about it, and what comes next. Waits
  until it is promoted, or further: exits with 0 once it is, and with 1 when it was cancelled, has failed for an hour, or the time
  is over. Takes it back before it is promoted. Lets it go on without hosts, which may be locked out.

keyvend check

  Says what is configured here, what by default, what is off and how it is switched on, and what would be refused, a variable that
  nobody knows among it; exits with 1 for that, and where the functions of the deployment have something else. Runs beside npm
  start, or with KEYVEND_PLATFORM=aws and the environment of rotationWorker, which has all variables. Before anything runs: npm start -- --check.

keyvend reconcile [--provider P] [--region R] [--account A] [--fix] [--json]

  Compares ledger, clouds and secret store and lists what disagrees; exits with 1 if anything does.
  Changes nothing unless --fix is given, which settles what is provably keyvend's. Runs beside npm start, or with
  KEYVEND_PLATFORM=aws and the environment of the deployed functions.

keyvend ledger [confirm]

  Says which deployment this is, and whether its ledger is the one that it was: exits with 1 if it was restored or copied, or
  if keys are stored that it does not know of. One that was restored or copied makes and deletes nothing until it is confirmed.

keyvend queue list [--queue Q] [--state waiting|in-hand|buried|done] [--json]
keyvend queue show <queue> <id> [--json]
keyvend queue put-back <queue> <id>

  Lists the messages of an inbox, a line each: what waits, is in hand or was buried and why; what is done only when it is asked for.
  Shows one with its body, and which of its fields are wrong. Has a buried one tried again, as if it were filed now. The inbox is that
  beside the ledger: KEYVEND_LEDGER=sqlite (usual) with KEYVEND_HOME, or postgres with its variables.

keyvend access check FILE
keyvend access compile FILE
keyvend access explain FILE --as CLAIMS.json RIGHT PROVIDER NAME [--region R] [--account A]

  Checks an access document and says what is wrong or probably not meant; prints it as functions read it; or says why the holder
  of a token with those claims may or may not do one thing: vend, read, rotate and so on. Exits with 1 for what is refused.

keyvend audit verify [--anchors FILE]

  Checks that no entry of any key pair's trail was removed, changed or put in another order; with entries that were kept
  elsewhere, one of JSON a line, also that none is missing at the end. Exits with 1 for a fault.
`;
