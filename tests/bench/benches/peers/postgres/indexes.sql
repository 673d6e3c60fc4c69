-- Made after loading, as is usual. What a question reads stands in its index, so that the table is
-- not read where the visibility map allows it; and what is known now has indexes of its own, as it
-- is what is asked about by far the most.
alter table event add primary key (position);
alter table concerns add primary key (party, position);
alter table party add primary key (party) include (name);
create index on member (class) include (valid) where upper_inf(known);
create index on held ("right", party) include (class, valid) where upper_inf(known);
create index on held ("right", party) include (valid, known);
