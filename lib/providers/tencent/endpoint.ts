// Which host answers for a service and a region. The general one leads to the nearest place and serves all regions but the financial
// ones (`ap-shanghai-fsi`), which are isolated: CVM and AS say on the page of each action to name such a region in the host as well.
// Of STS and Region no page says that they have such hosts. They are asked in a usual region, so at the general host: both answer for
// an account, not for a place. Source: "Request structure" of CVM, AS, STS and Region, Tencent Cloud API 3.0.

/** @param region as `regionOf` leaves it: it becomes a part of a host name */
export const tencentOrigin = (service: 'cvm' | 'as' | 'sts' | 'region', region: string): string =>
  `https://${service}.${region.endsWith('-fsi') ? `${region}.` : ''}tencentcloudapi.com`;
