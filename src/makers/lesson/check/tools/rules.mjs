// What makes a screen usable: all of it in sight, large enough to read and to press, clear against what is behind
// it, and within reach of a gamepad or the keyboard. Nobody needs to look: a screen is laid out and measured.
//
// How wide letters are is not known without Roblox: estimate() takes them to be as wide as the wider of two wide
// fonts, so what fits by it has room there.
import { EM, layout } from "./layout.mjs";

const LETTERS_MIN = 14;
const TARGET_MIN = 44;
const GAP_MIN = 8;
const CONTRAST_TEXT = 4.5;
const CONTRAST_SHAPE = 3;
const WINDOW_MIN = 150;
const NEAR = 0.5;

// --- How wide a text is, at most ---

const WIDTHS = [
  [310, "ijlI'"],
  [350, " .,:;/\\|’·"],
  [420, "ftr!()[]-"],
  [540, "sz?*“”_`\"°–"],
  [640, "acekovxy"],
  [690, "bdghnpqu0123456789$£€{}EFJLPTY"],
  [860, "ABCDGHKNOQRSUVXZ&#+<=>~^×→"],
  [900, "w★☆"],
  [1050, "mM@%—…"],
  [1150, "W"],
];
const WIDTH_OTHER = 1150;
const BOLD = 1.25;
const widthOf = new Map(WIDTHS.flatMap(([width, letters]) => [...letters].map((letter) => [letter, width])));

export function estimate(text, em, isBold) {
  let sum = 0;
  // An accent is as wide as nothing, its letter as itself.
  for (const letter of text.normalize("NFD")) if (!/\p{M}/u.test(letter)) sum += widthOf.get(letter) ?? WIDTH_OTHER;
  return (sum / 1000) * em * (isBold ? BOLD : 1);
}

// --- Colours ---

const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ({ R, G, B }) => 0.2126 * linear(R) + 0.7152 * linear(G) + 0.0722 * linear(B);

