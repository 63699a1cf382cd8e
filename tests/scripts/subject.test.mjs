// Sentences with the words for what the model's pictures show.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { fit, fitted } from '../../app/web/static/shared/subject.js';
import { onestroke } from '../../app/web/static/shared/bus.js';

const CAT = { a: 'a cat', one: 'cat', many: 'cats' };

test('names in braces become words, with a capital where the name has one; other braces stay', () => {
  assert.equal(fit('See {a}. {Many}, another {one}.', CAT), 'See a cat. Cats, another cat.');
  assert.equal(fit('{nothing} and {} of no {constructor}', CAT), '{nothing} and {} of no {constructor}');
});

test('a sentence is shown at once, and again with the words of the next model', () => {
  onestroke.setModel({ ...onestroke.model, number: 1, words: { one: 'room' } });
  const seen = [];
  fitted('Another {one}', (text) => seen.push(text));
  onestroke.setModel({ ...onestroke.model, number: 2, words: CAT });
  assert.deepEqual(seen, ['Another room', 'Another cat']);
  assert.equal(fit('{one}'), 'cat');
});
