#include "db/tenancy_checks.hpp"

#include "db/platform_tables.hpp"

#include <algorithm>
#include <set>

namespace cartwright::test {

namespace {

// A shop's tables are those that have the column; partitions have the rules of their table.
constexpr const char* tenant_tables = R"sql(
    create temporary view tenant as
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum, a.attnotnull, a.atttypid
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'shop_id' and not a.attisdropped
     where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
)sql";

constexpr const char* complaints = R"sql(
    select format('table %s: shop_id is not bigint not null', relname) from tenant
     where not attnotnull or atttypid <> 'bigint'::regtype
    union all
    select format('table %s: row level security is not forced', relname) from tenant
     where not relrowsecurity or not relforcerowsecurity
    union all
    select format('table %s: it has %s policies instead of one', relname, count(p.oid))
      from tenant t left join pg_policy p on p.polrelid = t.oid group by relname having count(p.oid) <> 1
    union all
    select format('table %s: policy %s is not the inlined one', relname, polname)
      from tenant t join pg_policy p on p.polrelid = t.oid
     where polcmd <> '*' or not polpermissive or polroles <> '{0}'
        or pg_get_expr(polqual, polrelid) is distinct from
           '(shop_id = (current_setting(''app.shop_id''::text))::bigint)'
        or pg_get_expr(polwithcheck, polrelid) is distinct from
           '(shop_id = (current_setting(''app.shop_id''::text))::bigint)'
    union all
    select format('table %s: it has no primary key', relname) from tenant t
     where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)
    union all
    select format('table %s: %s does not start with shop_id', relname, i.indexrelid::regclass)
      from tenant t join pg_index i on i.indrelid = t.oid
     where (i.indisunique or i.indisexclusion) and i.indkey[0] <> t.attnum
    union all
    select format('table %s: foreign key %s does not start with shop_id on both sides', t.relname, f.conname)
      from tenant t join pg_constraint f on f.conrelid = t.oid and f.contype = 'f'
      left join tenant r on r.oid = f.confrelid
      left join pg_class g on g.oid = f.confrelid
     where f.conkey[1] <> t.attnum or f.confkey[1] <> r.attnum
        or (r.oid is null and g.relname <> all ($1::text[]))
    union all
    select format('table %s: foreign key %s points at a shop''s table from outside', c.relname, f.conname)
      from pg_constraint f join tenant r on r.oid = f.confrelid join pg_class c on c.oid = f.conrelid
     where f.contype = 'f' and f.conrelid not in (select oid from tenant)
    union all
    select format('%s: everybody may use it', c.relname)
      from pg_class c, aclexplode(c.relacl) acl
     where c.relnamespace = 'public'::regnamespace and acl.grantee = 0
    union all
    select format('%s: cw_app may do more than read and write rows', c.relname)
      from pg_class c, aclexplode(c.relacl) acl
     where c.relnamespace = 'public'::regnamespace and acl.grantee = 'cw_app'::regrole
       and acl.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')
    union all
    select format('%s: it does not belong to cw_owner', c.relname)
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
       and c.relowner <> 'cw_owner'::regrole
    union all
    select format('view %s: it reads with the rights of its owner', c.relname)
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'
       and not coalesce(c.reloptions @> array['security_invoker=on'] or c.reloptions @> array['security_invoker=true'], false)
    union all
    select format('function %s: it has the rights of its owner, and everybody may call it', p.oid::regprocedure)
      from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
       and (p.proacl is null or exists (select from aclexplode(p.proacl) acl where acl.grantee = 0))
    union all
    select format('function %s: it has the rights of its owner, and no search_path of its own', p.oid::regprocedure)
      from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
       and not coalesce(exists (select from unnest(p.proconfig) setting where setting like 'search_path=%'), false)
    union all
    select format('role %s: it may do what a tenant''s role may not', rolname) from pg_roles
     where rolname in ('cw_app', 'cw_owner')
       and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
    union all
    select 'role cw_owner: it can log in' from pg_roles where rolname = 'cw_owner' and rolcanlogin
    union all
    select format('role cw_app: it is a member of %s', roleid::regrole) from pg_auth_members
     where member = 'cw_app'::regrole
    union all
    select format('role cw_app: it owns %s', c.relname) from pg_class c where c.relowner = 'cw_app'::regrole
    union all
    select 'role cw_app: it may create in schema public' where has_schema_privilege('cw_app', 'public', 'create')
    union all
    select 'role cw_app: it may create temporary tables'
     where has_database_privilege('cw_app', current_database(), 'temporary')
     order by 1
)sql";

}  // namespace

std::vector<std::string> tenancy_complaints(SqlSession& owner) {
    owner.execute("drop view if exists pg_temp.tenant");
    owner.execute(tenant_tables);
    std::string references = "{";
    std::set<std::string> platform;
    for (const auto& table : platform_tables()) {
        platform.insert(table.name);
        if (table.reference) references += (references.size() > 1 ? "," : "") + table.name;
    }
    auto found = owner.list(complaints, {references + "}"});
    const auto others = owner.list(
        "select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not exists (select from tenant t where t.oid = c.oid) order by 1");
    for (const auto& table : others) {
        if (platform.erase(table) == 0) {
            found.push_back("table " + table +
                            ": it has no shop_id and does not stand in storage/platform_tables.txt");
        }
    }
    for (const auto& table : platform) {
        found.push_back("table " + table +
                        ": it stands in storage/platform_tables.txt and is no platform table");
    }
    std::ranges::sort(found);
    return found;
}

std::string distribution_sql(SqlSession& owner) {
    owner.execute("drop view if exists pg_temp.tenant");
    owner.execute(tenant_tables);
    std::string sql =
        "-- Spreads a Cartwright database over Citus, by shop. Generated from the catalog and compared with it by\n"
        "-- tests/db/tenancy_pgtest; run once, after the migrations, as an owner of the tables.\n"
        "-- See deploy/citus/README.md.\n"
        "set citus.enable_unsafe_triggers = on;\n"
        "alter role cw_app set citus.propagate_set_commands = 'local';\n\n";
    for (const auto& table : platform_tables()) {
        if (table.reference) sql += "select create_reference_table('" + table.name + "');\n";
    }
    sql += "\n";
    // What is pointed at comes before what points.
    const auto tables = owner.list(R"sql(
        with recursive depth as (
            select oid, 0 as level from tenant
            union
            select f.conrelid, d.level + 1 from depth d join pg_constraint f on f.confrelid = d.oid
              join tenant t on t.oid = f.conrelid
             where f.contype = 'f' and f.conrelid <> f.confrelid and d.level < 50
        )
        select relname from tenant join depth using (oid) group by relname order by max(level), relname)sql");
    for (const auto& table : tables) {
        const std::string together =
            table == tables.front() ? "" : ", colocate_with => '" + tables.front() + "'";
        sql += "select create_distributed_table('" + table + "', 'shop_id'" + together + ");\n";
    }
    return sql;
}

}  // namespace cartwright::test