// As WCAG 2 counts it.
export function contrast(a, b) {
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

// --- One screen ---

const inside = (a, b) =>
  a.x >= b.x - NEAR && a.y >= b.y - NEAR && a.x + a.width <= b.x + b.width + NEAR && a.y + a.height <= b.y + b.height + NEAR;
const across = (a, b) => a.x >= b.x - NEAR && a.x + a.width <= b.x + b.width + NEAR;
const apart = (a, b, gap) =>
  a.x + a.width + gap <= b.x + NEAR || b.x + b.width + gap <= a.x + NEAR || a.y + a.height + gap <= b.y + NEAR || b.y + b.height + gap <= a.y + NEAR;

class Screen {
  constructor(made, complain) {
    Object.assign(this, made);
    this.complain = complain;
    // What Roblox's bar and a notch leave.
    this.free = { x: this.side, y: this.top, width: this.width - 2 * this.side, height: this.height - this.top };
    this.objects = made.boxes.filter((box) => !box.isRing);
    this.controls = this.objects.filter((box) => box.class === "TextButton" || box.class === "TextBox");
    this.live = this.controls.filter((box) => box.properties.Active);
    this.rings = made.boxes.filter((box) => box.isRing);
  }

  // The scrolling frame around a box, if there is one.
  scroller(box) {
    for (let one = this.byId.get(box.parent); one; one = this.byId.get(one.parent)) if (one.class === "ScrollingFrame") return one;
    return null;
  }

  // The colour behind a box; null for the world.
  behind(box) {
    for (let one = this.byId.get(box.parent); one; one = this.byId.get(one.parent)) {
      if (one.properties.BackgroundTransparency === 0) return one.properties.BackgroundColor3;
    }
    return null;
  }

  check() {
    for (const box of this.objects) this.checkPlace(box);
    for (const box of this.objects) if (box.lines && box.lines.join("") !== "") this.checkText(box);
    for (const box of this.controls) this.checkControl(box);
    this.checkNeighbours();
    this.checkSelection();
    if (this.gui.ResetOnSpawn) this.complain(null, "the interface goes when the player's character dies");
    return this.objects.length;
  }

  checkPlace(box) {
    const scroller = this.scroller(box);
    const parent = this.byId.get(box.parent);
    if (!scroller && !inside(box.area, this.free)) this.complain(box, "stands outside of the screen, or under Roblox's own bar");
    if (scroller) {
      const free = { ...scroller.area, width: scroller.area.width - scroller.properties.ScrollBarThickness };
      if (!across(box.area, free)) this.complain(box, "stands beside the part of the body that is seen, or under its scroll bar");
    }
    if (parent && parent.class !== "ScrollingFrame" && !inside(box.area, parent.area)) this.complain(box, "does not fit into what it stands in", true);
    if (box.class === "ScrollingFrame" && box.area.height < WINDOW_MIN) this.complain(box, `leaves ${Math.round(box.area.height)} pixels for the text; ${WINDOW_MIN} are needed`);
  }

  checkText(box) {
    const { TextSize, TextColor3, BackgroundTransparency, BackgroundColor3, Text, PlaceholderColor3, Font } = box.properties;
    if (TextSize * EM < LETTERS_MIN) this.complain(box, `has letters of ${(TextSize * EM).toFixed(1)} pixels; ${LETTERS_MIN} are the least`);
    const width = Math.max(...box.lines.map((line) => this.measure(line, TextSize * EM, Font === "GothamBold")));
    if (width > box.content.width + NEAR || box.lines.length * TextSize > box.content.height + NEAR) this.complain(box, "has more text than fits", true);
    const ground = BackgroundTransparency === 0 ? BackgroundColor3 : this.behind(box);
    const ratio = ground ? contrast(Text === "" ? PlaceholderColor3 : TextColor3, ground) : 0;
    if (ratio < CONTRAST_TEXT) this.complain(box, `has text with a contrast of ${ratio.toFixed(1)}; ${CONTRAST_TEXT} is the least`);
  }

  checkControl(box) {
    const { width, height } = box.area;
    if (width < TARGET_MIN || height < TARGET_MIN) this.complain(box, `is ${Math.round(width)} by ${Math.round(height)} pixels; a finger needs ${TARGET_MIN} by ${TARGET_MIN}`);
    const ground = this.behind(box);
    const edge = Math.max(contrast(box.properties.BackgroundColor3, ground), box.stroke ? contrast(box.stroke.Color, ground) : 1);
    if (edge < CONTRAST_SHAPE) this.complain(box, `has an edge with a contrast of ${edge.toFixed(1)}; ${CONTRAST_SHAPE} is the least`);
  }

  // Siblings lie beside each other; what can be pressed has a gap around it.
  checkNeighbours() {
    const byParent = new Map();
    for (const box of this.objects) byParent.set(box.parent, [...(byParent.get(box.parent) ?? []), box]);
    const compare = (boxes, gap, words) => {
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) if (!apart(a.area, b.area, gap)) this.complain(b, `${words} ${a.name}`);
      }
    };
    for (const boxes of byParent.values()) compare(boxes.filter((box) => box.area.width > 0 && box.area.height > 0), 0, "lies over");
    // What scrolls is cut where the body ends, above what does not.
    compare(this.controls.filter((box) => this.scroller(box)), GAP_MIN, "is too near to");
    compare(this.controls.filter((box) => !this.scroller(box)), GAP_MIN, "is too near to");
  }

  // From where the selection begins, each control that works is reached, in every direction and nothing else.
  checkSelection() {
    const live = new Set(this.live.map((box) => box.id));
    for (const box of this.live) {
      if (!box.properties.Selectable) this.complain(box, "can't be selected by a gamepad or the keyboard");
      if (!box.properties.SelectionImageObject) this.complain(box, "does not show that it is selected");
    }
    for (const way of ["Down", "Up"]) {
      const [first] = this.live;
      const reached = new Set();
      for (let one = first?.id; one && live.has(one) && !reached.has(one); one = this.byId.get(one).properties[`NextSelection${way}`]?.ref) reached.add(one);
      for (const box of this.live) if (!reached.has(box.id)) this.complain(box, `is not reached by going ${way.toLowerCase()} from ${first.name}`);
    }
    const selected = this.byId.get(this.selected);
    if (this.hasGamepad && !live.has(this.selected)) this.complain(selected ?? null, "shows a gamepad nothing to begin with");
    const [ring] = this.rings;
    if (!ring) return;
    const ratio = ring.stroke ? contrast(ring.stroke.Color, this.behind(selected)) : 1;
    if (ratio < CONTRAST_SHAPE) this.complain(selected, `is selected by a ring with a contrast of ${ratio.toFixed(1)}`);
  }
}

// What is wrong with a screen: complain(box or null, text, whether it may hang on the texts); gives how many
// objects it has.
export function checkScreen(screen, measure, complain) {
  const { width, height, top, side, hasGamepad } = screen;
  return new Screen({ ...layout(screen, measure), width, height, top, side, hasGamepad, measure }, complain).check();
}
