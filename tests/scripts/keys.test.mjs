// Which key is meant, on keyboards of any script.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { keyOf } from '../../app/web/static/shared/keys.js';

const key = (pressed, code, shiftKey = false) => keyOf({ key: pressed, code, shiftKey });

test('without Latin letters, the place on the keyboard decides', () => {
  const undo = ['я', 'Я', 'ζ', 'ז', 'ئ', 'ㅋ', 'ผ', 'ʐ'];
  for (const each of undo) assert.equal(key(each, 'KeyZ'), 'z');
  assert.equal(key('х', 'BracketLeft'), '[');
  assert.equal(key('ъ', 'BracketRight'), ']');
  assert.equal(key('۰', 'Digit0'), '0');
  assert.equal(key('؟', 'Slash', true), '?');
  assert.equal(key('ظ', 'Slash'), '/');
  assert.equal(key('€', 'IntlBackslash'), '€');
});

test('a Latin letter, a sign and a named key mean themselves, wherever they are', () => {
  for (const each of 'abcdefghijklmnopqrstuvwxyz0123456789[]?+-= ') assert.equal(key(each, 'KeyQ'), each);
  assert.equal(key('Z', 'KeyY', true), 'z');
  for (const named of ['Enter', 'Escape', 'Delete', 'Dead']) assert.equal(key(named, 'KeyQ'), named.toLowerCase());
});

test('what a browser sends when it fills a field in is no key', () => {
  assert.equal(keyOf({}), '');
});
