// Pictures that come to a tab without a photo: an end of the way, or one to make variations of.
import { recordIn } from '../files/png.js';
import { bestFile } from '../files/save.js';
import { WORDS } from '../shared/words.js';
import { smallPicture } from './endpictures.js';
/** @import { Task } from '../shared/task.js' */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {string[]} options.names  of the settings
 * @param {ReturnType<typeof import('./endpictures.js').createEnds> | null} options.ends  of a way, whose two ends are pictures
 */
export function createAskerFiles({ task, names, ends }) {
  const notice = (detail) => task.emit('notice', detail);
  // A picture of any size as one to make variations of.
  async function vary(blob) {
    try {
      const png = await smallPicture(blob, notice);
      task.emit('choose', { src: png, png, settings: { ...task.settings }, ops: [] });
      task.do('variations', { png });
    } catch (problem) {
      const { error, hint } = problem?.error ? problem : WORDS.notPicture;
      notice({ head: error, text: hint, alert: true });
    }
  }
  // The settings of a picture of this tab, and the picture made again with them.
  function use(record) {
    const values = Object.entries({ ...record.settings, ...record.numbers });
    const known = Object.fromEntries(values.filter(([key, value]) => value !== undefined && names.includes(key)));
    if (ends) ends.load(record.ends); else known.count = 1;
    task.do('load', { settings: known });
  }
  return {
    // A file dropped on the tab: of ours it may bring its settings, else it is an end of the way, or what is varied.
    async takeFile(file, target) {
      const own = target.closest?.('[data-end]')?.dataset.end;
      const take = () => (ends ? ends.take(own ? +own : ends.free(), file, file.name) : vary(file));
      const record = await recordIn(file);
      if (own || record?.task !== task.name) { await take(); return; }
      const choices = [['Use settings', () => use(record)], [ends ? 'Only the picture' : 'Variations of it', take]];
      notice({ head: 'This picture carries its settings', text: 'Use them?', choices, holds: () => true });
    },
    // A picture from another tab.
    async receive(sent) {
      const blob = (await bestFile(sent))?.blob; // made small here in any case
      if (!blob) { notice({ head: WORDS.resultGone.error, text: WORDS.resultGone.hint, alert: true }); return; }
      if (ends) await ends.take(sent.at ?? ends.free(), blob, sent.final?.name); else await vary(blob);
    },
  };
}
