// The one time format of both Alibaba schemes: ISO 8601 in UTC, whole seconds.
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';

/** @returns milliseconds since the epoch */
export function instantOf(text: string | undefined): number {
  if (!text) throw refuseAlibaba('IllegalTimestamp');
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw refuseAlibaba('InvalidTimeStamp.Format');
  return ms;
}
