-- Names that need quotes, and that would collide: `_` behind a name makes another one of it.

select operator, state, "table", rows from metadata_.states order by rows, state;
-->  operator                                state               table               rows
-->  a.b "c"; drop\u{1b}[31m\u{a}::error::d  Total\u{202e}\u{7}  Total\u{202e}\u{7}     1
-->  metadata                                instance            instance               1
-->  metadata                                key                 key                    1
-->  metadata                                keyed               keyed                  1

select table_catalog, table_schema, table_name from information_schema.tables
where table_schema <> 'information_schema' order by 2, 3;
-->  table_catalog  table_schema                            table_name
-->  savepoint      a.b "c"; drop\u{1b}[31m\u{a}::error::d  Total\u{202e}\u{7}
-->  savepoint      a.b "c"; drop\u{1b}[31m\u{a}::error::d  keyed
-->  savepoint      metadata                                instance
-->  savepoint      metadata                                key
-->  savepoint      metadata                                keyed
-->  savepoint      metadata                                keyed_
-->  savepoint      metadata_                               files
-->  savepoint      metadata_                               operators
-->  savepoint      metadata_                               serializers
-->  savepoint      metadata_                               states

select * from metadata.keyed;
-->  key_group  key  value
-->         76    7  ::error::a

select * from metadata.keyed_;
-->  key_group  key  keyed       key_  instance
-->         76    7  ::error::a     1         9

-- A state that is called like the column of operator state.
select key_group, instance from metadata.keyed_ where instance = 9 and key_group = 76;
-->  key_group  instance
-->         76         9

explain select * from metadata.keyed_ where key = 7;
--> logical_plan
-->   TableScan: metadata.keyed_ projection=[key_group, key, keyed, key_, instance], full_filters=[metadata.keyed_.key = UInt32(7)]
--> physical_plan
-->   CooperativeExec
-->     SavepointScan: operator=metadata, keyed, columns=[key_group, key, keyed, key_, instance], files=1 of 1, key_groups=76-76, keys=1
