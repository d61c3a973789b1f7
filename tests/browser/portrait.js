// A camera with a drawn person, and devices with the names that people know: for docs/pictures/.
(() => {
  const { hue, skin, hair, scarf } = window.portrait;
  const names = {
    audioinput: 'Built-in microphone',
    videoinput: 'Built-in camera',
    audiooutput: 'Headphones',
  };
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const pen = canvas.getContext('2d');

  function oval(colour, x, y, across, down) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.ellipse(x, y, across, down, 0, 0, 2 * Math.PI);
    pen.fill();
  }

  function draw() {
    const sway = 5 * Math.sin(performance.now() / 900);
    const wall = pen.createLinearGradient(0, 0, 640, 480);
    wall.addColorStop(0, `hsl(${hue} 32% 82%)`);
    wall.addColorStop(1, `hsl(${hue} 28% 66%)`);
    pen.fillStyle = wall;
    pen.fillRect(0, 0, 640, 480);
    pen.fillStyle = `hsl(${hue} 30% 89%)`; // a window
    pen.fillRect(430, 50, 150, 190);
    pen.fillStyle = `hsl(${hue} 26% 74%)`;
    pen.fillRect(502, 50, 6, 190);
    const x = 300 + sway;
    if (scarf) oval(scarf, x, 235, 118, 150);
    else oval(hair, x, 195, 98, 118);
    oval(`hsl(${(hue + 180) % 360} 24% 34%)`, x, 520, 225, 190);
    oval(skin, x, 318, 36, 58);
    if (scarf) oval(scarf, x, 372, 120, 70);
    oval(skin, x, 222, 78, 100);
    if (scarf) {
      pen.fillStyle = scarf;
      pen.beginPath();
      pen.ellipse(x, 190, 96, 96, 0, Math.PI * 1.04, Math.PI * 1.96);
      pen.fill();
    } else {
      pen.fillStyle = hair;
      pen.beginPath();
      pen.ellipse(x, 168, 84, 66, 0, Math.PI, 2 * Math.PI);
      pen.fill();
    }
    oval('#2a1d17', x - 28, 226, 6, 8);
    oval('#2a1d17', x + 28, 226, 6, 8);
    pen.strokeStyle = '#7a3b34';
    pen.lineWidth = 5;
    pen.lineCap = 'round';
    pen.beginPath();
    pen.arc(x, 258, 24, 0.25 * Math.PI, 0.75 * Math.PI);
    pen.stroke();
  }

  function tone() {
    const context = new AudioContext();
    const wave = new OscillatorNode(context, { frequency: 180 });
    const out = new MediaStreamAudioDestinationNode(context);
    wave.connect(new GainNode(context, { gain: window.portrait.loudness ?? 0.2 })).connect(out);
    wave.start();
    return out.stream.getAudioTracks()[0];
  }

  draw();
  setInterval(draw, 66);
  const { mediaDevices } = navigator;
  mediaDevices.getUserMedia = async ({ audio, video }) =>
    new MediaStream([
      ...(audio ? [tone()] : []),
      ...(video ? canvas.captureStream(15).getVideoTracks() : []),
    ]);
  mediaDevices.enumerateDevices = async () =>
    Object.entries(names).map(([kind, label]) => ({ kind, label, deviceId: kind, groupId: '' }));
})();
