-- Every kind of layout, with values that are missing, empty and at the ends of their ranges.

select key, value.a, value.b, value.wide, value.negative, value.float, value.single, value.flag, value.nonzero
from numbers order by key;
-->  key    numbers.value[a]      numbers.value[b]                      numbers.value[wide]                   numbers.value[negative]  numbers.value[float]  numbers.value[single]  numbers.value[flag]  numbers.value[nonzero]
-->  empty                 0  -9223372036854775808                                        0  -170141183460469231731687303715884105728                   NaN                   -0.5  false                                     1
-->  full                255   9223372036854775807  340282366920938463463374607431768211455                                        -1                 1e300                    1.5  true                                  65535

select arrow_typeof(value.wide) as wide, arrow_typeof(value.float) as float from numbers limit 1;
-->  wide               float
-->  Decimal256(39, 0)  Float64

select key, value.letter, value.text, value.bytes, value.digest, value.nothing from texts order by key;
-->  key    texts.value[letter]  texts.value[text]      texts.value[bytes]  texts.value[digest]  texts.value[nothing]
-->  empty                                                                  000000               true
-->  full   é                    a "b"\u{a}\u{1b}[31mc  0102                ffffff               true

-- An option within an option is a struct, so that `Some(None)` differs from `None`.
select key, value.one, value.two, value.two.some, value.unit, value.record, value.record.right from options order by key;
-->  key     options.value[one]  options.value[two]  options.value[two][some]  options.value[unit]  options.value[record]   options.value[record][right]
-->  empty
-->  full                     1  {some: null}                                  true                 {left: 1, right: null}
-->  fuller                   1  {some: 2}                                  2  true                 {left: 1, right: r}     r

select key from options where value.two is not null and value.two.some is null;
-->  key
-->  full

select key, value.list, value.pairs, value.set, value.map, value.by_option, value.array, value.tuple
from collections order by key;
-->  key    collections.value[list]  collections.value[pairs]                       collections.value[set]  collections.value[map]  collections.value[by_option]                 collections.value[array]  collections.value[tuple]
-->  empty  []                       []                                             []                      {}                      []                                           [0, 0]                    {0: 0, 1: , 2: null}
-->  full   [1, 2, 3]                [{left: 1, right: null}, {left: 1, right: r}]  [x, y]                  {one: 1, two: 2}        [{key: null, value: }, {key: 1, value: 01}]  [-1, 1]                   {0: 1, 1: n, 2: true}

select key, value.map['two'] as two, cardinality(value.map) as size, value.list[1] as first, value.tuple['1'] as name
from collections order by key;
-->  key    two  size  first  name
-->  empty          0
-->  full     2     2      1  n

select key, unnest(value.list) as item from collections order by key, item;
-->  key   item
-->  full     1
-->  full     2
-->  full     3

select key, value.colour, value.shape, value.maybe, value.result, value.order from enums order by key;
-->  key     enums.value[colour]  enums.value[shape]                                                       enums.value[maybe]                                             enums.value[result]                enums.value[order]
-->  circle  Green                {variant: Circle, Circle: 0.5, Line: null, Box: null}                    {variant: Point, Circle: null, Line: null, Box: null}          {variant: Ok, Ok: 7, Err: null}    Equal
-->  empty   Red                  {variant: Point, Circle: null, Line: null, Box: null}                                                                                   {variant: Err, Ok: null, Err: no}  Less
-->  full    Green                {variant: Box, Circle: null, Line: null, Box: {width: 2, height: null}}  {variant: Line, Circle: null, Line: {0: -1, 1: 1}, Box: null}  {variant: Ok, Ok: 7, Err: null}    Equal

select key, value.shape.variant, value.shape."Box".width, value.shape."Circle" from enums order by key;
-->  key     enums.value[shape][variant]  enums.value[shape][Box][width]  enums.value[shape][Circle]
-->  circle  Circle                                                                              0.5
-->  empty   Point
-->  full    Box                                                       2

select key from enums where value.colour = 'Green' and value.shape.variant = 'Box';
-->  key
-->  full

select key, value.duration, value.system, value.date, value.time from times order by key;
-->  key             times.value[duration]  times.value[system]          times.value[date]  times.value[time]
-->  empty                     0.000000000  1970-01-01T00:00:00Z         1970-01-01         00:00:00
-->  full   18446744073709551615.999999999  2013-07-01T12:30:00.123456Z  9999-12-31         23:59:59.999999999

select key, value.local, value.utc, value.zoned, value.delta from times order by key;
-->  key    times.value[local]          times.value[utc]             times.value[zoned]                                        times.value[delta]
-->  empty  1969-12-31T12:30:00.123456  1970-01-01T00:00:00Z         {utc: 1970-01-01T00:00:00Z, offset_seconds: 0}                  -1.500000000
-->  full   2013-07-01T12:30:00.123456  2013-07-01T12:30:00.123456Z  {utc: 2013-07-01T12:30:00.123456Z, offset_seconds: 7200}         0.000000001

select date_part('month', value.utc) as month, sum(value.duration) as duration from times group by 1 order by 1;
-->  month                        duration
-->      1                     0.000000000
-->      7  18446744073709551615.999999999

select key, value.id, value.price, value.ip, value.socket from logicals order by key;
-->  key    logicals.value[id]                                                          logicals.value[price]  logicals.value[ip]  logicals.value[socket]
-->  cents  01234567-89ab-cdef-0123-456789abcdef                               0.0000000000000000000000000001  2001:db8::1         [2001:db8::1]:443
-->  empty  00000000-0000-0000-0000-000000000000                               0.0000000000000000000000000000  127.0.0.1           127.0.0.1:80
-->  full   01234567-89ab-cdef-0123-456789abcdef  -79228162514264337593543950335.0000000000000000000000000000  2001:db8::1         [2001:db8::1]:443

select key, value.range, value.until, value.json from logicals order by key;
-->  key    logicals.value[range]  logicals.value[until]  logicals.value[json]
-->  cents  {start: 1, end: 5}     {end: 9}               {"a":[1,null]}
-->  empty  {start: 0, end: 0}     {end: 0}               null
-->  full   {start: 1, end: 5}     {end: 9}               {"a":[1,null]}

select key from logicals where value.id = '01234567-89ab-cdef-0123-456789abcdef' order by key;
-->  key
-->  cents
-->  full

-- A recursive type is unfolded once, and JSON from there on.
select key, value.name, value.children, value.next from trees order by key;
-->  key    trees.value[name]  trees.value[children]                                                                                                     trees.value[next]
-->  empty  alone              []
-->  full   root               [{"name":"child","children":[{"name":"grandchild","children":[],"next":null}],"next":null}, {"name":"other","children...  {"name":"next","children":[],"next":null}

select * from keyed where key = 'fuller';
-->  key_group  key     numbers  texts  options                                                            collections  enums  times  logicals  trees
-->         37  fuller                  {one: 1, two: {some: 2}, unit: true, record: {left: 1, right: r}}

select column_name, data_type from information_schema.columns where table_name = 'enums';
-->  column_name  data_type
-->  key_group    UInt16
-->  key          Utf8
-->  value        Struct("colour": Dictionary(Int32, Utf8), "shape": Struct("variant": Dictionary(Int32, Utf8), "Circle": Float64, "Lin...
