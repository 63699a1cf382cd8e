// A picture made large: what it keeps of the small one, and the settings that go with it.
import assert from 'node:assert/strict';
import test from 'node:test';
import zlib from 'node:zlib';
import { enlarged, largeRecord, largeSize } from '../../app/web/static/files/large.js';
import { readRecord, recordChunk } from '../../app/web/static/files/png.js';
import { crc32 } from '../../app/web/static/files/zip.js';
import { seeded } from './random.mjs';

const picture = (random, width, height) => (
  { width, height, data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? 255 : 60 + random.below(136))) });

test('the mean of every block is the pixel, within a level', () => {
  const random = seeded(31);
  for (const [width, height] of [[16, 16], [9, 21]]) {
    const small = picture(random, width, height);
    const large = enlarged(small, 4);
    assert.equal(large.length, 16 * small.data.length);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < 4; c++) {
      let sum = 0;
      for (let v = 0; v < 4; v++) for (let u = 0; u < 4; u++) sum += large[4 * ((4 * y + v) * 4 * width + 4 * x + u) + c];
        assert.ok(Math.abs(sum / 16 - small.data[4 * (y * width + x) + c]) <= 1, `${x} ${y} ${c}: ${sum / 16}`);
    }
  }
});

test('one colour stays that colour, however small; a picture on its side is made large on its side', () => {
  for (const [width, height] of [[1, 1], [1, 5], [7, 2]]) {
    const even = { width, height, data: new Uint8ClampedArray(4 * width * height).fill(90) };
    assert.deepEqual(new Set(enlarged(even, 4)), new Set([90]));
  }
  const small = picture(seeded(32), 5, 3);
  const side = { width: 3, height: 5, data: new Uint8ClampedArray(60) };
  for (let y = 0; y < 3; y++) for (let x = 0; x < 5; x++) for (let c = 0; c < 4; c++) side.data[4 * (x * 3 + y) + c] = small.data[4 * (y * 5 + x) + c];
  const [large, turned] = [enlarged(small, 2), enlarged(side, 2)];
  for (let y = 0; y < 6; y++) for (let x = 0; x < 10; x++) for (let c = 0; c < 4; c++) {
    assert.ok(Math.abs(large[4 * (y * 10 + x) + c] - turned[4 * (x * 6 + y) + c]) <= 1);
  }
});

test('what a record says in pixels is said in those of the large picture, and the rest as it was', async () => {
  const record = { format: 1, task: 'inpaint', seed: 3, square: [-1, 2, 8], extend: [0, 1, 2, 3], grow: -2, feather: null, look: 'tree' };
  const large = JSON.parse(largeRecord(JSON.stringify(record)));
  assert.deepEqual(large, { ...record, square: [-4, 8, 32], extend: [0, 4, 8, 12], grow: -8, enlarged: 4 });
  const chunk = recordChunk(largeRecord(JSON.stringify({ ...record, look: 'Bäume' })));
  assert.equal(Buffer.from(chunk).readUInt32BE(chunk.length - 4), crc32(chunk.subarray(4, -4)));
  if (zlib.crc32) assert.equal(crc32(chunk), zlib.crc32(chunk));
  const file = new Blob([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]), chunk]);
  const read = await readRecord(file);
  assert.deepEqual([read.square, read.settings.look, read.settings.seed], [[-4, 8, 32], 'Bäume', 3]);
});

test('only a small PNG is made large', () => {
  const of = (width, height) => {
    const head = Buffer.alloc(24);
    head.writeUInt32BE(width, 16);
    head.writeUInt32BE(height, 20);
    return `data:image/png;base64,${Buffer.concat([head, Buffer.alloc(9)]).toString('base64')}`;
  };
  assert.deepEqual(largeSize(of(128, 128)), { width: 512, height: 512 });
  assert.deepEqual(largeSize(of(100, 900)), { width: 400, height: 3600 });
  for (const other of [of(300, 257), undefined, 'data:image/jpeg;base64,AAAA']) assert.equal(largeSize(other), null);
});
