/** The viewer as one HTML file. */
export function buildViewer(): Promise<string>;
