// Where Roblox puts the pieces of an interface: a tree as roblox/mock/screen.luau tells it becomes rectangles,
// lines of text and colours. It imports nothing and runs in a browser as well as in node; how wide a text is,
// the caller says.
//
// The rules are those of Roblox's creator documentation (create.roblox.com/docs), for the classes and settings
// that the game uses; whatever else could move a pixel is an error:
//   ui/position-and-size    scale is a share of the parent, offset is pixels; AnchorPoint; ZIndex
//   ui/size-modifiers       AutomaticSize grows from Size, which is the least; UISizeConstraint wins over layouts
//   ui/list-flex-layouts    LayoutOrder, Padding between, alignments; Fill takes what the others leave
//   ui/scrolling-frames     AutomaticCanvasSize; the bar lies over the canvas; what is outside is clipped
//   ui/on-screen-containers CoreUISafeInsets: clear of the top bar and of notches
//   classes/TextLabel       a line is as high as TextSize; TextWrapped breaks between words, and inside of one
//                           that is longer than the line; text stands in the middle of its height
//   classes/UIPadding       takes from the room of the content, text too
//   classes/UIStroke        Border lies outside of the object

// Letters in pixels for a TextSize of 1: Gotham's lines are 1.2 times as high as its letters' em.
export const EM = 1 / 1.2;

const LOOK = ["Active", "AutoButtonColor", "BackgroundColor3", "BackgroundTransparency", "NextSelectionDown", "NextSelectionLeft",
  "NextSelectionRight", "NextSelectionUp", "Selectable", "SelectionBehaviorDown", "SelectionBehaviorLeft",
  "SelectionBehaviorRight", "SelectionBehaviorUp", "SelectionGroup", "SelectionImageObject"];
const OBJECT = [...LOOK, "AnchorPoint", "AutomaticSize", "BorderSizePixel", "ClipsDescendants", "LayoutOrder", "Position", "Size",
  "Visible", "ZIndex"];
const TEXT = ["Font", "RichText", "Text", "TextColor3", "TextScaled", "TextSize", "TextWrapped", "TextXAlignment"];

// What is understood, by class; a property that is not here is an error.
const KNOWN = {
  Frame: OBJECT,
  ScrollingFrame: [...OBJECT, "AutomaticCanvasSize", "CanvasPosition", "CanvasSize", "ScrollBarImageColor3", "ScrollBarThickness",
    "ScrollingDirection"],
  TextLabel: [...OBJECT, ...TEXT],
  TextButton: [...OBJECT, ...TEXT],
  TextBox: [...OBJECT, ...TEXT, "ClearTextOnFocus", "PlaceholderColor3", "PlaceholderText", "TextEditable"],
  ScreenGui: ["AbsoluteSize", "DisplayOrder", "ResetOnSpawn", "ScreenInsets", "ZIndexBehavior"],
  UICorner: ["CornerRadius"],
  UIFlexItem: ["FlexMode"],
  UIListLayout: ["FillDirection", "HorizontalAlignment", "Padding", "SortOrder", "VerticalAlignment"],
  UIPadding: ["PaddingBottom", "PaddingLeft", "PaddingRight", "PaddingTop"],
  UISizeConstraint: ["MaxSize", "MinSize"],
  UIStroke: ["ApplyStrokeMode", "Color", "Thickness"],
};
const OBJECTS = ["Frame", "ScrollingFrame", "TextBox", "TextButton", "TextLabel"];
// Settings that are understood with one value only.
const ONLY = { TextScaled: false, RichText: false, BorderSizePixel: 0, ZIndex: 1, ZIndexBehavior: "Sibling", SortOrder: "LayoutOrder",
  ApplyStrokeMode: "Border" };

const resolve = (dim, room) => dim.Scale * room + dim.Offset;
const childrenOf = (node) => Object.values(node.children ?? {});
const share = { Left: 0, Top: 0, Center: 0.5, Right: 1, Bottom: 1 };

// One object of the tree, with its modifiers at hand.
class Piece {
  constructor(node, parent) {
    this.node = node;
    this.parent = parent;
    this.properties = node.properties;
    this.path = parent ? `${parent.path}/${node.name}` : node.name;
    this.children = [];
    this.know(node);
    for (const child of childrenOf(node)) {
      if (OBJECTS.includes(child.class)) this.children.push(new Piece(child, this));
      else this.modify(child);
    }
    // Equal orders keep the sequence in which they were added.
    this.children.sort((a, b) => a.properties.LayoutOrder - b.properties.LayoutOrder);
  }

  know(node) {
    for (const [name, value] of Object.entries(node.properties)) {
      if (!KNOWN[node.class]?.includes(name)) throw new Error(`${this.path}: the layout of ${node.class}.${name} is not known`);
      const isSeen = node.class !== "Frame" && node.class !== "TextLabel" ? true : node.properties.BackgroundTransparency < 1;
      if (name in ONLY && value !== ONLY[name] && (name !== "BorderSizePixel" || isSeen)) {
        throw new Error(`${this.path}: the layout of ${name} = ${value} is not known`);
      }
    }
  }

