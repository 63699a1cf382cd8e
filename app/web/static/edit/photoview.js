// The view of a photo. Its home is the square that the model works in, enlarged to the whole paper.
import { SIDE } from '../surface/draw.js';
import { createView } from '../surface/view.js';
/** @import { Marks } from '../marks/marks.js' */

/**
 * @param {object} options
 * @param {HTMLElement} options.paper
 * @param {HTMLElement} options.layer
 * @param {Marks} options.marks
 * @param {() => boolean} options.placing  while the square is placed, home is the whole world
 */
export function createPhotoView({ paper, layer, marks, placing }) {
  const whole = createView(paper, layer);
  function home() {
    if (!marks.photo) return { x: 0, y: 0, zoom: 1 };
    const [x, y, side] = marks.world();
    return { x, y, zoom: SIDE / side };
  }
  const homeNow = () => (placing() ? 'world' : `${marks.photo?.key} ${marks.square}`);
  let homeSeen = '';
  function fit() {
    homeSeen = homeNow();
    if (placing()) { whole.fit(); return; }
    const { x, y, zoom } = home();
    whole.look(-x * zoom / SIDE, -y * zoom / SIDE, zoom);
  }
  return {
    fit,
    // After a change of the marks: home, if home is elsewhere now. Otherwise the view stays where the person brought it.
    follow() { if (homeNow() !== homeSeen) fit(); },
    // How much larger the world is than on the bare paper, and than at home.
    get worldZoom() { return whole.zoom; },
    get zoom() { return whole.zoom / home().zoom; },
    get homeZoom() { return home().zoom; },
    get grabbing() { return whole.grabbing; },
    zoomAt: whole.zoomAt, moveBy: whole.moveBy, grab: whole.grab,
  };
}
