-- Every kind of state. The savepoint is the recorded one of the second version of the format.

select * from metadata.operators;
-->  operator  keyed  key_type  key_groups  instances  states  files  bytes
-->  orders    true   string           128                  9      2   2741
-->  orders    false                                2       4      2    369

select * from metadata.states;
-->  operator  state      table      kind            rows  bytes  time_to_live_ms
-->  orders    order      order      value              5    242         86400000
-->  orders    weights    weights    list              10    284
-->  orders    stops      stops      map                5    159
-->  orders    total      total      reducing           5    132
-->  orders    mean       mean       aggregating        5    172
-->  orders    names      names      aggregating        5    198
-->  orders    by-window  by-window  value             10    384
-->  orders    windows    windows    timer service     20    868
-->  orders    raw        raw        raw keyed          2     18
-->  orders    offsets    offsets    split list         3     99
-->  orders    leases     leases     union list         2     32
-->  orders    rules      rules      broadcast          2     36
-->  orders    raw        raw_       raw split list     2     34

select operator, state, role, type, version from metadata.serializers;
-->  operator  state      role       type           version
-->  orders               key        string               1
-->  orders    order      value      Order                1
-->  orders    weights    element    i16                  1
-->  orders    stops      map key    u8                   1
-->  orders    stops      value      string               1
-->  orders    total      aggregate  i64                  1
-->  orders    mean       aggregate  (i64, u64)           1
-->  orders    names      aggregate  string               1
-->  orders    by-window  value      u32                  1
-->  orders    by-window  namespace  (i64, i64)           1
-->  orders    windows    timer      (i64, i64)           1
-->  orders    offsets    element    (string, u64)        1
-->  orders    leases     element    u16                  1
-->  orders    rules      map key    string               1
-->  orders    rules      value      u8                   1

select * from metadata.files order by file, state;
-->  operator  state      file                        first_key_group  last_key_group  rows  bytes  file_bytes
-->  orders    by-window  00000-00000-00063.rows                    0              63     4    150        1104
-->  orders    mean       00000-00000-00063.rows                    0              63     2     67        1104
-->  orders    names      00000-00000-00063.rows                    0              63     2     72        1104
-->  orders    order      00000-00000-00063.rows                    0              63     2    116        1104
-->  orders    raw        00000-00000-00063.rows                    0              63     1      9        1104
-->  orders    stops      00000-00000-00063.rows                    0              63     2     60        1104
-->  orders    total      00000-00000-00063.rows                    0              63     2     51        1104
-->  orders    weights    00000-00000-00063.rows                    0              63     4    110        1104
-->  orders    windows    00000-00000-00063.rows                    0              63     8    340        1104
-->  orders    by-window  00000-00064-00127.rows                   64             127     6    234        1637
-->  orders    mean       00000-00064-00127.rows                   64             127     3    105        1637
-->  orders    names      00000-00064-00127.rows                   64             127     3    126        1637
-->  orders    order      00000-00064-00127.rows                   64             127     3    126        1637
-->  orders    raw        00000-00064-00127.rows                   64             127     1      9        1637
-->  orders    stops      00000-00064-00127.rows                   64             127     3     99        1637
-->  orders    total      00000-00064-00127.rows                   64             127     3     81        1637
-->  orders    weights    00000-00064-00127.rows                   64             127     6    174        1637
-->  orders    windows    00000-00064-00127.rows                   64             127    12    528        1637
-->  orders    leases     instances-00000-00000.rows                0               0     1     16         167
-->  orders    offsets    instances-00000-00000.rows                0               0     1     33         167
-->  orders    raw        instances-00000-00000.rows                0               0     1     17         167
-->  orders    rules      instances-00000-00000.rows                0               0     1     18         167
-->  orders    leases     instances-00000-00001.rows                1               1     1     16         202
-->  orders    offsets    instances-00000-00001.rows                1               1     2     66         202
-->  orders    raw        instances-00000-00001.rows                1               1     1     17         202
-->  orders    rules      instances-00000-00001.rows                1               1     1     18         202

