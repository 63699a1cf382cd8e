// Where the page's script begins: the components' functions, by the names that Gradio's elements call them by.
import { asker } from '../edit/asker.js';
import { ends } from '../edit/ends.js';
import { photocanvas } from '../edit/photocanvas.js';
import { canvas } from '../paint/canvas.js';
import { frames } from '../result/frames.js';
import { framestrip } from '../result/framestrip.js';
import { grid } from '../result/grid.js';
import { history } from '../result/history.js';
import { result } from '../result/result.js';
import { variations } from '../result/variations.js';
import { action } from './action.js';
import { channel } from './channel.js';
import { header } from './header.js';
import { targets } from './targets.js';

window.onestrokeParts = { action, asker, canvas, channel, ends, frames, framestrip, grid, header, history, photocanvas, result, targets, variations };
