// What every component of the page is written with.
import htm from './lib/htm.js';
import {h} from './lib/preact.js';

export const html = htm.bind(h);
export {h, render, createContext, Fragment} from './lib/preact.js';
export {useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState} from './lib/hooks.js';

/** Class names, those that hold. */
export const cx = (...names) => names.filter(Boolean).join(' ');