select * from "order" order by key;
-->  key_group  key       last_write  value
-->        103  amber  1700000000000  {id: 0, status: {variant: Placed, Shipped: null}, note: null}
-->         80  birch  1700000000000  {id: 1, status: {variant: Shipped, Shipped: {carrier: birch post}}, note: null}
-->         65  cedar  1700000000000  {id: 2, status: {variant: Placed, Shipped: null}, note: null}
-->         49  dove   1700000000000  {id: 3, status: {variant: Shipped, Shipped: {carrier: dove post}}, note: fragile}
-->         11  elm    1700000000000  {id: 4, status: {variant: Placed, Shipped: null}, note: fragile}

select * from weights order by key, element limit 3;
-->  key_group  key    element  value
-->        103  amber        0     -1
-->        103  amber        1      0
-->         80  birch        0     -1

select * from stops order by key;
-->  key_group  key    map_key  value
-->        103  amber        7  AMBER
-->         80  birch        7  BIRCH
-->         65  cedar        7  CEDAR
-->         49  dove         7  DOVE
-->         11  elm          7  ELM

select * from total order by key;
-->  key_group  key    value
-->        103  amber      3
-->         80  birch      4
-->         65  cedar      5
-->         49  dove       6
-->         11  elm        7

select * from mean order by key;
-->  key_group  key    value
-->        103  amber  {0: 3, 1: 3}
-->         80  birch  {0: 4, 1: 3}
-->         65  cedar  {0: 5, 1: 3}
-->         49  dove   {0: 6, 1: 3}
-->         11  elm    {0: 7, 1: 3}

select * from names order by key limit 1;
-->  key_group  key    value
-->        103  amber  amberamberamber

select * from "by-window" order by key, value limit 3;
-->  key_group  key    namespace         value
-->        103  amber  {0: -1000, 1: 0}      0
-->        103  amber  {0: 0, 1: 1000}       0
-->         80  birch  {0: -1000, 1: 0}      1

select key, namespace['0'] as begins, domain, time from windows order by key, time limit 4;
-->  key    begins  domain            time
-->  amber   -1000  processing time  -1000
-->  amber       0  processing time      0
-->  amber   -1000  event time           0
-->  amber       0  event time        1000

select * from raw order by key_group;
-->  key_group  element  raw
-->          0           726177
-->         64           726177

select * from raw_ order by instance;
-->  instance  element  raw
-->         0        0  000000
-->         1        0  010101

select * from offsets order by instance, element;
-->  instance  element  value
-->         0        0  {0: 0-0, 1: 7}
-->         1        0  {0: 1-0, 1: 7}
-->         1        1  {0: 1-1, 1: 7}

select * from leases order by instance;
-->  instance  element  value
-->         0        0      0
-->         1        0      1

select * from rules order by instance;
-->  instance  map_key  value
-->         0  fee          3
-->         1  fee          3

select key, weights, stops, total, "by-window" from keyed order by key limit 2;
-->  key    weights  stops       total  by-window
-->  amber  [-1, 0]  {7: AMBER}      3  [{namespace: {0: 0, 1: 1000}, value: 0}, {namespace: {0: -1000, 1: 0}, value: 0}]
-->  birch  [-1, 1]  {7: BIRCH}      4  [{namespace: {0: 0, 1: 1000}, value: 1}, {namespace: {0: -1000, 1: 0}, value: 1}]

select key, "by-window"[1]['namespace']['1'] as ends, windows[1]['value'][1]['time'] as time from keyed order by key limit 1;
-->  key    ends  time
-->  amber  1000  1000

select count(*) from keyed;
-->  count(*)
-->         5

-- A statement without a result prints nothing.
set datafusion.execution.batch_size = 100;

-- Error: no such table.
select * from nowhere;
--> error: Error during planning: table 'savepoint.orders.nowhere' not found
--> help: `select * from information_schema.tables` lists the tables; names with other characters than lower-case letters, digits and `_` are quoted, as in "flights-by-tail".totals

-- Error: no such field.
select value.nothing from "order";
--> error: Error during planning: Field nothing not found in struct

-- Error: queries do not write.
copy rules to 'rules.csv';
--> error: Error during planning: DML not supported: COPY

-- Error: queries do not write.
insert into rules values (0, 'x', 1);
--> error: Error during planning: DML not supported: Insert Into
