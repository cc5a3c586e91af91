/** How large the nodes are drawn, in pixels. The components draw them so. */
export const SIZES = {
  task: { width: 208, height: 56 },
  group: { width: 224, height: 72 },
  fan: { width: 224, height: 72 },
  input: { width: 144, height: 48 },
} as const;
