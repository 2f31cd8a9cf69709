import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteFile, type SqliteFile } from '../../../lib/sqlite/sqlite-file.ts';
import { aFolder, type Folder } from '../secrets/embedded-folder.ts';

let at: Folder;
let one: SqliteFile;
let other: SqliteFile;
beforeEach(async () => {
  at = aFolder();
  [one, other] = [await openSqliteFile(at.path, kind, 1), await openSqliteFile(at.path, kind, 1)];
});
afterEach(async () => {
  one.close();
  other.close();
  await at.cleanUp();
});
const kind = {
  name: 'test',
  application: 0x6b767473,
  schema: 'CREATE TABLE things (name TEXT PRIMARY KEY) STRICT',
  codes: { unavailable: 'STORE_UNAVAILABLE', refused: 'STORE_REFUSED' },
} as const;
const names = (file: SqliteFile) => file.database.prepare('SELECT name FROM things').all();

it('a write keeps others from writing from its very start, and nobody from reading', () => {
  one.write(() => {
    expect(() => other.write(() => {})).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE', effect: 'none' }));
    one.database.exec("INSERT INTO things VALUES ('a')");
    expect(other.read(() => names(other))).toEqual([]);
  });
  expect(other.read(() => names(other))).toHaveLength(1);
});

it('a read sees one state of the file from its start to its end', () => {
  other.read(() => {
    expect(names(other)).toEqual([]);
    one.write(() => one.database.exec("INSERT INTO things VALUES ('a')"));
    expect(names(other)).toEqual([]);
  });
  expect(other.read(() => names(other))).toHaveLength(1);
});

describe('a file of an earlier format', () => {
  const second = { ...kind, changes: ['ALTER TABLE things ADD COLUMN colour TEXT'] };
  const third = { ...kind, changes: [...second.changes, "UPDATE things SET colour = 'red'"] };
  const all = (file: SqliteFile) => file.database.prepare('SELECT * FROM things').all();

  it('is brought up to date once, on opening, with its content, and is closed to earlier versions from then on', async () => {
    one.write(() => one.database.exec("INSERT INTO things VALUES ('a')"));
    const [now, again] = await Promise.all([
      openSqliteFile(at.path, third, 1_000),
      openSqliteFile(at.path, third, 1_000),
    ]);
    expect(all(now)).toEqual([{ name: 'a', colour: 'red' }]);
    again.write(() => again.database.exec("INSERT INTO things VALUES ('b', 'blue')"));
    again.close();
    const later = await openSqliteFile(at.path, third, 1);
    expect(all(later)).toContainEqual({ name: 'b', colour: 'blue' });
    for (const file of [now, later]) file.close();
    const refused = { code: 'STORE_REFUSED', message: expect.stringContaining('has format 3') };
    for (const earlier of [kind, second]) {
      await expect(openSqliteFile(at.path, earlier, 1)).rejects.toMatchObject(refused);
    }
  });

  it('goes on serving a process that had it open', async () => {
    const now = await openSqliteFile(at.path, second, 1);
    one.write(() => one.database.exec("INSERT INTO things (name) VALUES ('a')"));
    expect(all(now)).toEqual([{ name: 'a', colour: null }]);
    now.close();
  });

  it('stays as it is when a change fails', async () => {
    const broken = { ...kind, changes: [...second.changes, 'ALTER TABLE nothing ADD COLUMN x'] };
    await expect(openSqliteFile(at.path, broken, 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(one.database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    expect(one.database.prepare("SELECT name FROM pragma_table_info('things')").all()).toHaveLength(1);
  });
});

it('a write that fails changes nothing', () => {
  const fails = () =>
    one.write(() => {
      one.database.exec("INSERT INTO things VALUES ('a')");
      throw new TypeError('no');
    });
  expect(fails).toThrow(TypeError);
  expect(other.read(() => names(other))).toEqual([]);
});
