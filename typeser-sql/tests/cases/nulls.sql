-- Nulls: of a column without a type, within a list and a struct, of a column of numbers, and of a cast that failed,
-- whose null is in the values of a dictionary. Empty text is none.

select null as nothing, [null] as list, named_struct('of', null) as struct, cast(null as int) as number,
    arrow_try_cast(value.colour, 'Dictionary(Int32, Int32)') as failed, '' as empty
from enums where key = 'full';
-->  nothing  list    struct      number  failed  empty
-->           [null]  {of: null}

-- Format: csv
select null as nothing, [null] as list, named_struct('of', null) as struct, cast(null as int) as number,
    arrow_try_cast(value.colour, 'Dictionary(Int32, Int32)') as failed, '' as empty
from enums where key = 'full';
--> nothing,list,struct,number,failed,empty
--> ,[null],"{""of"":null}",,,

-- Format: jsonl
select null as nothing, [null] as list, named_struct('of', null) as struct, cast(null as int) as number,
    arrow_try_cast(value.colour, 'Dictionary(Int32, Int32)') as failed, '' as empty
from enums where key = 'full';
--> {"nothing":null,"list":[null],"struct":{"of":null},"number":null,"failed":null,"empty":""}
