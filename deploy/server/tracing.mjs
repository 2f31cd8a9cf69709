// Traces by OpenTelemetry, loaded from outside: `node --import ./tracing.mjs`, or NODE_OPTIONS='--import=/etc/keyvend/tracing.mjs'. keyvend has
// nothing of OpenTelemetry in it: install `@opentelemetry/api` and an SDK beside this file, and set the SDK up before this is loaded.
// Each call to the ledger, the secret store and a cloud is a span, such as `store put`; docs/tracing.md has its attributes.
import { subscribe } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('keyvend');
const spans = new WeakMap();

subscribe('tracing:keyvend:step:start', (step) => {
  const { part, step: name, keyPair = {} } = step;
  const attributes = Object.fromEntries(
    Object.entries({ part, step: name, ...keyPair }).map(([word, value]) => [`keyvend.${word}`, value]),
  );
  spans.set(step, tracer.startSpan(`${part} ${name}`, { kind: SpanKind.CLIENT, attributes }));
});

subscribe('tracing:keyvend:step:asyncEnd', (step) => {
  const span = spans.get(step);
  if (step.outcome !== 'ok') {
    span?.setAttribute('keyvend.code', step.outcome);
    span?.setStatus({ code: SpanStatusCode.ERROR });
  }
  span?.end();
});
