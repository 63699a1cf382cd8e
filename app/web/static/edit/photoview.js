// The view of a photo. Its home is what both pictures of the page show, enlarged to the whole paper.
import { SIDE } from '../surface/draw.js';
import { createView } from '../surface/view.js';
/** @import { Marks } from '../marks/marks.js' */

const ZOOM_MAX = 16;
const ROOM = 1.4;      // sides of what is seen: while the frame is dragged there is room around it

/**
 * @param {object} options
 * @param {HTMLElement} options.paper
 * @param {HTMLElement} options.layer
 * @param {Marks} options.marks
 * @param {() => 'home' | 'world' | 'room'} options.wide  how much is seen: home; the whole world while a square is placed on
 *   a photo that is not seen whole; room around the frame while that is dragged
 */
export function createPhotoView({ paper, layer, marks, wide }) {
  const whole = createView(paper, layer, bounds);
  // Left, top and side in units.
  function home() { return marks.photo ? marks.world() : [0, 0, SIDE]; }
  function shownNow() {
    if (wide() === 'world') return [0, 0, SIDE];
    const [x, y, side] = home();
    const more = wide() === 'room' ? side * (ROOM - 1) / 2 : 0;
    return [x - more, y - more, side + 2 * more];
  }
  function bounds() {
    const [x, y, side] = shownNow();
    const [left, top] = [Math.min(x, 0), Math.min(y, 0)];
    const box = marks.wholeSeen ? [x, y, side] : [left, top, Math.max(x + side - left, y + side - top, SIDE)];
    return { box, most: ZOOM_MAX };
  }
  const homeNow = () => `${marks.photo?.key} ${shownNow()}`;
  let homeSeen = '';
  function fit() {
    homeSeen = homeNow();
    const [x, y, side] = shownNow();
    whole.look(-x / side, -y / side, SIDE / side);
  }
  return {
    fit,
    // After a change of the marks: home, if home is elsewhere now. Otherwise the view stays where the person brought it.
    follow() { if (homeNow() !== homeSeen) fit(); },
    // How much larger the world is than on the bare paper, and than at home.
    get worldZoom() { return whole.zoom; },
    get zoom() { return whole.zoom * home()[2] / SIDE; },
    get homeZoom() { return SIDE / home()[2]; },
    get grabbing() { return whole.grabbing; },
    zoomAt: whole.zoomAt, moveBy: whole.moveBy, grab: whole.grab, onPaper: whole.onPaper,
  };
}
