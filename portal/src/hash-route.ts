// Routes are in the address's fragment: no host has to know them, so the page works under any path, and in a bucket.
import { useEffect, useState } from 'preact/hooks';

const current = () => location.hash.replace(/^#/, '') || '/';
const pathOf = (place: string) => place.split('?', 1)[0] || '/';

function usePlace(): string {
  const [place, setPlace] = useState(current);
  useEffect(() => {
    const follow = () => setPlace(current());
    addEventListener('hashchange', follow);
    follow();
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

const go = (place: string, { replace = false } = {}): void => {
  if (!replace) location.hash = place;
  else {
    history.replaceState(null, '', `#${place}`);
    dispatchEvent(new Event('hashchange'));
  }
};

/** For wouter. */
export const useHashPath = Object.assign((): [string, (path: string) => void] => [pathOf(usePlace()), go], {
  hrefs: (to: string) => `#${to}`,
});

/** What follows the question mark; setting it replaces the entry in the history, so that typing does not fill it. */
export function useQuery(): [URLSearchParams, (change: Readonly<Record<string, string>>) => void] {
  const place = usePlace();
  const query = new URLSearchParams(place.split('?')[1] ?? '');
  return [
    query,
    (change) => {
      const next = new URLSearchParams(query);
      for (const [name, value] of Object.entries(change)) value === '' ? next.delete(name) : next.set(name, value);
      const text = next.toString();
      go(pathOf(place) + (text && `?${text}`), { replace: true });
    },
  ];
}
