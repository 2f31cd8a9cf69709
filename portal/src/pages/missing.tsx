import { Empty, Heading } from '../parts/small.tsx';
import { t } from '../text/index.ts';

export const MissingPage = () => (
  <>
    <Heading title={t('missing')} />
    <Empty says="missing.says" leads="nav.overview" to="/" />
  </>
);
