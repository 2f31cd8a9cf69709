// One request from its bytes to its answer: read, authenticate, permit, limit, let faults in, act, wrap.
import { setTimeout as wait } from 'node:timers/promises';
import { type Credential, mayDo } from './accounts/credentials.ts';
import { RateMeter } from './accounts/rate-meter.ts';
import type { LoggedRequest } from './admin/request-log.ts';
import { effectOf, type Scene } from './faults/effects.ts';
import type { Fault, When } from './faults/fault.ts';
import type { FaultPlan } from './faults/plan.ts';
import type { Delivery } from './http/delivery.ts';
import type { Received } from './http/received.ts';
import type { KeySource } from './keys/key-source.ts';
import { alibaba } from './protocols/alibaba.ts';
import { alibabaErrors, refuseAlibaba } from './protocols/alibaba-errors.ts';
import { byThemselves, type Call, type Product, type Protocol } from './protocols/protocol.ts';
import { smqProtocol } from './protocols/smq.ts';
import { isTencent, tencent, tooFast } from './protocols/tencent.ts';
import { refuseTencent, tencentErrors } from './protocols/tencent-errors.ts';
import { Refused } from './refused.ts';
import type { ServerClock } from './server-clock.ts';
import { as } from './services/as.ts';
import { cvm } from './services/cvm.ts';
import { ecs } from './services/ecs.ts';
import { ens } from './services/ens.ts';
import { ess } from './services/ess.ts';
import { refuseEventBridge } from './services/eventbridge/errors.ts';
import { eventbridge } from './services/eventbridge/eventbridge.ts';
import { assume, assumesRole, type TrustedIssuer } from './services/federation.ts';
import { refuseKms } from './services/kms/errors.ts';
import { kms } from './services/kms/kms.ts';
import { region } from './services/region.ts';
import type { Action, Outcome, Service } from './services/service.ts';
import { refuseSmq } from './services/smq/errors.ts';
import { smq } from './services/smq/smq.ts';
import { asksWhose, callerIdentity } from './services/sts.ts';
import type { Behaviour } from './settings/behaviour.ts';
import type { Limits } from './settings/limits.ts';
import { authenticate } from './signatures/authenticate.ts';
import { isMns } from './signatures/mns.ts';
import { SeenOnce } from './signatures/seen-once.ts';
import type { Buses } from './state/buses.ts';
import type { Fleet } from './state/fleet.ts';
import type { Queues } from './state/queues.ts';
import type { Registry } from './state/registry.ts';
import type { Secrets } from './state/secrets.ts';

const services: Readonly<Record<Product, Service>> = { ens, ecs, ess, kms, eventbridge, smq, cvm, as, region };
const gatewayErrors = { alibaba: alibabaErrors, tencent: tencentErrors };

export interface ExchangeDependencies {
  readonly clock: ServerClock;
  /** Whoever assumes a role is one more. */
  readonly credentials: Credential[];
  readonly trusted: readonly TrustedIssuer[];
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly secrets: Secrets;
  readonly buses: Buses;
  readonly queues: Queues;
  readonly keys: KeySource;
  readonly plan: FaultPlan;
  /** As they are now; both change while the server runs. */
  behaviour(): Behaviour;
  limits(): Limits;
  save(): Promise<void>;
  /** Called with what is nobody's fault but the server's. */
  onFailure(error: unknown): void;
  /** Ends waiting when the server closes. */
  readonly closing: AbortSignal;
}

/** What the log shows of a request, apart from its connection. */
export type Trace = Omit<LoggedRequest, 'connection' | 'reused'>;

export class Exchange {
  readonly #dependencies: ExchangeDependencies;
  readonly #seen = new SeenOnce();
  readonly #rate = new RateMeter();

  constructor(dependencies: ExchangeDependencies) {
    this.#dependencies = dependencies;
  }

