// How full each place is.
import { Bars } from '../charts/bars.tsx';
import { t } from '../text/index.ts';
import type { Place } from '../types.ts';

const NEARLY = 0.9;

export const QuotaBars = ({ places }: { places: readonly Place[] }) => (
  <Bars
    label={t('quota')}
    bars={places.map(({ provider, account, region, used, limit }) => ({
      label: `${provider.toUpperCase()} ${region}${account === 'default' ? '' : ` ${account}`}`,
      value: used ?? 0,
      of: limit,
      says:
        used === undefined
          ? t('quota.unknown')
          : limit
            ? t('quota.of', { used, limit })
            : t('quota.no-limit', { used }),
      tone: limit && used !== undefined && used / limit >= NEARLY ? 'bad' : 'good',
    }))}
  />
);
