// In place of cpu-features in the bundles: a native part that tells ssh2 which cipher its native parts do fastest. Those are left
// out as well, and ssh2 then goes by what it takes for granted.
throw new Error('left out');
