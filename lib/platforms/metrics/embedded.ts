// Metrics of functions, where the configuration asks for them: their log is all that they have.
import { systemClock } from '../../clock.ts';
import { configuration } from '../checked-configuration.ts';
import { emf } from './emf.ts';
import { measureInto } from './meter.ts';

const { KEYVEND_METRICS: where, KEYVEND_DEPLOYMENT: deployment } = configuration;

/** The namespace in CloudWatch, which the alarms' metrics are in as well. */
if (where === 'embedded')
  measureInto(
    emf(
      `keyvend/${deployment}`,
      (line) => void process.stdout.write(`${line}\n`),
      () => systemClock.wallMs(),
    ),
  );
