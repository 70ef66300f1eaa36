// Lists the visible texts whose contrast with their background is below that of WCAG 2.2, level AA, and what is wider
// than the window.
(() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const blend = (above, below) => below.map((channel, i) => channel + ((above[i] - channel) * above[3]) / 255);
  const backdrop = (element) => {
    if (!element) return [255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 255 ? own.slice(0, 3) : blend(own, backdrop(element.parentElement));
  };
  const linear = (channel) => (channel <= 10.31475 ? channel / 3294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const element = texts.currentNode.parentElement;
    const { width, height } = element.getBoundingClientRect();
    if (!text || width < 2 || height < 2 || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    seen++;
    const style = getComputedStyle(element);
    const below = backdrop(element);
    const [dark, light] = [luminance(below), luminance(blend(parse(style.color), below))].sort((a, b) => a - b);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < needed) found.add(`${contrast.toFixed(1)}: ${text.slice(0, 40)}`);
  }
  if (!seen) found.add("there is no text");
  if (document.documentElement.scrollWidth > innerWidth) found.add(`the page is ${document.documentElement.scrollWidth} wide`);
  return [...found].join("\n");
})()
