/* The API's reference pages: Redoc, in the colors and type of the design tokens, by day and by night. */
(() => {
  const root = document.getElementById("reference");
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const style = getComputedStyle(document.documentElement);

  /** Return a token's color as Redoc's theme takes it: #rrggbb. */
  const color = (name) => {
    const sample = document.createElement("span");
    sample.style.color = `var(${name})`;
    document.body.append(sample);
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = getComputedStyle(sample).color;
    probe.fillRect(0, 0, 1, 1);
    sample.remove();
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  };

  const font = style.getPropertyValue("--font").trim();
  const mono = style.getPropertyValue("--mono").trim();
  const theme = () => ({
    colors: {
      primary: { main: color("--brand") },
      success: { main: color("--good") },
      warning: { main: color("--warn") },
      error: { main: color("--bad") },
      text: { primary: color("--ink"), secondary: color("--soft") },
      border: { dark: color("--line"), light: color("--line") },
      http: {
        get: color("--info"),
        post: color("--brand"),
        patch: color("--warn"),
        delete: color("--bad"),
      },
    },
    schema: {
      linesColor: color("--line"),
      typeNameColor: color("--soft"),
      requireLabelColor: color("--bad"),
      nestedBackground: color("--paper"),
      arrow: { color: color("--soft") },
    },
    typography: {
      fontSize: "15px",
      lineHeight: "1.55",
      fontFamily: font,
      headings: { fontFamily: font, fontWeight: "640" },
      code: { fontFamily: mono, fontSize: "13px", color: color("--ink"), backgroundColor: color("--mute") },
      links: { color: color("--brand") },
    },
    sidebar: { width: "280px", backgroundColor: color("--card"), textColor: color("--ink"), activeTextColor: color("--brand") },
    rightPanel: { backgroundColor: "#1b1f2a", textColor: "#eceef3", width: "38%" },
    codeBlock: { backgroundColor: "#12151d" },
    fab: { backgroundColor: color("--brand"), color: color("--on-brand") },
  });

  const draw = () => {
    Redoc.init(
      root.dataset.document,
      {
        theme: theme(),
        scrollYOffset: () => document.querySelector(".docs-top").offsetHeight,
        hideDownloadButton: true,
        hideHostname: false,
        expandResponses: "200,201",
        requiredPropsFirst: true,
        sortTagsAlphabetically: false,
        jsonSampleExpandLevel: 3,
        disableSearch: false,
        nativeScrollbars: true,
      },
      root,
    );
  };

  draw();
})();
