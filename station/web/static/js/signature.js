// A field to sign in by finger, pen or mouse: what is drawn becomes the picture of its form, a PNG.

const PEN = { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "black" };

/** Arm every signature field inside `root`. Without scripts the form still takes a photo. */
export function arm(root) {
  for (const pad of root.querySelectorAll("[data-sign]")) armOne(pad);
}

function armOne(pad) {
  const form = pad.closest("form");
  const canvas = pad.querySelector("canvas");
  const file = form.querySelector('input[type="file"]');
  const pen = canvas.getContext("2d");

  function wipe() {
    pen.fillStyle = "white"; // paper, in the dark theme too
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, PEN);
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  }

  function keep(blob) {
    const files = new DataTransfer();
    files.items.add(new File([blob], "signature.png", { type: "image/png" }));
    file.files = files.files;
    const kind = form.querySelector('select[name="kind"]');
    if (kind) kind.value = "signature";
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...point(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...point(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => canvas.toBlob(keep, "image/png"));
  pad.querySelector("[data-wipe]").addEventListener("click", () => {
    wipe();
    file.value = "";
  });

  wipe();
  pad.hidden = false;
}
