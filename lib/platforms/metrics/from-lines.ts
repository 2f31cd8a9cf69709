// The lines of the log that are metrics as well, so that a dashboard, an alarm and whoever reads the log speak of the same thing.
import { measure } from './meter.ts';

type Fields = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === 'string' ? value : 'none');

const lines: Readonly<Record<string, (fields: Fields) => void>> = {
  vended: ({ provider, created }) =>
    measure('vend', { provider: text(provider), outcome: created === true ? 'made' : 'again' }),
  usage: ({ provider, account, region, used, limit }) =>
    measure(
      'quota_used',
      { provider: text(provider), account: text(account), region: text(region) },
      Number(used) / Number(limit),
    ),
};

const figures: Readonly<Record<string, (fields: Fields) => void>> = {
  recovered: ({ settled, waiting, conflicts, failed }) => {
    for (const [outcome, number] of Object.entries({ settled, waiting, conflicts, failed }))
      measure('recovery', { outcome }, Number(number));
  },
};

export const figuresMeasured = (of: string, fields: object): void => figures[of]?.(fields as Fields);
export const infoMeasured = (message: string, fields: object): void =>
  Object.hasOwn(lines, message) ? lines[message]!(fields as Fields) : undefined;
export const warningMeasured = (message: string): void => measure('warning', { message });
export const failureMeasured = (code: string, effect: string): void => measure('failure', { code, effect });