  async answer(request: Received): Promise<{ delivery: Delivery; trace: Trace }> {
    const protocol = protocolOf(request);
    const requestId = protocol.requestId();
    const at = new Date(this.#dependencies.clock.nowMs()).toISOString();
    let call: Call | undefined;
    let fault: Fault | undefined;
    let delivery: Delivery;
    let code = '';
    try {
      if (asksWhose(protocol.cloud, protocol.named(request))) return this.#identified(request, protocol, requestId, at);
      if (assumesRole(protocol.cloud, protocol.named(request)))
        return await this.#assumed(request, protocol, requestId, at);
      call = protocol.read(request);
      const action = actionOf(call);
      const behaviour = this.#dependencies.behaviour();
      const early = behaviour['order.first'] === 'parameters' ? action(call, behaviour) : undefined;
      const caller = this.#admit(call, this.#authenticated(request, protocol));
      fault = this.#dependencies.plan.take({ ...call, service: shownService(call), name: nameOf(call) });
      delivery = await this.#perform({ call, caller, fault, protocol, requestId, action, early });
    } catch (error) {
      if (!(error instanceof Refused)) this.#dependencies.onFailure(error);
      const refused = error instanceof Refused ? error : protocol.broken();
      code = refused.code;
      const failure = protocol.failure(refused, requestId, request);
      delivery = protocol.answer(refused.status, failure, requestId, refused.headers);
    }
    delivery = effectOf(fault).delivery(delivery);
    const trace = {
      at,
      service: call === undefined ? '' : shownService(call),
      action: call?.action ?? '',
      region: call?.region ?? '',
      name: call ? nameOf(call) : '',
      requestId,
      code,
      status: delivery.status,
      ...(fault && { fault: fault.kind }),
    };
    return { delivery, trace };
  }

  /** Forgets which signatures came before, and how many requests came this second. */
  reset(): void {
    this.#seen.clear();
    this.#rate.clear();
  }

  /** Says whose the access key is to whoever signs with it. */
  #identified(request: Received, protocol: Protocol, requestId: string, at: string) {
    const { action } = protocol.named(request);
    const body = callerIdentity(this.#authenticated(request, protocol), protocol.cloud);
    const trace = { at, service: 'sts', action, region: '', name: '', requestId, code: '', status: 200 };
    return { delivery: protocol.answer(200, protocol.success(body, requestId), requestId), trace };
  }

  /** Gives temporary credentials to whoever holds a token that the account trusts; such a call has no signature. */
  async #assumed(request: Received, protocol: Protocol, requestId: string, at: string) {
    const { credentials, trusted, clock } = this.#dependencies;
    const { action } = protocol.named(request);
    const { credential, body } = await assume(protocol.cloud, request, { trusted, nowMs: clock.nowMs() });
    credentials.push(credential);
    const trace = { at, service: 'sts', action, region: '', name: '', requestId, code: '', status: 200 };
    return { delivery: protocol.answer(200, protocol.success(body, requestId), requestId), trace };
  }

  #authenticated(request: Received, protocol: Protocol): Credential {
    const { clock, credentials } = this.#dependencies;
    return authenticate(protocol.scheme(request), {
      credentials: credentials.filter(({ cloud }) => cloud === protocol.cloud),
      nowMs: clock.nowMs(),
      windowMs: this.#dependencies.limits()[`${protocol.cloud}.signatureWindowMs`],
      seen: this.#seen,
      refusals: protocol.refusals(this.#dependencies.behaviour()),
    });
  }

