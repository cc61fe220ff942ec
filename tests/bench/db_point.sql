-- What db_point reads: 100 shops of 1,000 rows. Run as a superuser on a migrated database.
create table bench_rows (shop_id bigint not null, id bigint not null, word text not null, primary key (shop_id, id));
insert into bench_rows select shop, id, 'word ' || id from generate_series(1, 100) shop, generate_series(1, 1000) id;
select cw_tenant_table('bench_rows');
grant select on bench_rows to cw_app;
vacuum analyze bench_rows;
