-- One piece of work that changes technology for a priority: what people typed, completed by the projects and epics in which it is
-- tracked. What is typed stands; what is empty comes from the projects of its id or of tracked_as, all together. A project that
-- no initiative names is an initiative of its own, without a priority.
-- grain: initiative_id

with typed as (
    select *
    from raw.initiative
    qualify row_number() over (partition by initiative_id order by source, source_file, source_row) = 1
),

project as (
    select *
    from raw.project
    qualify row_number() over (partition by project_id order by source, source_file, source_row) = 1
),

link as (
    select initiative_id, unnest(string_split_regex(trim(tracked_as), '[\s,;]+')) as project_id
    from typed
    where trim(tracked_as) <> ''
    union
    select initiative_id, initiative_id as project_id
    from typed
),

tracked as (
    select
        coalesce(link.initiative_id, project.project_id) as initiative_id,
        arg_min(project.name, project.project_id) as name,
        case
            when bool_or(project.status = 'running') or count(distinct project.status) > 1 then 'running'
            else any_value(project.status)
        end as status,
        min(project.start_on) as start_on,
        max(project.end_on) as end_on,
        min(project.actual_start_on) as actual_start_on,
        case when bool_and(project.actual_end_on is not null) then max(project.actual_end_on) end as actual_end_on,
        sum(project.planned_amount) as planned_amount,
        sum(project.actual_amount) as actual_amount,
        sum(project.planned_hours) as planned_hours,
        sum(project.actual_hours) as actual_hours,
        arg_min(lower(project.owner), project.project_id) as owner,
        list(distinct project.project_id) as project_ids,
        arg_min(project.source_file, project.project_id) as source_file,
        arg_min(project.source_row, project.project_id) as source_row
    from project
    left join link on project.project_id = link.project_id
    group by coalesce(link.initiative_id, project.project_id)
),

led as (
    select tracked.initiative_id, min(owner.owner_id) as owner_id
    from tracked
    inner join raw.owner as owner on tracked.owner in (lower(owner.name), lower(owner.email))
    group by tracked.initiative_id
)

select
    coalesce(typed.initiative_id, tracked.initiative_id) as initiative_id, -- Short id; of one that nobody typed, its project's.
    coalesce(typed.name, tracked.name) as initiative_name, -- What it is called.
    typed.phase, -- Where it stands on the roadmap; null for one that nobody typed.
    coalesce(typed.status, tracked.status) as status, -- How far it is: idea, planned, running, done or stopped.
    typed.priority_id, -- The priority it serves.
    coalesce(typed.start_on, tracked.start_on) as start_on, -- Planned first day.
    coalesce(typed.end_on, tracked.end_on) as end_on, -- Planned last day.
    coalesce(typed.actual_start_on, tracked.actual_start_on) as actual_start_on, -- Day it began.
    coalesce(typed.actual_end_on, tracked.actual_end_on) as actual_end_on, -- Day it ended.
    cast(typed.capex_amount as decimal(18, 4)) as capex_amount, -- Planned capital cost, in the reporting currency.
    cast(coalesce(typed.opex_amount, case when typed.capex_amount is null then tracked.planned_amount end) as decimal(18, 4)) as opex_amount, -- Planned operating cost, in the reporting currency; where nobody typed a cost, what its projects were to cost.
    coalesce(typed.owner_id, led.owner_id) as owner_id, -- Who answers for it; where nobody is typed, the owner who leads its first project.
    typed.predecessor_ids, -- Ids of initiatives that must be done before, with spaces between.
    coalesce(typed.is_must_do, false) as is_must_do, -- Required by law or contract.
    typed.description, -- What will be different.
    coalesce(list_sort(tracked.project_ids), cast([] as varchar[])) as project_ids, -- Projects and epics in which it is tracked, sorted.
    cast(tracked.actual_amount as decimal(18, 4)) as reported_amount, -- What its projects say they have cost so far, in the reporting currency; no line of the ledger. Null where none says.
    cast(tracked.planned_hours as decimal(18, 4)) as planned_hours, -- Hours of work planned in its projects.
    cast(tracked.actual_hours as decimal(18, 4)) as actual_hours, -- Hours of work done in its projects so far.
    coalesce(typed.source_file, tracked.source_file) as source_file, -- The file that names it: the typed one, or its first project's.
    coalesce(typed.source_row, tracked.source_row) as source_row -- The line or row of that file.
from typed
full outer join tracked on typed.initiative_id = tracked.initiative_id
left join led on tracked.initiative_id = led.initiative_id
