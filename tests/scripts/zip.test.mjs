// Python's zipfile reads what the page packs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { zip } from '../../app/web/static/files/zip.js';
import { seeded } from './random.mjs';

const READ = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as packed:
    assert packed.testzip() is None
    for entry in packed.infolist():
        assert entry.compress_type == zipfile.ZIP_STORED and entry.date_time == (1980, 1, 1, 0, 0, 0)
    print(json.dumps([[entry.filename, packed.read(entry).hex()] for entry in packed.infolist()]))
`;

async function unpacked(files) {
  const folder = mkdtempSync(join(tmpdir(), 'onestroke-zip-'));
  try {
    const path = join(folder, 'a.zip');
    writeFileSync(path, Buffer.from(await zip(files).arrayBuffer()));
    return JSON.parse(execFileSync(process.env.PYTHON ?? 'python3', ['-c', READ, path], { encoding: 'utf8' }));
  } finally { rmSync(folder, { recursive: true }); }
}
const hex = (bytes) => Buffer.from(bytes).toString('hex');

test('files come back as they were', async () => {
  const random = seeded(1);
  const files = [0, 1, 2, 255, 4096, 70001].map((size) => ({ name: `größe-${size}.png`, bytes: Uint8Array.from({ length: size }, () => random.below(256)) }));
  assert.deepEqual(await unpacked(files), files.map(({ name, bytes }) => [name, hex(bytes)]));
});

test('no files are an empty zip', async () => {
  assert.deepEqual(await unpacked([]), []);
});

test('equal names are told apart', async () => {
  const names = ['a.png', 'b', 'a.png', 'a.png', 'b', 'c.d.jpg', 'c.d.jpg'];
  const back = await unpacked(names.map((name, i) => ({ name, bytes: Uint8Array.of(i) })));
  assert.deepEqual(back, ['a.png', 'b', 'a-2.png', 'a-3.png', 'b-2', 'c.d.jpg', 'c.d-2.jpg'].map((name, i) => [name, hex([i])]));
});
