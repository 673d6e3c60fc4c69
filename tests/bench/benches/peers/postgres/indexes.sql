-- Made after loading, as is usual. What a question reads stands in its index, so that the table is
-- not read where the visibility map allows it.
alter table event add primary key (position);
alter table concerns add primary key (party, position);
alter table party add primary key (party) include (name);
create index on held ("right", party) include (class, valid, known);
create index on member (class, party) include (valid, known);
