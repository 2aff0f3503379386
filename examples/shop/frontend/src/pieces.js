// The outlines of what the shop sells, drawn into a square of 120 units, and the light on them.
export const pieces = {
  bowl: {
    outline: 'M18 52 H102 C102 82 84 100 70 102 H50 C36 100 18 82 18 52 Z',
    shine: 'M28 60 C30 76 38 88 46 94',
  },
  mug: {
    outline: 'M28 34 H82 V94 Q82 102 74 102 H36 Q28 102 28 94 Z M82 46 C108 42 108 86 82 82 V73 C95 75 95 53 82 56 Z',
    shine: 'M37 44 V90',
  },
  plate: {
    outline: 'M8 78 C30 70 90 70 112 78 C108 92 88 102 72 102 H48 C32 102 12 92 8 78 Z',
    shine: 'M20 82 C26 89 34 94 42 96',
  },
  vase: {
    outline: 'M48 16 H72 C70 34 88 44 88 68 C88 88 78 102 72 102 H48 C42 102 32 88 32 68 C32 44 50 34 48 16 Z',
    shine: 'M41 62 C40 78 46 90 50 95',
  },
  jug: {
    outline: 'M36 26 L26 20 C34 34 30 44 28 62 C26 86 34 102 44 102 H74 C84 102 90 86 86 62 C84 46 80 38 82 26 Z M83 36 C108 36 106 78 87 80 V71 C97 67 97 45 83 45 Z',
    shine: 'M37 52 C34 72 38 88 46 95',
  },
};
