// What each kind of fault does, and at which moment of a call.
import type { KeyObject } from 'node:crypto';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import type { Delivery } from '../http/delivery.ts';
import { digest } from '../keys/digests.ts';
import { formatted } from '../keys/private-key-formats.ts';
import type { Body, Protocol } from '../protocols/protocol.ts';
import { documented, type ErrorTable, Refused } from '../refused.ts';
import type { Service } from '../services/service.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import type { ServiceName } from '../state/registry.ts';
import { echoed } from './echo.ts';
import type { Fault, FaultKind, When } from './fault.ts';
import { shownHex, withField } from './fields.ts';

/** What an effect may need of the call to which it is done. */
export interface Scene {
  readonly protocol: Protocol;
  readonly service: ServiceName;
  readonly errors: readonly ErrorTable[];
  readonly behaviour: Behaviour;
  readonly throttled?: Service['throttled'];
  /** A key that is not the one in the answer. */
  anotherKey(): Promise<KeyObject>;
}

interface Effect<F> {
  /** Before or after the commit: an answer instead of the real one, or a thrown refusal. */
  at?(fault: F, when: When, scene: Scene): Delivery | undefined;
  /** Switches for this one call. */
  switches?(fault: F, service: ServiceName): Partial<Behaviour>;
  /** Another body in place of the true one. */
  body?(fault: F, body: Body, scene: Scene): Body | Promise<Body>;
  /** Another way to send it. */
  delivery?(fault: F, delivery: Delivery): Delivery;
}
type Effects = { readonly [K in FaultKind]: Effect<Extract<Fault, { kind: K }>> };

const page = '<html>\r\n<head><title>%s</title></head>\r\n<body><center><h1>%s</h1></center></body>\r\n</html>\r\n';
const html = (status: number): Delivery => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: page.replaceAll('%s', `${status} Server Error`),
  manner: { kind: 'whole' },
});
const nothing = (kind: 'drop' | 'stall'): Delivery => ({ status: 0, headers: {}, body: '', manner: { kind } });

const effects: Effects = {
  delay: {},
  refuse: {
    at(fault, when, { errors }) {
      if (when !== (fault.when ?? 'before-commit')) return undefined;
      const known = documented(errors, fault.code, fault.detail);
      throw new Refused(
        fault.code,
        fault.status ?? known?.status ?? 400,
        fault.message ?? known?.message ?? 'The fault plan refused this call.',
      );
    },
  },
  throttle: {
    at({ retryAfterMs }, when, { protocol, throttled }) {
      if (when === 'before-commit') {
        const said = protocol.throttled(retryAfterMs);
        throw throttled?.(said.headers) ?? said;
      }
      return undefined;
    },
  },
  drop: { at: (fault, when) => (when === fault.when ? nothing('drop') : undefined) },
  stall: { at: (fault, when) => (when === fault.when ? nothing('stall') : undefined) },
  'server-error': { at: (fault, when) => (when === fault.when ? html(fault.status ?? 502) : undefined) },
  'empty-body': { delivery: (_fault, delivery) => ({ ...delivery, body: '' }) },
  truncated: {
    delivery: ({ how }, delivery) =>
      how === 'length'
        ? { ...delivery, manner: { kind: 'cut-short' } }
        : { ...delivery, body: delivery.body.slice(0, delivery.body.length / 2) },
  },
  'malformed-json': { delivery: (_fault, delivery) => ({ ...delivery, body: delivery.body.replace(':', '=') }) },
  'missing-field': { body: ({ field }, body) => withField(body, field, () => undefined) },
  'wrong-type': {
    body: ({ field }, body) => withField(body, field, (value) => (typeof value === 'string' ? 4711 : 'wrong')),
  },
  'error-in-200': {
    body: ({ code }, body, { errors }) => ({ ...body, Code: code, Message: documented(errors, code)?.message ?? code }),
  },
  'wrong-fingerprint': {
    async body(_fault, body, { anotherKey, behaviour, service }) {
      const key = await anotherKey();
      if (service === 'cvm') {
        return withField(body, 'PublicKey', (value) => publicKeyLine(key, String(value).split(' ')[2] ?? ''));
      }
      const hex = digest(behaviour[`${service}.fingerprintDigest`], key);
      return withField(body, 'KeyPairFingerPrint', (value) => shownHex(hex, String(value)));
    },
  },
  'other-private-key': {
    async body(_fault, body, { anotherKey, behaviour, service }) {
      const text = formatted(await anotherKey(), behaviour[`${service}.privateKeyFormat`]);
      return withField(
        withField(body, 'PrivateKeyBody', () => text),
        'PrivateKey',
        () => text,
      );
    },
  },
  variant: {
    switches: ({ digest: name, colons, format }, service) => ({
      ...(format && { [`${service}.privateKeyFormat`]: format }),
      ...(service !== 'cvm' && name && { [`${service}.fingerprintDigest`]: name }),
      ...(service !== 'cvm' && colons !== undefined && { [`${service}.fingerprintColons`]: colons }),
    }),
  },
  echo: { delivery: ({ place, form }, delivery) => echoed(delivery, place, form) },
  oversized: {
    delivery: ({ bytes = 8 * 1024 * 1024 }, delivery) => ({ ...delivery, body: delivery.body.padEnd(bytes) }),
  },
  trickle: {
    delivery: ({ bytes = 16, everyMs = 50 }, delivery) => ({
      ...delivery,
      manner: { kind: 'trickle', bytes, everyMs },
    }),
  },
};

/** One fault's effect with the fault filled in; without a fault it does nothing. */
export function effectOf(fault: Fault | undefined): {
  at(when: When, scene: Scene): Delivery | undefined;
  switches(service: ServiceName): Partial<Behaviour>;
  body(body: Body, scene: Scene): Body | Promise<Body>;
  delivery(delivery: Delivery): Delivery;
} {
  const effect: Effect<Fault> | undefined = fault && (effects[fault.kind] as Effect<Fault>);
  return {
    at: (when, scene) => effect?.at?.(fault!, when, scene),
    switches: (service) => effect?.switches?.(fault!, service) ?? {},
    body: (body, scene) => effect?.body?.(fault!, body, scene) ?? body,
    delivery: (delivery) => effect?.delivery?.(fault!, delivery) ?? delivery,
  };
}
