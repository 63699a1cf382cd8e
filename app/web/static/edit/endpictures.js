// The ends of a way that are pictures and not just seeds: from a file, or sent from any tab's result or history.
import { toDataUrl } from '../files/choose.js';
import { isWhole, loadPhoto } from '../files/photo.js';
import { readRecord } from '../files/png.js';
import { newSeed } from '../shared/seeds.js';
import { WORDS } from '../shared/words.js';
/** @import { Task } from '../shared/task.js' */

const END_BYTES = 300000;   // up to here a PNG is sent as it is: one of ours says inside which seed it came from
const END_SIDE = 256;

/**
 * @param {Blob} blob
 * @param {(words: { head: string, text: string }) => void} told  hears of what became white
 * @returns {Promise<string>} a data URL small enough to be sent and kept: the central square where it must be made small
 * @throws {{ error: string, hint: string }} where it is no picture
 */
export async function smallPicture(blob, told) {
  if (blob.type !== 'image/png' || blob.size > END_BYTES || !await isWhole(blob)) return loadPhoto(blob, END_SIDE, told);
  return toDataUrl(blob);
}

const isEnd = (src) => typeof src === 'string' && src.startsWith('data:image/png;base64,') && src.length < 2 * END_BYTES;

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {unknown} options.saved  what `save` gave on an earlier visit; what does not fit is left out
 */
export function createEnds({ task, saved }) {
  const seeds = ['seed', 'seed_b'];
  let ends = Array.isArray(saved) ? saved.map((end) => (isEnd(end?.src) ? end : null)).slice(0, 2) : [null, null];
  function told() {
    task.emit('ends', ends, { keep: true });
    document.querySelector(`#${task.name}-settings`)?.classList.toggle('os-by-seeds', !ends.some(Boolean));
  }
  function put(at, end) { ends = ends.map((old, i) => (i === at ? end : old)); told(); }
  async function take(at, blob, name) {
    let src;
    try { src = await smallPicture(blob, (words) => task.emit('notice', words)); } catch (problem) {
      const { error, hint } = problem?.error ? problem : WORDS.notPicture;
      task.emit('notice', { head: error, text: hint, alert: true });
      return;
    }
    const record = await readRecord(blob).catch(() => null);
    if (record?.task === 'generate') await adopt(at, record.settings);
    put(at, { src, name: name || (record?.task === 'generate' ? `Seed ${record.settings.seed}` : '') });
  }
  // With the settings that a generated picture was made with, the way begins at exactly this picture.
  function adopt(at, { seed, ...others }) {
    const other = seeds[1 - at];
    const apart = !ends[1 - at] && task.settings[other] === seed ? { [other]: newSeed(seed) } : {}; // there is no way from a room to itself
    const known = Object.entries({ [seeds[at]]: seed, ...apart, ...others }).filter(([key, value]) => value !== undefined && key in task.settings);
    return task.write(Object.fromEntries(known), { quiet: true });
  }
  task.on('setting', ({ key }) => { const at = seeds.indexOf(key); if (ends[at]) put(at, null); });
  told();
  return {
    take,
    clear(at) { put(at, null); },
    // The first end that is still a seed, else the last.
    free: () => (ends[0] ? 1 : 0),
    values: () => ends.map((end) => end?.src ?? null),
    save: () => ends,
    load(list) { ends = [0, 1].map((at) => (isEnd(list?.[at]) ? { src: list[at], name: '' } : null)); told(); },
  };
}
