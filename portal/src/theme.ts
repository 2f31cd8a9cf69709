// Dark or light: as the system says, unless it was chosen here.
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
const KEPT = 'keyvend.theme';

export const usualTheme = (): Theme => themes.find((one) => one === localStorage.getItem(KEPT)) ?? 'system';

export function applyTheme(theme: Theme = usualTheme()): void {
  if (theme === 'system') {
    localStorage.removeItem(KEPT);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEPT, theme);
    document.documentElement.dataset.theme = theme;
  }
}
