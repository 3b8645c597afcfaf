// The parcel page: an address with a # opens its part, and a signature drawn by finger, pen or mouse becomes a picture.

function open() {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (!part) return;
  if (part.tagName === "DETAILS") part.open = true;
  part.scrollIntoView({ block: "center" });
  part.querySelector("input:not([type=hidden]), select, button")?.focus({ preventScroll: true });
}

addEventListener("hashchange", open);
open();

const pad = document.querySelector("[data-sign]");
if (pad) {
  const form = pad.closest("form");
  const canvas = pad.querySelector("canvas");
  const file = form.querySelector('input[type="file"]');
  const kind = form.querySelector('select[name="kind"]');
  const pen = canvas.getContext("2d");
  let isDrawn = false;

  const wipe = () => {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "black" });
    isDrawn = false;
  };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...point(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...point(event));
    pen.stroke();
    isDrawn = true;
  });
  pad.querySelector("[data-wipe]").addEventListener("click", wipe);

  form.addEventListener("submit", (event) => {
    if (!isDrawn || file.files.length) return;
    event.preventDefault();
    canvas.toBlob((blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "signature.png", { type: "image/png" }));
      file.files = files.files;
      kind.value = "signature";
      form.requestSubmit();
    }, "image/png");
  });

  wipe();
  pad.hidden = false;
}
