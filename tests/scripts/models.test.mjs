// What the Models tab and the Look's list say and find.
import assert from 'node:assert/strict';
import test from 'node:test';
import { matching } from '../../app/web/static/models/search.js';
import { factsLine, fileSize } from '../../app/web/static/models/modelwords.js';
import { slowly } from '../../app/web/static/shared/words.js';

const NAMES = ['grey whale', 'king penguin', 'emperor penguin', 'penguin', 'kingfisher', 'pekinG duck'];

test('what begins with the typed text comes first, then words that do, then the rest', () => {
  assert.deepEqual(matching(NAMES, 'king', 9), ['king penguin', 'kingfisher', 'pekinG duck']);
  assert.deepEqual(matching(NAMES, ' PENGUIN', 9), ['penguin', 'king penguin', 'emperor penguin']);
  assert.deepEqual(matching(NAMES, 'zebra', 9), []);
});

test('nothing typed is every name in its order, as many as are wanted', () => {
  assert.deepEqual(matching(NAMES, '  ', 9), NAMES);
  assert.deepEqual(matching(NAMES, '', 2), NAMES.slice(0, 2));
});

test('a found name has the text in it, and none that has it is left out', () => {
  for (const typed of ['a', 'in', 'ng p', 'r']) {
    const found = matching(NAMES, typed, 9);
    assert.deepEqual([...found].sort(), NAMES.filter((name) => name.toLowerCase().includes(typed)).sort());
  }
});

test('sizes are told in MB and GB, and nothing is smaller than one', () => {
  assert.deepEqual([12, 45e6, 1.05e9, 2.11e9].map(fileSize), ['1 MB', '45 MB', '1.1 GB', '2.1 GB']);
});

test('a card tells what it knows and nothing else', () => {
  assert.equal(factsLine({ side: 64, size: 1.2e9, looks: 1000 }), '64 x 64 pixels, 1.2 GB, 1000 looks');
  assert.equal(factsLine({ size: 3e6, looks: 0 }), '3 MB');
});

test('how slow a model is is told in seconds, then in minutes', () => {
  assert.match(slowly(20.4), /about 20 s a picture on this computer/);
  assert.match(slowly(150), /about 3 min a picture/);
});
