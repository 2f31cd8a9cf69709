import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteFile, type SqliteFile } from '../../../lib/sqlite/file.ts';
import { aFolder, type Folder } from '../secrets/embedded-folder.ts';

let at: Folder;
let one: SqliteFile;
let other: SqliteFile;
beforeEach(async () => {
  at = aFolder();
  const schema = 'CREATE TABLE things (name TEXT PRIMARY KEY) STRICT';
  const codes = { unavailable: 'STORE_UNAVAILABLE', refused: 'STORE_REFUSED' } as const;
  const kind = { name: 'test', application: 0x6b767473, schema, codes };
  [one, other] = [await openSqliteFile(at.path, kind, 1), await openSqliteFile(at.path, kind, 1)];
});
afterEach(async () => {
  one.close();
  other.close();
  await at.cleanUp();
});
const names = (file: SqliteFile) => file.database.prepare('SELECT name FROM things').all();

it('a write keeps others from writing from its start, and nobody from reading', () => {
  one.write(() => {
    expect(() => other.write(() => {})).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE', made: 'never' }));
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

it('a write that fails changes nothing', () => {
  const fails = () =>
    one.write(() => {
      one.database.exec("INSERT INTO things VALUES ('a')");
      throw new TypeError('no');
    });
  expect(fails).toThrow(TypeError);
  expect(other.read(() => names(other))).toEqual([]);
});
