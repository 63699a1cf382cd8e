// What a tab without a photo opens with: the newest of its history, or pictures that the model in use made with the settings
// that the page begins with. They came with the program; a click on one of them makes it anew, with its PNG file.
import { decoded } from '../files/photos.js';
import { ownAddress } from '../shared/address.js';
import { onestroke } from '../shared/bus.js';
import { sheetCanvas } from '../surface/draw.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Entry } from './entries.js' */

/**
 * @typedef {object} Sample
 * @property {string} model  the name of the model that made it
 * @property {string} file  a strip of square pictures
 * @property {number} count
 * @property {number[]} seeds  of each picture
 * @property {Record<string, any>} settings
 */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Sample} options.sample
 * @param {Entry | undefined} options.newest  of the grids or ways in the history
 * @param {(entry: Entry) => void} options.choose
 */
export async function openWith({ task, sample, newest, choose }) {
  if (newest) { choose(newest); return; }
  if (onestroke.model.name !== sample.model) return;
  const { count, seeds, settings } = sample;
  const sources = await cutStrip(ownAddress(`made/${sample.file}`), count).catch(() => null);
  if (!sources || task.loop?.state().seq) return; // no server, or somebody was faster
  const pictures = sources.map((src, at) => ({ src, seed: seeds[at] }));
  task.emit('choose', { pictures, settings, ops: [] });
  task.emit('state', { name: 'sample', seed: settings.seed, steps: settings.steps }, { keep: true });
}

/**
 * @param {string} address
 * @param {number} count
 * @returns {Promise<string[]>} its pictures, from the left, as data URLs
 */
async function cutStrip(address, count) {
  const strip = await decoded(address);
  const side = strip.naturalHeight;
  return Array.from({ length: count }, (_, at) => {
    const canvas = sheetCanvas(side);
    canvas.getContext('2d').drawImage(strip, at * side, 0, side, side, 0, 0, side, side);
    return canvas.toDataURL('image/png');
  });
}
