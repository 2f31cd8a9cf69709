// How full each place is.
import { Bars } from '../charts/bars.tsx';
import { t } from '../text/index.ts';
import type { Place } from '../types.ts';

const NEARLY = 0.9;

export const QuotaBars = ({ places }: { places: readonly Place[] }) => (
  <Bars
    label={t('quota')}
    bars={places.map(({ provider, account, region, used = 0, limit }) => ({
      label: `${provider.toUpperCase()} ${region}${account === 'default' ? '' : ` ${account}`}`,
      value: used,
      of: limit,
      says:
        used === 0 && !limit
          ? t('quota.unknown')
          : limit
            ? t('quota.of', { used, limit })
            : t('quota.no-limit', { used }),
      tone: limit && used / limit >= NEARLY ? 'bad' : 'good',
    }))}
  />
);
