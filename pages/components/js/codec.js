// @ts-nocheck
// Images as the server sends them, drawn pixel by pixel.

/** Turn base64 of uint8 pixels into image data. */
function decode(text, [height, width]) {
  const pixels = atob(text)
  const image = new ImageData(width, height)
  const words = new Uint32Array(image.data.buffer) // alpha, blue, green, red
  for (let at = 0; at < words.length; at += 1) {
    words[at] = 0xff000000 | (pixels.charCodeAt(at) * 0x010101)
  }
  return image
}

/** Where two images differ: orange where the first is brighter, blue where the second is. */
export function difference(one, other) {
  const image = new ImageData(one.width, one.height)
  for (let at = 0; at < one.data.length; at += 4) {
    const by = one.data[at] - other.data[at]
    const colour = by > 0 ? [224, 112, 10] : [47, 116, 208]
    const share = Math.abs(by) / 255
    image.data.set([...colour.map(part => 16 + (part - 16) * share), 255], at)
  }
  return image
}

/** Draw an image on a canvas of its own size; CSS makes it large. */
export function draw(canvas, image) {
  if (!image) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height)
    return
  }
  if (canvas.width !== image.width) canvas.width = image.width
  if (canvas.height !== image.height) canvas.height = image.height
  canvas.getContext("2d").putImageData(image, 0, 0)
}

/** The images this tab has been sent, by item; the oldest go when there are too many. */
export class Album {
  constructor(most = 600) {
    this.most = most
    this.pages = new Map() // item -> {image, reconstruction}
  }

  add(sent, shape) {
    for (const [item, [image, reconstruction]] of Object.entries(sent)) {
      this.pages.set(Number(item), {
        image: decode(image, shape),
        reconstruction: reconstruction && decode(reconstruction, shape),
      })
    }
    while (this.pages.size > this.most) this.pages.delete(this.pages.keys().next().value)
  }

  image = item => this.pages.get(item)?.image
  reconstruction = item => this.pages.get(item)?.reconstruction
  get items() {
    return [...this.pages.keys()]
  }
}