  modify(child) {
    if (!KNOWN[child.class]) throw new Error(`${this.path}: the layout of ${child.class} is not known`);
    this.know(child);
    if (this[child.class]) throw new Error(`${this.path}: two ${child.class}`);
    this[child.class] = child.properties;
  }

  get isText() {
    return this.properties.Text !== undefined;
  }

  // Pixels that the padding takes at one side.
  pad(side, room) {
    return this.UIPadding ? resolve(this.UIPadding[`Padding${side}`], room) : 0;
  }

  grows(axis) {
    const mode = this.properties.AutomaticSize;
    if (mode === "X" || mode === "XY") throw new Error(`${this.path}: AutomaticSize.${mode} is not known`);
    return axis === "Y" && mode === "Y";
  }

  clamp(axis, value) {
    if (!this.UISizeConstraint) return value;
    const { MinSize, MaxSize } = this.UISizeConstraint;
    return Math.max(MinSize[axis], Math.min(MaxSize[axis] ?? Infinity, value));
  }
}

// Breaks a text into lines no wider than `width`.
export function wrap(text, width, measure) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (let word of paragraph.match(/\S+\s*|\s+/g) ?? [""]) {
      if (line && measure((line + word).trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = "";
      }
      while (!line && measure(word.trimEnd()) > width && [...word.trimEnd()].length > 1) {
        const letters = [...word];
        let n = 1;
        while (n < letters.length - 1 && measure(letters.slice(0, n + 1).join("")) <= width) n += 1;
        lines.push(letters.slice(0, n).join(""));
        word = letters.slice(n).join("");
      }
      line += word;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

class Layout {
  constructor(measure) {
    this.measure = measure;
    this.boxes = [];
  }

  lines(piece, width) {
    const { Text, PlaceholderText, TextSize, TextWrapped, Font } = piece.properties;
    const text = Text || PlaceholderText || "";
    const wide = (part) => this.measure(part, TextSize * EM, Font === "GothamBold");
    return TextWrapped ? wrap(text, width, wide) : text.split("\n");
  }

  // The height that the content wants inside of `width`, the padding included.
  contentHeight(piece, width) {
    const inner = width - piece.pad("Left", width) - piece.pad("Right", width);
    let height = 0;
    if (piece.isText && piece.properties.Text) height = this.lines(piece, inner).length * piece.properties.TextSize;
    const shown = piece.children.filter((child) => child.properties.Visible);
    if (piece.UIListLayout) height = Math.max(height, this.listSize(piece, shown, inner, NaN).Y);
    else if (shown.length > 0) throw new Error(`${piece.path}: content without a list has no known height`);
    return height + piece.pad("Top", 0) + piece.pad("Bottom", 0);
  }

  // A piece's own size where its parent's content has `room`; `width` when a flexible list has given it one.
  size(piece, room, width) {
    const { Size } = piece.properties;
    const X = piece.clamp("X", width ?? resolve(Size.X, room.X));
    if (piece.grows("Y") && Size.Y.Scale !== 0) throw new Error(`${piece.path}: a share of a height that grows`);
    let Y = Size.Y.Scale === 0 ? Size.Y.Offset : resolve(Size.Y, room.Y);
    if (piece.grows("Y")) Y = Math.max(Y, this.contentHeight(piece, X));
    return { X, Y: piece.clamp("Y", Y) };
  }

  // Sizes of the children of a list and of all of it. `height` is NaN while that is what is looked for.
  listSize(piece, shown, width, height) {
    const list = piece.UIListLayout;
    const axis = list.FillDirection === "Vertical" ? "Y" : "X";
    const room = { X: width, Y: height };
    const gap = list.Padding.Scale === 0 ? list.Padding.Offset : resolve(list.Padding, room[axis]);
    const fills = shown.filter((child) => child.UIFlexItem);
    for (const child of fills) {
      if (child.UIFlexItem.FlexMode !== "Fill") throw new Error(`${child.path}: FlexMode ${child.UIFlexItem.FlexMode} is not known`);
    }
    const sizes = shown.map((child) => this.size(child, room));
    if (fills.length > 0) {
      if (Number.isNaN(room[axis])) throw new Error(`${piece.path}: nothing to fill in a height that grows`);
      const used = sizes.reduce((sum, size) => sum + size[axis], 0) + gap * (shown.length - 1);
      for (const [i, child] of shown.entries()) {
        if (!child.UIFlexItem) continue;
        const length = Math.max(0, sizes[i][axis] + (room[axis] - used) / fills.length);
        sizes[i] = axis === "X" ? this.size(child, room, length) : { X: sizes[i].X, Y: length };
      }
    }
    const along = sizes.reduce((sum, size) => sum + size[axis], 0) + gap * Math.max(0, shown.length - 1);
    const across = Math.max(0, ...sizes.map((size) => size[axis === "X" ? "Y" : "X"]));
    return { sizes, gap, axis, along, across, Y: axis === "Y" ? along : across };
  }

  // Puts a piece and all below it. `area` is its rectangle, `clip` what of the screen it may paint.
  put(piece, area, clip) {
    const { properties } = piece;
    const content = {
      x: area.x + piece.pad("Left", area.width),
      y: area.y + piece.pad("Top", area.height),
      width: area.width - piece.pad("Left", area.width) - piece.pad("Right", area.width),
      height: area.height - piece.pad("Top", area.height) - piece.pad("Bottom", area.height),
    };
    const box = { id: piece.node.id, class: piece.node.class, name: piece.node.name, path: piece.path, parent: piece.parent?.node.id,
      area, content, clip, properties, stroke: piece.UIStroke, radius: piece.UICorner?.CornerRadius.Offset ?? 0 };
    if (piece.isText) box.lines = this.lines(piece, content.width);
    this.boxes.push(box);
    if (piece.node.class === "ScrollingFrame") this.putCanvas(piece, box);
    else this.putChildren(piece, content, properties.ClipsDescendants ? cut(area, clip) : clip);
  }

  putCanvas(piece, box) {
    const { AutomaticCanvasSize, CanvasPosition, CanvasSize, ScrollingDirection } = piece.properties;
    if (AutomaticCanvasSize !== "Y" || ScrollingDirection !== "Y" || CanvasSize.X.Scale || CanvasSize.Y.Scale) {
      throw new Error(`${piece.path}: only a canvas that grows downwards is known`);
    }
    box.canvas = Math.max(box.area.height, this.contentHeight(piece, box.area.width));
    box.scrolled = Math.min(CanvasPosition.Y, box.canvas - box.area.height);
    const content = { ...box.content, y: box.content.y - box.scrolled, height: box.canvas - box.area.height + box.content.height };
    this.putChildren(piece, content, cut(box.area, box.clip));
  }

  putChildren(piece, content, clip) {
    const shown = piece.children.filter((child) => child.properties.Visible);
    if (piece.UIListLayout) {
      this.putList(piece, shown, content, clip);
      return;
    }
    for (const child of shown) {
      const size = this.size(child, { X: content.width, Y: content.height });
      const { Position, AnchorPoint } = child.properties;
      const x = content.x + resolve(Position.X, content.width) - AnchorPoint.X * size.X;
      const y = content.y + resolve(Position.Y, content.height) - AnchorPoint.Y * size.Y;
      this.put(child, { x, y, width: size.X, height: size.Y }, clip);
    }
  }

  putList(piece, shown, content, clip) {
    const { HorizontalAlignment, VerticalAlignment } = piece.UIListLayout;
    const { sizes, gap, axis, along, across } = this.listSize(piece, shown, content.width, content.height);
    const total = axis === "Y" ? { X: across, Y: along } : { X: along, Y: across };
    let at = axis === "Y" ? content.y + (content.height - total.Y) * share[VerticalAlignment] : content.x + (content.width - total.X) * share[HorizontalAlignment];
    for (const [i, child] of shown.entries()) {
      const { X, Y } = sizes[i];
      const area = axis === "Y"
        ? { x: content.x + (content.width - X) * share[HorizontalAlignment], y: at, width: X, height: Y }
        : { x: at, y: content.y + (content.height - Y) * share[VerticalAlignment], width: X, height: Y };
      this.put(child, area, clip);
      at += (axis === "Y" ? Y : X) + gap;
    }
  }
}

export function cut(a, b) {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return { x, y, width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x), height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y) };
}

