// Files that come onto the paper: a photo as strokes or as it is, or a picture of ours with its own strokes and settings.
import { chooseFiles } from '../files/choose.js';
import { loadPhoto } from '../files/photo.js';
import { recordIn } from '../files/png.js';
import { onestroke } from '../shared/bus.js';
import { WORDS } from '../shared/words.js';
/** @import { Task } from '../shared/task.js' */

const BROWSER_TYPES = 'image/png,image/jpeg,image/webp';

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {number} options.most  steps that there are
 * @param {(question: { image: string }) => Promise<{ image?: string, error?: string }>} options.photoStrokes  by the server
 */
export function createPaintFiles({ task, most, photoStrokes }) {
  const notice = (detail) => task.emit('notice', detail);
  const paper = (name, src, settings) => task.do('load', { name, ops: [{ tool: 'picture', src }], settings });

  /**
   * @param {'strokes' | 'paper'} as
   * @param {boolean} [known]  whether it was said what became white
   */
  async function takePhoto(file, as, known = false) {
    try {
      /** @type {{ head: string, text: string } | null} */
      let told = null;
      const photo = await loadPhoto(file, undefined, (words) => { told = words; });
      if (as === 'paper') {
        await paper('photo', photo);
        if (told && !known) notice(told);
        return;
      }
      const answer = await photoStrokes({ image: photo });
      if (!answer?.image) throw answer?.error ? { error: answer.error } : WORDS.photoFailed;
      await paper('photo', answer.image);
      const choices = [['Use the photo', () => takePhoto(file, 'paper', true)]];
      const text = told ? `${told.head}. ${told.text}`.trim() : 'Paint over them, or work on the photo itself.';
      const holds = () => task.painting.current()[0]?.src === answer.image;
      notice({ head: 'Your photo became strokes', text, choices, holds });
    } catch (problem) {
      const { error, hint = '' } = problem.error ? problem : WORDS.notPicture;
      notice({ head: error, text: hint, alert: true });
    }
  }
  /**
   * @param {File} file
   * @param {'strokes' | 'paper'} [as]  what its picture becomes, if that was said
   */
  async function takeFile(file, as) {
    const record = await recordIn(file);
    if (!record?.strokes) { await takePhoto(file, as ?? 'strokes'); return; }
    const settings = knownSettings(record.settings, onestroke.model.looks);
    const painted = () => paper('file', record.strokes, settings);
    const strokes = () => task.do('load', { name: 'file', ops: record.ops, settings });
    const use = () => (record.ops ? strokes().catch(painted) : painted())
      .catch(() => notice({ head: WORDS.notPicture.error, text: WORDS.notPicture.hint, alert: true }));
    const text = settings.steps > most ? `Use them? ${settings.steps} steps become ${most}.` : 'Use them?';
    const choices = [['Use settings', use], ['Only the picture', () => takePhoto(file, as ?? 'paper')]];
    notice({ head: 'This picture carries its settings', text, choices, holds: () => true }); // nothing of it is here yet
  }
  return {
    takeFile: (file) => takeFile(file),
    async choose(as) {
      const [file] = await chooseFiles({ accept: BROWSER_TYPES });
      if (file) await takeFile(file, as);
    },
  };
}

function knownSettings(settings, looks) {
  const known = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  if (!looks.includes(known.look)) delete known.look;
  return known;
}
