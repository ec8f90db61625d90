import { startI18n } from "@/i18n";

// What Mantine asks of a browser and jsdom lacks: this one has a light theme and never changes its size.
globalThis.matchMedia = (media) =>
  Object.assign(new EventTarget(), { matches: false, media, onchange: null, addListener() {}, removeListener() {} });
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

await startI18n(); // Korean, as on a first visit