// `screen` as mock.screen() tells it; measure(text, em, isBold) in pixels. Boxes come in the order of painting.
export function layout(screen, measure) {
  const { gui } = screen;
  const root = new Piece(gui, null);
  const { AbsoluteSize, ScreenInsets } = gui.properties;
  const isSafe = ScreenInsets === "CoreUISafeInsets";
  const area = { x: isSafe ? screen.side : 0, y: isSafe ? screen.top : 0, width: AbsoluteSize.X, height: AbsoluteSize.Y };
  const made = new Layout(measure);
  made.putChildren(root, area, area);
  const byId = new Map(made.boxes.map((box) => [box.id, box]));
  if (screen.ring && byId.has(screen.selected)) putRing(made, screen.ring, byId.get(screen.selected));
  return { boxes: made.boxes, byId, selected: screen.selected, gui: gui.properties };
}

// The ring is laid out inside of what is selected, and painted over everything.
function putRing(made, ring, selected) {
  const count = made.boxes.length;
  const piece = new Piece(ring, null);
  const size = made.size(piece, { X: selected.area.width, Y: selected.area.height });
  const { Position } = piece.properties;
  const x = selected.area.x + resolve(Position.X, selected.area.width);
  const y = selected.area.y + resolve(Position.Y, selected.area.height);
  made.put(piece, { x, y, width: size.X, height: size.Y }, selected.clip);
  for (const box of made.boxes.slice(count)) box.isRing = true;
}
