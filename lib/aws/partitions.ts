// Under which domain a region's services are. Each partition of AWS is a cloud of its own, with regions that share a beginning. The
// official clients keep the table inside themselves; a test compares both for every region that they know.
const domains = new Map([
  ['cn', 'amazonaws.com.cn'],
  ['eusc-de', 'amazonaws.eu'],
  ['us-iso', 'c2s.ic.gov'],
  ['us-isob', 'sc2s.sgov.gov'],
  ['eu-isoe', 'cloud.adc-e.uk'],
  ['us-isof', 'csp.hci.ic.gov'],
]);

/** The host of a service in a region: `sqs.eu-central-1.amazonaws.com`. GovCloud and whatever is not known have AWS's usual domain. */
export const hostOf = (service: string, region: string): string =>
  `${service}.${region}.${domains.get(region.replace(/-\w+-\d+$/, '')) ?? 'amazonaws.com'}`;
