// Where the page's script begins: the components' functions, by the names that Gradio's elements call them by.
import { asker } from '../edit/asker.js';
import { ends } from '../edit/ends.js';
import { photocanvas } from '../edit/photocanvas.js';
import { canvas } from '../paint/canvas.js';
import { frames } from '../result/frames.js';
import { framestrip } from '../result/framestrip.js';
import { look } from '../models/look.js';
import { models } from '../models/models.js';
import { grid } from '../result/grid.js';
import { history } from '../result/history.js';
import { result } from '../result/result.js';
import { variations } from '../result/variations.js';
import { action } from './action.js';
import { channel } from './channel.js';
import { header } from './header.js';
import { targets } from './targets.js';

/**
 * What Gradio gives to the script of a component.
 * @typedef {object} Part
 * @property {any} element  the component's own, which holds its one empty element
 * @property {any} props  what Python gave to the component; `props.value` is its value
 * @property {(event: string) => void} trigger  an event of the component
 * @property {any} server  functions of the server, by name
 * @property {(file: Blob) => Promise<{ path: string }>} upload  sends a file to the server
 * @property {(prop: string, hears: () => void) => void} watch
 */

// @ts-expect-error a name of ours
window.onestrokeParts = { action, asker, canvas, channel, ends, frames, framestrip, grid, header, history, look, models, photocanvas, result, targets, variations };
