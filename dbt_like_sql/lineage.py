"""Where the columns of a query come from.

A walk over the parsed query, innermost first. sqlglot's own `lineage` optimises the query anew for every
column, which takes seconds for a folder of files; documentation and Dagster's column lineage need only
names followed through CTEs, subqueries, joins, stars and unions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from dbt_like_sql.kept import Lineage, Source

Columns = Mapping[str, Lineage]


@dataclass(frozen=True)
class Relation:
    """One item of a FROM: its columns, or for a table function what its arguments are computed from."""

    columns: Columns = field(default_factory=dict)
    anything: Lineage | None = None

    def get(self, name: str) -> Lineage | None:
        return self.columns.get(name, self.anything)


def lineage(query: exp.Query, schema: Mapping[str, Mapping[str, str]]) -> dict[str, Lineage]:
    """The lineage of each column of the query. `schema` gives the columns of every table read.

    Raises LookupError with a sentence about a column that none of the tables has.
    """
    tables = {
        table: {name: Lineage(frozenset({(table, name)}), (table, name)) for name in columns}
        for table, columns in schema.items()
    }
    return dict(_columns(query, tables, {}, {}))


def final_selects(query: exp.Expression) -> Iterator[exp.Select]:
    """The SELECTs that give the rows: one, or each branch of a union."""
    if isinstance(query, exp.Subquery):
        yield from final_selects(query.this)
    elif isinstance(query, exp.SetOperation):
        yield from final_selects(query.left)
        yield from final_selects(query.right)
    elif isinstance(query, exp.Select):
        yield query


def _columns(
    query: exp.Expression, tables: Mapping[str, Columns], ctes: Mapping[str, Columns], outer: Mapping[str, Relation]
) -> Columns:
    if isinstance(query, exp.Subquery):
        return _columns(query.this, tables, ctes, outer)
    ctes = dict(ctes)
    for cte in query.ctes:
        body = cte.this
        if isinstance(body, exp.SetOperation):
            ctes[cte.alias] = _renamed(_columns(body.left, tables, ctes, outer), cte)
        ctes[cte.alias] = _renamed(_columns(body, tables, ctes, outer), cte)
    if isinstance(query, exp.SetOperation):
        left, right = _columns(query.left, tables, ctes, outer), _columns(query.right, tables, ctes, outer)
        return _union(left, right if query.args.get("by_name") else dict(zip(left, right.values(), strict=False)))
    scope: dict[str, Relation] = {}
    from_ = query.args.get("from_") or query.args.get("from")
    joins = [join.this for join in query.args.get("joins") or ()]
    for item in [*([from_.this] if from_ else []), *joins, *(query.args.get("laterals") or ())]:
        for nested in [item, *[join.this for join in item.args.get("joins") or ()]]:
            scope[nested.alias_or_name or f"#{len(scope)}"] = _relation(nested, tables, ctes, {**outer, **scope})
    found: dict[str, Lineage] = {}
    for select in query.expressions:
        for name, column in _projection(select, tables, ctes, scope, outer, found):
            found[name] = column
    return found


def _relation(
    item: exp.Expression, tables: Mapping[str, Columns], ctes: Mapping[str, Columns], scope: Mapping[str, Relation]
) -> Relation:
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        columns = tables[f"{item.db}.{item.name}"] if item.db else ctes[item.name]
        return Relation(_renamed(columns, item))
    inner = item.this if isinstance(item, exp.Lateral) else item
    if isinstance(inner, exp.Subquery) and isinstance(inner.this, exp.Query):
        return Relation(_renamed(_columns(inner, tables, ctes, scope), item))
    return Relation(anything=Lineage(_sources(item, tables, ctes, scope, {}, {})))


def _renamed(columns: Columns, item: exp.Expression) -> Columns:
    """The columns under the names that `as t (a, b)` gives them, if it does."""
    names = item.alias_column_names
    return {**dict(zip(names, columns.values(), strict=False))} if names else columns


def _union(left: Columns, right: Columns) -> Columns:
    both = {name: _merged(column, right[name]) if name in right else column for name, column in left.items()}
    return both | {name: column for name, column in right.items() if name not in both}


def _merged(one: Lineage, other: Lineage) -> Lineage:
    return Lineage(one.sources | other.sources, one.passed_on, one.comment or other.comment)


def _projection(
    select: exp.Expression,
    tables: Mapping[str, Columns],
    ctes: Mapping[str, Columns],
    scope: Mapping[str, Relation],
    outer: Mapping[str, Relation],
    aliases: Columns,
) -> Iterator[tuple[str, Lineage]]:
    if select.is_star:
        yield from _star(select, scope)
        return
    name = select.alias_or_name if isinstance(select, exp.Alias | exp.Column) else ""
    if not name or name in aliases:  # a later branch of a union need not name its columns; their place counts
        name = f"#{len(aliases)}"
    comment = " ".join(text.strip() for text in select.comments or ())
    inner = select.unalias()
    if isinstance(inner, exp.Column):
        origin = _resolve(inner, scope, outer, aliases)
        kept = inner.name == name
        passed_on = origin.passed_on if origin.passed_on and origin.passed_on[1] == name else None
        yield name, replace(origin, passed_on=passed_on, comment=comment or (origin.comment if kept else ""))
    else:
        yield name, Lineage(_sources(inner, tables, ctes, scope, outer, aliases), None, comment)


def _star(select: exp.Expression, scope: Mapping[str, Relation]) -> Iterator[tuple[str, Lineage]]:
    star = select.this if isinstance(select, exp.Column) else select
    table = select.table if isinstance(select, exp.Column) else ""
    left_out = {column.name for column in star.args.get("except_") or star.args.get("except") or ()}
    for name, relation in scope.items():
        if not table or name == table:
            yield from ((key, column) for key, column in relation.columns.items() if key not in left_out)


def _resolve(
    column: exp.Column, scope: Mapping[str, Relation], outer: Mapping[str, Relation], aliases: Columns
) -> Lineage:
    if column.table:
        relation = scope.get(column.table) or outer.get(column.table)
        if relation is None:  # a field of a struct: the column is what stands before the dot
            return _resolve(exp.column(column.table), scope, outer, aliases)
        found = relation.get(column.name)
    else:
        known = (relation.columns.get(column.name) for relation in scope.values())
        found = next((one for one in known if one), None) or aliases.get(column.name)
        rest = (relation.get(column.name) for relation in [*scope.values(), *outer.values()])
        found = found or next((one for one in rest if one), None)
    if found is None:
        raise LookupError(f"no table it reads has the column {column.sql(dialect='duckdb', comments=False)}")
    return found


def _sources(
    expression: exp.Expression,
    tables: Mapping[str, Columns],
    ctes: Mapping[str, Columns],
    scope: Mapping[str, Relation],
    outer: Mapping[str, Relation],
    aliases: Columns,
) -> frozenset[Source]:
    bound = {name.name for function in expression.find_all(exp.Lambda) for name in function.expressions}
    found: set[Source] = set()
    for node in expression.walk(prune=lambda node: isinstance(node, exp.Query)):
        if isinstance(node, exp.Query):
            for column in _columns(node, tables, ctes, {**outer, **scope}).values():
                found |= column.sources
        elif isinstance(node, exp.Column) and not isinstance(node.this, exp.Star) and _head(node) not in bound:
            found |= _resolve(node, scope, outer, aliases).sources
    return frozenset(found)


def _head(column: exp.Column) -> str:
    return column.table or column.name
