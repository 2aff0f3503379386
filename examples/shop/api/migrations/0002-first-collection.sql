insert into products (name, description, price_cents, stock, shape, glaze) values
    ('Morning bowl',   'Wide and shallow, for porridge and plums.',        2400, 18, 'bowl',  '#7d8f7a'),
    ('Harbour mug',    'Holds 300 ml and the heat.',                       1900, 42, 'mug',   '#4f6d8a'),
    ('Field plate',    'Twenty-six centimetres, speckled stoneware.',      2900, 24, 'plate', '#c9a36a'),
    ('Reed vase',      'For three long stems, no more.',                   5200,  7, 'vase',  '#a8584a'),
    ('Well jug',       'A litre of water, and a spout that does not drip.', 4600, 11, 'jug',   '#5f7f86'),
    ('Night mug',      'Matt outside, glossy where it meets the lip.',     2100, 30, 'mug',   '#3d4150'),
    ('Orchard bowl',   'Deep enough for a kilo of apples.',                3800,  9, 'bowl',  '#b5793f'),
    ('Tall vase',      'Thrown in one piece, forty centimetres high.',     7400,  0, 'vase',  '#8c7b9c');
