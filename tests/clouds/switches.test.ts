// Each switch does what it says, and every switch is tried.
import { describe, expect, it } from 'vitest';
import { type Behaviour, switches } from '../../local/clouds/settings/behaviour.ts';
import { started } from './support/started.ts';
import { table } from './support/switch-table.ts';

describe.each(Object.entries(table))('the switch %s', (name, { look, want }) => {
  it.each(want as [unknown, unknown][])('does what it says when it is %s', async (value, seen) => {
    const atStart = await started({ behaviour: { [name]: value } });
    expect(await look(atStart)).toEqual(seen);
    const later = await started();
    later.admin.setBehaviour({ [name]: value });
    expect(await look(later)).toEqual(seen);
  });

  it('has the value of the first row unless told otherwise', () => {
    expect(want[0]?.[0]).toEqual(switches[name as keyof Behaviour].default);
  });

  it('accepts no other value', async () => {
    const { admin } = await started();
    expect(() => admin.setBehaviour({ [name]: 'something else' })).toThrow(name);
  });
});

it('the clouds know no other switch', async () => {
  const { admin } = await started();
  expect(() => admin.setBehaviour({ 'ens.colour': 'blue' } as Partial<Behaviour>)).toThrow('ens.colour');
  await expect(started({ behaviour: { 'ens.colour': 'blue' } as Partial<Behaviour> })).rejects.toThrow('ens.colour');
});