  #admit(call: Call, caller: Credential): Credential {
    const nowMs = this.#dependencies.clock.nowMs();
    const limits = this.#dependencies.limits();
    if (!mayDo(caller, `${call.product}:${call.action}`)) throw services[call.product].unpermitted();
    if (call.service === 'cvm') {
      const limit = limits['cvm.requestsPerSecond'];
      const count = this.#rate.count(`${caller.account}/${call.region}/${call.action}`, nowMs);
      if (count > limit) throw tooFast(count, limit);
    }
    if (call.product === 'eventbridge' || call.product === 'smq') {
      const count = this.#rate.count(`${caller.account}/${call.region}/${call.product}`, nowMs);
      if (count > limits[`${call.product}.requestsPerSecond`])
        throw call.product === 'smq' ? refuseSmq('QpsLimitExceeded') : refuseEventBridge('TooManyRequests');
    }
    if (call.product === 'kms') {
      const count = this.#rate.count(`${caller.account}/${call.region}/${call.action}`, nowMs);
      if (count > limits[`kms.requestsPerSecond.${kindOf(call.action)}`]) throw refuseKms('Rejected.Throttling');
    }
    return caller;
  }

  async #perform(task: Task): Promise<Delivery> {
    const { call, caller, fault, protocol, requestId, action, early } = task;
    const { buses, clock, fleet, keys, queues, registry, save, secrets } = this.#dependencies;
    const effect = effectOf(fault);
    const behaviour = { ...this.#dependencies.behaviour(), ...effect.switches(call.service) };
    const scene: Scene = {
      protocol,
      service: call.service,
      errors: [services[call.product].errors, gatewayErrors[protocol.cloud]],
      behaviour,
      throttled: services[call.product].throttled,
      anotherKey: async () => (await keys.take(behaviour[`${call.service}.keyBits`])).key,
    };

    await this.#pause(fault, 'before-commit');
    const instead = effect.at('before-commit', scene);
    if (instead) return instead;
    const {
      body,
      made,
      status = 200,
      headers = {},
    }: Outcome = await (early ?? action(call, behaviour))({
      place: { account: caller.account, service: call.service, region: call.region },
      nowMs: clock.nowMs(),
      registry,
      fleet,
      secrets,
      buses,
      queues,
      behaviour,
      limits: this.#dependencies.limits(),
      newKey: (bits) => keys.take(bits),
      save,
    });
    await this.#pause(fault, 'after-commit');
    const afterwards = effect.at('after-commit', scene);
    if (afterwards) return afterwards;

    const shown = await effect.body(body, scene);
    const all = { ...headers, ...(made && { 'x-local-key': made.origin }) };
    return protocol.answer(status, protocol.success(shown, requestId), requestId, all);
  }

  async #pause(fault: Fault | undefined, when: When): Promise<void> {
    if (!fault?.delayMs || when !== (fault.delayWhen ?? 'before-commit')) return;
    await wait(fault.delayMs, undefined, { signal: this.#dependencies.closing }).catch(() => undefined);
  }
}

interface Task {
  readonly call: Call;
  readonly caller: Credential;
  readonly fault: Fault | undefined;
  readonly protocol: Protocol;
  readonly requestId: string;
  readonly action: Action;
  readonly early: ReturnType<Action> | undefined;
}

function actionOf(call: Call): Action {
  const action = services[call.product].actions.get(call.action);
  if (!action && call.product === 'smq') throw refuseSmq('InvalidRequestURL');
  if (!action) throw call.service === 'cvm' ? refuseTencent('InvalidAction') : refuseAlibaba('InvalidAction.NotFound');
  return action;
}

const shownService = ({ product, service }: Call): string => byThemselves.find((one) => one === product) ?? service;

function protocolOf(request: Received): Protocol {
  if (isMns(request)) return smqProtocol;
  return isTencent(request) ? tencent : alibaba;
}

/** Of KMS's limits, which an action has. */
function kindOf(action: string): 'create' | 'value' | 'list' {
  if (action === 'CreateSecret' || action === 'DeleteSecret') return 'create';
  return action === 'GetSecretValue' || action === 'PutSecretValue' ? 'value' : 'list';
}

/** The name a rule or a reader of the log knows the pair by: its name, or the names or ids of several; or a secret, a bus, a queue. */
function nameOf({ parameters }: Call): string {
  const names = ['KeyPairName', 'KeyName', 'SecretName', 'EventBusName', 'QueueName'];
  const one = names.map((name) => parameters.get(name)).find((value) => value !== undefined);
  if (typeof one === 'string' && one) return one;
  const several = parameters.get('KeyPairNames') ?? parameters.get('KeyIds') ?? parameters.get('KeyPairId');
  return Array.isArray(several)
    ? several.join(',')
    : String(several ?? '')
        .replace(/^\["|"\]$/g, '')
        .replaceAll('","', ',');
}
