// What the page says of an error in each tab: of what is there, and nothing of what is not.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { describeEdit } from '../../app/web/static/edit/editwords.js';
import { describe, WORDS } from '../../app/web/static/shared/words.js';

const OWN = {
  paint: /strokes/, inpaint: /photo and mask/, colorize: /photo/, 'super-resolve': /picture/, denoise: /photo/, deblur: /photo/,
  interpolate: /settings/, generate: /settings/,
};

test('a lost server and the other errors speak of what the tab has', () => {
  for (const [name, own] of Object.entries(OWN)) {
    const say = name === 'paint' ? describe : describeEdit({ name, settings: {} });
    for (const { error, hint } of [WORDS.gone, WORDS.refused, WORDS.late, { error: 'No.' }]) {
      const { banner, detail } = say({ name: 'error', error, hint });
      for (const text of [banner.text, detail]) {
        assert.match(text, own, name);
        assert.ok(name === 'paint' || !/strokes/.test(text), `${name}: ${text}`);
        assert.ok(!/[{}]/.test(text), text);
      }
    }
  }
});
